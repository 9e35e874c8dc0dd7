"""Where the marks of the small charts stand, in per cent of their width; templates draw them.

Pure geometry. One drawing of doubt everywhere: a band from low to high, a tick
at the value, a dashed line at the target; unknown time is hatched.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.time import Window

# How high a state stands in the timeline (per cent): readable without colour.
STATE_HEIGHT = {
    "producing": 100,
    "setup": 70,
    "maintenance": 70,
    "idle": 45,
    "starved": 45,
    "blocked": 45,
    "stopped": 30,
    "fault": 30,
    "off": 12,
    "unknown": 100,
}


@dataclass(frozen=True, slots=True)
class BoundsBar:
    """A figure with its bounds on a scale from 0; each mark None where there is no figure."""

    low: float | None
    high: float | None
    value: float | None
    target: float | None
    scale: float

    @property
    def width(self) -> float:
        """Of the band: none without doubt, else never so thin that it cannot be seen."""
        if self.low is None or self.high is None or self.high <= self.low:
            return 0.0
        return max(self.high - self.low, 0.6)


def bounds_bar(
    value: float | None,
    low: float | None,
    high: float | None,
    target: float | None = None,
    *,
    ratio: bool = True,
) -> BoundsBar:
    """Marks on a scale that holds them all; a ratio's scale is at least 0 to 1."""
    known = [x for x in (value, low, high, target) if x is not None]
    top = max([*known, 1.0]) if ratio else max([*known, 0.0]) * 1.15 or 1.0

    def at(x: float | None) -> float | None:
        return None if x is None else round(max(x, 0.0) / top * 100, 3)

    return BoundsBar(at(low), at(high), at(value), at(target), top)


@dataclass(frozen=True, slots=True)
class CountBar:
    """Items made on a scale from 0 that holds them and what is wanted; each mark None where there
    is none. `now`, `target`: what is wanted by now and at the end; `expected`: at the end."""

    made: float | None
    now: float | None
    target: float | None
    expected: float | None


def count_bar(
    made: float | None, now: float | None, target: float | None, expected: float | None
) -> CountBar:
    """Marks in per cent of the width."""
    top = max([0.0, *(x for x in (made, now, target, expected) if x is not None)]) or 1.0

    def at(x: float | None) -> float | None:
        return None if x is None else round(max(x, 0.0) / top * 100, 3)

    return CountBar(at(made), at(now), at(target), at(expected))


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch of the timeline."""

    x: float
    width: float
    height: int
    state: str
    start: datetime
    end: datetime
    reason: str | None


@dataclass(frozen=True, slots=True)
class Timeline:
    marks: tuple[Mark, ...]
    unplanned: tuple[tuple[float, float], ...]  # x, width of stretches not planned
    seconds: tuple[tuple[str, float], ...]  # per state, longest first


def timeline(intervals: Iterable[dict[str, Any]], window: Window) -> Timeline:
    """State intervals (analytics.timeline.state_intervals.STATE_INTERVALS rows) of the window,
    drawn."""
    length_s = (window.end - window.start).total_seconds()

    def at(instant: datetime) -> float:
        return round((instant - window.start).total_seconds() / length_s * 100, 4)

    rows = list(intervals)
    marks = tuple(
        Mark(
            at(row["start"]),
            round(at(row["end"]) - at(row["start"]), 4),
            STATE_HEIGHT[row["state"]],
            row["state"],
            row["start"],
            row["end"],
            row["reason"],
        )
        for row in _joined(rows)
    )
    unplanned = tuple(
        (at(row["start"]), round(at(row["end"]) - at(row["start"]), 4))
        for row in rows
        if row["plan"] != "busy"
    )
    seconds: dict[str, float] = {}
    for mark in marks:
        spent_s = (mark.end - mark.start).total_seconds()
        seconds[mark.state] = seconds.get(mark.state, 0.0) + spent_s
    longest = tuple(sorted(seconds.items(), key=lambda item: -item[1]))
    return Timeline(marks, unplanned, longest)


def _joined(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Adjoining rows of one state and reason as one: plan and order do not matter here."""
    joined: list[dict[str, Any]] = []
    for row in rows:
        last = joined[-1] if joined else None
        if last and (last["state"], last["reason"]) == (row["state"], row["reason"]):
            last["end"] = row["end"]
        else:
            joined.append(dict(row))
    return joined
