"""From facts to sums, in two steps.

`condensed` adds facts up to one row for each combination that a method can tell apart. It knows no
method, so a store may do it in its own language. `totals` gives such rows their time
classes under a method, for any number of lines and periods at once. OEE of several machines,
shifts or products is a quotient of the summed ingredients, never a mean of ratios. Nothing here
knows any KPI.

An example: three facts of one line. The first two are alike in all that a method asks for (plan,
mode, order, kind of reason), so they become one condensed row; the third has no order.

    facts      plan  order  producing  stopped  total_count
    08:00      busy  A        3000 s     600 s      2900
    09:00      busy  B        3600 s       0 s      3500
    10:00      busy  none        0 s    3600 s         0

    condensed  plan  order_is   producing  stopped  total_count
               busy  active       6600 s     600 s      6400
               busy  none            0 s    3600 s         0

    totals     production  delay    down     total_count
    iso22400     6600 s     600 s   3600 s      6400

Stopped with an order is a delay (ADET), stopped without one is down time (ADOT): the method
decides that only now.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from analytics import integrity_flags
from analytics.arrays import Indexes
from analytics.kpi.formulas.sums import Amounts, Sums
from analytics.kpi.state_matrix import TIMES, weights
from analytics.methods import registry
from domain.condensing import condensed_by, order_is
from domain.frames import (
    COUNT_COLUMNS,
    MATCHED_COLUMNS,
    METHOD_KEYS,
    QUANTITY_COLUMNS,
    STATE_COLUMNS,
)
from domain.states import OrderIs, Plan, TimeClass

ROW = "row"  # beside CONDENSED: the number of the row of sums to which facts belong
_NONE: Mapping[str, Amounts] = {}
# The quantities by their names in Sums.
_RENAMED = {
    "ideal_s": "ideal_time_s",
    "good_ideal_s": "good_ideal_time_s",
    "implausible_ideal_s": "implausible_ideal_time_s",
    "ideal_unknown_s": "ideal_time_unknown_s",
}
_SUMMED = (*QUANTITY_COLUMNS, *MATCHED_COLUMNS)
_QUANTITIES = [_RENAMED.get(name, name) for name in _SUMMED]
_SAID = (OrderIs.ACTIVE.value, OrderIs.NONE.value)  # of an order that is known
_OF_ORDERS = ("order_time_s", "order_busy_time_s", "order_production_time_s")
# What is measured against the plan: of items made outside it there is none.
_AGAINST_PLAN = [
    _SUMMED.index(name)
    for name in (
        "total_count_unknown",
        "good_count_unknown",
        "ideal_s",
        "good_ideal_s",
        "implausible_ideal_s",
        "ideal_unknown_s",
        "total_count_unjudged",
        "good_count_unjudged",
        "unsure_plan_s",
        "ideal_less_s",
        "ideal_more_s",
        "good_ideal_less_s",
        "good_ideal_more_s",
    )
]
_MADE = [_SUMMED.index(name) for name in ("total_count", "good_count")]
_MADE_UNKNOWN = _SUMMED.index("total_count_unknown")
_GOOD_UNKNOWN = _SUMMED.index("good_count_unknown")
_IDEAL_UNKNOWN = _SUMMED.index("ideal_unknown_s")
_UNHEARD = [_SUMMED.index(name) for name in ("total_unheard_s", "good_unheard_s", "total_quiet_s")]
_MISSING = _SUMMED.index("total_missing_s")


def summed(facts: pl.DataFrame, method: str = registry.DEFAULT, runs: Sequence[str] = ()) -> Sums:
    """One row of sums of FACTS under a method; `runs` as in `condensed`. Raises InputError for an
    unknown method."""
    return totals(condensed(facts, runs=runs).with_columns(pl.lit(0).alias(ROW)), 1, method)


def condensed(
    facts: pl.DataFrame, keys: Sequence[str] = (), runs: Sequence[str] = ()
) -> pl.DataFrame:
    """FACTS (with the key columns beside) added up: the key columns, then CONDENSED. Groups stand
    in the order of their first appearance; `runs` as in `domain.condensing.condensed_by`."""
    return condensed_by(facts.with_columns(order_is()), keys, runs)


def totals(
    facts: pl.DataFrame,
    rows: int,
    method: str = registry.DEFAULT,
    further: Mapping[str, Amounts] = _NONE,
    cut: Sequence[Mapping[str, str]] = (),
) -> Sums:
    """That many rows of sums under a method; `further` and `cut` as in Sums.

    `facts`: ROW and CONDENSED, every combination once a row, in any order: the sums are the
    same to the bit. Raises InputError for an unknown method.
    """
    found = registry.method_named(method)
    elements = found.elements()
    micros = np.zeros((rows, len(TimeClass) + len(elements) + len(TIMES)), dtype=np.int64)
    counted = _Counted(rows)
    parts = facts.partition_by(METHOD_KEYS, as_dict=True)
    mode_decides = not registry.is_production_in_any_mode(method)
    for keys in sorted(parts, key=str):  # always in one order, because floats are added
        part = parts[keys]
        at = part[ROW].to_numpy()
        table = weights(method, *keys)
        micros[at] += part.select(STATE_COLUMNS).to_numpy() @ table
        is_production = registry.is_production(method, *keys)
        counted.add(
            at,
            part,
            *keys,
            is_production=is_production,
            may_be_none=is_production and mode_decides,
        )
    columns = iter(np.ascontiguousarray(micros.T))
    by_class = {kind: next(columns) / 1e6 for kind in TimeClass}
    by_element = {name: next(columns) for name in elements}
    for name, summed in found.sums:
        by_element[name] = np.sum([by_element[each] for each in summed], axis=0)
    times = {name: next(columns) / 1e6 for name in TIMES}
    for name in _OF_ORDERS:
        times[name] = np.where(counted.with_orders, times[name], np.nan)
    return Sums(
        seconds=by_class,
        elements={name: column / 1e6 for name, column in by_element.items()},
        plan_fixed=not found.shrinks_plan(),
        further=further,
        cut=cut,
        **times,
        **counted.amounts(),
    )


class _Counted:
    """What was counted in condensed facts, as it adds up by row."""

    def __init__(self, rows: int) -> None:
        self._quantities = np.zeros((rows, len(_SUMMED)))
        self._present = np.zeros((rows, len(_SUMMED)), dtype=np.bool_)
        self._outside_plan = np.zeros((rows, len(_MADE)))
        self._unheard_in_plan = np.zeros((rows, len(_UNHEARD)))
        self._production_unheard_s = np.zeros(rows)
        self._mode_unsure_s = np.zeros(rows)
        self._mode_unsure_good_count = np.zeros(rows)
        self._cycle_s = np.full(rows, np.nan)
        self._longest_cycle_s = np.full(rows, np.nan)
        self._pace = np.full(rows, np.nan)
        self._counts = np.zeros((rows, len(COUNT_COLUMNS)), dtype=np.int64)
        self._flags = np.zeros(rows, dtype=np.int64)
        self.with_orders = np.zeros(rows, dtype=np.bool_)

    def add(
        self,
        at: Indexes,
        part: pl.DataFrame,
        plan: str,
        mode: str,
        order: str | None,
        kind: str,
        *,
        is_production: bool,
        may_be_none: bool,
    ) -> None:
        """Condensed facts that these words tell apart, for the rows `at`. `is_production`: to the
        method, time in which the machine produced is surely production time; `may_be_none`: in
        another mode it would not be."""
        quantities = part.select(_SUMMED).to_numpy()
        self._present[at] |= ~np.isnan(quantities)
        quantities = np.nan_to_num(quantities)
        if not is_production:
            self._outside_plan[at] += quantities[:, _MADE]
            if plan == Plan.BUSY.value:  # of what the calendar does not plan, facts say so
                known = quantities[:, _MADE[0]] > quantities[:, _MADE_UNKNOWN]
                self._flags[at] |= np.where(known, integrity_flags.UNPLANNED_PRODUCTION, 0)
            quantities[:, _AGAINST_PLAN] = 0.0
        else:
            if may_be_none and mode is not None:  # who tells a mode may have told another
                self._mode_unsure_s[at] += quantities[:, _IDEAL_UNKNOWN]
                self._mode_unsure_good_count[at] += quantities[:, _GOOD_UNKNOWN]
            self._unheard_in_plan[at] += quantities[:, _UNHEARD]
            self._production_unheard_s[at] += quantities[:, _MISSING]
        self._quantities[at] += quantities
        self._cycle_s[at] = np.fmin(self._cycle_s[at], part["cycle_time_s"].to_numpy())
        longest = part["longest_cycle_time_s"].to_numpy()
        self._longest_cycle_s[at] = np.fmax(self._longest_cycle_s[at], longest)
        self._pace[at] = np.fmax(self._pace[at], part["pace"].to_numpy())
        self._counts[at] += part.select(COUNT_COLUMNS).to_numpy()
        self._flags[at] |= part["flags"].to_numpy()
        self.with_orders[at] |= order in _SAID

    def amounts(self) -> dict[str, Any]:
        """By the names of Sums."""
        # Shares of increments are floats; a millionth of an item is far below what they carry.
        quantities = np.round(np.where(self._present, self._quantities, np.nan), 6).T
        outside = np.where(self._present[:, _MADE], self._outside_plan, np.nan)
        total, good = np.round(outside, 6).T
        total_unheard, good_unheard, total_quiet = np.round(self._unheard_in_plan, 6).T
        return {
            **dict(zip(_QUANTITIES, quantities, strict=True)),
            **dict(zip(COUNT_COLUMNS, self._counts.T.astype(np.float64), strict=True)),
            "total_count_outside_plan": total,
            "good_count_outside_plan": good,
            "total_unheard_in_plan_s": total_unheard,
            "good_unheard_in_plan_s": good_unheard,
            "total_quiet_in_plan_s": total_quiet,
            "mode_unsure_s": np.round(self._mode_unsure_s, 6),
            "mode_unsure_good_count": np.round(self._mode_unsure_good_count, 6),
            "production_unheard_s": np.round(self._production_unheard_s, 6),
            "cycle_time_s": self._cycle_s,
            "longest_cycle_time_s": self._longest_cycle_s,
            "pace": self._pace,
            "flags": self._flags,
        }
