"""Evaluation: the value of any registered KPI over some sums, with bounds and coverage.

Other packages import the KPI modules through this one: facts → sums (`analytics.kpi.aggregation`),
sums → KPIs (`analytics.kpi.formulas.registry`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from analytics.arrays import Flags
from analytics.kpi.aggregation import condensed, summed, totals
from analytics.kpi.formulas.model import Kpi, KpiValue, quotient
from analytics.kpi.formulas.registry import (
    FROM_MACHINES,
    KPIS,
    MAY_LACK,
    lacking,
    missing,
    not_computable,
    unexpected,
)
from analytics.kpi.formulas.sums import (
    NONE,
    Amounts,
    Sums,
    as_list,
    is_present,
    sums_from_amounts,
)
from analytics.kpi.formulas.windowed import NO_DAY, windowed
from domain.errors import InputError

__all__ = [
    "FROM_MACHINES",
    "KPIS",
    "NO_DAY",
    "Amounts",
    "Kpi",
    "KpiValue",
    "KpiValues",
    "Sums",
    "condensed",
    "coverage",
    "enclosed",
    "evaluate",
    "evaluate_all",
    "summed",
    "sums_from_amounts",
    "totals",
    "values",
    "windowed",
]


@dataclass(frozen=True, slots=True)
class KpiValues:
    """A KPI's value and bounds for each row of sums; NaN where there is none."""

    value: Amounts
    low: Amounts
    high: Amounts


def evaluate(metric: str, sums: Sums) -> KpiValue:
    """The KPI of that name over one row of sums, with bounds and coverage.

    Raises InputError for an unknown name.
    """
    if metric not in KPIS:
        raise InputError(f"unknown metric '{metric}'", todo=f"Use one of {', '.join(KPIS)}.")
    found = _values(KPIS[metric], sums, missing(sums, MAY_LACK[metric]))
    columns = (found.value, found.low, found.high, coverage(sums))
    return KpiValue(*(as_list(column, 1)[0] for column in columns))


def values(metric: str, sums: Sums) -> Amounts:
    """The KPI of that name over each row of sums, without bounds; NaN where it has no value."""
    kpi = KPIS[metric]
    without = lacking(metric, missing(sums, MAY_LACK[metric]))
    return np.where(without, np.nan, kpi.function(sums))


def evaluate_all(sums: Sums) -> tuple[dict[str, KpiValues], list[Mapping[str, str]]]:
    """Every KPI by its name, and for each row what is missing for those that have no value."""
    absent = missing(sums)
    values = {name: _values(kpi, sums, absent) for name, kpi in KPIS.items()}
    return values, not_computable(sums, absent)


def _values(kpi: Kpi, sums: Sums, absent: Mapping[str, Flags]) -> KpiValues:
    without = lacking(kpi.name, absent)
    open_bounds = (
        lacking(kpi.name, unexpected(sums, kpi.name, absent)) if np.any(without) else False
    )
    if np.all(open_bounds) and np.any(without):
        return KpiValues(NONE, NONE, NONE)
    value, (low, high) = kpi.function(sums), kpi.bounds(sums)
    if np.any(without):
        value = np.where(without, np.nan, value)
        low, high = (np.where(open_bounds, np.nan, bound) for bound in (low, high))
    return enclosed(value, low, high)


def enclosed(value: Amounts, low: Amounts, high: Amounts) -> KpiValues:
    """Where a formula leaves the value outside its bounds, the bound is the value."""
    has_value = is_present(value)
    return KpiValues(
        value,
        np.where(has_value, np.minimum(low, value), low),
        np.where(has_value, np.maximum(high, value), high),
    )


def coverage(sums: Sums) -> Amounts:
    """The known share of planned busy time; NaN where nothing was planned."""
    return 1 - quotient(sums.unknown_time_s, sums.planned_busy_time_s)
