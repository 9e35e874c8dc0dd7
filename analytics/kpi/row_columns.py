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
from analytics.kpi.evaluation import KPIS, KpiValues, Sums, coverage, enclosed, evaluate_all
from analytics.kpi.formulas.hidden import COUNTS, count_bounds
from analytics.kpi.formulas.inputs import MANUAL_INPUTS
from analytics.kpi.formulas.sums import Amounts, as_list, is_present, or_zero
from analytics.kpi.periods import Period
from domain.time import Window

# Flags of a row beside those of its facts.
EFFECTIVENESS_OVER_100 = "effectiveness_over_100"
REJECTS_EXCEED_TOTAL = "rejects_exceed_total"
# One of the facts' own; a row has it also where its sums hold an implausible count.
(_IMPLAUSIBLE_COUNT,) = integrity_flags.names(integrity_flags.IMPLAUSIBLE_COUNT)
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
    "total_count_outside_plan",
    "good_count_outside_plan",
    "total_count_implausible",
    "total_unheard_s",
    "good_unheard_s",
    "production_unheard_s",
    "ideal_time_s",
    "good_ideal_time_s",
    "energy_kwh",
)
Columns = dict[str, list[Any]]
_Figures = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Restated:
    """The present figures of a row that was accepted, and `since` when it was."""

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


def kpi_rows_of(periods: Sequence[Period], sums: Sums, method: str) -> list[KpiRow]:
    """A row for each period from as row_count rows of sums."""
    found, lacking = evaluate_all(sums)
    row_count = len(sums)

    def amounts(names: Iterable[str]) -> Columns:
        return {name: as_list(sums.amount(name), row_count) for name in names}

    columns: Columns = {
        **amounts(_TIMES),
        "time_elements": _rows(
            {name: as_list(it, row_count) for name, it in sums.elements.items()}, row_count
        ),
        **amounts(_AMOUNTS),
        "stops": _integers(sums.stops, row_count),
        "failures": _integers(sums.failures, row_count),
        "further": _present_only(
            {
                name: as_list(it, row_count)
                for name, it in sums.further.items()
                if name in MANUAL_INPUTS
            },
            row_count,
        ),
        **{name: as_list(figures.value, row_count) for name, figures in found.items()},
        "oee_low": as_list(found["oee"].low, row_count),
        "oee_high": as_list(found["oee"].high, row_count),
        "bounds": _bounds({**_counts(sums), **found}, row_count),
        "coverage": as_list(coverage(sums), row_count),
        "denominators": [
            _denominators(failures) for failures in _integers(sums.failures, row_count)
        ],
        "flags": _flags(sums, found["effectiveness"].value),
        "not_computable": [dict(phrases) for phrases in lacking],
    }
    return [
        KpiRow(period, method, figures)
        for period, figures in zip(periods, _rows(columns, row_count), strict=True)
    ]


def _rows(columns: Columns, row_count: int) -> list[dict[str, Any]]:
    if not columns:
        return [{} for _ in range(row_count)]
    names = tuple(columns)
    return [dict(zip(names, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _present_only(columns: Columns, row_count: int) -> list[dict[str, Any]]:
    """The rows, each with only the amounts that it has."""
    return [
        {name: amount for name, amount in row.items() if amount is not None}
        for row in _rows(columns, row_count)
    ]


def _bounds(found: Mapping[str, KpiValues], row_count: int) -> list[dict[str, Any]]:
    """[low, high] of each KPI that has either."""
    pairs = {
        name: [
            None if low is None and high is None else [low, high]
            for low, high in zip(
                as_list(figures.low, row_count), as_list(figures.high, row_count), strict=True
            )
        ]
        for name, figures in found.items()
        if np.any(is_present(figures.low)) or np.any(is_present(figures.high))
    }
    return _present_only(pairs, row_count)


def _counts(sums: Sums) -> dict[str, KpiValues]:
    """Counts and energy with their bounds."""
    return {name: enclosed(sums.amount(name), *count_bounds(sums, name)) for name in COUNTS}


def _integers(amounts: Amounts, row_count: int) -> list[int]:
    found: list[int] = np.broadcast_to(amounts, row_count).astype(np.int64).tolist()
    return found


def _flags(sums: Sums, effectiveness: Amounts) -> list[list[str]]:
    """Those of the facts, and those that only the sums can show."""
    row_count = len(sums)
    over = np.broadcast_to(effectiveness > 1 + _ROUNDING, row_count)  # its planned cycle is wrong
    implausible = np.broadcast_to(or_zero(sums.total_count_implausible) > 0, row_count)
    negative = np.broadcast_to(or_zero(sums.good_count) < -_IN_FLIGHT, row_count)
    bits = np.broadcast_to(sums.flags, row_count)
    covered = as_list(coverage(sums), row_count)
    tolerated = [it is not None and integrity_flags.is_gap_tolerated(it) for it in covered]
    bits = np.where(tolerated, bits & ~integrity_flags.GAP, bits)
    found = (bits.tolist(), over.tolist(), implausible.tolist(), negative.tolist())
    return [list(_flag_names(*each)) for each in zip(*found, strict=True)]


@lru_cache(maxsize=256)
def _flag_names(bits: int, over: bool, implausible: bool, negative: bool) -> tuple[str, ...]:
    more = {
        EFFECTIVENESS_OVER_100: over,
        _IMPLAUSIBLE_COUNT: implausible,
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
