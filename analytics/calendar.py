"""What the calendar planned: every instant of a window is busy, planned down or not planned.

Shifts are local times; a shift belongs to the local day on which it starts, also when it runs
over midnight or over a change to or from daylight saving. Breaks and `planned_down` exceptions
are planned down time (PDOT) inside shifts; holidays cancel the shifts that start on them;
`closed` takes time out of the plan, `overtime` puts it in. A later exception overrules an
earlier one. A line without calendar is planned round the clock.

Source of the time elements: ISO 22400-2 (POT, PDOT, PBT = POT − PDOT).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays
import polars as pl

from domain.errors import InputError
from domain.frames import UTC_US
from domain.plant import Calendar, CalendarException, Shift
from domain.states import Plan
from domain.time import micros

# Columns of `plan_segments`: a partition of the window, sorted by start.
PLAN_SEGMENTS = pl.Schema(
    {
        "start": UTC_US,
        "end": UTC_US,
        "plan": pl.String(),
        "shift": pl.String(),  # "" outside every shift
        "shift_start": UTC_US,  # null outside every shift
        "reason": pl.String(),  # why it is not busy: "break", an exception's reason, a holiday
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
    pieces = list(_shift_pieces(calendar, zone, start, end))
    planned = _fill(pieces, start, end)
    for exception in calendar.exceptions:
        planned = _overlay(planned, exception)
    return _joined(planned)


def _shift_pieces(calendar: Calendar, zone: ZoneInfo, start: int, end: int) -> Iterator[Segment]:
    """Busy and break pieces of all shifts that touch the window, in order of time."""
    first = _local_day(start, zone) - timedelta(days=1)
    last = _local_day(end, zone)
    off = _holidays(calendar.holidays, first.year, last.year)
    pieces: list[Segment] = []
    for offset in range((last - first).days + 1):
        day = first + timedelta(days=offset)
        if day in off:
            continue
        for shift in calendar.shifts:
            if day.weekday() in shift.days:
                pieces.extend(_pieces_of(shift, day, zone))
    pieces.sort(key=lambda piece: piece.start)
    return (piece for piece in pieces if piece.end > start and piece.start < end)


def _pieces_of(shift: Shift, day: date, zone: ZoneInfo) -> Iterator[Segment]:
    begin = _at(day, shift.start, zone)
    finish = _at(day + timedelta(days=shift.end <= shift.start), shift.end, zone)
    cursor = begin
    for pause_begin, pause_finish in sorted(_break_times(shift, day, zone)):
        if pause_begin > cursor:
            yield Segment(cursor, pause_begin, Plan.BUSY, shift.name, begin)
        pause_finish = min(pause_finish, finish)  # a break cannot outlive its shift
        if pause_finish > max(cursor, pause_begin):
            yield Segment(
                max(cursor, pause_begin),
                pause_finish,
                Plan.PLANNED_DOWN,
                shift.name,
                begin,
                "break",
            )
        cursor = max(cursor, pause_finish)
    if finish > cursor:
        yield Segment(cursor, finish, Plan.BUSY, shift.name, begin)


def _break_times(shift: Shift, day: date, zone: ZoneInfo) -> Iterator[tuple[int, int]]:
    """A break that starts before its overnight shift's start lies on the next day."""
    for pause in shift.breaks:
        next_day = pause.start < shift.start
        begin = day + timedelta(days=next_day)
        finish = begin + timedelta(days=pause.end <= pause.start)
        yield _at(begin, pause.start, zone), _at(finish, pause.end, zone)


def _fill(pieces: list[Segment], start: int, end: int) -> list[Segment]:
    """The pieces clipped to the window, and `not planned` between them."""
    filled: list[Segment] = []
    cursor = start
    for piece in pieces:
        begin, finish = max(piece.start, cursor), min(piece.end, end)
        if finish <= begin:
            continue
        if begin > cursor:
            filled.append(Segment(cursor, begin, Plan.NOT_PLANNED))
        filled.append(replace(piece, start=begin, end=finish))
        cursor = finish
    if cursor < end:
        filled.append(Segment(cursor, end, Plan.NOT_PLANNED))
    return filled


def _overlay(planned: list[Segment], exception: CalendarException) -> list[Segment]:
    """The plan with one exception laid over it."""
    begin, finish = micros(exception.start), micros(exception.end)
    low = bisect_right([s.end for s in planned], begin)
    high = bisect_left([s.start for s in planned], finish)
    middle: list[Segment] = []
    for old in planned[low:high]:
        inner = replace(old, start=max(old.start, begin), end=min(old.end, finish))
        if old.start < inner.start:
            middle.append(replace(old, end=inner.start))
        middle.append(_changed(inner, exception, begin))
        if inner.end < old.end:
            middle.append(replace(old, start=inner.end))
    return planned[:low] + middle + planned[high:]


def _changed(segment: Segment, exception: CalendarException, begin: int) -> Segment:
    if exception.kind == "closed":
        return Segment(segment.start, segment.end, Plan.NOT_PLANNED, reason=exception.reason)
    if exception.kind == "overtime":
        if segment.plan is not Plan.NOT_PLANNED:
            return segment
        return Segment(segment.start, segment.end, Plan.BUSY, "overtime", begin, exception.reason)
    if segment.plan is Plan.NOT_PLANNED:  # what nobody planned cannot be planned down
        return segment
    return replace(segment, plan=Plan.PLANNED_DOWN, reason=exception.reason)


def _joined(planned: list[Segment]) -> list[Segment]:
    """Adjoining segments that say the same become one."""
    joined: list[Segment] = []
    for segment in planned:
        if joined and replace(joined[-1], start=segment.start, end=segment.end) == segment:
            joined[-1] = replace(joined[-1], end=segment.end)
        else:
            joined.append(segment)
    return joined


def _local_day(us: int, zone: ZoneInfo) -> date:
    return datetime.fromtimestamp(us // 1_000_000, zone).date()


def _at(day: date, clock: time, zone: ZoneInfo) -> int:
    return micros(datetime.combine(day, clock, tzinfo=zone))


@lru_cache(maxsize=64)
def _holidays(rule: str | frozenset[date], first_year: int, last_year: int) -> frozenset[date]:
    """The days off. Raises InputError for a country that the holidays package lacks."""
    if isinstance(rule, frozenset):
        return rule
    try:
        known = holidays.country_holidays(rule, years=range(first_year, last_year + 1))
    except NotImplementedError:
        raise InputError(
            f"no public holidays are known for '{rule}'",
            where="calendar",
            todo="Write a country code such as HK, a list of dates, or none.",
        ) from None
    return frozenset(known)
