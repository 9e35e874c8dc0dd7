"""Two methods side by side: which seconds one puts into another class, and what that changes."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from analytics.kpi import KPIS
from analytics.kpi_totals import Row, classes_in, micros_in
from domain.states import TimeClass

_SAME = 1e-12  # quotients of the same sums in another order of multiplication


def differs_from(
    rows: Iterable[Row], first: dict[str, Any], second: dict[str, Any]
) -> dict[str, Any]:
    """How the second KPI row differs from the first, both of the same condensed rows.

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


def _moved(rows: Iterable[Row], first: str, second: str) -> list[dict[str, Any]]:
    """In the order of the time classes."""
    moved: dict[tuple[TimeClass, TimeClass], int] = {}
    for row in rows:
        before, after = classes_in(row, first), classes_in(row, second)
        for amount, old, new in zip(micros_in(row), before, after, strict=True):
            if old != new and amount:
                moved[old, new] = moved.get((old, new), 0) + amount
    order = sorted(moved, key=lambda pair: (pair[0].code, pair[1].code))
    return [
        {"from": old.value, "to": new.value, "seconds": moved[old, new] / 1e6} for old, new in order
    ]


def _equal(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return math.isclose(one, other, rel_tol=_SAME)
