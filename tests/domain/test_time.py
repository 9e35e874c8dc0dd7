"""Instants and windows: exact, in the plant's zone, and refused where they are none."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InputError
from domain.time import Window, instant, micros, parse_instant

HONG_KONG = ZoneInfo("Asia/Hong_Kong")


@given(st.integers(-6 * 10**16, 2 * 10**17))
def test_microseconds_are_exact_both_ways(us: int) -> None:
    assert micros(instant(us)) == us


def test_a_time_without_offset_is_in_the_plants_zone() -> None:
    expected = datetime(2026, 3, 1, 23, 0, tzinfo=UTC)
    assert parse_instant("2026-03-02T07:00", HONG_KONG) == expected
    assert parse_instant("2026-03-01T23:00:00Z", HONG_KONG) == expected
    assert parse_instant("2026-03-02", HONG_KONG) == datetime(2026, 3, 1, 16, tzinfo=UTC)


def test_what_is_no_time_is_told() -> None:
    with pytest.raises(InputError, match="'soon' is not a time"):
        parse_instant("soon", HONG_KONG)


@pytest.mark.parametrize("text", ["0001-01-01", "1899-12-31T23:59", "9999-12-31T23:59:59-14:00"])
def test_a_time_from_which_no_day_can_be_counted_is_refused(text: str) -> None:
    with pytest.raises(InputError, match=r"not a time of any plant\. Give a year from 1900"):
        parse_instant(text, HONG_KONG)


def test_a_window_that_ends_before_it_starts_is_refused() -> None:
    """emanuelsc3s/SysOEE#38: swapped times were read as a stop of 22.5 hours."""
    now = datetime(2026, 3, 2, tzinfo=UTC)
    with pytest.raises(InputError, match="not after its start"):
        Window(now, now)
