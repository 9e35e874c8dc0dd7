"""A profile of the node's own: it loads, has its name, and is never written over."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.records.own_profiles import TEXT_MAX, save_own_profile
from device_profiles.drafting.skeleton import skeleton
from device_profiles.files.catalogue import read
from domain.errors import BusyError, InputError, StorageError

TEXT = skeleton("draft/press", "opcua")


def test_it_is_saved_under_its_name_and_loads(tmp_path: Path) -> None:
    path = save_own_profile(tmp_path, "acme/press-7", TEXT.replace("\n", "\r\n"))
    assert path == tmp_path / "acme" / "press-7" / "profile.yaml"
    assert read(str(path)).name == "acme/press-7"
    assert [it.name for it in path.parent.iterdir()] == ["profile.yaml"]


def test_none_is_written_over(tmp_path: Path) -> None:
    path = save_own_profile(tmp_path, "acme/press-7", TEXT)
    assert save_own_profile(tmp_path, "acme/press-7", TEXT) == path
    with pytest.raises(BusyError, match="another profile"):
        save_own_profile(tmp_path, "acme/press-7", TEXT + "# more\n")
    assert "# more" not in path.read_text(encoding="utf-8")
    with pytest.raises(BusyError, match="packaged"):
        save_own_profile(tmp_path, "packml/opcua", TEXT)


@pytest.mark.parametrize("name", ["", "press", "../x", "a/../b", "/etc/x", "A/b", "a/b/c", "a/b\n"])
def test_a_name_stays_in_the_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="no name of a profile"):
        save_own_profile(tmp_path / "own", name, TEXT)
    assert list(tmp_path.rglob("*.yaml")) == []


@pytest.mark.parametrize("text", ["", "name: a/b\n", "x: [", "name: a/b\n" + "#" * TEXT_MAX])
def test_what_does_not_load_is_not_saved(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError):
        save_own_profile(tmp_path, "acme/press", text)
    assert list(tmp_path.iterdir()) == []


def test_nowhere_to_keep_it(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="keeps no profiles"):
        save_own_profile(None, "acme/press", TEXT)
    (tmp_path / "acme").write_text("a file")
    with pytest.raises(StorageError, match="cannot be written"):
        save_own_profile(tmp_path, "acme/press", TEXT)
