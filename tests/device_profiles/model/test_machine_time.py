"""The time as devices write it: what can be read for sure, and what is no time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from device_profiles.model.machine_time import machine_time

RECEIVED = datetime(2026, 3, 2, 1, tzinfo=UTC)
AT = datetime(2026, 3, 2, 0, 55, 31, tzinfo=UTC)
HONG_KONG = "Asia/Hong_Kong"
SECONDS = 1_772_412_931  # AT since the epoch


@pytest.mark.parametrize(
    ("given", "unit", "zone"),
    [
        ("2026-03-02T08:55:31+0800", "iso", None),
        ("2026-03-02T08:55:31+08:00", "iso", "Europe/Berlin"),  # its own offset counts
        ("2026-03-02T00:55:31Z", "iso", None),
        ("2026-03-02 08:55:31", "iso", HONG_KONG),
        (" 20260302T085531 ", "iso", HONG_KONG),
        (SECONDS, "s", None),
        (SECONDS * 1_000, "ms", None),
        (SECONDS * 1_000_000, "us", None),
        (SECONDS * 1_000_000_000 + 7, "ns", None),
        (SECONDS + 28_800, "s", HONG_KONG),  # local time that counts as if it were UTC
    ],
)
def test_a_time_that_can_be_read(given: Any, unit: Any, zone: str | None) -> None:
    assert machine_time(given, unit, zone, RECEIVED) == AT


@pytest.mark.parametrize(
    ("given", "unit", "zone"),
    [
        ("2026-03-02 08:55:31", "iso", None),  # in which zone?
        ("2026-03-02", "iso", HONG_KONG),  # a day is no time
        ("02/03/2026 08:55", "iso", HONG_KONG),
        ("08:55:31", "iso", HONG_KONG),
        ("2026-13-02T08:55:31Z", "iso", None),
        ("0001-01-01T00:00:00+08:00", "iso", None),
        (SECONDS, "iso", HONG_KONG),
        (str(SECONDS), "s", None),
        (0, "s", HONG_KONG),
        (float("nan"), "ms", None),
        (float("inf"), "ns", None),
        (10**30, "us", None),
        (None, "iso", None),
        ("2026-03-29 02:30:00", "iso", "Europe/Berlin"),  # the clocks went from 2 to 3
    ],
)
def test_what_cannot_be_read_for_sure_is_no_time(given: Any, unit: Any, zone: str | None) -> None:
    assert machine_time(given, unit, zone, RECEIVED) is None


@pytest.mark.parametrize("utc_hour", [0, 1])
def test_of_an_hour_that_comes_twice_the_one_nearer_to_receipt_is_meant(utc_hour: int) -> None:
    first = datetime(2026, 10, 25, utc_hour, 30, tzinfo=UTC)
    text, received = "2026-10-25 02:30:00", first + timedelta(minutes=2)
    assert machine_time(text, "iso", "Europe/Berlin", received) == first


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"])
def test_what_waited_while_an_hour_came_twice_is_never_told_an_hour_late(zone: str) -> None:
    """A broker kept a night's messages: each is read right, or has no time."""
    night = {"Europe/Berlin": (2026, 10, 24, 23), "America/New_York": (2026, 11, 1, 4),
             "Australia/Lord_Howe": (2026, 4, 4, 13)}[zone]  # fmt: skip
    began = datetime(*night, tzinfo=UTC)
    read = 0
    for minutes in range(0, 300, 7):
        at = began + timedelta(minutes=minutes)
        wall = f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M:%S}"
        for late in (0, 1, 40, 70, 600):
            found = machine_time(wall, "iso", zone, at + timedelta(minutes=late))
            assert found in (at, None), (wall, late)
            read += found is not None
            assert found == at or late > 1
    assert read > 150
