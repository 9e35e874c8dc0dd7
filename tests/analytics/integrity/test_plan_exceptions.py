"""Exceptions that were entered, or taken back, after they began."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest
from examining import LINE, MONDAY, at, examined, told
from facts_frames import plant

from analytics.integrity.examined import LineRecorded, PlantVersion
from analytics.integrity.plan_exceptions import late_exceptions
from domain.plan_changes import PlanChange
from domain.plant import CalendarException, Plant

LAST = date(2026, 3, 15)
DAY = date(2026, 3, 10)
STOP = CalendarException(at(DAY, 8), at(DAY, 16), "planned_down", "overhaul")


def entered(when: datetime, exception: CalendarException = STOP, name: str = "e") -> PlanChange:
    return PlanChange(name, LINE, "Lee", when, exception)


def found(*changes: PlanChange) -> list[dict[str, Any]]:
    return told(late_exceptions, examined(MONDAY, LAST, recorded={LINE: LineRecorded(changes)}))


def test_in_time() -> None:
    assert found(entered(at(DAY, 8)), entered(at(DAY, -17), name="f")) == []


@pytest.mark.parametrize(
    ("hour", "severity", "late"), [(9.5, "tells", "1.5"), (32, "tells", "24"), (33, "warns", "25")]
)
def test_late(hour: float, severity: str, late: str) -> None:
    assert found(entered(at(DAY, hour))) == [
        {
            "flag": "exception_entered_late",
            "severity": severity,
            "lines": (LINE,),
            "days": (DAY, DAY),
            "says": "Exceptions of the calendar of filler-1 were entered or taken back after they "
            f"had begun: 1, of 8 hours in all, up to {late} hours late.",
        }
    ]


def test_only_what_lies_in_the_days_counts() -> None:
    reaching_in = CalendarException(at(MONDAY, -48), at(MONDAY, 6), "closed")
    outside = CalendarException(at(MONDAY, -48), at(MONDAY, 0), "closed")
    [one] = found(
        entered(at(DAY), reaching_in),
        entered(at(DAY), outside, "f"),
        entered(at(LAST, 1), name="g"),
    )
    assert one["days"] == (MONDAY, DAY)
    assert "begun: 2, of 14 hours in all" in one["says"]


def test_one_that_was_taken_back_afterwards() -> None:
    overtime = entered(at(MONDAY, -20), replace(STOP, kind="overtime"))
    gone = PlanChange("w", LINE, "Lee", at(LAST), withdraws="e")
    assert found(overtime) == []
    [one] = found(overtime, gone)
    assert "1, of 8 hours in all, up to 112 hours late" in one["says"]


def with_stop() -> Plant:
    line = plant().lines[LINE]
    assert line.calendar is not None
    calendar = replace(line.calendar, exceptions=(STOP,))
    return replace(plant(), lines={LINE: replace(line, calendar=calendar)})


@pytest.mark.parametrize(
    ("plants", "count"),
    [
        ([plant(), with_stop()], 1),
        ([with_stop(), plant()], 1),
        ([plant(), with_stop(), with_stop()], 1),
        ([with_stop(), with_stop()], 0),
        ([with_stop()], 0),  # the first file: nothing could be before
    ],
)
def test_those_of_plant_files(plants: list[Plant], count: int) -> None:
    versions = [PlantVersion(n, at(LAST, n), it) for n, it in enumerate(plants, start=1)]
    days = examined(MONDAY, LAST, versions=versions)
    says = [it["says"] for it in told(late_exceptions, days)]
    assert len(says) == bool(count)
    assert all(f"had begun: {count}, of 8 hours" in it for it in says)
