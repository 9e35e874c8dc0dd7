"""The agent's clock and the collector's, from the Date of a receipt."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.collector_clock import ahead_of_collector_s

NODE = datetime(2026, 3, 2, 7, tzinfo=UTC)


def seen(
    ahead_s: float, took_s: float = 0.1, shown_late_s: float = 0.0, *, was_off: bool = False
) -> float | None:
    """What a receipt shows to an agent so far ahead. The node answers `took_s` after the question;
    its Date is so old then."""
    asked = NODE + timedelta(seconds=ahead_s)
    answered = asked + timedelta(seconds=took_s)
    date = NODE + timedelta(seconds=took_s - shown_late_s)
    shown = format_datetime(date, usegmt=True)
    return ahead_of_collector_s(shown, asked, answered, was_off=was_off)


@pytest.mark.parametrize("ahead_s", [90.0, 240.0, 3600.0, -20.0, -240.0, -86_400.0])
def test_a_clock_that_is_off_is_known_to_a_second(ahead_s: float) -> None:
    found = seen(ahead_s)
    assert found is not None
    assert abs(found - ahead_s) <= 1.1


@pytest.mark.parametrize("ahead_s", [0.0, 2.0, -2.0, 4.0])
def test_two_clocks_that_are_kept_are_right(ahead_s: float) -> None:
    assert seen(ahead_s) == 0.0


@given(st.floats(-5, 5), st.floats(0, 600), st.floats(0, 1))
def test_a_clock_within_the_tolerance_is_never_wrong(
    ahead_s: float, took_s: float, shown_late_s: float
) -> None:
    assert seen(ahead_s, took_s, min(shown_late_s, took_s)) == 0.0


@pytest.mark.parametrize("ahead_s", [6.0, -6.0])
def test_at_the_border_it_stays_what_it_was(ahead_s: float) -> None:
    """Else it would be told and withdrawn with every receipt."""
    found = [seen(ahead_s, 0.1, late_s / 10) for late_s in range(10)]
    stays = [seen(ahead_s, 0.1, late_s / 10, was_off=True) for late_s in range(10)]
    assert 0.0 in found
    assert all(stays)
    assert seen(0.0, was_off=True) == 0.0


@pytest.mark.parametrize("date", ["", "now", "Mon, 99 Mar 2026 07:00:00 GMT", "0"])
def test_no_date_says_nothing(date: str) -> None:
    assert ahead_of_collector_s(date, NODE, NODE) is None


def test_a_date_without_zone_is_utc() -> None:
    assert ahead_of_collector_s("Mon, 02 Mar 2026 06:00:00 -0000", NODE, NODE) == 3599.0
