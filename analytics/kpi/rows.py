"""KPI rows of a window: one path from facts to figures, for command line, HTTP and pages.

The rows of several methods stand one method after the other, each later one compared with the
first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from analytics.kpi.aggregation import totals
from analytics.kpi.manual_inputs import Characteristic, manual_inputs_by_product, manual_inputs_in
from analytics.kpi.method_comparison import compared
from analytics.kpi.periods import Period, Periods, periods_of
from analytics.kpi.row_columns import KpiRow, kpi_rows_of
from analytics.methods import registry
from domain.corrections import Correction
from domain.plant import Plant
from domain.time import Window


@dataclass(frozen=True, slots=True)
class ManualInputs:
    """What a row needs beside the facts of its period: the worst measured characteristic, `further`
    amounts that people entered, and `cut`: why an input has no amount."""

    characteristic: Characteristic = field(default_factory=Characteristic)
    further: Mapping[str, float] = field(default_factory=dict)
    cut: Mapping[str, str] = field(default_factory=dict)


def kpi_rows(
    plant: Plant,
    line_id: str,
    facts: pl.DataFrame,
    window: Window,
    by: str | None = None,
    method: str | Sequence[str] = registry.DEFAULT,
    entered: Sequence[Correction] = (),
    measured: Callable[[Window], Characteristic] | None = None,
) -> list[KpiRow]:
    """Rows for the window from its FACTS. Raises InputError for an unknown period or method.

    `entered`: what people entered of KPI inputs (FIGURE corrections). `measured`: the
    worst characteristic in a part of the window; None where measurements are not asked for.
    """
    periods = periods_of(line_id, plant.zone, facts, window, by)
    inputs = [manual_inputs(period, by, entered, measured) for period in periods.each]
    return period_rows(periods, inputs, method)


def manual_inputs(
    period: Period,
    by: str | None,
    entered: Sequence[Correction],
    measured: Callable[[Window], Characteristic] | None = None,
) -> ManualInputs:
    """The inputs of one period; `entered` may hold those of other lines and times too."""
    if by == "product":
        return ManualInputs(
            Characteristic(), *manual_inputs_by_product(entered, period.line, period.window)
        )
    found = measured(period.window) if measured else Characteristic()
    further, cut = manual_inputs_in(entered, period.line, period.window, period.zone)
    return ManualInputs(found, {**further, **found.indices}, {**cut, **found.cut})


def period_rows(
    periods: Periods, inputs: Sequence[ManualInputs], method: str | Sequence[str]
) -> list[KpiRow]:
    """The rows of periods, of any lines, whose facts are added up already, wherever that was
    done. `inputs`: for each of them. Raises InputError for an unknown method."""
    row_count = len(periods.each)
    named = {name for it in inputs for name in it.further}
    further = {
        name: np.array([it.further.get(name, np.nan) for it in inputs]) for name in sorted(named)
    }
    cut = [it.cut for it in inputs] if any(it.cut for it in inputs) else []
    rows: list[KpiRow] = []
    for name in registry.chosen(method):
        found = kpi_rows_of(
            periods.each, totals(periods.facts, row_count, name, further, cut), name
        )
        for row, it in zip(found, inputs, strict=True):
            row.figures["characteristic"] = it.characteristic.name
        rows += compared(periods.facts, rows[:row_count], found) if rows else found
    return rows
