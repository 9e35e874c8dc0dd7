"""What the calendar planned: every instant of a window is busy, planned down or not planned.

Shifts are local times; a shift belongs to the local day on which it starts, even if it runs over
midnight, over a change to or from daylight saving, or into a day from which another weekly pattern
holds. A shift that has begun is not cut short: one that would begin inside it begins when it ends.
Breaks and `planned_down` exceptions are planned down time (PDOT) inside shifts; holidays cancel the
shifts that start on them; `closed` takes time out of the plan, `overtime` adds time to it.
Exceptions are laid over the plan one after the other. A line without calendar is planned round the
clock.

A local time that occurs twice is its first occurrence, one that does not occur is read with the
offset before the change (RFC 5545, 3.3.5). A break begins at its local time and is as long as
planned: half an hour does not become ninety minutes because the clocks go back.

Source of the time elements: ISO 22400-2 (POT, PDOT, PBT = POT − PDOT).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from operator import attrgetter, itemgetter
from zoneinfo import ZoneInfo

import holidays
import polars as pl
from holidays.constants import OPTIONAL, PUBLIC

from domain.errors import InputError
from domain.frames import UTC_US
from domain.plant import HK_GENERAL, Calendar, CalendarException, Shift
from domain.states import Plan
from domain.time import HOUR_US, micros

_DAY_US = 24 * HOUR_US
_says = attrgetter("plan", "shift", "shift_start", "reason")

# Columns of `plan_segments`: a partition of the window, sorted by start.
PLAN_SEGMENTS = pl.Schema(
    {
        "start": UTC_US,
        "end": UTC_US,
        "plan": pl.String(),
        "shift": pl.String(),  # "" outside every shift
        "shift_start": UTC_US,  # null outside every shift
        "reason": pl.String(),  # "break", or the reason of the exception that changed the plan
    }
)


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch [start, end) in microseconds with one plan."""

    start: int
    end: int
    plan: Plan
    shift: str = ""
    shift_start: int | None = None
    reason: str = ""


def plan_segments(
    calendar: Calendar | None, zone: ZoneInfo, start: datetime, end: datetime
) -> pl.DataFrame:
    """PLAN_SEGMENTS of a line with that calendar for [start, end)."""
    rows = [
        (s.start, s.end, s.plan.value, s.shift, s.shift_start, s.reason)
        for s in segments(calendar, zone, micros(start), micros(end))
    ]
    raw = {name: pl.Int64() if kind == UTC_US else kind for name, kind in PLAN_SEGMENTS.items()}
    return pl.DataFrame(rows, schema=raw, orient="row").cast(PLAN_SEGMENTS)


def segments(calendar: Calendar | None, zone: ZoneInfo, start: int, end: int) -> list[Segment]:
    """The same as plain objects; times in microseconds since the epoch (UTC)."""
    if calendar is None:
        return [Segment(start, end, Plan.BUSY)]
    planned = _fill(_shift_pieces(calendar, zone, start, end), start, end)
    for exception in calendar.exceptions:
        planned = _overlay(planned, exception)
    return _joined(planned)


def _shift_pieces(calendar: Calendar, zone: ZoneInfo, start: int, end: int) -> Iterator[Segment]:
    """Busy and break pieces of all shifts that touch the window, in order of time; none overlap.

    A shift that touches the window's first day began on the day before at the earliest, and one
    that cuts its beginning off on the day before that.
    """
    first = _local_day(start, zone) - timedelta(days=2)
    last = _local_day(end, zone)
    off = _holidays(calendar.holidays, first.year, last.year)
    worked: list[tuple[int, int, Shift, date]] = []
    for offset in range((last - first).days + 1):
        day = first + timedelta(days=offset)
        if day in off:
            continue
        for shift in _pattern(calendar, day):
            if day.weekday() in shift.days:
                finish = _at(day + timedelta(days=shift.end <= shift.start), shift.end, zone)
                worked.append((_at(day, shift.start, zone), finish, shift, day))
    worked.sort(key=itemgetter(0))
    taken = worked[0][0] if worked else start
    for begin, finish, shift, day in worked:
        begin = max(begin, taken)
        if finish <= begin:  # inside another shift, or in an hour that daylight saving leaves out
            continue
        taken = finish
        if finish > start and begin < end:
            yield from _pieces_of(shift, day, begin, finish, zone)


def _pattern(calendar: Calendar, day: date) -> tuple[Shift, ...]:
    """The weekly pattern that holds on that local day."""
    place = bisect_right(calendar.changes, day, key=attrgetter("since"))
    return calendar.changes[place - 1].shifts if place else calendar.shifts


