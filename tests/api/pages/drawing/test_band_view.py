"""A part of a band stays within it, and its times of day are those of the plant."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.pages.drawing.band_view import TICKS_MAX, VIEW_MIN, band_view
from domain.time import Window

ZONE = ZoneInfo("Asia/Hong_Kong")
START = datetime(2026, 3, 25, 7, tzinfo=ZONE)
SHIFT = Window(START, START + timedelta(hours=8))
LATEST = START + timedelta(hours=7)
MINUTES = st.integers(-2000, 2000).map(lambda it: START + timedelta(minutes=it))


def test_the_whole_fills_the_frame_and_the_first_step_goes_to_what_is_latest() -> None:
    view = band_view(SHIFT, None, ZONE, LATEST)
    assert (view.x, view.width, view.is_part) == (0, 100, False)
    hours = [at.astimezone(ZONE).hour for _, at in view.ticks]
    assert hours == [8, 10, 12, 14]
    assert view.links == {
        "in": ("2026-03-25T10:00:00", "2026-03-25T14:00:00"),
        "out": None,
        "earlier": None,
        "later": None,
    }


def test_an_hour_of_eight_is_drawn_eight_times_as_wide() -> None:
    hour = Window(START + timedelta(hours=1), START + timedelta(hours=2))
    view = band_view(SHIFT, hour, ZONE, LATEST)
    assert (view.x, view.width) == (-100, 800)
    assert [f"{at.astimezone(ZONE):%H:%M}" for _, at in view.ticks] == [
        "08:10", "08:20", "08:30", "08:40", "08:50",
    ]  # fmt: skip
    assert view.links["earlier"] == ("2026-03-25T07:30:00", "2026-03-25T08:30:00")
    assert view.links["out"] == ("2026-03-25T07:30:00", "2026-03-25T09:30:00")


@pytest.mark.parametrize("hours", [-1, 9])
def test_what_is_outside_of_the_band_is_the_whole(hours: int) -> None:
    """A link of an earlier shift."""
    start = START + timedelta(hours=hours)
    asked = Window(start, start + timedelta(minutes=50))
    assert not band_view(SHIFT, asked, ZONE, LATEST).is_part


@given(MINUTES, st.integers(1, 3000))
def test_whatever_is_asked_for_lies_within(start: datetime, minutes: int) -> None:
    view = band_view(SHIFT, Window(start, start + timedelta(minutes=minutes)), ZONE, LATEST)
    assert SHIFT.start <= view.shown.start < view.shown.end <= SHIFT.end
    assert view.shown.end - view.shown.start >= VIEW_MIN
    assert len(view.ticks) <= TICKS_MAX
    assert all(left < right for (left, _), (right, _) in pairwise(view.ticks))
    assert -view.x <= view.width - 100 + 1e-3
    for link in view.links.values():
        if link:
            first, last = (datetime.fromisoformat(it).replace(tzinfo=ZONE) for it in link)
            assert SHIFT.start <= first < last <= SHIFT.end


def test_days_with_the_clock_changed_have_their_own_midnights() -> None:
    """Berlin, 29 March 2026: a day of 23 hours."""
    berlin = ZoneInfo("Europe/Berlin")
    week = Window(*(datetime(2026, 3, day, tzinfo=berlin) for day in (27, 31)))
    ticks = band_view(week, None, berlin, week.end).ticks
    assert [f"{at.astimezone(berlin):%d %H:%M}" for _, at in ticks] == [
        "28 00:00", "29 00:00", "30 00:00",
    ]  # fmt: skip
