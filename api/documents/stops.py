"""The document of stops as people and programs get it: rows with local times and with names.

Plain dictionaries with the field names of the interface. Names of reasons are in the language
that was asked for; ids, states and categories are the same in every language.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from analytics.stops.pareto import Measure, pareto
from analytics.stops.waiting_causes import FirstCauses
from domain.plant import Plant, text_in
from domain.time import Window

_TIMES = ("start", "end")


def stops_document(
    plant: Plant,
    line_id: str,
    window: Window,
    stops: pl.DataFrame,
    level: int | None = None,
    language: str = "en",
) -> dict[str, Any]:
    """The list (from EXPLAINED stops) and its Paretos: `pareto` of all causes by time; in
    `paretos` those of unplanned and of planned ones, by time and by count.

    Raises InputError for a level that no tree has.
    """

    def table(rows: pl.DataFrame, measure: Measure) -> list[dict[str, Any]]:
        return [
            _named(plant, row, language)
            for row in pareto(rows, level, measure).iter_rows(named=True)
        ]

    apart = {"unplanned": stops.filter(~pl.col("planned")), "planned": stops.filter("planned")}
    return {
        "line": line_id,
        **local_times({"start": window.start, "end": window.end}, plant.zone),
        "stops": [_stop(plant, row, language) for row in stops.iter_rows(named=True)],
        "pareto": table(stops, "duration_s"),
        "paretos": {
            name: {"by_time": table(rows, "duration_s"), "by_count": table(rows, "count")}
            for name, rows in apart.items()
        },
    }


def causes_document(
    plant: Plant, sequence: Sequence[str], lag_s: float, causes: FirstCauses
) -> dict[str, Any]:
    """Who waited for whom: the machines as the material flows, and every waiting."""
    return {
        "sequence": list(sequence),
        "lag_s": lag_s,
        "machines": causes.shares.to_dicts(),
        "waits": [local_times(row, plant.zone) for row in causes.waits.iter_rows(named=True)],
    }


def local_times(row: dict[str, Any], zone: ZoneInfo) -> dict[str, Any]:
    """The row with `start` and `end` as ISO 8601 texts in the zone."""
    return {**row, **{name: row[name].astimezone(zone).isoformat() for name in _TIMES}}


def _stop(plant: Plant, row: dict[str, Any], language: str) -> dict[str, Any]:
    path = row.pop("path")
    node = path[-1] if path else None
    return {
        **local_times(row, plant.zone),
        "reason_id": node,
        "reason_path": path,
        "reason_name": _name(plant, node, language) or row["reason"],
    }


def _named(plant: Plant, row: dict[str, Any], language: str) -> dict[str, Any]:
    node = row["cause"] if row["by"] == "reason" else None
    return {**row, "name": _name(plant, node, language) or row["cause"]}


def _name(plant: Plant, node: str | None, language: str) -> str | None:
    found = plant.reasons.get(node) if node else None
    return text_in(found.name, language) if found else None
