"""Where a message says its own time, and how it writes it. Pure.

A number may count seconds, milliseconds, microseconds or nanoseconds; a text may lack its offset.
What makes a time near the receipt is taken, and what it rests on is said.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from device_profiles.drafting.naming import is_time, words_of
from device_profiles.drafting.seen import MessageTime
from device_profiles.model.machine_time import TimeUnit, machine_time

ZONES: Final = ("Asia/Hong_Kong", "UTC")  # of clocks on the wall that write no offset
_EARLIEST: Final = datetime(2015, 1, 1, tzinfo=UTC)  # no running machine says less of now
_AHEAD_MAX: Final = timedelta(days=1)
_NEAR: Final = timedelta(hours=1)
_NUMBERS: Final[tuple[TimeUnit, ...]] = ("s", "ms", "us", "ns")


def message_time(fields: Sequence[tuple[str, Any]], received: datetime) -> MessageTime | None:
    """The time among the fields (JSON Pointer and value) of a message; None where there is none.

    A number is a time only where its name says so; the name of a text need not. Of several the one
    next to the receipt, then the first.
    """
    found: list[tuple[timedelta, MessageTime]] = []
    for pointer, value in fields:
        is_named = is_time(words_of(pointer.rpartition("/")[2]))
        if isinstance(value, str):
            found += _of_text(pointer, value, received)
        elif is_named and isinstance(value, int | float) and not isinstance(value, bool):
            found += _of_number(pointer, value, received)
    return min(found, key=lambda it: it[0])[1] if found else None


def _of_number(
    pointer: str, value: float, received: datetime
) -> list[tuple[timedelta, MessageTime]]:
    for unit in _NUMBERS:
        time = machine_time(value, unit, None, received)
        if time is not None and _EARLIEST <= time <= received + _AHEAD_MAX:
            why = (
                f"time: the name says so, and as {unit} since 1970 it is {time:%Y-%m-%d %H:%M:%S}Z"
            )
            return [(abs(received - time), MessageTime(pointer, unit, None, why))]
    return []


def _of_text(pointer: str, value: str, received: datetime) -> list[tuple[timedelta, MessageTime]]:
    time = machine_time(value, "iso", None, received)
    if time is not None:
        why = "time: a text as in ISO 8601, with its offset"
        return [(abs(received - time), MessageTime(pointer, "iso", None, why))]
    near = [
        (abs(received - local), zone)
        for zone in ZONES
        if (local := machine_time(value, "iso", zone, received)) is not None
    ]
    if not near:
        return []
    away, zone = min(near)
    why = f"time: a text without offset; as a clock in {zone} it is "
    why += "near the receipt" if away < _NEAR else "not near the receipt: which zone is it?"
    return [(away, MessageTime(pointer, "iso", zone, why))]
