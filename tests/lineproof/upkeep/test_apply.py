"""Applying files: all of them or none, plants before grants, twice is once."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from pathlib import Path

import pytest
from peers import ROOT

from domain.errors import InputError
from lineproof.clock import utc_now
from lineproof.upkeep.apply import apply_files, start_with_files
from store.files.plant import read_plant
from store.node.opening import Stores, open_stores
from store.registry.audit import AuditFilter, Done
from store.registry.plant_saves import PlantSave

EXAMPLES = ROOT / "docs" / "examples"

PLANT = """\
plant: {plant}
timezone: Asia/Hong_Kong
company: {{name: {{en: A}}, business_registration: "1"}}
lines:
  {line}:
    name: {{en: L}}
    ideal_cycle_time_s: 1
    machines: {{m: {{profile: {profile}, connection: {{url: "mqtt://127.0.0.1:1", topic: t}}}}}}
    roles: {{state: m}}
"""
GRANT = """\
project: P1
scheme: NIFS
plant: {plant}
lines: [{line}]
approved_cost_hkd: 1000000
approved_on: 2026-01-01
start: 2026-02-01
end: 2027-01-31
milestones:
  - id: M1
    clause: "1"
    due: 2026-09-30
    title: {{en: A}}
    terms: {{kind: document, document: d}}
"""


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[Stores]:
    with open_stores(tmp_path / "node") as opened:
        yield opened


def _file(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text)
    return path


def _plant(folder: Path, plant: str = "a", line: str = "l1", profile: str = "import") -> Path:
    return _file(
        folder, f"plant-{plant}.yaml", PLANT.format(plant=plant, line=line, profile=profile)
    )


def _grant(folder: Path, plant: str = "a", line: str = "l1") -> Path:
    return _file(folder, "grant.yaml", GRANT.format(plant=plant, line=line))


def test_a_grant_given_before_its_plant_is_applied_after_it(stores: Stores, tmp_path: Path) -> None:
    files = [_grant(tmp_path), _plant(tmp_path)]
    assert apply_files(stores.registry, files, utc_now())
    assert [project.reference for project in stores.registry.projects.all()] == ["P1"]


def test_a_second_time_nothing_changes(stores: Stores, tmp_path: Path) -> None:
    files = [_plant(tmp_path), _grant(tmp_path)]
    apply_files(stores.registry, files, utc_now())
    assert apply_files(stores.registry, files, utc_now()) == []
    assert len(stores.registry.plants.history("a")) == 1


@pytest.mark.parametrize(
    ("spoilt", "said"),
    [
        (lambda folder: _grant(folder, line="l2"), "no line 'l2'"),
        (lambda folder: _grant(folder, plant="b"), "no plant 'b'"),
        (lambda folder: _plant(folder, plant="b"), "'a' has a line of that name already"),
        (lambda folder: _plant(folder, "b", "l2", "shelly/nothing"), "shelly/nothing"),
        (lambda folder: _file(folder, "x.yaml", "a: 1\n"), "neither a plant file nor a grant"),
        (lambda folder: folder / "missing.yaml", "cannot be read"),
    ],
    ids=["line", "plant", "owner", "profile", "kind", "missing"],
)
def test_one_wrong_file_keeps_all_out(
    stores: Stores, tmp_path: Path, spoilt: object, said: str
) -> None:
    assert callable(spoilt)
    with pytest.raises(InputError, match=said) as error:
        apply_files(stores.registry, [_plant(tmp_path), spoilt(tmp_path)], utc_now())
    assert str(error.value).endswith("Nothing was changed.")
    assert stores.registry.plants.all() == []


@pytest.mark.parametrize(
    ("plain", "with_secret"),
    [
        ("topic: t", "topic: t, password: swordfish"),
        ("mqtt://127", "mqtt://:swordfish@127"),
        ("mqtt://127", "mqtt://ann:swordfish@127"),
        ('"mqtt://127.0.0.1:1"', '"mqtt://ann:swordfish@[x"'),
    ],
)
def test_a_password_in_a_plant_file_is_refused_before_it_is_kept(
    stores: Stores, tmp_path: Path, plain: str, with_secret: str
) -> None:
    """The file is evidence: it is kept for ever, and handed out with dossiers as it is."""
    text = _plant(tmp_path).read_text().replace(plain, with_secret)
    file = _file(tmp_path, "plant.yaml", text)
    with pytest.raises(InputError, match="no password may stand in it") as error:
        apply_files(stores.registry, [file], utc_now())
    assert error.value.where == f"{file}, line 8"
    assert "'password_file'" in error.value.todo
    assert "swordfish" not in str(error.value)
    assert stores.registry.plants.all() == []


def test_a_plant_in_two_files_is_refused(stores: Stores, tmp_path: Path) -> None:
    again = _file(tmp_path, "again.yaml", _plant(tmp_path).read_text())
    with pytest.raises(InputError, match="described in"):
        apply_files(stores.registry, [_plant(tmp_path), again], utc_now())


def test_a_funded_line_cannot_vanish(stores: Stores, tmp_path: Path) -> None:
    apply_files(stores.registry, [_plant(tmp_path), _grant(tmp_path)], utc_now())
    with pytest.raises(InputError, match="P1 is funded for it"):
        apply_files(stores.registry, [_plant(tmp_path, line="other")], utc_now())
    assert "l1" in stores.registry.plants.all()[0].lines


def test_what_was_applied_is_in_the_audit_with_the_user_of_the_command_line(
    stores: Stores,
) -> None:
    for _ in range(2):  # a second time changes nothing
        apply_files(stores.registry, [EXAMPLES / "plant.yaml"], utc_now())
    (row,) = stores.registry.audit.all(AuditFilter())
    assert row.event.who == f"command line ({getpass.getuser()})"
    assert (row.event.what, row.event.place) == (Done.CHANGE, "plant example")


def test_what_people_saved_stays_while_the_file_is_as_it_was(
    stores: Stores, tmp_path: Path
) -> None:
    """A node that starts again with its plant file takes nothing back that was saved on a page."""
    text = PLANT.format(plant="p", line="l", profile="import")
    file = _file(tmp_path, "plant.yaml", text)
    registry, now = stores.registry, utc_now()
    assert start_with_files(registry, [file], now) == ["plant p: new, with line l"]
    saved = text.replace("ideal_cycle_time_s: 1", "ideal_cycle_time_s: 2")
    save = PlantSave("ines", "slower", 1)
    registry.apply.plant(saved, read_plant(saved, "plant.yaml"), now, save=save)
    (said,) = start_with_files(registry, [file], now)
    assert "version 2, which was saved on its page, stays in force" in said
    assert registry.plants.all()[0].lines["l"].ideal_cycle_time_s == 2
    _file(tmp_path, "plant.yaml", text.replace("ideal_cycle_time_s: 1", "ideal_cycle_time_s: 3"))
    start_with_files(registry, [file], now)
    assert registry.plants.all()[0].lines["l"].ideal_cycle_time_s == 3
    _file(tmp_path, "plant.yaml", text)  # taken back on the disk, which is a change of the file
    start_with_files(registry, [file], now)
    assert registry.plants.all()[0].lines["l"].ideal_cycle_time_s == 1
