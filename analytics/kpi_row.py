"""One KPI row as command line, HTTP and pages show it: the interface's field names.

Times, sums, every KPI, bounds, coverage, flags, and what cannot be computed and why.
"""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from analytics.kpi import KPIS, Sums, evaluate_all
from analytics.kpi_inputs import FIGURES
from domain.time import Window

# Flags of a row beside those of its facts.
EFFECTIVENESS_OVER_100 = "effectiveness_over_100"
IMPLAUSIBLE_COUNT = "implausible_count"
_MEANS = tuple(name for name, kpi in KPIS.items() if kpi.events)
_ROUNDING = 1e-9  # shares of increments are floats: an effectiveness of 1 is not over 1


def kpi_row(
    line_id: str, window: Window, key: str | None, of: Sums, method: str, zone: ZoneInfo
) -> dict[str, Any]:
    """The row of a window (or a part of it that is named by `key`) from its sums."""
    found, lacking = evaluate_all(of)
    oee = found["oee"]
    return {
        "line": line_id,
        "start": window.start.astimezone(zone).isoformat(),
        "end": window.end.astimezone(zone).isoformat(),
        "key": key,
        "method": method,
        "planned_busy_time_s": of.planned_busy_time_s,
        "production_time_s": of.production_time_s,
        "setup_time_s": of.setup_time_s,
        "delay_time_s": of.delay_time_s,
        "down_time_s": of.down_time_s,
        "maintenance_time_s": of.maintenance_time_s,
        "unknown_time_s": of.unknown_time_s,
        "planned_down_time_s": of.planned_down_time_s,
        "not_planned_time_s": of.not_planned_time_s,
        "order_time_s": of.order_time_s,
        "repair_time_s": of.repair_time_s,
        "time_elements": dict(of.elements),
        "total_count": of.total_count,
        "good_count": of.good_count,
        "reject_count": of.reject_count,
        "rework_count": of.rework_count,
        "total_count_unknown": of.total_count_unknown,
        "good_count_unknown": of.good_count_unknown,
        "total_count_implausible": of.total_count_implausible,
        "ideal_time_s": of.ideal_time_s,
        "good_ideal_time_s": of.good_ideal_time_s,
        "energy_kwh": of.energy_kwh,
        "stops": of.stops,
        "failures": of.failures,
        "further": {name: amount for name, amount in of.further.items() if name in FIGURES},
        **{name: figure.value for name, figure in found.items()},
        "oee_low": oee.low,
        "oee_high": oee.high,
        "bounds": {
            name: [figure.low, figure.high]
            for name, figure in found.items()
            if figure.low is not None or figure.high is not None
        },
        "coverage": oee.coverage,
        "denominators": _denominators(of),
        "flags": _flags(of, found["effectiveness"].value),
        "not_computable": lacking,
    }


def _flags(of: Sums, effectiveness: float | None) -> list[str]:
    """Those of the facts, and those that only the sums can show."""
    more = []
    if effectiveness is not None and effectiveness > 1 + _ROUNDING:
        more.append(EFFECTIVENESS_OVER_100)  # the planned cycle time is wrong
    if (of.total_count_implausible or 0.0) > 0:
        more.append(IMPLAUSIBLE_COUNT)
    return list(dict.fromkeys((*of.flags, *more)))


def _denominators(of: Sums) -> dict[str, str]:
    """What each mean was divided by: ISO 22400-2 prints FE + 1 in places, we divide by FE."""
    events = f"{of.failures} failure event{'' if of.failures == 1 else 's'} (FE)"
    return dict.fromkeys(_MEANS, events) if of.failures else {}
