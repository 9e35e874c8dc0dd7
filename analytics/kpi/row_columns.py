"""KPI rows: what is known of one period by one method, from columns of sums.

Times, amounts, every KPI, bounds, coverage, flags, and what cannot be computed and why, each by
its name in the KPI reference. How a row is written for programs is `api.documents.kpi_rows`' duty.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import numpy as np

from analytics import integrity_flags
from analytics.kpi.evaluation import KPIS, KpiValues, Sums, coverage, evaluate_all
from analytics.kpi.inputs import MANUAL_INPUTS
from analytics.kpi.periods import Period
from analytics.kpi.sums import Amounts, is_present, listed, or_zero
from domain.time import Window

# Flags of a row beside those of its facts.
EFFECTIVENESS_OVER_100 = "effectiveness_over_100"
IMPLAUSIBLE_COUNT = "implausible_count"
REJECTS_EXCEED_TOTAL = "rejects_exceed_total"
_MEANS = tuple(name for name, kpi in KPIS.items() if kpi.events)
_IN_FLIGHT = 1.0  # an item may be rejected a moment after it was made
_ROUNDING = 1e-9  # shares of increments are floats: an effectiveness of 1 is not over 1
_TIMES = (
    "planned_busy_time_s",
    "production_time_s",
    "setup_time_s",
    "delay_time_s",
    "down_time_s",
    "maintenance_time_s",
    "unknown_time_s",
    "planned_down_time_s",
    "not_planned_time_s",
    "order_time_s",
    "repair_time_s",
)
_AMOUNTS = (
    "total_count",
    "good_count",
    "reject_count",
    "rework_count",
    "total_count_unknown",
    "good_count_unknown",
    "total_count_implausible",
    "ideal_time_s",
    "good_ideal_time_s",
    "energy_kwh",
)
Columns = dict[str, list[Any]]
_Figures = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Restated:
    """What the present facts say of a row that was accepted, and `since` when that stands."""

    figures: _Figures
    since: datetime


@dataclass(frozen=True, slots=True)
class KpiRow:
    """The figures of a period: numbers, None where there is none, and beside them texts and
    mappings. `not_frozen`: what of an accepted row is as it is at present."""

    period: Period
    method: str
    figures: _Figures
    restated: Restated | None = None
    not_frozen: tuple[Window, ...] = ()

    def __getitem__(self, name: str) -> Any:
        """The figure of that name."""
        return self.figures[name]

    @property
    def window(self) -> Window:
        return self.period.window

    @property
    def key(self) -> str | None:
        return self.period.key


def kpi_rows_of(periods: Sequence[Period], of: Sums, method: str) -> list[KpiRow]:
    """A row for each period from as many rows of sums."""
    found, lacking = evaluate_all(of)
    many = len(of)

    def amounts(names: Iterable[str]) -> Columns:
        return {name: listed(of.amount(name), many) for name in names}

    columns: Columns = {
        **amounts(_TIMES),
        "time_elements": _rows({name: listed(it, many) for name, it in of.elements.items()}, many),
        **amounts(_AMOUNTS),
        "stops": _integers(of.stops, many),
        "failures": _integers(of.failures, many),
        "further": _told(
            {name: listed(it, many) for name, it in of.further.items() if name in MANUAL_INPUTS},
            many,
        ),
        **{name: listed(figures.value, many) for name, figures in found.items()},
        "oee_low": listed(found["oee"].low, many),
        "oee_high": listed(found["oee"].high, many),
        "bounds": _bounds(found, many),
        "coverage": listed(coverage(of), many),
        "denominators": [_denominators(failures) for failures in _integers(of.failures, many)],
        "flags": _flags(of, found["effectiveness"].value),
        "not_computable": [dict(phrases) for phrases in lacking],
    }
    return [
        KpiRow(period, method, figures)
        for period, figures in zip(periods, _rows(columns, many), strict=True)
    ]


def _rows(columns: Columns, many: int) -> list[dict[str, Any]]:
    if not columns:
        return [{} for _ in range(many)]
    names = tuple(columns)
    return [dict(zip(names, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _told(columns: Columns, many: int) -> list[dict[str, Any]]:
    """Of each row only what there is."""
    return [
        {name: amount for name, amount in row.items() if amount is not None}
        for row in _rows(columns, many)
    ]


def _bounds(found: Mapping[str, KpiValues], many: int) -> list[dict[str, Any]]:
    """[low, high] of each KPI that has either."""
    pairs = {
        name: [
            None if low is None and high is None else [low, high]
            for low, high in zip(listed(figures.low, many), listed(figures.high, many), strict=True)
        ]
        for name, figures in found.items()
        if np.any(is_present(figures.low)) or np.any(is_present(figures.high))
    }
    return _told(pairs, many)


def _integers(amounts: Amounts, many: int) -> list[int]:
    found: list[int] = np.broadcast_to(amounts, many).astype(np.int64).tolist()
    return found


def _flags(of: Sums, effectiveness: Amounts) -> list[list[str]]:
    """Those of the facts, and those that only the sums can show."""
    many = len(of)
    over = np.broadcast_to(effectiveness > 1 + _ROUNDING, many)  # its planned cycle is wrong
    implausible = np.broadcast_to(or_zero(of.total_count_implausible) > 0, many)
    negative = np.broadcast_to(or_zero(of.good_count) < -_IN_FLIGHT, many)
    bits = np.broadcast_to(of.flags, many)
    found = (bits.tolist(), over.tolist(), implausible.tolist(), negative.tolist())
    return [list(_flag_names(*each)) for each in zip(*found, strict=True)]


@lru_cache(maxsize=256)
def _flag_names(bits: int, over: bool, implausible: bool, negative: bool) -> tuple[str, ...]:
    more = {
        EFFECTIVENESS_OVER_100: over,
        IMPLAUSIBLE_COUNT: implausible,
        REJECTS_EXCEED_TOTAL: negative,
    }
    return tuple(
        dict.fromkeys(
            (*integrity_flags.names(bits), *(name for name, is_so in more.items() if is_so))
        )
    )


def _denominators(failures: int) -> dict[str, str]:
    """What each mean was divided by: ISO 22400-2 prints FE + 1 in places, we divide by FE."""
    events = f"{failures} failure event{'' if failures == 1 else 's'} (FE)"
    return dict.fromkeys(_MEANS, events) if failures else {}
