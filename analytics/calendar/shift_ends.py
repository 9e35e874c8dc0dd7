"""When the work that a stretch of time belongs to is over.

Time inside a shift belongs to it, with its breaks; all other time to its local day. A line without
calendar has days alone.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from analytics.calendar.planned_time import segments
from domain.plant import Calendar
from domain.time import instant, micros, midnight

_REACH = timedelta(days=2)  # a shift that touches the first instant has ended by then
_REACH_US = _REACH // timedelta(microseconds=1)


def first_end(
    calendar: Calendar | None, zone: ZoneInfo, start: datetime, end: datetime
) -> datetime:
    """When the first of the shifts and days that [start, end) touches is over; an instant where
    `end` is `start`."""
    until = micros(min(max(end, start + timedelta(microseconds=1)), start + _REACH))
    planned = segments(calendar, zone, micros(start), until + _REACH_US)
    ends = []
    for piece in planned:
        if piece.start >= until:
            break
        if piece.shift_start is None:
            day = instant(piece.start).astimezone(zone).date()
            ends.append(midnight(day + timedelta(days=1), zone))
        else:
            of_shift = [it.end for it in planned if it.shift_start == piece.shift_start]
            ends.append(instant(max(of_shift)))
    return min(ends)
