"""From facts to sums, in two steps.

`condensed` adds up facts to one row for each combination that a method can tell apart, and
knows no method: a store may do it in its own language. `totals` gives such rows their time
classes under a method. OEE of several machines, shifts or products is a quotient of the summed
ingredients, never a mean of ratios. Nothing here knows any KPI.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from analytics import flags, methods
from analytics.kpi_sums import Sums
from analytics.method_rules import Method
from domain.frames import COUNT_COLUMNS, QUANTITY_COLUMNS, STATE_COLUMNS
from domain.states import (
    STOP_STATES,
    MachineMode,
    MachineState,
    Plan,
    ReasonKind,
    TimeClass,
)

# Facts summed by whatever keys are wanted and by these four: all that a method asks for.
# has_order: null without an order signal, else whether an order is active (FACTS `order` is
# not ""). Quantities: null where all summed rows are null. stops and failures: those of busy
# rows alone, a stop outside the planned busy time is none. cycle_time_s: the shortest planned
# run time per item (PRI) in any of the rows, from good_ideal_s ÷ good_count where that is not
# 0, else null. flags: bitwise or.
CONDENSED = pl.Schema(
    {
        "plan": pl.String(),
        "mode": pl.String(),
        "has_order": pl.Boolean(),
        "reason_kind": pl.String(),
        **{column: pl.Int64() for column in STATE_COLUMNS},
        **{column: pl.Float64() for column in QUANTITY_COLUMNS},
        **{column: pl.Int64() for column in COUNT_COLUMNS},
        "cycle_time_s": pl.Float64(),
        "flags": pl.Int64(),
    }
)
_NONE: Mapping[str, Any] = {}
Row = tuple[Any, ...]  # of CONDENSED, its columns in order
_TOLD_APART = ("plan", "mode", "has_order", "reason_kind")
_FIRST_QUANTITY = len(_TOLD_APART) + len(STATE_COLUMNS)
_FIRST_COUNT = _FIRST_QUANTITY + len(QUANTITY_COLUMNS)
_TOTAL_UNKNOWN = QUANTITY_COLUMNS.index("total_count_unknown")
_AUBT = (TimeClass.PRODUCTION, TimeClass.SETUP, TimeClass.DELAY)
_UNKNOWN = MachineState.UNKNOWN.code
_STOPS = tuple(sorted(state.code for state in STOP_STATES))
_FAULT = MachineState.FAULT.code
_MAINTENANCE = MachineState.MAINTENANCE.code


def sums(facts: pl.DataFrame, method: str = methods.DEFAULT) -> Sums:
    """The sums of FACTS rows under a method. Raises InputError for an unknown method."""
    return totals(rows_by(condensed(facts), []).get((), []), method)


def sums_by(
    facts: pl.DataFrame, keys: list[str], method: str = methods.DEFAULT
) -> dict[tuple[object, ...], Sums]:
    """The same for each combination of the key columns, in order of first appearance."""
    found = rows_by(condensed(facts, keys), keys)
    return {key: totals(rows, method) for key, rows in found.items()}


def condensed(facts: pl.DataFrame, keys: list[str] | None = None) -> pl.DataFrame:
    """FACTS (with the key columns beside) added up: the key columns, then CONDENSED.

    Groups stand in the order of their first appearance.
    """
    wanted = keys or []
    busy = pl.col("plan") == Plan.BUSY.value
    counted = [pl.when(busy).then(pl.col(name)).alias(name) for name in COUNT_COLUMNS]
    cycle = pl.when(pl.col("good_count") != 0).then(pl.col("good_ideal_s") / pl.col("good_count"))
    return (
        facts.select(
            *wanted,
            "plan",
            "mode",
            (pl.col("order") != "").alias("has_order"),
            "reason_kind",
            *STATE_COLUMNS,
            *QUANTITY_COLUMNS,
            *counted,
            cycle.alias("cycle_time_s"),
            "flags",
        )
        .group_by(*wanted, *_TOLD_APART, maintain_order=True)
        .agg(
            pl.col(STATE_COLUMNS).sum(),
            *(_total(name) for name in QUANTITY_COLUMNS),
            pl.col(COUNT_COLUMNS).sum(),
            pl.col("cycle_time_s").min(),
            pl.col("flags").bitwise_or(),
        )
    )


def _total(name: str) -> pl.Expr:
    """The sum of a column; null where it holds nothing."""
    return pl.when(pl.col(name).is_not_null().any()).then(pl.col(name).sum()).alias(name)


def rows_by(frame: pl.DataFrame, keys: list[str]) -> dict[tuple[object, ...], list[Row]]:
    """The rows of a condensed frame for each combination of keys, in order of first appearance.

    `frame`: the key columns and CONDENSED, from `condensed` or from a store that did the same.
    """
    found: dict[tuple[object, ...], list[Row]] = {}
    width = len(keys)
    for row in frame.select(*keys, *CONDENSED.names()).iter_rows():
        found.setdefault(row[:width], []).append(row[width:])
    return found


def micros_in(row: Row) -> tuple[int, ...]:
    """The microseconds of each machine state (by code) in a condensed row."""
    return row[len(_TOLD_APART) : _FIRST_QUANTITY]


def classes_in(row: Row, method: str) -> tuple[TimeClass, ...]:
    """The time class of each machine state (by code) in a condensed row under a method."""
    plan, mode, has_order, kind, *_ = row
    return methods.classes_of(method, plan, mode, has_order is not False, kind)


@dataclass
class _Ledger:
    """The times of condensed rows as they add up, in microseconds."""

    classes: dict[TimeClass, int]
    elements: dict[str, int]
    order: int | None = None
    order_unknown: int = 0
    order_busy: int = 0
    order_production: int = 0
    repair: int = 0
    preventive: int = 0
    unknown_planned_down: int = 0

    def add(self, row: Row, method: str) -> None:
        plan, mode, has_order, kind, *_ = row
        micros = micros_in(row)
        told = (method, plan, mode, has_order is not False, kind)
        elements = methods.elements_of(*told)
        for amount, time_class, element in zip(
            micros, methods.classes_of(*told), elements, strict=True
        ):
            if amount:
                self.classes[time_class] += amount
                self.elements[element] += amount
                if has_order and time_class in _AUBT:
                    self.order_busy += amount
                    if time_class is TimeClass.PRODUCTION:
                        self.order_production += amount
        if has_order is not None:
            self.order = (self.order or 0) + (sum(micros) if has_order else 0)
        if plan == Plan.NOT_PLANNED.value:
            return
        busy = plan == Plan.BUSY.value
        if not busy:
            self.unknown_planned_down += micros[_UNKNOWN]
        elif has_order:
            self.order_unknown += micros[_UNKNOWN]
        self._add_repair(micros, mode, kind, busy)

    def _add_repair(self, micros: tuple[int, ...], mode: object, kind: object, busy: bool) -> None:
        failing = sum(micros[code] for code in _STOPS)
        if not busy:
            failing = 0
        elif kind != ReasonKind.BREAKDOWN.value:
            failing = micros[_FAULT]
        maintained = micros[_MAINTENANCE]
        if mode == MachineMode.MAINTENANCE.value:
            maintained = sum(micros) - micros[_UNKNOWN] - failing
        elif kind == ReasonKind.MAINTENANCE.value:
            maintained += sum(micros[code] for code in _STOPS) - failing
        self.repair += failing
        self.preventive += maintained


def totals(
    rows: Iterable[Row],
    method: str = methods.DEFAULT,
    further: Mapping[str, float] = _NONE,
    cut: Mapping[str, str] = _NONE,
) -> Sums:
    """The sums of condensed rows under a method, beside what people told (see Sums).

    Raises InputError for an unknown method.
    """
    found = methods.method_named(method)
    times = _Ledger(dict.fromkeys(TimeClass, 0), dict.fromkeys(found.elements(), 0))
    amounts: dict[str, float] = {}
    stops = failures = bits = 0
    cycles: list[float] = []
    unknown_in_plan = 0.0
    for row in rows:
        times.add(row, method)
        quantities = row[_FIRST_QUANTITY:_FIRST_COUNT]
        for name, amount in zip(QUANTITY_COLUMNS, quantities, strict=True):
            if amount is not None:
                amounts[name] = amounts.get(name, 0.0) + amount
        if row[0] == Plan.BUSY.value:
            unknown_in_plan += quantities[_TOTAL_UNKNOWN] or 0.0
        row_stops, row_failures, cycle, row_bits = row[_FIRST_COUNT:]
        stops, failures, bits = stops + row_stops, failures + row_failures, bits | row_bits
        cycles += [] if cycle is None else [cycle]
    # Shares of increments are floats; a millionth of an item is far below what they carry.
    rounded = {name: round(amount, 6) for name, amount in amounts.items()}
    return Sums(
        seconds={kind: value / 1e6 for kind, value in times.classes.items()},
        total_count=rounded.get("total_count"),
        good_count=rounded.get("good_count"),
        reject_count=rounded.get("reject_count"),
        rework_count=rounded.get("rework_count"),
        total_count_unknown=rounded.get("total_count_unknown"),
        good_count_unknown=rounded.get("good_count_unknown"),
        total_count_implausible=rounded.get("total_count_implausible"),
        total_count_unknown_in_plan=round(unknown_in_plan, 6),
        ideal_time_s=rounded.get("ideal_s"),
        good_ideal_time_s=rounded.get("good_ideal_s"),
        implausible_ideal_time_s=rounded.get("implausible_ideal_s"),
        energy_kwh=rounded.get("energy_kwh"),
        cycle_time_s=min(cycles, default=None),
        order_time_s=None if times.order is None else times.order / 1e6,
        order_unknown_time_s=times.order_unknown / 1e6,
        order_busy_time_s=None if times.order is None else times.order_busy / 1e6,
        order_production_time_s=None if times.order is None else times.order_production / 1e6,
        repair_time_s=times.repair / 1e6,
        preventive_time_s=times.preventive / 1e6,
        unknown_planned_down_time_s=times.unknown_planned_down / 1e6,
        stops=stops,
        failures=failures,
        flags=flags.names(bits),
        elements=_with_sums(found, times.elements),
        plan_fixed=not found.shrinks_plan(),
        further=further,
        cut=cut,
    )


def _with_sums(method: Method, micros: dict[str, int]) -> dict[str, float]:
    """The method's elements and then their named sums, in seconds."""
    together = {name: sum(micros[part] for part in parts) for name, parts in method.sums}
    return {name: value / 1e6 for name, value in (micros | together).items()}
