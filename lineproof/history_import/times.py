"""Times as files write them → instants, and what to do about those that are none.

Pure polars. Without being told otherwise, only times that can be read in one way are taken: ISO
8601 (with a point or comma before fractions, with a space for the T, 24:00 for the end of a day)
and year/month/day. How everything else is to be read must be said in a map file: whether 02/03 is
a day in March or in February is never guessed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import polars as pl

from collector.intake.row_rules import EARLIEST, LATEST
from domain.frames import UTC_US

ISO, EXCEL = "iso", "excel"
EPOCHS = {"epoch_s": 1_000_000, "epoch_ms": 1_000, "epoch_us": 1, "epoch_ns": 0}  # µs a unit

# How a time may be written, after "T" took the place of a space; True: with an offset.
_ISO = (
    ("%Y-%m-%dT%H:%M:%S%.f%#z", True),
    ("%Y-%m-%dT%H:%M:%S%.f", False),
    ("%Y-%m-%dT%H:%M%#z", True),
    ("%Y-%m-%dT%H:%M", False),
    ("%Y-%m-%d", False),
    ("%Y%m%dT%H%M%S%.f%#z", True),
    ("%Y%m%dT%H%M%S%.f", False),
)
_MIDNIGHT_24 = r"([T ])24:00(:00(?:[.,]0+)?)?($|[Zz+ -])"
_LOCAL_TIME = r"^(199\d|2[01]\d\d)[-/]\d{1,2}[-/]\d{1,2}[T ]\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)?$"
_EXCEL_DAY_0 = -2_209_161_600_000_000  # 1899-12-30 in microseconds: Excel's 1900 was a leap year
_SOME_TIME = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)
_DAY_US = 86_400_000_000


@dataclass(frozen=True, slots=True)
class TimeFormat:
    """How a file writes its times. `written`: ISO, EXCEL (serial days), one of EPOCHS, or a
    pattern such as `%d.%m.%Y %H:%M:%S`. `zone`: where times without offset are local."""

    zone: ZoneInfo
    written: str = ISO


def instants(time: pl.Series, how: TimeFormat) -> pl.Series:
    """The times as instants; null where one is none, or lies in an hour that daylight saving
    repeats or leaves out and no offset says which."""
    kind = time.dtype
    if isinstance(kind, pl.Datetime):
        exact = time.dt.cast_time_unit("us")
        return exact.dt.convert_time_zone("UTC") if kind.time_zone else _local(exact, how.zone)
    if kind == pl.Date:
        return _local(time.cast(pl.Datetime("us")), how.zone)
    text = time.cast(pl.String).str.strip_chars()
    if how.written == EXCEL:
        # Cells of a workbook that are shown as dates come as ISO 8601.
        days = _local(_serials(text), how.zone)
        return days.zip_with(days.is_not_null(), _written(text, TimeFormat(how.zone)))
    if how.written in EPOCHS:
        return _epochs(text, how.written)
    return _written(text, how)


def is_pattern(pattern: str) -> bool:
    """Whether times can be read by that pattern."""
    some = pl.Series([_SOME_TIME])
    try:
        written = some.dt.strftime(pattern)
        read = written.str.to_datetime(pattern, time_unit="us", time_zone="UTC", strict=False)
    except pl.exceptions.PolarsError:
        return False
    return read.dt.date().to_list() == [_SOME_TIME.date()]


def _written(text: pl.Series, how: TimeFormat) -> pl.Series:
    late = text.str.contains(_MIDNIGHT_24).fill_null(False)
    if late.any():
        text = text.str.replace(_MIDNIGHT_24, "${1}00:00${2}${3}")
    text = text.str.replace(r"(:\d{2}),(\d)", "${1}.${2}")
    patterns = [(how.written, "%z" in how.written or "%#z" in how.written)]
    if how.written == ISO:
        text = (
            text.str.replace(r"^(\d{4})/(\d{1,2})/(\d{1,2})", "${1}-${2}-${3}")
            .str.replace(r"^(\S+) +(\d)", "${1}T${2}")
            .str.replace(r" *(z|UTC)$", "Z")
            .str.replace(r" +([+-]\d{2}:?\d{2}|Z)$", "${1}")
        )
        patterns = list(_ISO)
    found = pl.Series(text.name, [None], UTC_US).new_from_index(0, len(text))
    for pattern, has_offset in patterns:
        if found.null_count():
            parsed = text.str.to_datetime(
                pattern, time_unit="us", time_zone="UTC" if has_offset else None, strict=False
            )
            parsed = parsed.zip_with(~late, parsed.dt.offset_by("1d"))
            found = found.zip_with(
                found.is_not_null(), parsed if has_offset else _local(parsed, how.zone)
            )
    return found


def _serials(text: pl.Series) -> pl.Series:
    """Excel's days and fractions of days; it keeps milliseconds."""
    days = _finite(text)
    ms = (days * (_DAY_US / 1000)).round()
    return (ms.cast(pl.Int64, strict=False) * 1000 + _EXCEL_DAY_0).cast(pl.Datetime("us"))


