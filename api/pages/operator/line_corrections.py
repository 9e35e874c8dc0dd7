"""The tab of corrections: what people recorded of a line, the latest first, and what waits."""

from __future__ import annotations

from functools import partial
from typing import Any

from api.documents.corrections import Reader
from api.http.dependencies import Services
from api.i18n import Language
from api.pages.operator.waiting import RecordedRow, recorded_rows, waiting_rows
from api.queries.lines import Queries
from api.queries.live import Live
from domain.texts import N_

SHOWN_MAX = 200
STANDINGS = {
    "in_force": N_("Holds"),
    "waiting": N_("Waits for approval"),
    "withdrawn": N_("Withdrawn"),
    "decided": N_("Refused"),
    "": N_("Recorded"),
}


def corrections_read(
    services: Services, queries: Queries, live: Live, language: Language
) -> dict[str, Any]:
    """Without what is withheld."""
    plant, _ = queries.line(live.line)
    reader = Reader(live.withheld, partial(services.registry.pseudonyms.of, plant.id))
    rows: list[RecordedRow] = recorded_rows(queries, live.line, reader, language)
    return {
        "recorded": rows[:SHOWN_MAX],
        "left_out": max(len(rows) - SHOWN_MAX, 0),
        "standings": {name: language.text(word) for name, word in STANDINGS.items()},
        "waiting": waiting_rows(services, queries, live.line, live.withheld, language),
    }
