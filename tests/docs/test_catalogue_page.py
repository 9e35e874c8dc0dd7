"""The page of the catalogue says of each packaged profile what its folder says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from device_profiles.files.catalogue import names, read
from device_profiles.proving.check import check

PAGE = Path(__file__).resolve().parents[2] / "docs" / "catalogue.md"
ROWS = re.findall(
    r"^\| \[(.+?)\]\(\.\./device_profiles/(.+?)/profile\.yaml\) \| (.+) \| (\S.*?) \|$",
    PAGE.read_text(encoding="utf-8"),
    re.MULTILINE,
)


def test_each_profile_has_a_row_in_order() -> None:
    assert [name for name, *_ in ROWS] == names()


@pytest.mark.parametrize(("name", "folder", "said", "against"), ROWS)
def test_a_row_says_what_the_folder_says(name: str, folder: str, said: str, against: str) -> None:
    profile, report = read(name), check(name)
    cells = (profile.protocol, ", ".join(report.signals), report.level, len(profile.caveats))
    assert said == " | ".join(map(str, cells))
    assert folder == name
    library, _, nodeset = against.partition(" with the published ")
    assert library in profile.recorded_from
    assert nodeset in profile.recorded_from
