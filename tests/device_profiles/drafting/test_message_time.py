"""The time in a message, however it is written."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from device_profiles.drafting.message_time import message_time

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
EPOCH_S = NOW.timestamp()


@pytest.mark.parametrize(
    ("name", "value", "unit", "zone"),
    [
        ("/ts", EPOCH_S, "s", None),
        ("/params/ts", EPOCH_S * 1e3, "ms", None),
        ("/timestamp", int(EPOCH_S * 1e6), "us", None),
        ("/time", int(EPOCH_S * 1e9), "ns", None),
        ("/when", "2026-03-02T04:00:00Z", "iso", None),
        ("/Zeit", "2026-03-02T12:00:00+08:00", "iso", None),
        ("/时间", "2026-03-02 12:00:01", "iso", "Asia/Hong_Kong"),
        ("/time", "2026-03-02T04:00:01", "iso", "UTC"),
    ],
)
def test_a_time_is_found_with_its_unit(name: str, value: Any, unit: str, zone: str | None) -> None:
    found = message_time([("/value", 5), (name, value)], NOW)
    assert found is not None
    assert (found.field, found.unit, found.zone) == (name, unit, zone)
    assert found.why.startswith("time: ")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("/count", EPOCH_S),
        ("/ts", 12),
        ("/ts", True),
        ("/t", "noon"),
        ("/ts", "12:00"),
        ("/time", None),
    ],
)
def test_what_is_no_time(name: str, value: Any) -> None:
    assert message_time([(name, value)], NOW) is None


def test_the_one_next_to_the_receipt_is_taken() -> None:
    """A message that says when its order began, too."""
    fields = [("/order/time", "2026-03-01T00:00:00Z"), ("/time", "2026-03-02T03:59:59Z")]
    found = message_time(fields, NOW)
    assert found is not None
    assert found.field == "/time"


def test_a_clock_that_is_in_no_known_zone_is_a_question() -> None:
    found = message_time([("/time", "2026-03-02T21:00:00")], NOW)
    assert found is not None
    assert "which zone is it?" in found.why
