"""The plan in the plainest Python: one loop over minutes with a clock on the wall. Tests alone.

Written from the definition, not from the core: the wall clock is read minute by minute, and what
is planned is told from its readings. All times are whole minutes. Slow and obvious.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from domain.plant import Calendar, Shift

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


@dataclass
class Said:
    """What the plan says of one minute."""

    plan: str = "not_planned"
    shift: str = ""
    shift_start: datetime | None = None
    reason: str = ""


class WallClock:
    """When the clock on the wall showed what, from the first day to the last."""

    def __init__(self, zone: ZoneInfo, first: date, last: date) -> None:
        self.shown: dict[datetime, datetime] = {}  # reading → the first minute that showed it
        at = datetime.combine(first, time(0), tzinfo=UTC) - DAY
        while at.date() <= last + DAY:
            self.shown.setdefault(at.astimezone(zone).replace(tzinfo=None, fold=0), at)
            at += MINUTE

    def when(self, day: date, clock: time) -> datetime:
        """The first minute with that reading. If the hands jumped over it: as many minutes after
        the last reading before the jump as it would have been without."""
        reading, waited = datetime.combine(day, clock), timedelta(0)
        while reading not in self.shown:
            reading, waited = reading - MINUTE, waited + MINUTE
        return self.shown[reading] + waited


@dataclass(frozen=True)
class Duty:
    """A shift of one day."""

    start: datetime
    end: datetime
    shift: Shift
    pauses: tuple[tuple[datetime, datetime], ...]


_clock = lru_cache(maxsize=32)(WallClock)


def plan_by_minute(
    calendar: Calendar, days_off: frozenset[date], zone: ZoneInfo, start: datetime, end: datetime
) -> dict[datetime, Said]:
    """What every minute of [start, end) is. `days_off`: the calendar's holidays, by hand."""
    first, last = start.date() - 4 * DAY, end.date() + 2 * DAY
    clock = _clock(zone, first, last)
    duties = []
    day = first + DAY
    while day < last:
        for shift in shifts_of(calendar, day):
            if day.weekday() in shift.days and day not in days_off:
                duties.append(duty(clock, shift, day))
        day += DAY
    said: dict[datetime, Said] = {}
    now: Duty | None = None
    at = datetime.combine(first, time(0), tzinfo=UTC)
    while at < end:
        if now is None or at >= now.end:  # whoever works goes on to the end
            present = [one for one in duties if one.start <= at < one.end]
            now = min(present, key=lambda one: one.start, default=None)
            begun = at
        if now is None:
            said[at] = Said()
        else:
            paused = any(begin <= at < finish for begin, finish in now.pauses)
            said[at] = Said(
                "planned_down" if paused else "busy",
                now.shift.name,
                begun,
                "break" if paused else "",
            )
        at += MINUTE
    said = {at: what for at, what in said.items() if at >= start}
    for exception in calendar.exceptions:
        for at, what in said.items():
            if not exception.start <= at < exception.end:
                continue
            if exception.kind == "closed":
                said[at] = Said(reason=exception.reason)
            elif exception.kind == "overtime" and what.plan == "not_planned":
                said[at] = Said("busy", "overtime", exception.start, exception.reason)
            elif exception.kind == "planned_down" and what.plan != "not_planned":
                said[at] = Said("planned_down", what.shift, what.shift_start, exception.reason)
    return said


def shifts_of(calendar: Calendar, day: date) -> tuple[Shift, ...]:
    shifts = calendar.shifts
    for change in calendar.changes:
        if day >= change.since:
            shifts = change.shifts
    return shifts


def duty(clock: WallClock, shift: Shift, day: date) -> Duty:
    pauses = []
    for pause in shift.breaks:
        begin = clock.when(day + DAY if pause.start < shift.start else day, pause.start)
        length = minutes_of(pause.end) - minutes_of(pause.start)
        pauses.append((begin, begin + (length if length > 0 else length + 1440) * MINUTE))
    overnight = shift.end <= shift.start
    return Duty(
        clock.when(day, shift.start),
        clock.when(day + DAY if overnight else day, shift.end),
        shift,
        tuple(pauses),
    )


def minutes_of(clock: time) -> int:
    return clock.hour * 60 + clock.minute
