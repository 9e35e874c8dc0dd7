"""The stops document as people and programs get it: rows with local times and with names.

Plain dictionaries with the field names of the interface. Names of reasons are in the language
that was asked for; ids, states and categories are the same in every language.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from analytics.kpi.row_columns import KpiRow
from analytics.stops.pareto import Measure, pareto
from analytics.stops.waiting_causes import FirstCauses
from api.documents.accepted_periods import period_json
from api.documents.kpi_rows import window_json
from api.documents.times import local_text
from api.queries.lines import Queries
from api.queries.stops import DEFAULT_STOPS_QUESTION, StopsAnswer, StopsQuestion, line_stops
from api.queries.withheld import stops_without, told
from domain.plant import Plant, Withheld, text_in
from domain.time import Window

_TIMES = ("start", "end")


# What of the KPI row tells how reliable the line was.
RELIABILITY = (
    "stops",
    "failures",
    "repair_time_s",
    "mean_time_between_failures_s",
    "mean_time_to_failure_s",
    "mean_time_to_repair_s",
)


def stops_document(
    queries: Queries,
    line: str,
    window: Window,
    question: StopsQuestion = DEFAULT_STOPS_QUESTION,
    withheld: Withheld = frozenset(),
) -> dict[str, Any]:
    """The document of `lineproof stops --json`, without what is withheld. Raises NotFoundError for
    an unknown line, InputError for a level that no tree has."""
    return stops_json(stops_without(line_stops(queries, line, window, question), withheld))


def stops_json(found: StopsAnswer) -> dict[str, Any]:
    """The list and its Paretos (`pareto` of all causes by time; in `paretos` those of unplanned and
    of planned ones, by time and by count), `reliability`, `losses`; where there are such, `frozen`
    periods, `first_causes`, corrections `waiting` for approval, what is `withheld`. Raises
    InputError for a level that no tree has."""
    plant, question = found.plant, found.question
    level, language = question.level, question.language

    def table(rows: pl.DataFrame, measure: Measure) -> list[dict[str, Any]]:
        return [
            _named(plant, row, language)
            for row in pareto(rows, level, measure).iter_rows(named=True)
        ]

    rows, row = found.rows, found.reliability
    apart = {"unplanned": rows.filter(~pl.col("planned")), "planned": rows.filter("planned")}
    document = {
        "line": found.line.id,
        **window_json(found.window, plant.zone),
        "stops": [_stop(plant, row, language) for row in rows.iter_rows(named=True)],
        "pareto": table(rows, "duration_s"),
        "paretos": {
            name: {"by_time": table(of, "duration_s"), "by_count": table(of, "count")}
            for name, of in apart.items()
        },
        "reliability": None if row is None else _reliability(row),
        "losses": asdict(found.losses) if found.losses else None,
    }
    if found.frozen:
        document["frozen"] = [period_json(it, plant.zone) for it in found.frozen]
    if found.causes is not None:
        sequence = found.line.sequence
        document["first_causes"] = causes_json(plant, sequence, question.lag_s, found.causes)
    if found.waiting:
        document["waiting"] = [
            local_times({name: getattr(it, name) for name in ("id", "kind", *_TIMES)}, plant.zone)
            for it in found.waiting
        ]
    return document | told(found.withheld)


def causes_json(
    plant: Plant, sequence: Sequence[str], lag_s: float, causes: FirstCauses
) -> dict[str, Any]:
    """Which machine held up which: the machines as the material flows, and every waiting."""
    return {
        "sequence": list(sequence),
        "lag_s": lag_s,
        "machines": causes.shares.to_dicts(),
        "waits": [local_times(row, plant.zone) for row in causes.waits.iter_rows(named=True)],
    }


def _reliability(row: KpiRow) -> dict[str, Any]:
    """From the KPI row: the means, their denominators, and why one cannot be computed."""
    found: dict[str, Any] = {name: row[name] for name in RELIABILITY}
    for name in ("denominators", "not_computable"):
        found[name] = {key: text for key, text in row[name].items() if key in RELIABILITY}
    return found


def local_times(row: dict[str, Any], zone: ZoneInfo) -> dict[str, Any]:
    """The row with `start` and `end` as ISO 8601 texts in the zone."""
    return {**row, **{name: local_text(row[name], zone) for name in _TIMES}}


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
