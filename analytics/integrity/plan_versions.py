"""Whether calendar or ideal cycle time were changed while the days were under way, or behind them.

Less planned time and a longer cycle time make the same work look better. A plant file holds for all
days, also for those before it was applied, so each later version is held against the one before:

    version   applied      window 1 to 31 March              found
    1         20 Feb.      2 shifts, 10.0 s
    2         25 Feb.      2 shifts from April on            nothing: no day of the window differs
    3         20 March     1 shift, 10.0 s                   calendar_changed: 416 h were planned
                                                             and are 208 h
    4         2 April      1 shift, 12.5 s                   cycle_time_changed: 10 s to 12.5 s

What a file lets begin on a later day (`changes`, `ideal_cycle_times`) is told where that day lies
inside the days. Exceptions are the duty of `plan_exceptions`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import pairwise
from operator import attrgetter

from analytics.calendar.planned_time import Segment, segments
from analytics.integrity.examined import Examined, PlantVersion, hours_text
from domain.grants import DayRange, Finding, FindingSeverity, Reason
from domain.plant import Line, Plant
from domain.states import Plan
from domain.time import micros

CALENDAR_CHANGED = "calendar_changed"
CYCLE_TIME_CHANGED = "cycle_time_changed"
_ASKS_CALENDAR = Reason("Ask why the plan was changed, and what shows what was planned before.")
_ASKS_CYCLE = Reason(
    "Ask what shows that the machine cannot work faster: its manual, or a measurement."
)


def changed_plans(examined: Examined) -> Iterator[Finding]:
    """What versions changed that were applied after the days began, and what begins inside them."""
    for line in examined.lines:
        for old, new in pairwise(examined.versions):
            if new.applied_at <= examined.window.start:
                continue
            if line in old.plant.lines and line in new.plant.lines:
                yield from _calendar(examined, line, old, new)
                yield from _cycles(examined, line, old, new)
        yield from _foreseen(examined, line)


def _calendar(
    examined: Examined, line: str, old: PlantVersion, new: PlantVersion
) -> Iterator[Finding]:
    was, now = (_planned(examined, it.plant.lines[line]) for it in (old, new))
    if was == now:
        return
    known = micros(new.applied_at)
    behind = _before(was, known) != _before(now, known)
    yield Finding(
        CALENDAR_CHANGED,
        FindingSeverity.WARNS if behind else FindingSeverity.TELLS,
        (line,),
        examined.days,
        Reason(
            "The calendar of %(line)s was changed on %(changed)s (plant file, version %(number)s): "
            "from %(start)s to %(end)s %(before)s hours were planned, and %(after)s hours are now.",
            {
                **_version_values(examined, line, new),
                "start": examined.days.start.isoformat(),
                "end": examined.days.end.isoformat(),
                "before": hours_text(_busy_us(was)),
                "after": hours_text(_busy_us(now)),
            },
        ),
        _ASKS_CALENDAR,
    )


def _cycles(
    examined: Examined, line: str, old: PlantVersion, new: PlantVersion
) -> Iterator[Finding]:
    for product in _products(examined, line):
        pairs = [
            (day, _cycle_s(old.plant, line, product, day), _cycle_s(new.plant, line, product, day))
            for day in examined.each_day()
        ]
        differing = [it for it in pairs if it[1] != it[2]]
        if not differing:
            continue
        first, before, after = differing[0]
        behind = first < examined.day_of(new.applied_at)
        yield Finding(
            CYCLE_TIME_CHANGED,
            FindingSeverity.WARNS if behind else FindingSeverity.TELLS,
            (line,),
            DayRange(first, differing[-1][0]),
            Reason(
                "The ideal cycle time of %(line)s (%(product)s) was changed on %(changed)s (plant "
                "file, version %(number)s): for %(start)s it was %(before)s s and is %(after)s s.",
                {
                    **_version_values(examined, line, new),
                    "product": product or "–",
                    "start": first.isoformat(),
                    "before": _seconds(before),
                    "after": _seconds(after),
                },
            ),
            _ASKS_CYCLE,
        )


def _foreseen(examined: Examined, line: str) -> Iterator[Finding]:
    """What the file in force lets begin inside the days."""
    plant, days = examined.plant, examined.days
    calendar = plant.lines[line].calendar
    for change in calendar.changes if calendar else ():
        if days.start < change.since <= days.end:
            yield Finding(
                CALENDAR_CHANGED,
                FindingSeverity.TELLS,
                (line,),
                DayRange(change.since, days.end),
                Reason(
                    "Another weekly pattern of shifts holds for %(line)s from %(since)s on.",
                    {"line": line, "since": change.since.isoformat()},
                ),
                _ASKS_CALENDAR,
            )
    for product in _products(examined, line):
        for cycle in plant.products[product].changes if product in plant.products else ():
            if days.start < cycle.since <= days.end:
                yield Finding(
                    CYCLE_TIME_CHANGED,
                    FindingSeverity.TELLS,
                    (line,),
                    DayRange(cycle.since, days.end),
                    Reason(
                        "The ideal cycle time of %(line)s (%(product)s) is %(after)s s from "
                        "%(since)s on.",
                        {
                            "line": line,
                            "product": product,
                            "since": cycle.since.isoformat(),
                            "after": _seconds(cycle.ideal_cycle_time_s),
                        },
                    ),
                    _ASKS_CYCLE,
                )


def _planned(examined: Examined, line: Line) -> list[Segment]:
    """The plan of the days without exceptions."""
    window = examined.window
    calendar = line.calendar and replace(line.calendar, exceptions=())
    return segments(calendar, examined.plant.zone, micros(window.start), micros(window.end))


def _before(planned: list[Segment], until: int) -> list[tuple[int, int, Plan]]:
    return [(it.start, min(it.end, until), it.plan) for it in planned if it.start < until]


def _busy_us(planned: list[Segment]) -> int:
    return sum(it.end - it.start for it in planned if it.plan is Plan.BUSY)


def _products(examined: Examined, line: str) -> list[str]:
    """What was made on the days, the line's own product among them; "": what has no product."""
    told = examined.rows.lazy().filter(line=line).select("product").unique().collect()
    return sorted({it or "" for it in told["product"]} | {examined.plant.lines[line].product or ""})


def _cycle_s(plant: Plant, line: str, product: str, day: date) -> float | None:
    if product not in plant.products:
        return plant.lines[line].ideal_cycle_time_s
    known = plant.products[product]
    place = bisect_right(known.changes, day, key=attrgetter("since"))
    return known.changes[place - 1].ideal_cycle_time_s if place else known.ideal_cycle_time_s


def _version_values(examined: Examined, line: str, new: PlantVersion) -> dict[str, str | float]:
    changed = examined.day_of(new.applied_at).isoformat()
    return {"line": line, "changed": changed, "number": new.number}


def _seconds(cycle_s: float | None) -> str:
    return "–" if cycle_s is None else f"{cycle_s:g}"
