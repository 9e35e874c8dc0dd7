"""When the shift ends that somebody begins to work at, at some lines."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import pairwise

from analytics.calendar.planned_time import segments
from domain.plant import Line, Plant
from domain.time import instant, micros

SHIFT_MAX = timedelta(hours=12)  # where no calendar says anything sooner


def first_shift_end(lines: Iterable[tuple[Plant, Line]], now: datetime) -> datetime:
    """The first end of a shift of one of the lines after `now`, SHIFT_MAX from now at the latest.
    Who begins before its shift, or stays after it, is held to the next one's end."""
    latest = now + SHIFT_MAX
    ends = [latest]
    for plant, line in lines:
        if line.calendar is None:
            continue
        # Beyond the latest, so that a shift that lasts longer does not seem to end there.
        plan = segments(line.calendar, plant.zone, micros(now), micros(latest) + 1)
        for part, following in pairwise(plan):
            if part.shift and part.shift_start != following.shift_start:
                ends.append(instant(part.end))
                break
    return min(ends)
