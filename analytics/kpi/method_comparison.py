"""Two methods side by side: which seconds one puts into another class, and what that changes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import polars as pl

from analytics.kpi.aggregation import ROW
from analytics.kpi.evaluation import KPIS
from analytics.kpi.row_columns import KpiRow
from analytics.methods import registry
from domain.frames import METHOD_KEYS, STATE_COLUMNS
from domain.states import TimeClass

_SAME = 1e-12  # quotients of the same sums in another order of multiplication
Moved = dict[tuple[TimeClass, TimeClass], int]  # microseconds by class there and here


def compared(
    facts: pl.DataFrame, first: Sequence[KpiRow], second: Sequence[KpiRow]
) -> list[KpiRow]:
    """The second KPI rows, each with `differs_from`: how it differs from the first of the same
    condensed facts (ROW and CONDENSED).

    `method`: the first one's; `moved`: seconds by class there and here; `kpis`: those whose
    value differs, as [there, here].
    """
    if not first:
        return []
    moved = _moved(facts, len(first), first[0].method, second[0].method)
    return [
        replace(row, figures=row.figures | {"differs_from": _difference(before, row, seconds)})
        for before, row, seconds in zip(first, second, moved, strict=True)
    ]


def _difference(first: KpiRow, second: KpiRow, moved: Moved) -> dict[str, Any]:
    return {
        "method": first.method,
        "moved": [
            {"from": old.value, "to": new.value, "seconds": moved[old, new] / 1e6}
            for old, new in sorted(moved, key=lambda pair: (pair[0].code, pair[1].code))
        ],
        "kpis": {
            name: [first[name], second[name]]
            for name in KPIS
            if not _equal(first[name], second[name])
        },
    }


def _moved(facts: pl.DataFrame, rows: int, first: str, second: str) -> list[Moved]:
    moved: list[Moved] = [{} for _ in range(rows)]
    for at, plan, mode, order_is, kind, *micros in facts.select(
        ROW, *METHOD_KEYS, *STATE_COLUMNS
    ).iter_rows():
        keys = (plan, mode, order_is, kind)
        before, after = registry.classes_of(first, *keys), registry.classes_of(second, *keys)
        for amount, old, new in zip(micros, before, after, strict=True):
            if old != new and amount:
                moved[at][old, new] = moved[at].get((old, new), 0) + amount
    return moved


def _equal(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return math.isclose(one, other, rel_tol=_SAME)
