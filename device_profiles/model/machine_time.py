"""The time that a device writes into its messages, as an instant in UTC. Pure.

A number counts from the epoch in `s`, `ms`, `us` or `ns`; with `iso` it is a text as in ISO 8601,
date and time. A time zone says that it is the time of a clock on a wall there: for texts without an
offset of their own, and for numbers that count local time as if it were UTC. Where such a clock is
set back, an hour comes twice: the one nearer to the receipt is meant, but the second one only of a
message that came at once; one that waited may be of either. What cannot be read for sure is no
time.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from domain.time import instant

TimeUnit = Literal["s", "ms", "us", "ns", "iso"]

AT_ONCE = timedelta(minutes=2)  # how late a message of a machine may come that did not wait
_MAX_S = 253_402_300_799  # the end of the year 9999, in seconds since the epoch
_PER_SECOND = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}
_DATE_LENGTH = len("20260302T07")  # the shortest text that has a time of the day


def machine_time(
    given: Any, unit: TimeUnit, zone: str | None, received: datetime
) -> datetime | None:
    """The instant that `given` names, or None."""
    try:
        if unit == "iso":
            read = _of_text(given)
        else:
            read = _of_number(given, _PER_SECOND[unit])
            if read is not None and zone is not None:
                read = read.replace(tzinfo=None)
        if read is None or read.tzinfo is not None:
            return read if read is None else read.astimezone(UTC)
        return None if zone is None else _local(read, ZoneInfo(zone), received)
    except (ValueError, OverflowError):  # OverflowError: an offset at the end of the years
        return None


def _of_text(given: Any) -> datetime | None:
    if not isinstance(given, str) or len(given.strip()) < _DATE_LENGTH:
        return None
    return datetime.fromisoformat(given.strip())


def _of_number(given: Any, per_second: int) -> datetime | None:
    if isinstance(given, bool) or not isinstance(given, int | float):
        return None
    if not 0 < given <= _MAX_S * per_second:  # nor NaN
        return None
    if per_second > 1_000_000:
        return instant(int(given) // (per_second // 1_000_000))
    return instant(round(given * (1_000_000 // per_second)))


def _local(wall: datetime, zone: ZoneInfo, received: datetime) -> datetime | None:
    candidates = [wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)]
    real = {it for it in candidates if it.astimezone(zone).replace(tzinfo=None) == wall}
    if len(real) < len(candidates):
        return next(iter(real), None)
    first, second = sorted(real)
    if received - first < second - received:
        return first
    return second if abs(second - received) <= AT_ONCE else None