def _pieces_of(
    shift: Shift, day: date, begin: int, finish: int, zone: ZoneInfo
) -> Iterator[Segment]:
    cursor = begin
    for pause_begin, pause_finish in sorted(_break_times(shift, day, zone)):
        pause_begin = max(pause_begin, cursor)
        pause_finish = min(pause_finish, finish)  # a break cannot outlive its shift
        if pause_finish <= pause_begin:
            continue
        if pause_begin > cursor:
            yield Segment(cursor, pause_begin, Plan.BUSY, shift.name, begin)
        yield Segment(pause_begin, pause_finish, Plan.PLANNED_DOWN, shift.name, begin, "break")
        cursor = pause_finish
    if finish > cursor:
        yield Segment(cursor, finish, Plan.BUSY, shift.name, begin)


def _break_times(shift: Shift, day: date, zone: ZoneInfo) -> Iterator[tuple[int, int]]:
    """A break that starts before its overnight shift's start lies on the next day."""
    for pause in shift.breaks:
        begin = _at(day + timedelta(days=pause.start < shift.start), pause.start, zone)
        yield begin, begin + ((_clock_us(pause.end) - _clock_us(pause.start)) % _DAY_US or _DAY_US)


def _fill(pieces: Iterator[Segment], start: int, end: int) -> list[Segment]:
    """The pieces clipped to the window, and `not planned` between them."""
    filled: list[Segment] = []
    cursor = start
    for piece in pieces:
        begin, finish = max(piece.start, start), min(piece.end, end)
        if finish <= begin:
            continue
        if begin > cursor:
            filled.append(Segment(cursor, begin, Plan.NOT_PLANNED))
        filled.append(_cut(piece, begin, finish))
        cursor = finish
    if cursor < end:
        filled.append(Segment(cursor, end, Plan.NOT_PLANNED))
    return filled


def _overlay(planned: list[Segment], exception: CalendarException) -> list[Segment]:
    """The plan with one exception laid over it."""
    begin, finish = micros(exception.start), micros(exception.end)
    low = bisect_right(planned, begin, key=attrgetter("end"))
    high = bisect_left(planned, finish, key=attrgetter("start"))
    middle: list[Segment] = []
    for old in planned[low:high]:
        inner = _cut(old, max(old.start, begin), min(old.end, finish))
        if old.start < inner.start:
            middle.append(_cut(old, old.start, inner.start))
        middle.append(_changed(inner, exception, begin))
        if inner.end < old.end:
            middle.append(_cut(old, inner.end, old.end))
    planned[low:high] = middle
    return planned


def _changed(segment: Segment, exception: CalendarException, begin: int) -> Segment:
    if exception.kind == "closed":
        return Segment(segment.start, segment.end, Plan.NOT_PLANNED, reason=exception.reason)
    if exception.kind == "overtime":
        if segment.plan is not Plan.NOT_PLANNED:
            return segment
        return Segment(segment.start, segment.end, Plan.BUSY, "overtime", begin, exception.reason)
    if segment.plan is Plan.NOT_PLANNED:  # time outside the plan cannot be planned down
        return segment
    return replace(segment, plan=Plan.PLANNED_DOWN, reason=exception.reason)


def _joined(planned: list[Segment]) -> list[Segment]:
    """Joins neighbouring segments that say the same."""
    joined: list[Segment] = []
    for segment in planned:
        if joined and _says(joined[-1]) == _says(segment):
            joined[-1] = _cut(segment, joined[-1].start, segment.end)
        else:
            joined.append(segment)
    return joined


def _cut(segment: Segment, start: int, end: int) -> Segment:
    if (start, end) == (segment.start, segment.end):
        return segment
    return replace(segment, start=start, end=end)


def _local_day(us: int, zone: ZoneInfo) -> date:
    return datetime.fromtimestamp(us // 1_000_000, zone).date()


def _clock_us(clock: time) -> int:
    return ((clock.hour * 60 + clock.minute) * 60 + clock.second) * 1_000_000


def _at(day: date, clock: time, zone: ZoneInfo) -> int:
    return micros(datetime.combine(day, clock, tzinfo=zone))


@lru_cache(maxsize=64)
def _holidays(rule: str | frozenset[date], first_year: int, last_year: int) -> frozenset[date]:
    """The days off. Raises InputError for a country that the holidays package lacks."""
    if isinstance(rule, frozenset):
        return rule
    try:
        country, category = ("HK", OPTIONAL) if rule == HK_GENERAL else (rule, PUBLIC)
        known = holidays.country_holidays(
            country, years=range(first_year, last_year + 1), categories=category
        )
    except NotImplementedError:
        raise InputError(
            f"no public holidays are known for '{rule}'",
            where="calendar",
            todo="Write a country code such as HK, a list of dates, or none.",
        ) from None
    return frozenset(known)
