"""Times as people's files have them: read in one way, or not at all."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from lineproof.history_import.times import TimeFormat, instants, is_pattern, time_advice

HONG_KONG = ZoneInfo("Asia/Hong_Kong")
SEVEN = datetime(2026, 3, 1, 23, tzinfo=UTC)
MIDNIGHT = datetime(2026, 3, 2, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-03-02T07:00:00,000+08:00", SEVEN),
        ("2026-03-02 07:00:00,5", SEVEN.replace(microsecond=500_000)),
        ("2026-03-02 07:00:00 +0800", SEVEN),
        ("2026-03-01 23:00:00 UTC", SEVEN),
        ("2026-03-01T23:00z", SEVEN),
        ("2026/3/2 7:00", SEVEN),
        ("20260302T070000", SEVEN),
        ("2026-03-02T24:00", MIDNIGHT),
        ("2026-03-02T24:00:00,0+08:00", MIDNIGHT),
        ("2026-12-31 24:00:00Z", datetime(2027, 1, 1, tzinfo=UTC)),
        ("2026-03-02T24:00:01", None),
        ("2026-03-02T25:00", None),
        ("2026-02-30", None),
        ("02/03/2026 07:00", None),
        ("02.03.2026", None),
        ("46083.29", None),
        ("1772406000", None),
    ],
)
def test_what_can_be_read_in_one_way_only(text: str, instant: datetime | None) -> None:
    assert found(text) == instant


@pytest.mark.parametrize(
    ("written", "text", "instant"),
    [
        ("%d.%m.%Y %H:%M:%S", "02.03.2026 07:00:00", SEVEN),
        ("%d.%m.%Y %H:%M:%S", "2.3.2026 24:00:00", MIDNIGHT),
        ("%d/%m/%Y %H:%M", "02/03/2026 07:00", SEVEN),
        ("%m/%d/%Y %I:%M %p", "03/02/2026 07:00 AM", SEVEN),
        ("%d/%m/%Y %H:%M", "31/02/2026 07:00", None),
        ("excel", "46083.2916666667", SEVEN),
        ("excel", "46083,2916666667", SEVEN),
        ("excel", "2026-03-02 07:00:00", SEVEN),
        ("epoch_s", "1772406000", SEVEN),
        ("epoch_s", "1772406000.5", SEVEN.replace(microsecond=500_000)),
        ("epoch_ms", "1772406000000", SEVEN),
        ("epoch_us", "1772406000000001", SEVEN.replace(microsecond=1)),
        ("epoch_ns", "1772406000000001999", SEVEN.replace(microsecond=1)),
        ("epoch_s", "9e99", None),
        ("epoch_s", "soon", None),
    ],
)
def test_other_ways_are_read_when_they_are_named(
    written: str, text: str, instant: datetime | None
) -> None:
    assert found(text, written) == instant


@pytest.mark.parametrize(
    ("text", "todo"),
    [
        ("02/03/2026 07:00", "is not guessed"),
        ("02.03.2026 07:00:00", "%d.%m.%Y"),
        ("46083.2916", "time: excel"),
        ("1772406000000", "epoch_ms"),
        ("2026-02-30T07:00", "no such time exists"),
        ("yesterday", "Write ISO 8601"),
    ],
)
def test_the_advice_fits_what_was_found(text: str, todo: str) -> None:
    frame = pl.DataFrame({"time": [text]})
    assert todo in frame.select(time_advice(TimeFormat(HONG_KONG)).alias("todo"))["todo"][0]


def test_a_pattern_must_tell_a_day() -> None:
    assert is_pattern("%d.%m.%Y %H:%M")
    assert is_pattern("%Y-%m-%d %H:%M:%S %z")
    assert not any(map(is_pattern, ("%H:%M", "%Q", "soon", "")))


def found(text: str, written: str = "iso") -> datetime | None:
    result: datetime | None = instants(pl.Series("time", [text]), TimeFormat(HONG_KONG, written))[0]
    return result
