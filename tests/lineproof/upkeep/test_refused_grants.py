"""Grant files that `apply` refuses: each sentence names file, line, clause and field."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from registered import EXAMPLES, GRANT, PLANT
from spoilt import changed

from domain.errors import InputError
from lineproof.clock import utc_now
from lineproof.upkeep.apply import apply_files
from store.files.grant import read_grant
from store.node.opening import Stores, open_stores

NIAS = GRANT.replace("scheme: NIFS", "scheme: NIAS").replace("2025-01-15", "2025-06-01")
OUTPUT = "good_units: 2000000, start: 2026-01-01, end: 2026-12-31"
OPERATING = "production_days_per_month: 15, months: 24"
ROLLING = "window: {production_days: 20}"
# what is changed in the example, into what → line, clause ("": of the project), field, sentence
REFUSED: tuple[tuple[str, str, int, str, str, str], ...] = (
    # dates the wrong way round
    ("end: 2027-01-31", "end: 2024-01-31", 8, "", "end", "is before the start 2025-02-01"),
    ("end: 2025-05-31", "end: 2025-02-28", 12, "5.3", "milestones.2.terms.baseline.end", "before"),
    ("end: 2026-08-31", "end: 2026-05-31", 12, "5.3", "milestones.2.terms.window.end", "before"),
    ("end: 2026-12-31}", "end: 2025-12-31}", 13, "5.4", "milestones.3.terms.end", "before the st"),
    ("due: 2026-03-31", "due: 2024-03-31", 11, "5.2", "milestones.1.due", "before the project st"),
    ("approved_on: 2025-01-15", "approved_on: 2027-02-01", 6, "", "approved_on", "after the proj"),
    ("end: 2025-05-31", "end: 2026-06-01", 12, "5.3", "milestones.2.terms.baseline.end",
     "not before the window starts"),
    # a window after the due date
    ("end: 2026-08-31", "end: 2026-10-01", 12, "5.3", "milestones.2.terms.window.end",
     "ends on 2026-10-01, after it is due on 2026-09-30"),
    ("end: 2026-12-31}", "end: 2027-12-31}", 13, "5.4", "milestones.3.terms.end", "after it is"),
    (ROLLING, "window: {start: 2026-04-01, production_days: 20}", 11, "5.2",
     "milestones.1.terms.window.start", "begins on 2026-04-01, after it is due"),
    (ROLLING, "window: {start: 2026-03-20, production_days: 20}", 11, "5.2",
     "milestones.1.terms.window.production_days", "there are 12"),
    ("window: {start: 2026-06-01, end: 2026-08-31}", "window: {production_days: 600}", 12, "5.3",
     "milestones.2.terms.window.production_days", "there are 487"),
    ("within_days: 5", "within_days: 500", 10, "5.1", "milestones.0.terms.within_days", "are 242"),
    # an unknown metric, a target without its unit, and other fields
    ("metric: oee", "metric: oeee", 11, "5.2", "milestones.1.terms.metric", "Did you mean 'oee'"),
    ("target: 0.65", "target: 65 %", 11, "5.2", "milestones.1.terms.target", "0.65 for 65 %"),
    ("target: 0.65", "target: 65", 11, "5.2", "milestones.1.terms.target", "0.65 for 65 %"),
    ("min_coverage: 0.95", "min_coverage: 95", 11, "5.2", "milestones.1.terms.min_coverage", "1"),
    ('op: ">=", target: 0.65, ', "", 11, "5.2", "milestones.1.terms.target", "has neither"),
    ('op: ">=", ', "", 11, "5.2", "milestones.1.terms.op", 'Add op: ">="'),
    ("change: -0.20, ", "change: -0.20, op: '>=', ", 12, "5.3", "milestones.2.terms.op", "contrad"),
    ("change: -0.20", "change: -20", 12, "5.3", "milestones.2.terms.change", "greater than -1"),
    ("kind: output", "kind: outputs", 13, "5.4", "milestones.3.terms.kind", "Did you mean"),
    (OUTPUT, "good_units: 2000000", 13, "5.4", "milestones.3.terms.start", "within which days"),
    (OUTPUT, f"{OUTPUT}, {ROLLING}", 13, "5.4", "milestones.3.terms.window", "days and a window"),
    (OPERATING, "production_days_per_month: 15", 15, "7.1", "milestones.5.terms", "of which time"),
    (OPERATING, f"producing_days: 21, {ROLLING}", 15, "7.1", "milestones.5.terms.producing_days",
     "21 days with production in a window of 20"),
    ("within_days: 5", f"within_days: 5, {ROLLING}", 10, "5.1", "milestones.0.terms.window",
     "have no window"),
    ("document: audited_accounts", f"document: audited_accounts, {ROLLING}", 14, "6.1",
     "milestones.4.terms.window", "have no window"),
    ("{production_days: 20}", "{production_days: 20, shifts: [C]}", 11, "5.2",
     "milestones.1.terms.window.shifts.0", "no line of the project has a shift 'C'"),
    ("id: M2", "id: M1", 11, "5.2", "milestones.1.id", "is there twice"),
    # what the scheme refuses, or does not know yet
    ("approved_on: 2025-01-15", "approved_on: 2020-01-15", 6, "", "approved_on", "NIFS began on"),
    ("lines: [filler-1]", "lines: [filler-9]", 4, "", "lines.0", "has no line 'filler-9'"),
)  # fmt: skip


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stores]:
    """With the plant of the examples, and three projects of 2030 that run at a time."""
    with open_stores(tmp_path_factory.mktemp("refused") / "node") as opened:
        apply_files(opened.registry, [EXAMPLES / "plant.yaml"], utc_now())
        for number in range(3):
            text = of_2030(f"P{number}")
            opened.registry.apply.project(text, read_grant(text, "g.yaml"), utc_now())
        yield opened


def of_2030(reference: str) -> str:
    """A project with one milestone that nobody has to wait for."""
    head = GRANT[: GRANT.index("milestones:")].replace("NIFS-2025-017", reference)
    moved = head.replace("2025-02-01", "2030-02-01").replace("2027-01-31", "2031-01-31")
    about = 'id: M1, clause: "1", due: 2030-12-31, title: {en: A}'
    return f"{moved}milestones:\n  - {{{about}, terms: {{kind: document, document: d}}}}\n"


def refusal(stores: Stores, folder: Path, text: str) -> str:
    file = folder / "grant.yaml"
    file.write_text(text, encoding="utf-8")
    before = stores.registry.projects.all()
    with pytest.raises(InputError) as refused:
        apply_files(stores.registry, [file], utc_now())
    assert stores.registry.projects.all() == before
    return str(refused.value)


@pytest.mark.parametrize(("old", "new", "line", "clause", "field", "sentence"), REFUSED)
def test_a_bad_grant_file_is_refused(
    stores: Stores, tmp_path: Path, old: str, new: str, line: int, clause: str, field: str,
    sentence: str,
) -> None:  # fmt: skip
    said = refusal(stores, tmp_path, changed(GRANT, old, new))
    of = f", clause {clause}" if clause else ""
    place = rf"/grant\.yaml, line {line}{re.escape(of)}: field '{re.escape(field)}': "
    assert re.search(place, said), said
    assert sentence in said
    assert said.endswith("Nothing was changed.")


def test_a_project_is_refused_that_costs_less_than_the_scheme_asks(
    stores: Stores, tmp_path: Path
) -> None:
    text = changed(NIAS, "approved_cost_hkd: 54000000", "approved_cost_hkd: 250000000")
    said = refusal(stores, tmp_path, text)
    assert "/grant.yaml, line 5: field 'approved_cost_hkd': " in said
    assert "less than a project of NIAS must cost" in said
    assert "rule since" in said


def test_a_fourth_project_at_a_time_is_refused(stores: Stores, tmp_path: Path) -> None:
    said = refusal(stores, tmp_path, of_2030("P4"))
    assert "/grant.yaml, line 7: field 'start': on 2030-02-01 the company has P0, P1, P2" in said


def test_with_a_grant_that_the_scheme_refuses_its_plant_stays_out(
    stores: Stores, tmp_path: Path
) -> None:
    """Files that are given together are applied all or none."""
    plant, grant = tmp_path / "plant.yaml", tmp_path / "grant.yaml"
    other = PLANT.replace("plant: tko-foods", "plant: other").replace("  filler-1:\n", "  f2:\n")
    plant.write_text(other, encoding="utf-8")
    spoilt = of_2030("P5").replace("plant: tko-foods", "plant: other").replace("filler-1", "f2")
    grant.write_text(spoilt.replace("2025-01-15", "2019-01-15"), encoding="utf-8")
    with pytest.raises(InputError, match="NIFS began on"):
        apply_files(stores.registry, [plant, grant], utc_now())
    assert [it.id for it in stores.registry.plants.all()] == ["tko-foods"]
