"""The plan of a line: shifts, breaks, nights, holidays, exceptions, daylight saving."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plants import HONG_KONG, calendar, local, shift

from analytics.calendar.planned_time import segments
from domain.errors import InputError
from domain.plant import Calendar, CalendarException, ExceptionClass
from domain.states import Plan
from domain.time import HOUR_US, micros

DAY = calendar(shift("A", "07:00", "15:00", ("11:00", "11:30")))


def hours(
    plan: Calendar | None, start: str, end: str, zone: ZoneInfo = HONG_KONG
) -> dict[str, float]:
    """Hours of each plan in a window of local times."""
    totals = dict.fromkeys(Plan.names(), 0.0)
    for piece in segments(plan, zone, micros(local(start, zone)), micros(local(end, zone))):
        totals[piece.plan.value] += (piece.end - piece.start) / HOUR_US
    return totals


def test_breaks_are_planned_down_and_the_rest_of_the_day_is_not_planned() -> None:
    """qcadoo/mes#58, OCA/manufacture#1842: breaks left out of shifts."""
    assert hours(DAY, "2026-03-02 00:00", "2026-03-03 00:00") == {
        "busy": 7.5,
        "planned_down": 0.5,
        "not_planned": 16.0,
    }


def test_no_calendar_means_planned_round_the_clock() -> None:
    assert hours(None, "2026-03-02 00:00", "2026-03-03 00:00")["busy"] == 24.0


def test_an_overnight_shift_belongs_to_the_day_it_starts_and_its_break_to_the_next() -> None:
    night = calendar(shift("N", "22:00", "06:00", ("02:00", "02:30")))
    pieces = segments(
        night, HONG_KONG, micros(local("2026-03-02 12:00")), micros(local("2026-03-03 12:00"))
    )
    planned = [piece for piece in pieces if piece.shift]
    assert [piece.plan for piece in planned] == [Plan.BUSY, Plan.PLANNED_DOWN, Plan.BUSY]
    assert {piece.shift_start for piece in planned} == {micros(local("2026-03-02 22:00"))}
    assert planned[1].start == micros(local("2026-03-03 02:00"))


def test_a_break_cannot_outlive_its_shift() -> None:
    """united-manufacturing-hub#129: a break that outlives its shift."""
    plan = calendar(shift("A", "07:00", "15:00", ("14:30", "15:30")))
    assert hours(plan, "2026-03-02 00:00", "2026-03-03 00:00")["planned_down"] == 0.5


def test_public_holidays_of_hong_kong_cancel_their_shifts() -> None:
    plan = Calendar("hk", DAY.shifts, "HK")
    assert hours(plan, "2026-07-01 00:00", "2026-07-02 00:00")["not_planned"] == 24.0
    assert hours(plan, "2026-07-02 00:00", "2026-07-03 00:00")["busy"] == 7.5


def test_a_list_of_holidays() -> None:
    plan = Calendar("own", DAY.shifts, frozenset({date(2026, 3, 2)}))
    assert hours(plan, "2026-03-02 00:00", "2026-03-03 00:00")["busy"] == 0.0


def test_a_country_that_nobody_knows_is_told() -> None:
    with pytest.raises(InputError, match="no public holidays are known for 'XX'"):
        hours(Calendar("bad", DAY.shifts, "XX"), "2026-03-02 00:00", "2026-03-03 00:00")


@pytest.mark.parametrize(
    ("kind", "busy", "planned_down", "not_planned"),
    [("planned_down", 6.5, 1.5, 16.0), ("closed", 6.5, 0.5, 17.0), ("overtime", 8.5, 0.5, 15.0)],
)
def test_exceptions(
    kind: ExceptionClass, busy: float, planned_down: float, not_planned: float
) -> None:
    """Each from 06:00 to 08:00, so that one hour lies in the shift and one before it."""
    exception = CalendarException(
        local("2026-03-02 06:00"),
        local("2026-03-02 08:00"),
        kind,
        "why",
    )
    plan = calendar(*DAY.shifts, exceptions=(exception,))
    assert hours(plan, "2026-03-02 00:00", "2026-03-03 00:00") == {
        "busy": busy,
        "planned_down": planned_down,
        "not_planned": not_planned,
    }


@pytest.mark.parametrize(("day", "length"), [("2026-03-28", 7.0), ("2026-10-24", 9.0)])
def test_daylight_saving_makes_a_night_shift_shorter_or_longer(day: str, length: float) -> None:
    """odoo/odoo#70841, datalust/seq-tickets#902: zones and days of 23 or 25 hours."""
    berlin = ZoneInfo("Europe/Berlin")
    night = calendar(shift("N", "22:00", "06:00"))
    following = (date.fromisoformat(day) + timedelta(days=1)).isoformat()
    assert hours(night, f"{day} 12:00", f"{following} 12:00", berlin)["busy"] == length


@given(
    st.integers(0, 40 * 24 * 60),
    st.integers(1, 20 * 24 * 60),
    st.lists(
        st.tuples(
            st.integers(0, 60 * 24 * 60),
            st.integers(1, 3 * 24 * 60),
            st.sampled_from(["planned_down", "closed", "overtime"]),
        ),
        max_size=4,
    ),
)
def test_segments_partition_any_window(
    start_min: int, length_min: int, exceptions: list[tuple[int, int, ExceptionClass]]
) -> None:
    base = local("2026-03-01 00:00")
    made = tuple(
        CalendarException(
            base + timedelta(minutes=at),
            base + timedelta(minutes=at + length),
            kind,
        )
        for at, length, kind in exceptions
    )
    plan = calendar(
        shift("A", "07:00", "15:00", ("11:00", "11:30")),
        shift("N", "22:00", "06:00", ("23:50", "00:10")),
        exceptions=made,
    )
    start = micros(base) + start_min * 60_000_000
    end = start + length_min * 60_000_000
    pieces = segments(plan, HONG_KONG, start, end)
    assert pieces[0].start == start
    assert pieces[-1].end == end
    assert all(a.end == b.start for a, b in pairwise(pieces))
    assert all(piece.end > piece.start for piece in pieces)
