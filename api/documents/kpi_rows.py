"""KPI rows as programs read them: `lineproof kpi --json` and `GET lines/{line}/kpis`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from analytics.kpi.row_columns import KpiRow
from api.documents.times import local_text
from api.queries.kpis import KpiQuestion, kpi_rows
from api.queries.lines import Queries
from domain.time import Window


def kpis_document(
    queries: Queries, lines: Sequence[str], window: Window, by: str | None, method: Sequence[str]
) -> list[dict[str, Any]]:
    """The rows of each of the lines, one line after the other. Raises NotFoundError, InputError."""
    questions = [KpiQuestion(line, window, by) for line in lines]
    answers = kpi_rows(queries, questions, method, capability=True)
    return [kpi_row_json(row) for rows in answers for row in rows]


def kpi_row_json(row: KpiRow) -> dict[str, Any]:
    """One row; times carry the plant's offset."""
    period = row.period
    document = {
        "line": period.line,
        **window_json(period.window, period.zone),
        "key": period.key,
        "method": row.method,
        **row.figures,
    }
    if row.restated is not None:
        since = local_text(row.restated.since, period.zone)
        document["restated"] = {**row.restated.figures, "since": since}
    if row.not_frozen:
        document["not_frozen"] = [window_json(it, period.zone) for it in row.not_frozen]
    return document


def window_json(window: Window, zone: ZoneInfo) -> dict[str, str]:
    """When it starts and ends."""
    return {"start": local_text(window.start, zone), "end": local_text(window.end, zone)}
