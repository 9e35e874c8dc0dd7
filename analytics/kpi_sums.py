"""Sums: the additive amounts of some stretch of a line's time, under one method.

Every KPI is a quotient of these (see `kpi_registry`), and sums of several stretches, lines or
products are sums again. Nothing here knows facts or any KPI.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property

from domain.states import TimeClass

_PBT = (
    TimeClass.PRODUCTION,
    TimeClass.SETUP,
    TimeClass.DELAY,
    TimeClass.DOWN,
    TimeClass.MAINTENANCE,
    TimeClass.UNKNOWN,
)


@dataclass(frozen=True)  # without slots: what follows from the fields is computed once
class Sums:
    """Additive sums over some facts, under one method. Seconds, items, kWh; None: no such signal.

    `total_count` and `good_count` are all items; `…_unknown` those among them that were counted
    in unknown time; `…_implausible` ones that a counter told beyond what the machine can make,
    in no count; `…_unknown_in_plan` those of the unknown ones that belong to planned busy time.
    `cycle_time_s`: the shortest PRI of any product that was made. `ideal_time_s` is PRI × PQ of
    the items counted in known time, `good_ideal_time_s` PRI × GQ of all good items.
    `order_time_s` (AOET): time with an order active, None without an order signal;
    `order_unknown_time_s` its unknown part inside the plan, `order_busy_time_s` and
    `order_production_time_s` what of AUBT and APT lies in it. `repair_time_s`: faults, and stops
    whose reason is a breakdown, in planned busy time. `preventive_time_s`: maintenance in
    planned busy and planned down time but for repairs. `further`: amounts that no machine
    tells, by the name of the KPI input; `cut`: inputs that cannot be told for this window, and
    why. `plan_fixed`: no second can leave the plan.
    """

    seconds: Mapping[TimeClass, float]
    total_count: float | None = None
    good_count: float | None = None
    reject_count: float | None = None
    rework_count: float | None = None
    total_count_unknown: float | None = None
    good_count_unknown: float | None = None
    total_count_implausible: float | None = None
    total_count_unknown_in_plan: float = 0.0
    ideal_time_s: float | None = None
    good_ideal_time_s: float | None = None
    implausible_ideal_time_s: float | None = None
    energy_kwh: float | None = None
    cycle_time_s: float | None = None
    order_time_s: float | None = None
    order_unknown_time_s: float = 0.0
    order_busy_time_s: float | None = None
    order_production_time_s: float | None = None
    repair_time_s: float = 0.0
    preventive_time_s: float = 0.0
    unknown_planned_down_time_s: float = 0.0
    stops: int = 0
    failures: int = 0
    flags: tuple[str, ...] = ()
    elements: Mapping[str, float] = field(default_factory=dict)
    plan_fixed: bool = True
    further: Mapping[str, float] = field(default_factory=dict)
    cut: Mapping[str, str] = field(default_factory=dict)

    @property
    def production_time_s(self) -> float:
        return self.seconds[TimeClass.PRODUCTION]

    @property
    def setup_time_s(self) -> float:
        return self.seconds[TimeClass.SETUP]

    @property
    def delay_time_s(self) -> float:
        return self.seconds[TimeClass.DELAY]

    @property
    def down_time_s(self) -> float:
        return self.seconds[TimeClass.DOWN]

    @property
    def maintenance_time_s(self) -> float:
        return self.seconds[TimeClass.MAINTENANCE]

    @property
    def planned_down_time_s(self) -> float:
        return self.seconds[TimeClass.PLANNED_DOWN]

    @property
    def not_planned_time_s(self) -> float:
        return self.seconds[TimeClass.NOT_PLANNED]

    @property
    def unknown_time_s(self) -> float:
        return self.seconds[TimeClass.UNKNOWN]

    @cached_property
    def planned_busy_time_s(self) -> float:
        """PBT = POT − PDOT: the sum of the classes inside it, exactly."""
        return sum(self.seconds[kind] for kind in _PBT)

    @property
    def known_busy_time_s(self) -> float:
        return self.planned_busy_time_s - self.unknown_time_s

    @property
    def planned_operation_time_s(self) -> float:
        """POT = PBT + PDOT."""
        return self.planned_busy_time_s + self.planned_down_time_s

    @property
    def calendar_time_s(self) -> float:
        return self.planned_operation_time_s + self.not_planned_time_s

    @property
    def processing_time_s(self) -> float:
        """AUPT = AUST + APT."""
        return self.production_time_s + self.setup_time_s

    @property
    def busy_time_s(self) -> float:
        """AUBT = AUPT + ADET."""
        return self.processing_time_s + self.delay_time_s

    @property
    def failure_free_time_s(self) -> float:
        """TTF: known time of the planned busy time in which nothing had failed."""
        return self.known_busy_time_s - self.repair_time_s

    @property
    def good_part_count(self) -> float | None:
        """GP: good parts that were not reworked; a figure takes the place of the counters."""
        if "good_part_count" in self.further or self.good_count is None:
            return self.further.get("good_part_count")
        return self.good_count - (self.rework_count or 0.0)

    @property
    def corrective_maintenance_time_s(self) -> float:
        """CMT: a figure takes the place of the repair time that the states tell."""
        return self.further.get("corrective_maintenance_time_s", self.repair_time_s)

    @property
    def preventive_maintenance_time_s(self) -> float:
        """PMT: a figure takes the place of the maintenance time that the states tell."""
        return self.further.get("preventive_maintenance_time_s", self.preventive_time_s)

    def amount(self, name: str) -> float | None:
        """An input of a KPI by its name: of the machines where they tell it, else a figure."""
        found: float | None = getattr(self, name, self.further.get(name))
        return found


def sums_of(**amounts: float) -> Sums:
    """Sums from the names of KPI inputs: what a worked example starts from.

    Times by class (`production_time_s`, …), quantities and failures as in Sums; every other
    name is a further figure. Nothing is unknown but `unknown_time_s`.
    """
    classes = {f"{kind.value}_time_s": kind for kind in TimeClass}
    seconds = {kind: amounts.pop(name, 0.0) for name, kind in classes.items()}
    known = {name: amounts.pop(name) for name in tuple(amounts) if name in _STORED}
    return replace(Sums(seconds), **known, further=amounts)  # type: ignore[arg-type]


_STORED = frozenset(each.name for each in fields(Sums))
