"""Finding and reading profiles: by name, or by a path of one's own."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from translatable import left_in_english

from device_profiles.files.catalogue import PACKAGED, load, names
from device_profiles.proving.check import Level, check
from domain.errors import InputError, NotFoundError

GENERIC = "generic/opcua-counters"


def test_the_packaged_profiles_are_listed_by_name() -> None:
    assert {"packml/opcua", GENERIC, "shelly/pro3em-mqtt"} <= set(names())


def test_an_unknown_profile_is_not_found() -> None:
    with pytest.raises(NotFoundError, match="unknown device profile 'no/such'") as caught:
        load("no/such")
    assert left_in_english(caught.value) == []
    with pytest.raises(NotFoundError, match=r"Did you mean 'packml/opcua'\? Or give the") as caught:
        load("packml/opc")
    assert left_in_english(caught.value) == []


@pytest.mark.parametrize(
    ("path", "what"),
    [("", "there is no profile.yaml"), ("missing.yaml", "there is no such profile")],
)
def test_a_path_without_a_profile_is_told_from_a_name(path: str, what: str, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match=rf"^{tmp_path / path}: {what}\.") as caught:
        load(str(tmp_path / path))
    assert left_in_english(caught.value) == []


def test_a_single_file_may_have_any_name(tmp_path: Path) -> None:
    for name in ("my-press.yaml", "press 2", "profile.yml"):
        own = tmp_path / name
        shutil.copy(PACKAGED / "packml/opcua/profile.yaml", own)
        assert load(str(own)).digest == load("packml/opcua").digest


def test_a_recording_beside_a_single_file_counts_for_it(tmp_path: Path) -> None:
    packaged = PACKAGED / GENERIC
    shutil.copy(packaged / "profile.yaml", tmp_path / "press.yaml")
    shutil.copy(packaged / "profile.yaml", tmp_path / "mill.yaml")
    for name in ("recording.jsonl", "panel.yaml"):
        shutil.copy(packaged / name, tmp_path / f"press.{name}")
    parameters = {"total_count": "urn:v:Total"}
    assert check(str(tmp_path / "press.yaml")).level is Level.RECORDED
    assert check(str(tmp_path / "mill.yaml"), parameters).level is Level.DRAFT


def test_ones_own_profile_is_read_from_its_folder_or_file(tmp_path: Path) -> None:
    own = tmp_path / "my machine" / "profile.yaml"
    own.parent.mkdir()
    shutil.copy(PACKAGED / "packml/opcua/profile.yaml", own)
    assert load(str(own)).digest == load(str(own.parent)).digest == load("packml/opcua").digest


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    own = tmp_path / "profile.yaml"
    own.write_bytes(b"name: \xff\xfe")
    with pytest.raises(InputError, match=r"profile\.yaml: the profile cannot be read") as caught:
        load(str(own))
    assert left_in_english(caught.value) == []
