"""Properties of the plan for random calendars, in zones with and without daylight saving."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from calendar_oracle import plan_by_minute
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from analytics.calendar.planned_time import Segment, plan_segments, segments
from domain.plant import Break, Calendar, CalendarException, PatternChange, Shift
from domain.time import instant, micros

# Each with the days before its changes of 2026: by an hour, by half an hour, and at midnight.
CHANGES = {
    "Europe/Berlin": (date(2026, 3, 28), date(2026, 10, 24)),
    "America/New_York": (date(2026, 3, 7), date(2026, 10, 31)),
    "Australia/Lord_Howe": (date(2026, 4, 4), date(2026, 10, 3)),
    "America/Havana": (date(2026, 3, 7), date(2026, 10, 31)),
    "Asia/Hong_Kong": (date(2026, 2, 16), date(2026, 6, 30)),
}
MINUTE_US = 60_000_000
clocks = st.one_of(
    st.sampled_from(["00:00", "00:30", "01:30", "02:00", "02:15", "02:30", "03:00", "22:00"]),
    st.builds("{:02d}:{:02d}".format, st.integers(0, 23), st.integers(0, 59)),
).map(time.fromisoformat)
pairs = st.tuples(clocks, clocks).filter(lambda pair: pair[0] != pair[1])


@st.composite
def patterns(draw: st.DrawFn) -> tuple[Shift, ...]:
    """Shifts of a week; they may overlap, which a plant file may not: the plan holds anyway."""
    return tuple(
        Shift(
            name,
            draw(st.frozensets(st.integers(0, 6), min_size=1)),
            *draw(pairs),
            tuple(Break(*pair) for pair in draw(st.lists(pairs, max_size=2))),
        )
        for name in draw(st.sampled_from(["A", "AB", "ABN"]))
    )


@st.composite
def plans(draw: st.DrawFn) -> tuple[Calendar, ZoneInfo, int, int]:
    """A calendar, its zone and a window in microseconds, close to a change of the clocks."""
    zone = ZoneInfo(draw(st.sampled_from(sorted(CHANGES))))
    near = draw(st.sampled_from(CHANGES[zone.key]))
    days = st.integers(-2, 3).map(lambda offset: near + timedelta(days=offset))
    base = datetime.combine(near, time(0), tzinfo=UTC)
    minutes = st.integers(-2 * 1440, 4 * 1440)
    kinds = st.sampled_from(["planned_down", "closed", "overtime"])
    exceptions = []
    for kind, at, length in draw(
        st.lists(st.tuples(kinds, minutes, st.integers(1, 2000)), max_size=4)
    ):
        start = base + timedelta(minutes=at)
        end = start + timedelta(minutes=length)
        exceptions.append(CalendarException(start, end, kind, f"why {len(exceptions)}"))
    changes = sorted(draw(st.sets(days, max_size=2)))
    calendar = Calendar(
        "random",
        draw(patterns()),
        draw(st.frozensets(days, max_size=2)),
        tuple(exceptions),
        tuple(PatternChange(day, draw(patterns())) for day in changes),
    )
    begin = micros(base) + draw(minutes) * MINUTE_US
    return calendar, zone, begin, begin + draw(st.integers(1, 3 * 1440)) * MINUTE_US


@settings(max_examples=150, deadline=None)
@given(plans())
def test_the_plan_agrees_with_a_clock_on_the_wall(
    given_plan: tuple[Calendar, ZoneInfo, int, int],
) -> None:
    """united-manufacturing-hub#106, #129, #146 (ends of shifts and breaks), qcadoo/mes#58
    (breaks), odoo/odoo#70841 and datalust/seq-tickets#902 (zones, days of 23 and 25 hours)."""
    calendar, zone, start, end = given_plan
    assert isinstance(calendar.holidays, frozenset)
    expected = plan_by_minute(calendar, calendar.holidays, zone, instant(start), instant(end))
    found = {
        instant(at): (piece.plan.value, piece.shift, piece.shift_start, piece.reason)
        for piece in segments(calendar, zone, start, end)
        for at in range(piece.start, piece.end, MINUTE_US)
    }
    assert found == {
        at: (said.plan, said.shift, said.shift_start and micros(said.shift_start), said.reason)
        for at, said in expected.items()
    }


@settings(max_examples=300, deadline=None)
@given(plans())
def test_segments_partition_the_window(given_plan: tuple[Calendar, ZoneInfo, int, int]) -> None:
    pieces = segments(*given_plan)
    assert (pieces[0].start, pieces[-1].end) == given_plan[2:]
    assert all(piece.start < piece.end for piece in pieces)
    assert all(before.end == after.start for before, after in pairwise(pieces))
    assert all(same(before, after) is None for before, after in pairwise(pieces))


@settings(max_examples=300, deadline=None)
@given(plans(), st.floats(0, 1, exclude_min=True, exclude_max=True))
def test_cutting_the_window_anywhere_gives_the_same_plan(
    given_plan: tuple[Calendar, ZoneInfo, int, int], share: float
) -> None:
    """Also to the microsecond, inside a shift or break that began long before."""
    calendar, zone, start, end = given_plan
    cut = start + 1 + int((end - start - 2) * share)
    left, right = segments(calendar, zone, start, cut), segments(calendar, zone, cut, end)
    middle = same(left[-1], right[0])
    whole = [*left[:-1], middle, *right[1:]] if middle else left + right
    assert segments(calendar, zone, start, end) == whole


@settings(max_examples=20, deadline=None)
@given(plans())
def test_who_decided_an_exception_changes_no_plan(
    given_plan: tuple[Calendar, ZoneInfo, int, int],
) -> None:
    calendar, zone, start, end = given_plan
    signed = replace(
        calendar,
        exceptions=tuple(
            replace(item, author="Chan", decided_on=date(2026, 1, 2))
            for item in calendar.exceptions
        ),
    )
    window = (zone, instant(start), instant(end))
    assert_frame_equal(plan_segments(calendar, *window), plan_segments(signed, *window))


def same(before: Segment, after: Segment) -> Segment | None:
    """The two as one, where they say the same."""
    whole = replace(before, end=after.end)
    return whole if whole == replace(after, start=before.start) else None
