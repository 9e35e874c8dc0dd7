"""A profile's digest names what decides, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from device_profiles.files.catalogue import PACKAGED, load

GENERIC = "generic/opcua-counters"
METER = "shelly/pro3em-mqtt"


def test_the_digest_changes_with_what_decides_and_with_nothing_else(tmp_path: Path) -> None:
    text = (PACKAGED / "packml/opcua/profile.yaml").read_text(encoding="utf-8")

    def digest(old: str, new: str) -> str:
        assert old in text
        own = tmp_path / "profile.yaml"
        own.write_text(text.replace(old, new, 1), encoding="utf-8")
        return load(str(own)).digest

    same = load("packml/opcua").digest
    assert digest("PackML machine over OPC UA", "Another title") == same
    assert digest("name: packml/opcua", "# a comment\nname: packml/opcua") == same
    changes = [
        ("11: Held", "11: Holding"),
        ("then: fault", "then: stopped"),
        ("unit: items/min", "unit: items/h"),
        ("packml:UnitModeCurrent", "packml:UnitModeRequested"),
        ("reject_count: {input: defective}", "reject_count: {input: defective, factor: 2}"),
        ("field: [0, AccCount]", "field: [0, Count]"),
        ("absent: false", "absent: true"),
    ]
    digests = {digest(old, new) for old, new in changes}
    assert len(digests | {same}) == len(changes) + 1


def test_parameters_are_part_of_the_digest() -> None:
    one = load(GENERIC, {"good_count": "urn:vendor:Counters/Good"})
    other = load(GENERIC, {"good_count": "urn:vendor:Counters/Bad"})
    assert one.digest != other.digest


def test_the_digest_of_a_profile_is_fixed() -> None:
    """Sealed batches name it: should this fail, digests of the same profile have changed."""
    profile = load(GENERIC, {"good_count": "urn:vendor:Counters/Good"})
    expected = "3568b3483e74726154922eaf1b6000ce058ef3c9bffcb512e21d8a053d84dfa7"
    assert profile.digest == expected


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("time: /params/ts", "time: /params/ts, time_zone: Asia/Hong_Kong"),
        ("time: /params/ts", "time: /params/ts, ends_in_nul: true"),
        ("time: /params/ts", "time: /params/ts, each: /list"),
        ("time: /params/ts", "time: /params/ts, decimal_mark: ','"),
        ("inputs:", "time: receipt\ninputs:"),
        ("inputs:", "heartbeat: {topic: alive}\ninputs:"),
    ],
)
def test_how_a_device_writes_is_part_of_the_digest(old: str, new: str, tmp_path: Path) -> None:
    text = (PACKAGED / METER / "profile.yaml").read_text(encoding="utf-8")
    assert old in text
    own = tmp_path / "profile.yaml"
    own.write_text(text.replace(old, new, 1), encoding="utf-8")
    assert load(str(own)).digest != load(METER).digest
