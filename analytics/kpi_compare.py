"""Two methods side by side: which seconds one puts into another class, and what that changes."""

from __future__ import annotations

import math
from typing import Any

import polars as pl

from analytics import methods
from analytics.kpi import KPIS
from analytics.kpi_totals import CONDENSED
from domain.frames import STATE_COLUMNS
from domain.states import TimeClass

_SAME = 1e-12  # quotients of the same sums in another order of multiplication


def differs_from(
    rows: pl.DataFrame, first: dict[str, Any], second: dict[str, Any]
) -> dict[str, Any]:
    """How the second KPI row differs from the first, both of the same CONDENSED rows.

    `method`: the first one's; `moved`: seconds by class there and here; `kpis`: those whose
    value differs, as [there, here].
    """
    return {
        "method": first["method"],
        "moved": _moved(rows, first["method"], second["method"]),
        "kpis": {
            name: [first[name], second[name]]
            for name in KPIS
            if not _equal(first[name], second[name])
        },
    }


def _moved(rows: pl.DataFrame, first: str, second: str) -> list[dict[str, Any]]:
    """In the order of the time classes."""
    moved: dict[tuple[TimeClass, TimeClass], int] = {}
    for row in rows.select(CONDENSED.names()).iter_rows(named=True):
        told = row["plan"], row["mode"], row["has_order"] is not False, row["reason_kind"]
        before, after = methods.classes_of(first, *told), methods.classes_of(second, *told)
        for column, old, new in zip(STATE_COLUMNS, before, after, strict=True):
            if old != new and row[column]:
                moved[old, new] = moved.get((old, new), 0) + row[column]
    order = sorted(moved, key=lambda pair: (pair[0].code, pair[1].code))
    return [
        {"from": old.value, "to": new.value, "seconds": moved[old, new] / 1e6} for old, new in order
    ]


def _equal(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return math.isclose(one, other, rel_tol=_SAME)
