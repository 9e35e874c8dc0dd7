"""When the shift or day that a stretch of time belongs to is over."""

from __future__ import annotations

import pytest
from plants import HONG_KONG, calendar, local, shift

from analytics.calendar.shift_ends import first_end
from domain.plant import CalendarException

PLAN = calendar(
    shift("A", "07:00", "15:00", ("11:00", "11:30")), shift("N", "22:00", "06:00"),
    exceptions=(
        CalendarException(local("2026-03-04 12:00"), local("2026-03-04 15:00"), "closed"),
        CalendarException(local("2026-03-05 16:00"), local("2026-03-05 18:00"), "overtime"),
    ),
)  # fmt: skip


@pytest.mark.parametrize(
    ("start", "end", "over"),
    [
        ("2026-03-02 08:00", "2026-03-02 09:00", "2026-03-02 15:00"),
        ("2026-03-02 11:10", "2026-03-02 11:10", "2026-03-02 15:00"),  # in its break, an instant
        ("2026-03-02 14:00", "2026-03-02 15:00", "2026-03-02 15:00"),
        ("2026-03-02 15:00", "2026-03-02 15:10", "2026-03-03 00:00"),  # between shifts: its day
        ("2026-03-02 14:50", "2026-03-02 23:00", "2026-03-02 15:00"),  # the first of three
        ("2026-03-03 06:30", "2026-03-03 07:30", "2026-03-03 15:00"),  # a shift ends before its day
        ("2026-03-02 23:00", "2026-03-02 23:30", "2026-03-03 06:00"),  # over midnight
        ("2026-03-03 02:00", "2026-03-03 02:30", "2026-03-03 06:00"),
        ("2026-03-04 08:00", "2026-03-04 09:00", "2026-03-04 12:00"),  # closed from noon on
        ("2026-03-05 16:30", "2026-03-05 17:00", "2026-03-05 18:00"),
        ("2026-03-02 08:00", "2028-03-02 08:00", "2026-03-02 15:00"),
    ],
)
def test_time_belongs_to_its_shift_or_else_to_its_day(start: str, end: str, over: str) -> None:
    assert first_end(PLAN, HONG_KONG, local(start), local(end)) == local(over)


def test_a_line_without_calendar_has_days() -> None:
    start, end = local("2026-03-02 23:50"), local("2026-03-03 00:10")
    assert first_end(None, HONG_KONG, start, end) == local("2026-03-03 00:00")
    assert first_end(None, HONG_KONG, end, end) == local("2026-03-04 00:00")
