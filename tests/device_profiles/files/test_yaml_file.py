"""A file that somebody names is read, or a sentence says why not."""

from __future__ import annotations

from pathlib import Path

import pytest
from translatable import left_in_english

from device_profiles.files.yaml_file import yaml_file_text
from domain.errors import InputError
from domain.yaml_text import FILE_LENGTH_MAX


def test_the_text_is_that_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "plant.yaml"
    path.write_text("name: 灌裝線\n", encoding="utf-8")
    assert yaml_file_text(path, "the file") == "name: 灌裝線\n"


def test_a_file_that_is_not_there_or_no_text_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"/no\.yaml: the plan cannot be read \(No such file"):
        yaml_file_text(tmp_path / "no.yaml", "the plan")
    (tmp_path / "picture").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match=r"the plan cannot be read \(it is no UTF-8 text\)"):
        yaml_file_text(tmp_path / "picture", "the plan")


def test_what_the_system_says_stays_english_and_all_else_does_not(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        yaml_file_text(tmp_path / "no.yaml", "the profile")
    said = "the profile cannot be read (No such file or directory)"
    assert left_in_english(caught.value) == [said]
    (tmp_path / "picture").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError) as caught:
        yaml_file_text(tmp_path / "picture", "the profile")
    assert left_in_english(caught.value) == []


def test_a_mark_of_the_encoding_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "plant.yaml"
    path.write_text("name: x\n", encoding="utf-8-sig")
    assert yaml_file_text(path, "the file") == "name: x\n"


def test_a_file_without_end_is_not_read_to_it() -> None:
    with pytest.raises(InputError, match=rf"zero: the file has more than {FILE_LENGTH_MAX} char"):
        yaml_file_text(Path("/dev/zero"), "the plan")
