"""Figures: sums of facts, and every KPI as a quotient of such sums.

One registry of KPIs: name, formula, unit, what it needs, function. OEE of several machines,
shifts or products is the quotient of the summed ingredients, never a mean of ratios. A ratio
without a denominator is None. Nothing is capped: an effectiveness over 1 shows that the planned
cycle time is wrong. Formulas: ISO 22400-2 (KPI numbers in the registry).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from analytics import flags, methods
from domain.errors import InputError
from domain.frames import COUNT_COLUMNS, QUANTITY_COLUMNS, STATE_COLUMNS
from domain.states import Plan, TimeClass

Ratio = float | None
_PBT = (
    TimeClass.PRODUCTION,
    TimeClass.SETUP,
    TimeClass.DELAY,
    TimeClass.DOWN,
    TimeClass.MAINTENANCE,
    TimeClass.UNKNOWN,
)
# A stop outside the planned busy time is none.
_BUSY_ONLY = COUNT_COLUMNS


@dataclass(frozen=True, slots=True)
class Sums:
    """Additive sums over some facts, under one method. Seconds, items, kWh; None: no such signal.

    `total_count` and `good_count` are all items; `…_unknown` those among them that were counted
    in unknown time; `ideal_time_s` is PRI × PQ of the items counted in known time,
    `good_ideal_time_s` PRI × GQ of all good items.
    """

    seconds: dict[TimeClass, float]
    total_count: float | None
    good_count: float | None
    reject_count: float | None
    rework_count: float | None
    total_count_unknown: float | None
    good_count_unknown: float | None
    ideal_time_s: float | None
    good_ideal_time_s: float | None
    energy_kwh: float | None
    stops: int
    failures: int
    flags: tuple[str, ...]

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

    @property
    def planned_busy_time_s(self) -> float:
        """PBT = POT − PDOT: the sum of the classes inside it, exactly."""
        return sum(self.seconds[kind] for kind in _PBT)

    @property
    def known_busy_time_s(self) -> float:
        return self.planned_busy_time_s - self.unknown_time_s


def sums(facts: pl.DataFrame, method: str = methods.DEFAULT) -> Sums:
    """The sums of FACTS rows under a method. Raises InputError for an unknown method."""
    return _add_up(_condensed(facts, []), method)


def sums_by(
    facts: pl.DataFrame, keys: list[str], method: str = methods.DEFAULT
) -> dict[tuple[object, ...], Sums]:
    """The same for each combination of the key columns, in order of first appearance."""
    groups = _condensed(facts, keys).partition_by(keys, maintain_order=True, as_dict=True)
    return {key: _add_up(group, method) for key, group in groups.items()}


def _condensed(facts: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """One row for each key, plan, mode and whether an order is active (no signal: it is)."""
    busy = pl.col("plan") == Plan.BUSY.value
    counted = [
        pl.when(busy).then(pl.col(name)).alias(name) if name in _BUSY_ONLY else pl.col(name)
        for name in (*QUANTITY_COLUMNS, *COUNT_COLUMNS)
    ]
    active = (pl.col("order").is_null() | (pl.col("order") != "")).alias("has_order")
    return (
        facts.select(*keys, "plan", "mode", active, *STATE_COLUMNS, *counted, "flags")
        .group_by(*keys, "plan", "mode", "has_order", maintain_order=True)
        .agg(
            pl.col(STATE_COLUMNS).sum(),
            *(_total(name) for name in (*QUANTITY_COLUMNS, *COUNT_COLUMNS)),
            pl.col("flags").bitwise_or(),
        )
    )


def _total(name: str) -> pl.Expr:
    """The sum of a column; null where it holds nothing."""
    return pl.when(pl.col(name).is_not_null().any()).then(pl.col(name).sum()).alias(name)


def _add_up(rows: pl.DataFrame, method: str) -> Sums:
    micros = dict.fromkeys(TimeClass, 0)
    for row in rows.iter_rows(named=True):
        kinds = methods.classes_of(method, row["plan"], row["mode"], row["has_order"])
        for column, kind in zip(STATE_COLUMNS, kinds, strict=True):
            micros[kind] += row[column]
    columns = (*QUANTITY_COLUMNS, *COUNT_COLUMNS)
    totals: dict[str, float | None] = dict.fromkeys(columns)
    if rows.height:
        totals = rows.select(_total(name) for name in columns).row(0, named=True)
    # Shares of increments are floats; a millionth of an item is far below what they carry.
    rounded = {name: None if x is None else round(x, 6) for name, x in totals.items()}
    return Sums(
        seconds={kind: value / 1e6 for kind, value in micros.items()},
        total_count=rounded["total_count"],
        good_count=rounded["good_count"],
        reject_count=rounded["reject_count"],
        rework_count=rounded["rework_count"],
        total_count_unknown=rounded["total_count_unknown"],
        good_count_unknown=rounded["good_count_unknown"],
        ideal_time_s=rounded["ideal_s"],
        good_ideal_time_s=rounded["good_ideal_s"],
        energy_kwh=rounded["energy_kwh"],
        stops=int(totals["stops"] or 0),
        failures=int(totals["failures"] or 0),
        flags=flags.names(flags.union(rows["flags"].to_list())),
    )


def quotient(top: float | None, bottom: float | None) -> Ratio:
    """top ÷ bottom, or None where either is missing or there is nothing to divide by."""
    return None if top is None or not bottom else top / bottom


def _product(*factors: Ratio) -> Ratio:
    result = 1.0
    for factor in factors:
        if factor is None:
            return None
        result *= factor
    return result


@dataclass(frozen=True, slots=True)
class Kpi:
    """A key performance indicator: `needs` names the Sums fields that must not be None."""

    name: str
    formula: str
    unit: str
    needs: tuple[str, ...]
    function: Callable[[Sums], Ratio]
    number: int | None = None  # in ISO 22400-2
    bounds: Callable[[Sums], tuple[Ratio, Ratio]] | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """A KPI's value over known time, its bounds with all unknown time at its worst and at its
    best, and the share of planned busy time that is known. None where there is none."""

    value: Ratio
    low: Ratio
    high: Ratio
    coverage: Ratio


def _availability(s: Sums) -> Ratio:
    return quotient(s.production_time_s, s.known_busy_time_s)


def _effectiveness(s: Sums) -> Ratio:
    return quotient(s.ideal_time_s, s.production_time_s)


def _quality(s: Sums) -> Ratio:
    return quotient(s.good_count, s.total_count)


def _oee_bounds(s: Sums) -> tuple[Ratio, Ratio]:
    """Low: only what the counters prove. High: besides, all unknown time at the ideal rate."""
    low = quotient(s.good_ideal_time_s, s.planned_busy_time_s)
    if s.good_ideal_time_s is None:
        return low, None
    return low, quotient(s.good_ideal_time_s + s.unknown_time_s, s.planned_busy_time_s)


def _time_share(part: Callable[[Sums], float]) -> Callable[[Sums], tuple[Ratio, Ratio]]:
    """Bounds of part ÷ PBT: none or all of the unknown time belongs to the part."""

    def bounds(s: Sums) -> tuple[Ratio, Ratio]:
        return (
            quotient(part(s), s.planned_busy_time_s),
            quotient(part(s) + s.unknown_time_s, s.planned_busy_time_s),
        )

    return bounds


def _processing_time(s: Sums) -> float:
    return s.production_time_s + s.setup_time_s


def _busy_time(s: Sums) -> float:
    """AUBT: busy on orders = AUPT + ADET."""
    return _processing_time(s) + s.delay_time_s


_IDEAL = ("ideal_time_s",)
_QUANTITIES = ("good_count", "total_count")
_REGISTRY = (
    Kpi(
        "availability",
        "APT / PBT",
        "1",
        (),
        _availability,
        8,
        _time_share(lambda s: s.production_time_s),
    ),
    Kpi("effectiveness", "PRI × PQ / APT", "1", _IDEAL, _effectiveness, 9),
    Kpi("quality_ratio", "GQ / PQ", "1", _QUANTITIES, _quality, 10),
    Kpi(
        "oee",
        "availability × effectiveness × quality ratio",
        "1",
        (*_IDEAL, *_QUANTITIES),
        lambda s: _product(_availability(s), _effectiveness(s), _quality(s)),
        6,
        _oee_bounds,
    ),
    Kpi(
        "net_equipment_effectiveness",
        "(AUPT / PBT) × effectiveness × quality ratio",
        "1",
        (*_IDEAL, *_QUANTITIES),
        lambda s: _product(
            quotient(_processing_time(s), s.known_busy_time_s), _effectiveness(s), _quality(s)
        ),
        7,
    ),
    Kpi(
        "allocation_efficiency",
        "AUBT / PBT",
        "1",
        (),
        lambda s: quotient(_busy_time(s), s.known_busy_time_s),
        4,
        _time_share(_busy_time),
    ),
    Kpi(
        "utilization_efficiency",
        "APT / AUBT",
        "1",
        (),
        lambda s: quotient(s.production_time_s, _busy_time(s)),
        5,
    ),
    Kpi(
        "setup_ratio",
        "AUST / AUPT",
        "1",
        (),
        lambda s: quotient(s.setup_time_s, _processing_time(s)),
        11,
    ),
    Kpi(
        "technical_efficiency",
        "APT / (APT + ADET)",
        "1",
        (),
        lambda s: quotient(s.production_time_s, s.production_time_s + s.delay_time_s),
        12,
    ),
    Kpi(
        "scrap_ratio",
        "SQ / PQ",
        "1",
        ("reject_count", "total_count"),
        lambda s: quotient(s.reject_count, s.total_count),
        16,
    ),
    Kpi(
        "rework_ratio",
        "RQ / PQ",
        "1",
        ("rework_count", "total_count"),
        lambda s: quotient(s.rework_count, s.total_count),
        17,
    ),
    Kpi(
        "comprehensive_energy_consumption",
        "total energy / PQ",
        "kWh/item",
        ("energy_kwh", "total_count"),
        lambda s: quotient(s.energy_kwh, s.total_count),
        23,
    ),
    Kpi(
        "energy_per_good_unit",
        "total energy / GQ",
        "kWh/item",
        ("energy_kwh", "good_count"),
        lambda s: quotient(s.energy_kwh, s.good_count),
    ),
)
KPIS: dict[str, Kpi] = {kpi.name: kpi for kpi in _REGISTRY}


def evaluate(metric: str, of: Sums) -> Figure:
    """The KPI of that name with bounds and coverage. Raises InputError for an unknown name.

    A KPI without bounds of its own has them only where nothing is unknown.
    """
    if metric not in KPIS:
        raise InputError(f"unknown metric '{metric}'", todo=f"Use one of {', '.join(KPIS)}.")
    kpi = KPIS[metric]
    value = kpi.function(of)
    if kpi.bounds is not None:
        low, high = kpi.bounds(of)
    elif of.unknown_time_s and not _from_counters_alone(kpi):
        low, high = None, None
    else:
        low, high = value, value
    return Figure(value, low, high, coverage(of))


def _from_counters_alone(kpi: Kpi) -> bool:
    """Counters go on across unknown time, so quotients of counts need no bounds."""
    return bool(kpi.needs) and "ideal_time_s" not in kpi.needs


def coverage(of: Sums) -> Ratio:
    """The known share of planned busy time; None where nothing was planned."""
    if not of.planned_busy_time_s:
        return None
    return 1 - of.unknown_time_s / of.planned_busy_time_s


def missing(kpi: Kpi, of: Sums) -> str | None:
    """What the KPI lacks, as a phrase; None where all its inputs are there."""
    absent = [name for name in kpi.needs if getattr(of, name) is None]
    return f"needs {', '.join(absent)}" if absent else None
