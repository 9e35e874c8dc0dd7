"""The shift that an instant belongs to, and the ones beside it.

Time between shifts belongs to the shift before it: whoever looks back after work looks at that
shift. Where no shift is near, and on a line without calendar, the local day takes its place.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter
from zoneinfo import ZoneInfo

from analytics.calendar.planned_time import segments
from domain.plant import Calendar
from domain.time import Window, instant, micros

_NEAR = timedelta(days=8)  # a week without work is passed over


@dataclass(frozen=True, slots=True)
class WorkPeriod:
    """A shift with its name, or a local day, which has none."""

    name: str
    window: Window


@dataclass(frozen=True, slots=True)
class PeriodsAround:
    """`before` and `after`: None where nothing is near."""

    period: WorkPeriod
    before: WorkPeriod | None
    after: WorkPeriod | None


def periods_around(calendar: Calendar | None, zone: ZoneInfo, at: datetime) -> PeriodsAround:
    """The shift of the instant and its neighbours."""
    shifts = list(_shifts(calendar, zone, at)) if calendar is not None else []
    begun = sum(it.window.start <= at for it in shifts)
    if not begun:
        return _days(zone, at)
    nearby = dict(enumerate(shifts))
    return PeriodsAround(shifts[begun - 1], nearby.get(begun - 2), nearby.get(begun))


def _shifts(calendar: Calendar, zone: ZoneInfo, at: datetime) -> Iterator[WorkPeriod]:
    """Whole shifts around the instant, in order of time; their breaks lie inside them."""
    begin, finish = micros(at - _NEAR), micros(at + _NEAR)
    planned = [it for it in segments(calendar, zone, begin, finish) if it.shift_start is not None]
    for start, parts in groupby(planned, key=attrgetter("shift_start")):
        of_shift = list(parts)
        if start >= begin and of_shift[-1].end < finish:  # none that the search cut
            yield WorkPeriod(of_shift[0].shift, Window(instant(start), instant(of_shift[-1].end)))


def _days(zone: ZoneInfo, at: datetime) -> PeriodsAround:
    today = at.astimezone(zone).date()
    before, here, after = (
        WorkPeriod("", Window.of_days(day, day, zone))
        for day in (today - timedelta(days=1), today, today + timedelta(days=1))
    )
    return PeriodsAround(here, before, after)
