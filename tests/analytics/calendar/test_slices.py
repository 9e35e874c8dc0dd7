"""Borders of slices: what they have in common with the slices themselves, far and near."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.calendar.slices import borders, closed_until, slices, stored_until
from domain.plant import Break, Calendar, Line, Machine, Plant, Shift
from domain.time import Window, instant

SHIFT = Shift("A", frozenset(range(6)), time(6, 20), time(14, 50), (Break(time(10), time(10, 12)),))
LINE = Line(
    "l", {"en": "L"}, {"m": Machine("m", "import")}, {"state": "m"}, Calendar("c", (SHIFT,))
)
START = datetime(2026, 3, 27, tzinfo=UTC)  # two days before the clocks change in Berlin
HOUR = timedelta(hours=1)
MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)


def plant(zone: str) -> Plant:
    return Plant("p", ZoneInfo(zone), {"en": "P"}, "1", {}, {"l": LINE})


zones = st.sampled_from(["Asia/Hong_Kong", "Europe/Berlin", "Asia/Kathmandu"])
# To the microsecond around the borders, over the end of a month and a change of the clocks.
instants = st.builds(
    lambda minutes, us: START + timedelta(minutes=minutes, microseconds=us),
    st.integers(0, 8 * 24 * 12).map(lambda n: n * 5),
    st.sampled_from([-1, 0, 1]),
)


@given(zones, instants, st.integers(1, 3 * 24 * 3600).map(lambda s: timedelta(seconds=s)))
def test_borders_are_those_of_the_slices_that_a_window_overlaps(
    zone: str, start: datetime, length: timedelta
) -> None:
    window = Window(start, start + length)
    around = slices(plant(zone), "l", START - 24 * HOUR, START + 12 * 24 * HOUR)
    touched = around.filter(pl.col("start") < window.end, pl.col("end") > window.start)
    found = [instant(at) for at in borders(plant(zone), "l", window).tolist()]
    assert found[:-1] == touched["start"].to_list()
    assert found[1:] == touched["end"].to_list()


@given(zones, instants)
def test_closed_is_what_ends_by_then(zone: str, at: datetime) -> None:
    around = slices(plant(zone), "l", START - 24 * HOUR, START + 12 * 24 * HOUR)
    ended = around.filter(pl.col("end") <= at)["end"].to_list()
    assert closed_until(plant(zone), "l", at) == ended[-1]


@pytest.mark.parametrize("zone", ["Asia/Hong_Kong", "Europe/Berlin"])
def test_a_border_closes_the_slice_before_it(zone: str) -> None:
    month = datetime(2026, 4, 1, tzinfo=ZoneInfo(zone))
    assert closed_until(plant(zone), "l", month) == month
    before = closed_until(plant(zone), "l", month - timedelta(microseconds=1))
    assert before == month - HOUR


def test_a_slice_is_stored_when_it_is_known_what_followed_or_when_nothing_does() -> None:
    zone, closed = "Asia/Hong_Kong", START + 10 * HOUR
    before = closed - HOUR

    def stored(known: timedelta, now: timedelta, later: timedelta = timedelta(0)) -> datetime:
        return stored_until(plant(zone), "l", closed + known, closed + now, later)

    assert stored(2 * MINUTE - SECOND, 2 * MINUTE) == before, "a reason may still be told"
    assert stored(5 * MINUTE, 5 * MINUTE) == closed
    assert stored(5 * MINUTE, 5 * MINUTE, later=5 * MINUTE) == before
    assert stored(1 * MINUTE, 10 * MINUTE - SECOND) == before
    assert stored(1 * MINUTE, 10 * MINUTE) == closed, "it is silent since"
    assert stored(-1 * MINUTE, 60 * MINUTE) == before, "it is not closed"


def test_lines_are_not_all_stored_at_once() -> None:
    lines = {f"line-{number:04}": plant("Asia/Hong_Kong").lines["l"] for number in range(200)}
    many = replace(plant("Asia/Hong_Kong"), lines=lines)
    closed = START + 10 * HOUR
    shares = [
        sum(stored_until(many, line, at, at) == closed for line in lines)
        for at in (closed + minutes * MINUTE for minutes in (2, 3, 4, 5))
    ]
    assert shares[0] <= 5
    assert shares[-1] == 200
    assert all(40 <= after - before <= 100 for before, after in pairwise(shares))
