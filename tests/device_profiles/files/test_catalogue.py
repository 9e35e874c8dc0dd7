"""Finding and reading profiles: by name, or by a path of one's own."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from device_profiles.files.catalogue import PACKAGED, load, names
from domain.errors import InputError, NotFoundError

GENERIC = "generic/opcua-counters"


def test_the_packaged_profiles_are_listed_by_name() -> None:
    assert {"packml/opcua", GENERIC, "shelly/pro3em-mqtt"} <= set(names())


def test_an_unknown_profile_is_not_found() -> None:
    with pytest.raises(NotFoundError, match="unknown device profile 'no/such'"):
        load("no/such")


def test_a_path_without_a_profile_is_told_from_a_name(tmp_path: Path) -> None:
    (tmp_path / "other.yaml").touch()
    for path in (tmp_path, tmp_path / "other.yaml", tmp_path / "missing.yaml"):
        with pytest.raises(NotFoundError, match=rf"^{path}: there is no profile\.yaml\."):
            load(str(path))


def test_ones_own_profile_is_read_from_its_folder_or_file(tmp_path: Path) -> None:
    own = tmp_path / "my machine" / "profile.yaml"
    own.parent.mkdir()
    shutil.copy(PACKAGED / "packml/opcua/profile.yaml", own)
    assert load(str(own)).digest == load(str(own.parent)).digest == load("packml/opcua").digest


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    own = tmp_path / "profile.yaml"
    own.write_bytes(b"name: \xff\xfe")
    with pytest.raises(InputError, match=r"profile\.yaml: the profile cannot be read"):
        load(str(own))
