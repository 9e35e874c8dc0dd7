"""The page's own arithmetic comes to what the program comes to: KPIs under every method, and
verdicts of every kind of terms that it draws anew."""

from __future__ import annotations

import functools
import hashlib
import json
import math
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from browser import chromium
from facts_frames import plant, project
from playwright.sync_api import Browser, Page
from random_facts import random_facts

from analytics.facts.line_digest import FORMAT
from analytics.kpi.evaluation import FROM_MACHINES, evaluate, summed
from analytics.methods import registry
from analytics.milestones.evidence import facts_digest
from analytics.milestones.verdict import verdict
from api.documents.milestones import verdict_json
from api.i18n import language_named
from api.pages.labels import VERDICTS
from domain.attested_figures import AttestedFigure, AttestedKind
from domain.grants import (
    AttestedTerms,
    CommissionedTerms,
    DayRange,
    FirstProductionDays,
    KpiTerms,
    OperatingTerms,
    OutputTerms,
    ProducingDaysTerms,
    Project,
    Terms,
    Verdict,
    WindowTerms,
)
from lineproof.dossier.facts_csv import facts_csv
from lineproof.verifiers.assembly import SCRIPTS, part

FIRST, DAYS, LINES = date(2026, 3, 2), 24, ("filler-1", "filler-2")
LAST = FIRST + timedelta(days=DAYS - 1)
SEEDS = range(4)
DAY_SHIFT = ("A",)
COMPARED = ("value", "low", "high", "coverage", "target", "baseline_value", "met_on", "window")
OPEN = ("on_track", "at_risk")


def days(first: int, last: int) -> DayRange:
    return DayRange(FIRST + timedelta(days=first), FIRST + timedelta(days=last))


_OF_KPIS = tuple(
    KpiTerms(metric, op, window, target, min_coverage=least)
    for metric, op, target in (
        ("oee", ">=", 0.3), ("availability", ">=", 0.2), ("energy_per_good_unit", "<=", 0.02),
        ("quality_ratio", ">=", 0.9), ("effectiveness", ">=", 5.0),
    )
    for window, least in ((days(3, 12), 0.9), (5, 0.5), (40, 0.0), (days(20, 40), 0.9))
)  # fmt: skip
TERMS: tuple[Terms, ...] = (
    *_OF_KPIS,
    KpiTerms("oee", ">=", days(10, 20), None, 0.05, days(0, 6), 0.5),
    KpiTerms("energy_per_good_unit", "<=", 5, None, -0.1, days(0, 6), 0.5),
    KpiTerms("energy_per_good_unit", "<=", days(10, 20), None, -0.1, days(0, 30), 0.5),
    KpiTerms("oee", ">=", days(3, 12), 0.3, method="oee-com"),
    OutputTerms(50_000.0, days(1, 20)),
    OutputTerms(1e9, days(1, 20)),
    OutputTerms(1e9, days(1, 60)),
    OutputTerms(1e9, days(40, 60)),
    CommissionedTerms(40_000.0, 3),
    CommissionedTerms(1e9, 3),
    OperatingTerms(10, 1),
    OperatingTerms(31, 2),
    AttestedTerms("training", 30.0),
    AttestedTerms("headcount", 12.0),
)
# Of some shifts, of the first production days, of production days in a row.
WINDOWS: tuple[Terms, ...] = (
    ProducingDaysTerms(4, FirstProductionDays(FIRST, 9), DAY_SHIFT),
    ProducingDaysTerms(9, days(2, 11)),
    KpiTerms("oee", ">=", 5, 0.3, shifts=DAY_SHIFT),
    KpiTerms("energy_per_good_unit", "<=", days(10, 20), None, -0.1, days(0, 6), shifts=DAY_SHIFT),
    KpiTerms("oee", ">=", FirstProductionDays(days(3, 3).start, 6), 0.3),
    KpiTerms("oee", ">=", FirstProductionDays(days(3, 3).start, 60), 0.3, shifts=DAY_SHIFT),
    OutputTerms(20_000.0, 4),
    OutputTerms(9_000.0, 4, DAY_SHIFT),
    OutputTerms(1e9, 4, DAY_SHIFT),
    OutputTerms(20_000.0, days(1, 20), DAY_SHIFT),
    OutputTerms(9_000.0, FirstProductionDays(days(2, 2).start, 6), ("none such",)),
    OutputTerms(1e9, FirstProductionDays(days(2, 2).start, 60)),
    OutputTerms(1e9, 4, ("none such",)),
    OperatingTerms(10, 1, DAY_SHIFT),
)
DUES = (days(0, 15).end, days(0, 60).end)


