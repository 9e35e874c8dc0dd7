"""Figures: what any of the registered KPIs is over some sums, with bounds and coverage.

This is the face of the KPI modules: facts → sums (`kpi_totals`), KPIs (`kpi_registry`).
"""

from __future__ import annotations

from analytics.kpi_model import Figure, Kpi, Ratio
from analytics.kpi_registry import FROM_MACHINES, KPIS, missing
from analytics.kpi_sums import Sums, sums_of
from analytics.kpi_totals import condensed, sums, sums_by, totals
from domain.errors import InputError

__all__ = [
    "FROM_MACHINES",
    "KPIS",
    "Figure",
    "Kpi",
    "Sums",
    "condensed",
    "coverage",
    "evaluate",
    "missing",
    "sums",
    "sums_by",
    "sums_of",
    "totals",
]


def evaluate(metric: str, of: Sums) -> Figure:
    """The KPI of that name with bounds and coverage. Raises InputError for an unknown name."""
    if metric not in KPIS:
        raise InputError(f"unknown metric '{metric}'", todo=f"Use one of {', '.join(KPIS)}.")
    kpi = KPIS[metric]
    if missing(kpi, of) is not None:
        return Figure(None, None, None, coverage(of))
    low, high = kpi.bounds(of)
    return Figure(kpi.function(of), low, high, coverage(of))


def coverage(of: Sums) -> Ratio:
    """The known share of planned busy time; None where nothing was planned."""
    if not of.planned_busy_time_s:
        return None
    return 1 - of.unknown_time_s / of.planned_busy_time_s
