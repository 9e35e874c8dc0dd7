"""Data that came late, and such that came in time."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from examining import LINE, MONDAY, at, examined, told

from analytics.integrity.examined import LateBatch, LineRecorded
from analytics.integrity.late_data import late_data

LAST = date(2026, 3, 15)
DAY = date(2026, 3, 10)


def found(*late: LateBatch) -> list[dict[str, Any]]:
    return told(late_data, examined(MONDAY, LAST, recorded={LINE: LineRecorded(late=late)}))


def batch(first: datetime, hours: float) -> LateBatch:
    return LateBatch(first, first + timedelta(minutes=5), first + timedelta(hours=hours))


@pytest.mark.parametrize(
    ("hours", "severity"), [(30.0, "tells"), (168.0, "tells"), (169.0, "warns")]
)
def test_late(hours: float, severity: str) -> None:
    assert found(batch(at(DAY), 25), batch(at(DAY, 40), hours)) == [
        {
            "flag": "late_data",
            "severity": severity,
            "lines": (LINE,),
            "days": (DAY, date(2026, 3, 11)),
            "says": "Data of filler-1 came more than a day after they were told: 2 batches, up to "
            f"{hours:g} hours late.",
        }
    ]


def test_what_came_late_on_other_days() -> None:
    assert found() == []
    assert found(batch(at(MONDAY, -1), 900), batch(at(LAST, 24), 900)) == []
    assert len(found(batch(at(MONDAY, -0.05), 900))) == 1  # it ends in the days
