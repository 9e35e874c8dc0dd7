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
