"""The shift of an instant, and its neighbours."""

from __future__ import annotations

import pytest
from plants import HONG_KONG, calendar, local, shift

from analytics.calendar.shifts_around import WorkPeriod, periods_around
from domain.plant import CalendarException

PLAN = calendar(
    shift("A", "07:00", "15:00", ("11:00", "11:30")), shift("N", "22:00", "06:00"),
    exceptions=(
        CalendarException(local("2026-03-04 12:00"), local("2026-03-04 13:00"), "closed"),
    ),
)  # fmt: skip


def shown(period: WorkPeriod | None) -> str:
    if period is None:
        return ""
    begin, end = (it.astimezone(HONG_KONG) for it in (period.window.start, period.window.end))
    return f"{period.name} {begin:%d %H:%M}-{end:%d %H:%M}".strip()


@pytest.mark.parametrize(
    ("at", "before", "period", "after"),
    [
        ("2026-03-03 08:00", "N 02 22:00-03 06:00", "A 03 07:00-03 15:00", "N 03 22:00-04 06:00"),
        ("2026-03-03 11:10", "N 02 22:00-03 06:00", "A 03 07:00-03 15:00", "N 03 22:00-04 06:00"),
        ("2026-03-03 07:00", "N 02 22:00-03 06:00", "A 03 07:00-03 15:00", "N 03 22:00-04 06:00"),
        # Between shifts it is the one before; over midnight the one that began the day before.
        ("2026-03-03 15:00", "N 02 22:00-03 06:00", "A 03 07:00-03 15:00", "N 03 22:00-04 06:00"),
        ("2026-03-03 02:00", "A 02 07:00-02 15:00", "N 02 22:00-03 06:00", "A 03 07:00-03 15:00"),
        # An hour that is closed in it does not make two of a shift.
        ("2026-03-04 14:00", "N 03 22:00-04 06:00", "A 04 07:00-04 15:00", "N 04 22:00-05 06:00"),
    ],
)
def test_an_instant_has_its_shift_and_two_beside_it(
    at: str, before: str, period: str, after: str
) -> None:
    found = periods_around(PLAN, HONG_KONG, local(at))
    assert [shown(it) for it in (found.before, found.period, found.after)] == [
        before, period, after,
    ]  # fmt: skip


def test_without_a_calendar_it_is_the_day() -> None:
    found = periods_around(None, HONG_KONG, local("2026-03-03 00:00"))
    assert [shown(it) for it in (found.before, found.period, found.after)] == [
        "02 00:00-03 00:00", "03 00:00-04 00:00", "04 00:00-05 00:00",
    ]  # fmt: skip
