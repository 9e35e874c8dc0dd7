"""Windows and instants out of what people and programs write.
Texts without an offset are in the plant's zone; errors name the field.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from domain.errors import InputError
from domain.time import Window, check_past, midnight, parse_instant

_LOST_PLUS = re.compile(r"(?<=:\d\d) (?=\d\d:?\d\d\Z)")


def window_of(start: str, end: str, zone: ZoneInfo) -> Window:
    """The window of two query parameters. Raises InputError that names the field."""
    return window_between(instant_of(start, zone, "start"), instant_of(end, zone, "end"), zone)


def past_window_of(start: str, end: str, zone: ZoneInfo, now: datetime) -> Window:
    """The same of a window of which something has been: it may end in time to come, which is left
    out, but not begin there."""
    window = window_of(start, end, zone)
    check_past(window.start, now, zone, "start")
    return window


def window_between(start: datetime, end: datetime, zone: ZoneInfo) -> Window:
    """The window of two instants. Raises InputError with both as the plant's clocks show them."""
    if end <= start:
        first, last = (at.astimezone(zone).isoformat() for at in (start, end))
        raise InputError(
            f"the window ends at {last}, not after its start {first}",
            where="end",
            todo="Give an end later than the start.",
        )
    return Window(start, end)


def instant_of(text: str, zone: ZoneInfo, field: str) -> datetime:
    """The instant (UTC) of a query parameter.

    A plus sign that was not escaped arrives as a space; before an offset it can be nothing else.
    """
    try:
        return parse_instant(_LOST_PLUS.sub("+", text), zone)
    except InputError as error:
        raise InputError(
            error.message, where=field, todo=error.advice, values=error.values
        ) from None


def end_of(text: str, zone: ZoneInfo) -> datetime:
    """The end of a period of days or times: a day includes that day."""
    at = instant_of(text, zone, "end")
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        return at
    return midnight(day + timedelta(days=1), zone)
