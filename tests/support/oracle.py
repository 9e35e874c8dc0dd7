"""The facts in the plainest Python: one loop over seconds. For tests alone; slow and obvious.

All times are whole seconds, so that a second is wholly in one state, plan and span.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from domain.plant import Calendar

SECOND = timedelta(seconds=1)


@dataclass
class Hour:
    """What one slice (local hour × plan) should hold."""

    seconds: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    total: float = 0.0
    total_unknown: float = 0.0


def plan_at(calendar: Calendar | None, zone: ZoneInfo, at: datetime) -> str:
    """busy, planned_down or not_planned; shifts of yesterday and today, overnight or not."""
    if calendar is None:
        return "busy"
    wall = at.astimezone(zone)
    for back in (0, 1):
        day = wall.date() - timedelta(days=back)
        for shift in calendar.shifts:
            start = datetime.combine(day, shift.start, tzinfo=zone).astimezone(UTC)
            over = 1 if shift.end <= shift.start else 0
            end = datetime.combine(day + timedelta(days=over), shift.end, tzinfo=zone)
            if not start <= at < end.astimezone(UTC):
                continue
            for pause in shift.breaks:
                later = 1 if pause.start < shift.start else 0
                first = datetime.combine(day + timedelta(days=later), pause.start, tzinfo=zone)
                last = datetime.combine(day + timedelta(days=later), pause.end, tzinfo=zone)
                if first.astimezone(UTC) <= at < last.astimezone(UTC):
                    return "planned_down"
            return "busy"
    return "not_planned"


def state_at(
    states: Sequence[tuple[datetime, str]],
    spans: Sequence[tuple[datetime, datetime]],
    at: datetime,
) -> str:
    if not any(start <= at < end for start, end in spans):
        return "unknown"
    found = "unknown"
    for when, state in states:
        if when <= at:
            found = state
    return found


def counted(counts: Sequence[tuple[datetime, float]], cycle_time_s: float) -> list[float]:
    """What was counted between each two samples of a counter without any rule of its own."""
    values = [value for _, value in counts]

    def most(index: int, times_planned: float) -> float:
        seconds = (counts[index + 1][0] - counts[index][0]).total_seconds() + 60
        return times_planned / cycle_time_s * seconds

    def leaps(index: int) -> bool:
        return values[index + 1] - values[index] > most(index, 10)

    def steps_back(index: int) -> bool:
        fall = values[index] - values[index + 1]
        return values[index + 1] > 0 and 0 < fall <= max(0.1 * values[index], 1)

    def is_out_of_line(index: int) -> bool:
        if index < 1 or index + 1 >= len(values):
            return False
        before, value, after = values[index - 1 : index + 2]
        dip = value < before <= after and (steps_back(index - 1) or leaps(index))
        spike = before <= after < value and leaps(index - 1)
        return dip or spike

    amounts = []
    for index in range(len(values) - 1):
        old, new = values[index], values[index + 1]
        if is_out_of_line(index + 1):
            amount = 0.0
        elif is_out_of_line(index):
            back = new - values[index - 1]
            amount = back if 0 < back <= most(index, 10) else 0.0
        elif new >= old:
            amount = 0.0 if leaps(index) else new - old
        elif steps_back(index) or new > most(index, 2):
            amount = 0.0
        else:
            amount = new
        amounts.append(amount)
    return amounts


def hours(
    calendar: Calendar | None,
    zone: ZoneInfo,
    states: Sequence[tuple[datetime, str]],
    spans: Sequence[tuple[datetime, datetime]],
    counts: Sequence[tuple[datetime, float]],
    start: datetime,
    end: datetime,
    cycle_time_s: float = 1.0,
) -> dict[datetime, Hour]:
    """By local hour: seconds of (plan, state), items, and items counted in unknown time."""
    seconds = []
    at = start
    while at < end:
        seconds.append((at, plan_at(calendar, zone, at), state_at(states, spans, at)))
        at += SECOND
    result: dict[datetime, Hour] = defaultdict(Hour)

    def hour_of(at: datetime) -> Hour:
        return result[at.replace(minute=0, second=0)]

    for at, plan, state in seconds:
        hour_of(at).seconds[plan, state] += 1
    for (before, _), (after, _), amount in zip(
        counts, counts[1:], counted(counts, cycle_time_s), strict=False
    ):
        between = [item for item in seconds if before <= item[0] < after]
        running = [item for item in between if item[2] in ("producing", "unknown")]
        planned = [item for item in running if item[1] == "busy"]
        chosen = planned or running or between
        if amount <= 1 and all(state != "unknown" for _, _, state in between):
            chosen = between[-1:]  # an item is counted whole, when it is told
        for at, _, state in chosen:
            hour_of(at).total += amount / len(chosen)
            if state == "unknown":
                hour_of(at).total_unknown += amount / len(chosen)
    return result
