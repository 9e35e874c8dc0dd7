"""Calibrations that do not cover the days, and certificates that are missing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from examining import LINE, MONDAY, at, examined, told
from facts_frames import plant

from analytics.integrity.calibrations import overdue_calibrations
from analytics.integrity.examined import PlantVersion
from domain.plant import Calibration, Plant

LAST = date(2026, 3, 15)
GOOD = Calibration("HOKLAS 012", "E-2", date(2026, 1, 15), date(2027, 1, 15))
OLD = Calibration("HOKLAS 012", "E-1", date(2025, 1, 15), date(2026, 3, 4))


def with_calibration(given: Calibration) -> Plant:
    line = replace(plant().lines[LINE], calibrations={"energy": given})
    return replace(plant(), lines={LINE: line})


def found(*given: Calibration, documents: frozenset[str] = frozenset()) -> list[dict[str, Any]]:
    """Of plant files with these, one after the other."""
    plants = [plant(), *map(with_calibration, given)]
    versions = [PlantVersion(n, at(MONDAY, -n), it) for n, it in enumerate(plants, start=1)]
    days = examined(MONDAY, LAST, of=plants[-1], versions=versions, documents=documents)
    return told(overdue_calibrations, days)


def test_days_that_are_covered() -> None:
    assert found() == []
    assert found(GOOD) == []
    assert found(replace(GOOD, due=LAST)) == []
    assert found(replace(GOOD, calibrated_on=MONDAY)) == []


def test_overdue() -> None:
    assert found(OLD) == [
        {
            "flag": "calibration_overdue",
            "severity": "warns",
            "lines": (LINE,),
            "days": (date(2026, 3, 5), LAST),
            "says": "On 11 days no calibration covers energy of filler-1; the last certificate, "
            "E-1 of HOKLAS 012, is of 2025-01-15 and due on 2026-03-04.",
        }
    ]


def test_certificates_one_after_the_other() -> None:
    assert found(OLD, replace(GOOD, calibrated_on=date(2026, 3, 5))) == []
    [gap] = found(OLD, replace(GOOD, calibrated_on=date(2026, 3, 8)))
    assert gap["days"] == (date(2026, 3, 5), date(2026, 3, 7))


def test_a_certificate_that_is_not_attached() -> None:
    named = replace(GOOD, document="a" * 64)
    assert found(named, documents=frozenset({"a" * 64})) == []
    [missing] = found(named)
    assert missing["severity"] == "tells"
    assert missing["says"] == (
        "The certificate E-2 of HOKLAS 012 for energy of filler-1 is not attached to the project."
    )
