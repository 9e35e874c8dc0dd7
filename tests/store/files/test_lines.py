"""The lines of plant.yaml: cycle times, flow, counters, measurements."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import spoilt

from domain.errors import InputError
from domain.plant import Calibration, Measurement
from store.files.plant import read_plant

FULL = (Path(__file__).parent / "examples" / "full-plant.yaml").read_text(encoding="utf-8")


def changed(old: str, new: str) -> str:
    return spoilt.changed(FULL, old, new)


def test_a_line_has_flow_chatter_and_measurements() -> None:
    line = read_plant(FULL, "p").lines["filler-1"]
    assert line.chatter_s == 2.0
    assert line.sequence == ("filler", "capper", "checkweigher")
    assert line.counters["total_count"].max_rate_per_s == 4.0
    assert line.measurements["fill-weight"] == Measurement(
        "fill-weight", {"en": "Fill weight"}, "checkweigher", "g", 328.0, 336.0, 331.0, 4
    )
    torque = line.measurements["cap-torque"]
    assert (torque.name, torque.upper_limit, torque.subgroup_size) == (
        {"en": "cap-torque"},
        None,
        5,
    )


@pytest.mark.parametrize("target", ["328", "336"])
def test_a_target_may_lie_on_a_limit(target: str) -> None:
    read_plant(changed("target: 331", f"target: {target}"), "p")


CALIBRATED = """
    calibrations:
      total_count: {laboratory: HOKLAS 012, number: "E-1", date: 2026-01-15, due: 2027-01-15}
      fill-weight:
        {laboratory: L, number: "2", date: 2026-01-15, due: 2026-07-15, document: %s}
""" % ("ab" * 32)
WITH_CALIBRATIONS = FULL.replace("\n    measurements:", f"{CALIBRATED}    measurements:", 1)


def test_calibrations_of_counters_and_measurements() -> None:
    found = read_plant(WITH_CALIBRATIONS, "p").lines["filler-1"].calibrations
    day = date(2026, 1, 15)
    assert found == {
        "total_count": Calibration("HOKLAS 012", "E-1", day, date(2027, 1, 15)),
        "fill-weight": Calibration("L", "2", day, date(2026, 7, 15), "ab" * 32),
    }


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("      total_count: {lab", "      rework_count: {lab", "is no counter and no measurement"),
        ("due: 2027-01-15", "due: 2026-01-15", "not after its date, 2026-01-15"),
        ('number: "E-1"', "number: 47.10", "number"),
        ("document: ab", "document: AB", "document"),
        ("laboratory: HOKLAS 012, ", "", "laboratory"),
    ],
)
def test_calibrations_that_cannot_be(old: str, new: str, says: str) -> None:
    with pytest.raises(InputError, match="calibrations") as refused:
        read_plant(spoilt.changed(WITH_CALIBRATIONS, old, new), "p")
    assert says in str(refused.value)
