"""Sums: the additive amounts of stretches of a line's time, one row for each, under one method.

Every KPI is a quotient of these (see `analytics.kpi.formulas.registry`), and sums of several
stretches, lines or products are sums again. An amount is a column over the rows, NaN where there is
none (no such signal, nothing entered), so a thousand rows cost little more than one. Nothing here
knows facts or any KPI.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Any

import numpy as np

from analytics.arrays import Flags, Floats, Indexes
from domain.states import TimeClass

NONE = np.float64(np.nan)  # an amount that no row has
_NOTHING = np.float64(0.0)
_PBT = (
    TimeClass.PRODUCTION,
    TimeClass.SETUP,
    TimeClass.DELAY,
    TimeClass.DOWN,
    TimeClass.MAINTENANCE,
    TimeClass.UNKNOWN,
)
Amounts = Floats | np.float64  # a column, or the same for all rows


def is_present(amounts: Amounts) -> Flags:
    """Where there is an amount."""
    return np.asarray(amounts == amounts)  # NaN alone differs from itself


def or_zero(amounts: Amounts) -> Amounts:
    """The amounts, 0 where there is none."""
    return np.where(is_present(amounts), amounts, 0.0)


@dataclass(frozen=True)  # without slots, so that cached_property works
class Sums:
    """Additive sums over some facts, under one method: columns of as many rows as `seconds`
    have. Seconds, items, kWh; NaN: no such signal.

    `total_count` and `good_count` are all items: `…_outside_plan` those among them that were made
    outside planned busy time or in maintenance mode, `…_unknown` those that were counted in its
    unknown time, and the rest is from its known time. `…_implausible`: items that a counter showed
    beyond what the machine can make, which are in no count. `…_unheard_s`: time that may have
    produced and in which that counter was not heard, `…_unheard_in_plan_s` in planned busy time,
    `production_unheard_s` the production time of hours of which there is no total; NaN where the
    line has no such counter.
    `total_quiet_in_plan_s`: `total_quiet_s` in planned busy time.
    `…_quiet_s`, `…_unjudged`, `unsure_…`, `…_less_s`, `…_more_s` and `…_missed`: as in
    `domain.frames.FACTS`; `…_matched`: of time in which energy and items were all heard.
    `mode_unsure_s`: of the ideal time of items counted in unknown time, what may have been made in
    a mode in which nothing is production under the method; `mode_unsure_good_count`: the same of
    good items, which may be all that was counted.
    `cycle_time_s`: the shortest PRI of any product that was made, `longest_cycle_time_s` the
    longest. `pace`: the ideal time of the fastest known hour ÷ the time that it produced.
    `ideal_time_s` is PRI × PQ of the items counted in the known time of the plan,
    `good_ideal_time_s` PRI × GQ of the good items made within the plan. `order_time_s`
    (AOET): time with an order active, NaN without an order signal; `order_lost_time_s` time of
    which nobody knows whether there was an order; `order_unknown_time_s` the order time's unknown
    part inside the plan; `order_busy_time_s` and `order_production_time_s` the parts of AUBT and
    APT that lie in it.
    Where nobody knows the order or the reason: `delay_lost_time_s` is delay (ADET) that may be
    none, `setup_lost_time_s` what may be setup and is not taken for it, `busy_lost_time_s` the same
    of AUBT, `order_busy_lost_time_s` AUBT with an order that may be none, `repair_lost_time_s` and
    `preventive_lost_time_s` stops that may be repair, or maintenance, and
    `preventive_unsure_time_s` those that are taken for maintenance and may be repair.
    `repair_time_s`: faults, and stops whose reason is a breakdown, in what the calendar
    plans as busy; `repair_elsewhere_time_s`: the part of it that the method takes out of the
    planned busy time, or of which nobody knows whether it does.
    `preventive_time_s`: maintenance in planned busy and planned down time, repairs left out.
    `flags`: bits (analytics.integrity_flags). `further`: manual inputs, by the name of the KPI
    input; `cut`: for each row the inputs that have no amount for its window, and why; empty where
    no row has any. `plan_lost_time_s`: the unknown time of which the state is known, but
    not the order or the reason that decides whether it was planned. `plan_fixed`: the method lets
    no second leave the plan.
    """

    seconds: Mapping[TimeClass, Floats]
    total_count: Amounts = NONE
    good_count: Amounts = NONE
    reject_count: Amounts = NONE
    rework_count: Amounts = NONE
    total_count_unknown: Amounts = NONE
    good_count_unknown: Amounts = NONE
    total_count_implausible: Amounts = NONE
    total_count_outside_plan: Amounts = _NOTHING
    good_count_outside_plan: Amounts = _NOTHING
    ideal_time_s: Amounts = NONE
    good_ideal_time_s: Amounts = NONE
    implausible_ideal_time_s: Amounts = NONE
    energy_kwh: Amounts = NONE
    ideal_time_unknown_s: Amounts = NONE
    possible_count: Amounts = NONE
    total_missing_s: Amounts = NONE
    total_unheard_s: Amounts = NONE
    good_unheard_s: Amounts = NONE
    reject_unheard_s: Amounts = NONE
    rework_unheard_s: Amounts = NONE
    energy_unheard_s: Amounts = NONE
    total_quiet_s: Amounts = NONE
    good_quiet_s: Amounts = NONE
    reject_quiet_s: Amounts = NONE
    rework_quiet_s: Amounts = NONE
    total_quiet_in_plan_s: Amounts = _NOTHING
    total_unheard_in_plan_s: Amounts = _NOTHING
    good_unheard_in_plan_s: Amounts = _NOTHING
    production_unheard_s: Amounts = _NOTHING
    total_count_unjudged: Amounts = NONE
    good_count_unjudged: Amounts = NONE
    unsure_plan_s: Amounts = NONE
    ideal_less_s: Amounts = NONE
    ideal_more_s: Amounts = NONE
    good_ideal_less_s: Amounts = NONE
    good_ideal_more_s: Amounts = NONE
    mode_unsure_s: Amounts = _NOTHING
    mode_unsure_good_count: Amounts = _NOTHING
    unsure_start_s: Amounts = NONE
    unsure_end_s: Amounts = NONE
    unsure_start_count: Amounts = NONE
    unsure_end_count: Amounts = NONE
    rework_unsure_start_count: Amounts = NONE
    rework_unsure_end_count: Amounts = NONE
    energy_unsure_start_kwh: Amounts = NONE
    energy_unsure_end_kwh: Amounts = NONE
    energy_implausible_kwh: Amounts = NONE
    total_count_missed: Amounts = NONE
    good_count_missed: Amounts = NONE
    reject_count_missed: Amounts = NONE
    rework_count_missed: Amounts = NONE
    unsure_reset_count: Amounts = NONE
    unsure_reset_s: Amounts = NONE
    energy_unsure_reset_kwh: Amounts = NONE
    unsure_judged_count: Amounts = NONE
    energy_matched_kwh: Amounts = NONE
    total_count_matched: Amounts = NONE
    good_count_matched: Amounts = NONE
    cycle_time_s: Amounts = NONE
    longest_cycle_time_s: Amounts = NONE
    pace: Amounts = NONE
    order_time_s: Amounts = NONE
    order_lost_time_s: Amounts = _NOTHING
    delay_lost_time_s: Amounts = _NOTHING
    setup_lost_time_s: Amounts = _NOTHING
    busy_lost_time_s: Amounts = _NOTHING
    order_busy_lost_time_s: Amounts = _NOTHING
    repair_lost_time_s: Amounts = _NOTHING
    preventive_lost_time_s: Amounts = _NOTHING
    preventive_unsure_time_s: Amounts = _NOTHING
    order_unknown_time_s: Amounts = _NOTHING
    order_busy_time_s: Amounts = NONE
    order_production_time_s: Amounts = NONE
    repair_time_s: Amounts = _NOTHING
    repair_elsewhere_time_s: Amounts = _NOTHING
    preventive_time_s: Amounts = _NOTHING
    unknown_planned_down_time_s: Amounts = _NOTHING
    plan_lost_time_s: Amounts = _NOTHING
    stops: Amounts = _NOTHING
    failures: Amounts = _NOTHING
    flags: Indexes | np.int64 = np.int64(0)  # noqa: RUF009  (an immutable scalar)
    elements: Mapping[str, Floats] = field(default_factory=dict)
    plan_fixed: bool = True
    further: Mapping[str, Amounts] = field(default_factory=dict)
    cut: Sequence[Mapping[str, str]] = ()

    def __len__(self) -> int:
        return len(self.seconds[TimeClass.PRODUCTION])

    @property
    def production_time_s(self) -> Floats:
        return self.seconds[TimeClass.PRODUCTION]

    @property
    def setup_time_s(self) -> Floats:
        return self.seconds[TimeClass.SETUP]

    @property
    def delay_time_s(self) -> Floats:
        return self.seconds[TimeClass.DELAY]

    @property
    def down_time_s(self) -> Floats:
        return self.seconds[TimeClass.DOWN]

    @property
    def maintenance_time_s(self) -> Floats:
        return self.seconds[TimeClass.MAINTENANCE]

    @property
    def planned_down_time_s(self) -> Floats:
        return self.seconds[TimeClass.PLANNED_DOWN]

    @property
    def not_planned_time_s(self) -> Floats:
        return self.seconds[TimeClass.NOT_PLANNED]

    @property
    def unknown_time_s(self) -> Floats:
        return self.seconds[TimeClass.UNKNOWN]

    @property
    def state_unknown_time_s(self) -> Amounts:
        """Of the unknown time that in which the state is not known, and not the plan alone."""
        return self.unknown_time_s - self.plan_lost_time_s

    @cached_property
    def planned_busy_time_s(self) -> Floats:
        """PBT = POT − PDOT: the sum of the classes inside it, exactly."""
        return sum((self.seconds[kind] for kind in _PBT), np.zeros(len(self)))

    @property
    def known_busy_time_s(self) -> Floats:
        return self.planned_busy_time_s - self.unknown_time_s

    @property
    def planned_operation_time_s(self) -> Floats:
        """POT = PBT + PDOT."""
        return self.planned_busy_time_s + self.planned_down_time_s

    @property
    def calendar_time_s(self) -> Floats:
        return self.planned_operation_time_s + self.not_planned_time_s

    @property
    def processing_time_s(self) -> Floats:
        """AUPT = AUST + APT."""
        return self.production_time_s + self.setup_time_s

    @property
    def busy_time_s(self) -> Floats:
        """AUBT = AUPT + ADET."""
        return self.processing_time_s + self.delay_time_s

    @property
    def failure_free_time_s(self) -> Amounts:
        """TTF: known time of the planned busy time in which nothing had failed."""
        return self.known_busy_time_s - (self.repair_time_s - self.repair_elsewhere_time_s)

    @property
    def good_part_count(self) -> Amounts:
        """GP: good parts that were not reworked; where people entered a number, that one."""
        return self._entered_or("good_part_count", self.good_count - or_zero(self.rework_count))

    @property
    def corrective_maintenance_time_s(self) -> Amounts:
        """CMT: the repair time by the states; where people entered a number, that one."""
        return self._entered_or("corrective_maintenance_time_s", self.repair_time_s)

    @property
    def preventive_maintenance_time_s(self) -> Amounts:
        """PMT: the maintenance time by the states; where people entered a number, that one."""
        return self._entered_or("preventive_maintenance_time_s", self.preventive_time_s)

    def is_entered(self, name: str) -> Flags:
        """The rows for which people entered that input."""
        return is_present(self.further.get(name, NONE))

    def amount(self, name: str) -> Amounts:
        """An input of a KPI by its name: from the machines if they give it, else as people entered
        it."""
        found: Amounts = getattr(self, name, self.further.get(name, NONE))
        return found

    def one(self, name: str) -> float | None:
        """The amount of that name in the first row, which is often the only one."""
        return as_list(self.amount(name), len(self))[0]

    def _entered_or(self, name: str, measured: Amounts) -> Amounts:
        return np.where(self.is_entered(name), self.further.get(name, NONE), measured)


def as_list(amounts: Amounts, rows: int) -> list[float | None]:
    """The amounts as numbers of Python, None where there is none."""
    column: list[float] = np.broadcast_to(amounts, rows).tolist()
    return [None if value != value else value for value in column]


def sums_from_amounts(**amounts: float) -> Sums:
    """One row of sums from the names of KPI inputs: what a worked example starts from.

    Times by class (`production_time_s`, …), quantities and failures as in Sums; every other
    name is a manual input. Nothing is unknown but `unknown_time_s`.
    """
    columns = {name: np.array([float(amount)]) for name, amount in amounts.items()}
    classes = {f"{kind.value}_time_s": kind for kind in TimeClass}
    seconds = {kind: columns.pop(name, np.zeros(1)) for name, kind in classes.items()}
    known: dict[str, Any] = {name: columns.pop(name) for name in amounts if name in _STORED}
    return replace(Sums(seconds), **known, further=columns)


_STORED = frozenset(each.name for each in fields(Sums))
