"""Figures: what any of the registered KPIs is over some sums, with bounds and coverage.

This is the face of the KPI modules: facts → sums (`kpi_totals`), KPIs (`kpi_registry`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from analytics.arrays import Flags
from analytics.kpi.aggregation import condensed, sums, totals
from analytics.kpi.model import Figure, Kpi, quotient
from analytics.kpi.registry import (
    FROM_MACHINES,
    KPIS,
    MAY_LACK,
    lacking,
    missing,
    not_computable,
)
from analytics.kpi.sums import NONE, Amounts, Sums, listed, sums_of
from domain.errors import InputError

__all__ = [
    "FROM_MACHINES",
    "KPIS",
    "Figure",
    "Figures",
    "Kpi",
    "Sums",
    "condensed",
    "coverage",
    "evaluate",
    "evaluate_all",
    "sums",
    "sums_of",
    "totals",
]


@dataclass(frozen=True, slots=True)
class Figures:
    """A KPI's value and bounds for each row of sums; NaN where there is none."""

    value: Amounts
    low: Amounts
    high: Amounts


def evaluate(metric: str, of: Sums) -> Figure:
    """The KPI of that name, of one row of sums, with bounds and coverage.

    Raises InputError for an unknown name.
    """
    if metric not in KPIS:
        raise InputError(f"unknown metric '{metric}'", todo=f"Use one of {', '.join(KPIS)}.")
    found = _figures(KPIS[metric], of, missing(of, MAY_LACK[metric]))
    columns = (found.value, found.low, found.high, coverage(of))
    return Figure(*(listed(column, 1)[0] for column in columns))


def evaluate_all(of: Sums) -> tuple[dict[str, Figures], list[Mapping[str, str]]]:
    """Every KPI by its name, and for each row what is missing for those that have no value."""
    absent = missing(of)
    figures = {name: _figures(kpi, of, absent) for name, kpi in KPIS.items()}
    return figures, not_computable(of, absent)


def _figures(kpi: Kpi, of: Sums, absent: Mapping[str, Flags]) -> Figures:
    without = lacking(kpi.name, absent)
    if np.all(without):
        return Figures(NONE, NONE, NONE)
    value, (low, high) = kpi.function(of), kpi.bounds(of)
    if not np.any(without):
        return Figures(value, low, high)
    return Figures(*(np.where(without, np.nan, column) for column in (value, low, high)))


def coverage(of: Sums) -> Amounts:
    """The known share of planned busy time; NaN where nothing was planned."""
    return 1 - quotient(of.unknown_time_s, of.planned_busy_time_s)
