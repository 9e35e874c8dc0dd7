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
    "evaluate_all",
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
    if metric in missing(of):
        return Figure(None, None, None, coverage(of))
    return _figure(KPIS[metric], of, coverage(of))


def evaluate_all(of: Sums) -> tuple[dict[str, Figure], dict[str, str]]:
    """Every KPI by its name, and of those that cannot be computed what is missing."""
    known, lacking = coverage(of), missing(of)
    nothing = Figure(None, None, None, known)
    figures = {
        name: nothing if name in lacking else _figure(kpi, of, known) for name, kpi in KPIS.items()
    }
    return figures, dict(lacking)


def _figure(kpi: Kpi, of: Sums, known: Ratio) -> Figure:
    return Figure(kpi.function(of), *kpi.bounds(of), known)


def coverage(of: Sums) -> Ratio:
    """The known share of planned busy time; None where nothing was planned."""
    if not of.planned_busy_time_s:
        return None
    return 1 - of.unknown_time_s / of.planned_busy_time_s
