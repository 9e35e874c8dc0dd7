"""Corrections that pile up before a due day, and such that were written down in time."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from examining import LINE, MONDAY, at, examined, told

from analytics.integrity.examined import LineRecorded
from analytics.integrity.late_corrections import late_corrections
from domain.corrections import Correction, CorrectionKind

LAST = date(2026, 4, 30)
DUE = date(2026, 5, 4)


def corrected(number: int, recorded: datetime, kind: CorrectionKind) -> Correction:
    start = at(MONDAY + timedelta(days=number), 9)
    end = start + timedelta(hours=kind is not CorrectionKind.SPLIT)
    return Correction(f"c{number}", LINE, kind, start, end, "Lee", recorded)


def found(*recorded: datetime, kind: CorrectionKind = CorrectionKind.REASON) -> list[str]:
    """Of corrections of one day after the other, the first of Monday."""
    given = [corrected(number, when, kind) for number, when in enumerate(recorded)]
    days = examined(MONDAY, LAST, due=DUE, recorded={LINE: LineRecorded(corrections=given)})
    return [it["says"] for it in told(late_corrections, days)]


LATE, IN_TIME = at(date(2026, 4, 29), 22), at(date(2026, 4, 20))


def test_five_in_the_last_week() -> None:
    assert found(*[LATE] * 5, *[IN_TIME] * 5) == [
        "5 of 10 corrections of filler-1 in these days were recorded from 2026-04-28 on, a week "
        "before the due day or later, of time more than a week back."
    ]
    assert len(found(*[at(DUE, 100)] * 5)) == 1  # behind the due day is no better
    assert len(found(*[LATE] * 5, kind=CorrectionKind.SPLIT)) == 1


def test_fewer_are_nothing() -> None:
    assert found(*[LATE] * 4) == []
    assert found(*[LATE] * 5, *[IN_TIME] * 6) == []


def test_what_is_written_down_soon_is_nothing() -> None:
    soon = [at(MONDAY + timedelta(days=number), 12) for number in range(50)]
    assert found(*soon) == []


def test_figures_that_no_machine_tells_are_nothing() -> None:
    assert found(*[LATE] * 9, kind=CorrectionKind.FIGURE) == []
