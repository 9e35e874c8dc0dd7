"""Looks for everything, one kind after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from analytics.integrity.calibrations import overdue_calibrations
from analytics.integrity.changed_sources import changed_sources
from analytics.integrity.examined import Examined
from analytics.integrity.late_corrections import late_corrections
from analytics.integrity.late_data import late_data
from analytics.integrity.plan_exceptions import late_exceptions
from analytics.integrity.plan_versions import changed_plans
from analytics.integrity.planned_down_time import swelling_down_time
from analytics.integrity.repeated_hours import repeated_hours
from analytics.integrity.still_counters import still_counters
from analytics.integrity.unlikely_production import unlikely_production
from domain.grants import Finding

_LOOKS: tuple[Callable[[Examined], Iterator[Finding]], ...] = (
    changed_plans,
    late_exceptions,
    swelling_down_time,
    late_corrections,
    repeated_hours,
    unlikely_production,
    still_counters,
    overdue_calibrations,
    changed_sources,
    late_data,
)


def findings(examined: Examined) -> tuple[Finding, ...]:
    """All that is found odd in the days, in the order of the looks and then of the lines."""
    return tuple(finding for look in _LOOKS for finding in look(examined))