def _epochs(text: pl.Series, unit: str) -> pl.Series:
    whole = text.cast(pl.Int64, strict=False)
    if unit == "epoch_ns":
        return (whole // 1000).cast(UTC_US)
    factor = EPOCHS[unit]
    parts = (_finite(text) * factor).round().cast(pl.Int64, strict=False)
    # Times this far away would overflow; as they stand they are out of range anyway.
    exact = whole.set((whole.abs() > 10**14).fill_null(False), None) * factor
    return exact.zip_with(exact.is_not_null(), parts).cast(UTC_US)


def _finite(text: pl.Series) -> pl.Series:
    numbers = text.str.replace(",", ".", literal=True).cast(pl.Float64, strict=False)
    return numbers.set((~numbers.is_finite()).fill_null(False), None)


def _local(written: pl.Series, zone: ZoneInfo) -> pl.Series:
    return written.dt.replace_time_zone(
        zone.key, ambiguous="null", non_existent="null"
    ).dt.convert_time_zone("UTC")


def time_advice(how: TimeFormat) -> pl.Expr:
    """What to do about a text in column "time" that is no instant."""
    time = pl.col("time").str.strip_chars()
    span = f"from {EARLIEST.year} to {LATEST.year}"
    unclear = (
        "Write the offset, as in 2026-03-02T07:00:00+08:00: no such time exists, or "
        f"daylight saving in {how.zone.key} makes it unclear."
    )
    if how.written != ISO:
        return pl.lit(
            f"The map file says that times are written as '{how.written}', {span}: mend the row "
            f"or the map. A time that daylight saving in {how.zone.key} repeats or leaves out "
            "needs an offset."
        )
    return (
        pl.when(time.str.contains(_LOCAL_TIME))
        .then(pl.lit(unclear))
        .when(time.str.contains(r"^\d{1,2}[./-]\d{1,2}[./-]\d{2,4}"))
        .then(
            pl.lit(
                "Which number is the day and which the month is not guessed: say it in a map file "
                '(`time: "%d.%m.%Y %H:%M:%S"` or `"%m/%d/%Y …"`) and give it with --map; or '
                "write ISO 8601, as in 2026-03-02T07:00:00+08:00."
            )
        )
        .when(time.str.contains(r"^\d{5}([.,]\d+)?$"))
        .then(
            pl.lit(
                "This looks like the serial number of a day in Excel: say `time: excel` in a map "
                "file and give it with --map; or write ISO 8601, as in 2026-03-02T07:00:00+08:00."
            )
        )
        .when(time.str.contains(r"^\d{9,19}([.,]\d+)?$"))
        .then(
            pl.lit(
                "This looks like a count of seconds (or parts of them) since 1970: say `time: "
                "epoch_s`, epoch_ms, epoch_us or epoch_ns in a map file and give it with --map; "
                "or write ISO 8601, as in 2026-03-02T07:00:00+08:00."
            )
        )
        .otherwise(pl.lit(f"Write ISO 8601, as in 2026-03-02T07:00:00+08:00, {span}."))
    )
