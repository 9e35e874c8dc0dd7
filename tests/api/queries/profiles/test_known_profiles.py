"""Which profiles a node knows: packaged ones, those of its folder, those that plants name."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from own_profiles import rewrite
from web_plant import PLANT

from api.queries.profiles.known_profiles import KnownProfile, KnownProfiles
from device_profiles.files.catalogue import PACKAGED, names
from device_profiles.proving.check import Level
from domain.errors import NotFoundError
from domain.plant import Line, Machine, Plant
from store.files.plant import read_plant

ENERGY = "shelly/pro3em-mqtt"


def in_folder(folder: Path, name: str = ENERGY) -> Path:
    return Path(shutil.copytree(PACKAGED / name, folder / name))


def read_by(*profiles: str) -> list[tuple[Plant, Line]]:
    """Lines whose machines are read by these profiles."""
    plant = read_plant(PLANT, "plant.yaml")
    line = next(iter(plant.lines.values()))
    machines = {f"m{it}": Machine(f"m{it}", profile) for it, profile in enumerate(profiles)}
    return [(plant, replace(line, machines=machines))]


def own(known: list[KnownProfile]) -> list[KnownProfile]:
    return [it for it in known if it.own]


def test_packaged_profiles_are_known_with_the_machines_that_they_read() -> None:
    known = KnownProfiles().all(read_by("packml/opcua", "packml/opcua", "import"))
    assert [it.name for it in known] == names()
    machines = {it.name: it.machines for it in known if it.machines}
    assert machines == {"packml/opcua": (("filler-1", "m0"), ("filler-1", "m1"))}


def test_a_profile_of_the_folder_is_known_once_though_a_machine_names_it(tmp_path: Path) -> None:
    folder = in_folder(tmp_path)
    for place in (str(folder), str(folder / "profile.yaml")):
        (it,) = own(KnownProfiles(tmp_path).all(read_by(place)))
        assert (it.name, it.machines) == (ENERGY, (("filler-1", "m0"),))
        assert it.proven.report is not None
        assert it.proven.report.level is Level.RECORDED
    (unused,) = own(KnownProfiles(tmp_path).all([]))
    assert (unused.name, unused.machines) == (ENERGY, ())


def test_two_of_one_name_are_told_apart(tmp_path: Path) -> None:
    folder = in_folder(tmp_path)
    known = KnownProfiles(tmp_path)
    (mine,) = own(known.all([]))
    assert known.one(ENERGY, "", []).place == ENERGY
    assert known.one(ENERGY, mine.own, []).place == str(folder / "profile.yaml")
    with pytest.raises(NotFoundError, match=r"shelly/pro3em-mqtx.*Did you mean"):
        known.one("shelly/pro3em-mqtx", "", [])


def test_a_change_of_a_file_is_seen(tmp_path: Path) -> None:
    folder = in_folder(tmp_path)
    known = KnownProfiles(tmp_path)

    def level() -> Level:
        report = own(known.all([]))[0].proven.report
        assert report is not None
        return report.level

    assert level() is Level.RECORDED
    (folder / "recording.jsonl").unlink()
    assert level() is Level.DRAFT


def test_one_that_cannot_be_read_hides_no_other(tmp_path: Path) -> None:
    rewrite(in_folder(tmp_path) / "profile.yaml", "protocol: mqtt-json", "protocol: smoke")
    found = own(KnownProfiles(tmp_path).all(read_by("/nowhere/press.yaml")))
    assert [it.proven.model for it in found] == [None, None]
    assert "protocol" in " ".join(str(it.proven.problem) for it in found)
    assert "no such profile" in " ".join(str(it.proven.problem) for it in found)
