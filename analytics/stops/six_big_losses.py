"""The six big losses (Nakajima, TPM): where the planned busy time went that OEE lost.

Breakdowns, setup and adjustment (availability), minor stops, reduced speed (performance), process
defects, start-up (quality). Stops are classified by their final reason: planned ones, setup and
maintenance are setup and adjustment; of the others, those shorter than the line's limit are minor
stops, the rest breakdowns. Reduced speed is the production time less the ideal time of what was
made in it, never capped: it is negative where items came faster than planned, or were made outside
the plan. Defects are ideal time, too. Time in which a machine stood without an order (ADOT) is none
of the six and stands beside them.

Together with the ideal time of the good items these make the planned busy time that is known,
to the microsecond: so they say in seconds why OEE is not 1.

Rejects are start-up losses where they were counted in the first `start_up_s` of the first
production after a setup or in a shift; without that length they cannot be told apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from analytics.methods import registry
from analytics.stops.pareto import kind_of_stop
from analytics.stops.stop_list import PRODUCING
from domain.condensing import order_is
from domain.plant import Plant
from domain.reasons import kind_of
from domain.states import MachineState, ReasonKind, TimeClass
from domain.time import Window

# Loss → the factor of OEE that it lowers in Nakajima's view.
FACTORS = {
    "breakdowns": "availability",
    "setup_and_adjustment": "availability",
    "minor_stops": "performance",
    "reduced_speed": "performance",
    "process_defects": "quality",
    "start_up": "quality",
}
NO_ORDER = "no_order"
_PLANNED = frozenset({ReasonKind.PLANNED, ReasonKind.SETUP, ReasonKind.MAINTENANCE})
_OUTSIDE = frozenset({TimeClass.PLANNED_DOWN, TimeClass.NOT_PLANNED})
_NEEDS_COUNTS = "needs ideal_time_s, good_count, total_count"
_NEEDS_LENGTH = "needs start_up_s: for how long after a start rejects are start-up losses"


@dataclass(frozen=True, slots=True)
class Made:
    """What was made in the window, as the KPI row has it, under the same method.

    `start_up_rejects`: those of `reject_count` counted in the start-up windows; None: no such
    windows were asked for.
    """

    ideal_time_s: float | None
    total_count: float | None
    good_count: float | None
    reject_count: float | None
    start_up_rejects: float | None = None


@dataclass(frozen=True, slots=True)
class Loss:
    """`factor`: the factor of OEE that it lowers. `not_computable`: why it has no duration."""

    loss: str
    factor: str
    duration_s: float | None
    share: float | None
    not_computable: str | None


@dataclass(frozen=True, slots=True)
class Losses:
    """With the good items at ideal speed they make all planned time that is known."""

    method: str
    known_busy_time_s: float
    good_ideal_time_s: float | None
    no_order_time_s: float | None
    losses: tuple[Loss, ...]


def losses(
    plant: Plant, pieces: pl.DataFrame, made: Made, method: str = registry.DEFAULT
) -> Losses:
    """The losses of a window from `stop_pieces` of its state intervals.

    Seconds; null where a quantity is missing, and why. Raises InputError for an unknown method.
    """
    spent = _times(plant, pieces, method)
    known_us = sum(spent.values())
    production_s = spent.pop(PRODUCING) / 1e6
    seconds: dict[str, float | None] = {name: us / 1e6 for name, us in spent.items()}
    no_order_s = seconds.pop(NO_ORDER)
    why: dict[str, str] = {}
    good_s: float | None = None
    if made.ideal_time_s is None or made.good_count is None or made.total_count is None:
        why = dict.fromkeys(("reduced_speed", "process_defects", "start_up"), _NEEDS_COUNTS)
    else:
        quality = made.good_count / made.total_count if made.total_count else 1.0
        good_s = made.ideal_time_s * quality
        seconds["reduced_speed"] = production_s - made.ideal_time_s
        defects_s = made.ideal_time_s - good_s
        start_up_s = _start_up(made, defects_s)
        seconds["start_up"] = start_up_s
        seconds["process_defects"] = defects_s - (start_up_s or 0.0)
        if start_up_s is None:
            why["start_up"] = _NEEDS_LENGTH
    known_s = known_us / 1e6
    return Losses(
        method,
        known_s,
        good_s,
        no_order_s,
        tuple(
            Loss(
                name,
                factor,
                seconds.get(name),
                _share(seconds.get(name), known_s),
                why.get(name),
            )
            for name, factor in FACTORS.items()
        ),
    )


def start_ups(
    intervals: pl.DataFrame, window: Window, start_up_s: float, chatter_s: float
) -> list[Window]:
    """The start-up windows that begin in the window, in order, none reaching into the next.

    Production starts up where it begins for the first time after a setup, or in a shift; where
    it goes on from the shift before, there is no start-up. Production shorter than `chatter_s` is
    chatter inside a stop, and starts nothing.
    """
    length = timedelta(seconds=start_up_s)
    chatter = (pl.col("state") == PRODUCING) & (
        pl.col("end") - pl.col("start") < timedelta(seconds=chatter_s)
    )
    begins = _starts(intervals.filter(~chatter))
    found = [begin for begin in begins if length and window.start <= begin < window.end]
    ends = [*found[1:], window.end][: len(found)]
    return [Window(begin, min(begin + length, end)) for begin, end in zip(found, ends, strict=True)]


def _starts(intervals: pl.DataFrame) -> Iterator[datetime]:
    """When production began that is a start-up; STATE_INTERVALS in order."""
    due, before, shift = False, None, None
    for row in intervals.select("start", "state", "shift_start").iter_rows():
        start, state, shift_start = row
        if shift_start is not None and shift_start != shift:
            due, shift = True, shift_start
        if state == MachineState.SETUP.value:
            due = True
        elif state == PRODUCING:
            if due and before not in (None, PRODUCING):
                yield start
            due = False
        before = state


def _times(plant: Plant, pieces: pl.DataFrame, method: str) -> dict[str, int]:
    """Microseconds of known planned busy time by loss, producing and no order."""
    spent = dict.fromkeys(
        (PRODUCING, "breakdowns", "setup_and_adjustment", "minor_stops", NO_ORDER), 0
    )
    told_apart = ["plan", "mode", "order", "state", "reason", "last_reason", "category"]
    length_us = (pl.col("end") - pl.col("start")).dt.total_microseconds().sum().alias("us")
    summed = pieces.group_by(told_apart).agg(length_us).with_columns(order_is())
    for row in summed.iter_rows(named=True):
        kind = None if row["reason"] is None else kind_of(plant, row["reason"]).value
        classes = registry.classes_of(method, row["plan"], row["mode"], row["order_is"], kind)
        time_class = classes[MachineState(row["state"]).code]
        if time_class is not TimeClass.UNKNOWN and time_class not in _OUTSIDE:
            spent[_loss(plant, row, time_class)] += row["us"]
    return spent


def _loss(plant: Plant, row: Mapping[str, Any], time_class: TimeClass) -> str:
    if time_class is TimeClass.PRODUCTION:
        return PRODUCING
    if time_class is TimeClass.DOWN:
        return NO_ORDER
    kind = kind_of_stop(plant, row["last_reason"], row["category"])
    maintained = time_class is TimeClass.MAINTENANCE and kind is not ReasonKind.BREAKDOWN
    if time_class is TimeClass.SETUP or maintained or kind in _PLANNED:
        return "setup_and_adjustment"
    return "minor_stops" if row["category"] == "minor" else "breakdowns"


def _start_up(made: Made, defects_s: float) -> float | None:
    """The start-up's part of the defects, by count of rejects."""
    if made.start_up_rejects is None:
        return None
    return defects_s * made.start_up_rejects / made.reject_count if made.reject_count else 0.0


def _share(seconds: float | None, known_s: float) -> float | None:
    return None if seconds is None or not known_s else seconds / known_s
