"""What the panel showed, held against what a recording decodes to."""

from __future__ import annotations

from pathlib import Path

import pytest
from own_profiles import own_profile, rewrite

from device_profiles.proving.check import check
from device_profiles.proving.panel import PANEL, Mismatch
from domain.errors import InputError


@pytest.fixture
def own(tmp_path: Path) -> Path:
    return own_profile(tmp_path)


def test_a_mismatch_says_when_what_and_both_values(own: Path) -> None:
    rewrite(own / PANEL, "power: 2.8516", "power: 3.0")
    (found,) = check(str(own)).mismatches
    assert isinstance(found, Mismatch)
    assert (found.signal, found.panel, found.decoded) == ("power", 3.0, 2.8516)


def test_a_panel_with_a_wrong_key_is_named_with_its_line(own: Path) -> None:
    rewrite(own / PANEL, "simulated: true", "simulatet: true")
    with pytest.raises(InputError, match=r"panel\.yaml, line 2: field 'simulatet': unknown key"):
        check(str(own))


@pytest.mark.parametrize(
    ("more", "shown", "agrees"),
    [
        ("", "2.85", False),
        (", steps: {power: 0.01}", "2.85", True),
        (", steps: {power: 0.01}", "2.84", False),
        (", steps: {power: 1.0}", "3", True),
        (", within_s: 1", "7.0481", True),  # which it told 0.3 s later
        (", within_s: 1", "5.0", True),  # on its way there
        (", within_s: 1", "7.1", False),
        (", within_s: 0.1", "7.0481", False),
    ],
)
def test_a_person_is_not_exact_and_neither_is_a_display(
    own: Path, more: str, shown: str, agrees: bool
) -> None:
    text = (own / PANEL).read_text(encoding="utf-8")
    first = next(line for line in text.splitlines() if "time:" in line).partition("time:")[2]
    look = f"- {{time: {first}, shows: {{power: {shown}}}{more}}}"
    (own / PANEL).write_text(f"read_by: Chan\nsimulated: true\nreadings:\n{look}\n")
    assert (check(str(own)).mismatches == ()) is agrees