def attested(number: int, kind: str, amount: int, on: int, withdraws: int | None = None) -> Any:
    return AttestedFigure(
        "NIFS-2025-017", number, AttestedKind(kind), datetime(2026, 3, 20, tzinfo=UTC), "Chan", "",
        Decimal(amount), days(on, on).start, "M1", withdraws=withdraws,
    )  # fmt: skip


FIGURES = (
    attested(1, "training", 12, 1),
    attested(2, "training", 20, 9),
    attested(3, "training", 20, 4),
    attested(4, "withdrawal", 1, 4, withdraws=3),
    attested(5, "headcount", 13, 2),
    attested(6, "headcount", 11, 8),
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as program:
        yield program


@pytest.fixture(scope="module")
def page(browser: Browser) -> Page:
    """What the page computes with, without what it shows."""
    found = browser.new_page()
    found.add_script_tag(content="\n".join(part(f"{it}.js") for it in SCRIPTS if it != "main"))
    return found


@functools.cache
def facts_of(seed: int) -> pl.DataFrame:
    return random_facts(seed, LINES, FIRST, DAYS)


@functools.cache
def csv_by_line(seed: int) -> dict[str, str]:
    facts = facts_of(seed)
    return {
        f"facts/{line}.csv": facts_csv(group).decode()
        for (line,), group in facts.partition_by("line", as_dict=True).items()
    }


_READ = """async ([files, lines]) => {
  const zip = { has: (path) => path in files, text: async (path) => files[path] };
  globalThis.facts = await readFacts({ zip, about: { lines } });
}"""


def read(page: Page, seed: int) -> None:
    page.evaluate(_READ, [csv_by_line(seed), list(LINES)])


def is_same(ours: Any, theirs: Any) -> bool:
    if isinstance(ours, float | int) and isinstance(theirs, float | int):
        return math.isclose(ours, theirs, rel_tol=1e-9, abs_tol=1e-9)
    return bool(ours == theirs)


@pytest.mark.parametrize("method", registry.METHODS)
@pytest.mark.parametrize("seed", range(12))
def test_kpis_are_those_of_the_program(seed: int, method: str, page: Page) -> None:
    read(page, seed)
    made = page.evaluate(
        """(method) => {
          const all = summable(facts), rows = [...Array(facts.height).keys()];
          const sums = sumsOf(facts, rows, method);
          return Object.fromEntries(Object.keys(KPIS).map((it) => [it, evaluate(it, sums)]));
        }""",
        method,
    )
    facts = facts_of(seed)
    sums = summed(facts, method)
    assert set(made) <= set(FROM_MACHINES)
    for name, found in made.items():
        expected = evaluate(name, sums)
        for key in ("value", "low", "high", "coverage"):
            assert is_same(found[key], getattr(expected, key)), (name, key, found, expected)


def as_written(terms: Terms) -> dict[str, Any]:
    """The terms as their file in a dossier has them."""
    if isinstance(terms, KpiTerms):
        found = {
            "kind": "kpi", "metric": terms.metric, "op": terms.op,
            "window": window_of(terms.window, terms.shifts),
            "target": terms.target, "change": terms.change, "method": terms.method,
            "baseline": terms.baseline and written(terms.baseline),
            "min_coverage": terms.min_coverage,
        }  # fmt: skip
        return {name: it for name, it in found.items() if it is not None}
    if isinstance(terms, OutputTerms):
        about = {"kind": "output", "good_units": terms.good_units}
        if isinstance(terms.period, DayRange) and not terms.shifts:
            return {**about, **written(terms.period)}
        return {**about, "window": window_of(terms.period, terms.shifts)}
    if isinstance(terms, ProducingDaysTerms):
        window = window_of(terms.window, terms.shifts)
        return {"kind": "operating", "producing_days": terms.producing_days, "window": window}
    if isinstance(terms, OperatingTerms) and not terms.shifts:
        return {"kind": "operating", "months": terms.months,
                "production_days_per_month": terms.production_days_per_month}  # fmt: skip
    return {name: getattr(terms, name) for name in terms.__slots__}


def window_of(window: WindowTerms, shifts: tuple[str, ...]) -> dict[str, Any]:
    if isinstance(window, DayRange):
        found: dict[str, Any] = written(window)
    elif isinstance(window, FirstProductionDays):
        found = {"start": window.start.isoformat(), "production_days": window.count}
    else:
        found = {"production_days": window}
    return found | ({"shifts": list(shifts)} if shifts else {})


def written(span: Any) -> dict[str, str]:
    return {"start": span.start.isoformat(), "end": span.end.isoformat()}


_MIX_DIFFERS = "([shown, made]) => mixDifference(shown, made)"
_JUDGE = """([terms, about, project, rows]) => {
  project.due = new Map(Object.entries(project.due));
  const told = rows.map((says) => ({ of: "attested_figures", says }));
  const judge = new Judge({ about, project, rows: told }, facts);
  return terms.map(([id, it]) => judge.judge("M1", it));
}"""


def judged_by_page(page: Page, of: Project, terms: Terms, as_of: datetime) -> dict[str, Any]:
    at = as_of.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    about = {"zone": "Asia/Hong_Kong", "as_of": at}
    shape = {
        "start": of.start.isoformat(), "end": of.end.isoformat(), "lines": list(LINES),
        "due": {"M1": of.milestones[0].due.isoformat()},
        "plant": {
            "products": {"juice-330": {"ideal_cycle_time_s": 0.5}},
            "lines": {it: {"ideal_cycle_time_s": 1.0} for it in LINES},
        },
    }  # fmt: skip
    rows = [
        {
            "number": it.number, "kind": it.kind.value, "milestone": it.milestone,
            "amount": str(it.amount), "day": it.day.isoformat(), "withdraws": it.withdraws,
            "attested_at": it.attested_at.isoformat(timespec="microseconds"),
        }
        for it in FIGURES
    ]  # fmt: skip
    found: list[dict[str, Any]] = page.evaluate(
        _JUDGE, [[["M1", as_written(terms)]], about, shape, rows]
    )
    return found[0]


def judged_by_program(seed: int, of: Project, as_of: datetime) -> Verdict:
    facts = facts_of(seed)
    by_line = {line: facts.filter(facts["line"] == line) for line in LINES}
    return verdict(of, of.milestones[0], plant(*LINES), by_line, as_of, (), FIGURES)


@pytest.mark.parametrize(("seed", "due"), [(0, DUES[0]), (9, DUES[1]), (2, DUES[0])])
def test_verdicts_are_those_of_the_program(seed: int, due: date, page: Page) -> None:
    statuses = judged_alike(page, seed, due, TERMS)
    assert statuses >= {"not_provable", "met"} if due == DUES[0] else statuses >= {"met", "pending"}


@pytest.mark.parametrize(("seed", "due"), [(1, DUES[0]), (2, DUES[1])])
def test_windows_of_every_kind_are_judged_as_by_the_program(
    seed: int, due: date, page: Page
) -> None:
    statuses = judged_alike(page, seed, due, WINDOWS)
    assert len(statuses) >= 3


def judged_alike(page: Page, seed: int, due: date, every: tuple[Terms, ...]) -> set[str]:
    """The verdicts of page and program on each of the terms, held against each other."""
    read(page, seed)
    as_of = datetime(LAST.year, LAST.month, LAST.day, 20, tzinfo=UTC)  # the next day in Hong Kong
    statuses, mixes = set(), []
    for terms in every:
        ended = isinstance(terms, OperatingTerms | ProducingDaysTerms)  # behind the end
        end = FIRST - timedelta(days=1) if ended else date(2027, 1, 31)
        of = project(terms, due, start=FIRST, end=end, lines=LINES)
        expected = verdict_json(judged_by_program(seed, of, as_of), plant(*LINES).zone)
        made = judged_by_page(page, of, terms, as_of)
        told = json.dumps([as_written(terms), made, expected], default=str, indent=1)
        assert made["facts_digest"] == expected["evidence"]["facts_digest"], told
        for name in COMPARED:
            assert is_same(made[name], expected[name]), told
        assert page.evaluate(_MIX_DIFFERS, [expected["product_mix"], made["product_mix"]]) is None
        mixes.append(expected["product_mix"])
        assert made["status"] == expected["status"] or {made["status"], expected["status"]} == {
            *OPEN
        }
        statuses.add(expected["status"])
    assert any(mixes)
    return statuses


@pytest.mark.parametrize("seed", SEEDS)
def test_a_digest_is_that_of_the_program(seed: int, page: Page) -> None:
    read(page, seed)
    ranges = [written(days(2, 5)), written(days(4, 9))]
    facts = facts_of(seed)
    inside = facts.filter(facts["day"].is_between(days(2, 2).start, days(9, 9).start))
    assert page.evaluate("(ranges) => facts.digest(ranges)", ranges) == facts_digest(inside)


READ: dict[str, Any] = {
    "a: 1\nb: [x, 'it''s', \"q\\\"u\"]\n": {"a": 1, "b": ["x", "it's", 'q"u']},
    "a: [{c: d, e: 2026-03-01}]\n": {"a": [{"c": "d", "e": "2026-03-01"}]},
    "# c\na:\n- b: 1\n  c: 2 # d\n- e\n": {"a": [{"b": 1, "c": 2}, "e"]},
    "a: {b: 1,\n  c: [2,\n 3]}\nd: x:y #z\n": {"a": {"b": 1, "c": [2, 3]}, "d": "x:y"},
    "a:\n  b: ~\n  c: 'x # y'\n  d: don't\n": {"a": {"b": None, "c": "x # y", "d": "don't"}},
    "a:\n": {"a": None},
}
REFUSED = ("a: &x 1\n", "a: |\n  b\n", "a: [1\n", "a: 1\n  b: 2\n", "a: 1\na: 2\n", "a: !!x 1\n")


@pytest.mark.parametrize(("text", "value"), READ.items())
def test_what_people_write_is_read(text: str, value: Any, page: Page) -> None:
    assert page.evaluate("(text) => YamlReader.read(text)", text) == value


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_not_understood_is_refused(text: str, page: Page) -> None:
    refused = "(text) => { try { return YamlReader.read(text); } catch { return 'refused'; } }"
    assert page.evaluate(refused, text) == "refused"


@pytest.mark.parametrize("size", [0, 1, 55, 56, 63, 64, 65, 119, 120, 1000])
def test_sha256_is_that_of_the_standard(size: int, page: Page) -> None:
    data = bytes(n % 251 for n in range(size))
    found = page.evaluate(
        """(bytes) => [bytes.slice(0, 7), bytes.slice(7)]
          .reduce((hash, it) => hash.update(Uint8Array.from(it)), new Sha256()).hex()""",
        list(data),
    )
    assert found == hashlib.sha256(data).hexdigest()


def test_the_page_reads_the_facts_that_this_program_makes() -> None:
    script = part("facts.js")
    assert f"const FACTS_FORMAT = {FORMAT};" in script


def test_the_page_calls_verdicts_as_the_grant_page_does() -> None:
    script = part("words.js")
    for status, label in VERDICTS.items():
        words = [language_named(tag).text(label[0]) for tag in ("zh-Hant", "zh-Hans")]
        said = json.dumps([label[0].lower(), *words], ensure_ascii=False)
        assert f"{status}: {said}" in script
