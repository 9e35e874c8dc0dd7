"""The columns of every polars frame that crosses a package border.

One place names them, so that edge, collector, store and analytics agree. All times are UTC with
microseconds; seconds are kept as integer microseconds so that sums are exact. `check` holds a frame
against its schema at a border.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl

from domain.corrections import Correction
from domain.instants import Settled, says_something, settled
from domain.states import MachineState

UTC_US = pl.Datetime("us", "UTC")

# A sample as it is sealed and sent (see domain.samples.Sample).
SAMPLES = pl.Schema(
    {
        "line": pl.String(),
        "machine": pl.String(),
        "signal": pl.String(),
        "time": UTC_US,
        "received": UTC_US,
        "value": pl.Float64(),
        "text": pl.String(),
        "quality": pl.UInt8(),
        "raw": pl.String(),
    }
)

# A reading or row that could not be used, and why (see domain.samples.Rejection).
REJECTIONS = pl.Schema(
    {
        "line": pl.String(),
        "machine": pl.String(),
        "address": pl.String(),
        "raw": pl.String(),
        "time": UTC_US,
        "received": UTC_US,
        "reason": pl.String(),
    }
)

# Stretches in which a machine was confirmed alive (see domain.samples.Span).
SPANS = pl.Schema({"line": pl.String(), "machine": pl.String(), "start": UTC_US, "end": UTC_US})

# Samples of one line as stores give them: all that was said, each thing once, sorted by machine,
# signal, time and content (value, text, quality; nulls first). Of one series and instant there may
# be several; what then holds says domain.instants.
HISTORY = pl.Schema(
    {
        "machine": pl.String(),
        "signal": pl.String(),
        "time": UTC_US,
        "value": pl.Float64(),
        "text": pl.String(),
        "quality": pl.UInt8(),
    }
)

STATE_COLUMNS = tuple(f"{state}_us" for state in MachineState)
QUANTITY_COLUMNS = (
    "total_count",
    "good_count",
    "reject_count",
    "rework_count",
    "total_count_unknown",
    "good_count_unknown",
    "ideal_s",
    "good_ideal_s",
    "energy_kwh",
    "total_count_implausible",
    "implausible_ideal_s",
    # What a gap hides (docs/decisions/0009-bounds-enclose.md):
    "ideal_unknown_s",
    "possible_count",
    "total_missing_s",
    "total_unheard_s",
    "good_unheard_s",
    "reject_unheard_s",
    "rework_unheard_s",
    "energy_unheard_s",
    "total_quiet_s",
    "good_quiet_s",
    "reject_quiet_s",
    "rework_quiet_s",
    "total_count_unjudged",
    "good_count_unjudged",
    "unsure_plan_s",
    "ideal_less_s",
    "ideal_more_s",
    "good_ideal_less_s",
    "good_ideal_more_s",
    "unsure_start_s",
    "unsure_end_s",
    "unsure_start_count",
    "unsure_end_count",
    "rework_unsure_start_count",
    "rework_unsure_end_count",
    "energy_unsure_start_kwh",
    "energy_unsure_end_kwh",
    "energy_implausible_kwh",
    "total_count_missed",
    "good_count_missed",
    "reject_count_missed",
    "rework_count_missed",
    "unsure_reset_count",
    "unsure_reset_s",
    "energy_unsure_reset_kwh",
    "unsure_judged_count",
)
COUNT_COLUMNS = ("stops", "failures")
ORDER_LOST = "\N{REPLACEMENT CHARACTER}"
REASON_LOST = "lost"
# Of FACTS rows in which energy, total and good count were heard throughout.
MATCHED_COLUMNS = ("energy_matched_kwh", "total_count_matched", "good_count_matched")

# Additive facts of one line: one row for each slice x plan x mode x order x product x kind of
# the reason that holds (domain.states.ReasonKind, null without, REASON_LOST where nobody knows
# whether there was one). `order`: null without an order
# signal, "" when no order is active, ORDER_LOST where what was said of it cannot be used. The
# states' microseconds sum to the slice's length over its rows. Quantities are null where the line
# has no such signal at all, or where it has one that was not heard in any of the row's time;
# `implausible` ones are what a counter showed beyond what the machine can make: no count contains
# them.
# - ideal_unknown_s: ideal time of the items that were counted in unknown time.
# - …_unheard_s: time that may have produced and in which that counter was not heard (see
#   analytics.facts.unheard); within the plan without its unknown time, which may hide items in any
#   case, unless items were counted in it that the counter did not judge. total_missing_s: of it,
#   what lies in hours of which there is no total.
# - …_quiet_s: the same of silences so short that they are tolerated: items may have been made in
#   them, and no hour is without its count for it. total_quiet_s: of what tells the total.
# - possible_count: how many items fit into what total and good were silent for, and into the
#   unknown time, at ideal speed.
# - …_unjudged: items that were counted while nobody heard how many of all were good, and good ones
#   while nobody heard how many there were in all: no quality ratio contains them.
# - unsure_…: of the ideal time of items that were counted across a gap, how much may belong outside
#   the plan, before the slice's start, or after its end; or to the slice from there (see
#   analytics.facts.counters.unsure). unsure_…_count, rework_unsure_…, energy_unsure_…: the same of
#   items, of reworked ones, of energy.
# - ideal_less_s, ideal_more_s: by how much the ideal time of all items within the plan is less or
#   more, where nobody knows of which product they were; good_ideal_…: the same of the good ones.
# - …_missed, energy_implausible_kwh: what that counter may have counted besides, while it fell to
#   an older total or leapt; of the total what follows from the other two, too; of energy also in
#   tolerated silences.
#   implausible_ideal_s: the ideal time of total_count_missed.
# - unsure_reset_count, …_s, energy_unsure_reset_kwh: what was counted since a reset that may have
#   been the return to an older total, and then was counted already; of items the most of any
#   counter, and their ideal time within the plan.
# - unsure_judged_count: of good or rejected items that follow from the other two counts, how many
#   may be otherwise, because the counter that judges was not heard in a part of the time.
# flags is a bit set (see analytics.integrity_flags).
FACTS = pl.Schema(
    {
        "line": pl.String(),
        "start": UTC_US,
        "end": UTC_US,
        "day": pl.Date(),
        "shift": pl.String(),
        "shift_start": UTC_US,
        "plan": pl.String(),
        "mode": pl.String(),
        "order": pl.String(),
        "product": pl.String(),
        "reason_kind": pl.String(),
        **{column: pl.Int64() for column in STATE_COLUMNS},
        **{column: pl.Float64() for column in QUANTITY_COLUMNS},
        **{column: pl.Int64() for column in COUNT_COLUMNS},
        "flags": pl.Int64(),
    }
)

METHOD_KEYS = ("plan", "mode", "order_is", "reason_kind")
# Facts summed by whatever keys are wanted and by METHOD_KEYS: all that a method asks for.
# order_is: `domain.states.OrderIs`, null without an order signal. Quantities: null where all summed
# rows are null. stops and failures: those of busy rows alone, a stop outside the planned busy time
# is none. cycle_time_s: the shortest planned run time per item (PRI) in any of the rows, from
# good_ideal_s ÷ good_count where that is not 0, else from the time that could hold possible_count,
# else null; longest_cycle_time_s: the longest. pace: the ideal time of the items of an hour's row ÷
# the time it produced (rows of PACE_MIN_S or more): the fastest. (energy_)unsure_start_…: of the
# first slice alone, …_end_…: of the last. flags: bitwise or.
CONDENSED = pl.Schema(
    {
        **{key: pl.String() for key in METHOD_KEYS},
        **{column: pl.Int64() for column in STATE_COLUMNS},
        **{column: pl.Float64() for column in QUANTITY_COLUMNS},
        **{column: pl.Float64() for column in MATCHED_COLUMNS},
        **{column: pl.Int64() for column in COUNT_COLUMNS},
        "cycle_time_s": pl.Float64(),
        "longest_cycle_time_s": pl.Float64(),
        "pace": pl.Float64(),
        "flags": pl.Int64(),
    }
)
PACE_MIN_S = 300.0  # less production says little about how fast a machine is

# FACTS of a line and period (its first local day) added up, apart by all that a method can ask
# for: what `analytics.kpi.aggregation.condensed` gives with the keys line and period. A store does
# it where the facts are.
FACT_SUMS = pl.Schema({"line": pl.String(), "period": pl.Date(), **CONDENSED})


@dataclass(frozen=True)
class LineHistory:
    """All that is needed to derive a line's facts in [start, end).

    `samples` (HISTORY): every sample inside the window, and for each machine and signal those of
    the last instant before `start` and of the first one at or after `end`. `spans` (SPANS without
    line: machine, start, end): those that touch the window, merged and sorted by machine and start.
    `corrections`: those in force that touch it.
    """

    line: str
    start: datetime
    end: datetime
    samples: pl.DataFrame
    spans: pl.DataFrame
    corrections: tuple[Correction, ...] = field(default=())

    def series(self, machine: str | None, signal: str) -> pl.DataFrame:
        """What holds of one signal of a machine (HISTORY, sorted by time; see domain.instants)."""
        return self.settled(machine, signal).samples

    def settled(self, machine: str | None, signal: str) -> Settled:
        """The same, and where nothing is known because samples contradict each other."""
        key = (machine or "", signal)
        found = self._settled.get(key)
        if found is None:
            found = self._settled[key] = settled(signal, *self.said(machine, signal))
        return found

    def said(self, machine: str | None, signal: str) -> tuple[pl.DataFrame, npt.NDArray[np.int64]]:
        """All that one signal of a machine said, and when in microseconds: a slice of `samples`."""
        rows = self.rows_of(machine, signal)
        return self.samples.slice(rows.start, len(rows)), self.times[rows.start : rows.stop]

    def rows_of(self, machine: str | None, signal: str) -> range:
        """Where in `samples` they are."""
        return self._runs.get((machine or "", signal), range(0))

    @cached_property
    def times(self) -> npt.NDArray[np.int64]:
        """When each row of `samples` is, in microseconds."""
        return self.samples["time"].cast(pl.Int64).to_numpy()

    @cached_property
    def usable(self) -> npt.NDArray[np.bool_]:
        """Which rows of `samples` say something."""
        return says_something(self.samples).to_numpy()

    @property
    def all_series(self) -> Collection[tuple[str, str]]:
        """Machine and signal of every series that has samples."""
        return self._runs.keys()

    @cached_property
    def _settled(self) -> dict[tuple[str, str], Settled]:
        """What was asked for already."""
        return {}

    @cached_property
    def _runs(self) -> dict[tuple[str, str], range]:
        """The rows of each machine and signal."""
        # By bisection over single values: a search by polars costs more than the few it reads.
        machines, signals = self.samples["machine"], self.samples["signal"]
        runs: dict[tuple[str, str], range] = {}
        at, end = 0, self.samples.height
        while at < end:
            machine, signal = machines[at], signals[at]
            of_machine = bisect_right(machines, machine, lo=at)
            after = bisect_right(signals, signal, lo=at, hi=of_machine)
            runs[machine, signal] = range(at, after)
            at = after
        return runs


def check(frame: pl.DataFrame, schema: pl.Schema, what: str) -> pl.DataFrame:
    """The frame, columns in the schema's order. Raises TypeError when it does not fit."""
    if dict(frame.schema) != dict(schema):
        missing = {k: v for k, v in schema.items() if frame.schema.get(k) != v}
        extra = [name for name in frame.columns if name not in schema]
        raise TypeError(f"{what}: wrong or missing columns {missing}, unexpected {extra}")
    # Only where it must be: an expression costs more than all else that is done to a small frame.
    return frame if frame.columns == schema.names() else frame[schema.names()]
