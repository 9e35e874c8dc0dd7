"""The tabs of stops and of losses: single stops, their Pareto, the six big losses, first causes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from api.documents.stops import stops_json
from api.i18n import Language
from api.pages.operator.floor import machine_name
from api.pages.operator.next_step import unexplained
from api.pages.operator.stop_links import stop_link
from api.queries.lines import Queries
from api.queries.live import Live
from api.queries.stops import StopsAnswer, StopsQuestion, line_stops
from api.queries.withheld import stops_without
from domain.plant import Confidential
from domain.states import MachineState
from domain.time import Window

LISTED_MAX = 200


@dataclass(frozen=True, slots=True)
class ListedStop:
    """A row of the list. `cause`: its reason's name, "" without; `is_bare`: somebody could give
    one."""

    day: str
    start: str
    end: str
    duration_s: float
    state: str
    cause: str
    category: str
    shift: str
    is_bare: bool
    link: str


def read_stops(queries: Queries, live: Live, window: Window, language: Language) -> dict[str, Any]:
    """The list, the latest first, and the Pareto with bars on one scale."""
    found = found_stops(queries, live, window, language)
    document = stops_json(found)
    stops = _listed(found, document["stops"], language)
    paretos = document["paretos"]
    longest = max([0.0, *(it["duration_s"] for of in paretos.values() for it in of["by_time"])])
    return {
        "stops": stops[:LISTED_MAX],
        "left_out": max(len(stops) - LISTED_MAX, 0),
        "paretos": paretos,
        "longest": longest or 1.0,
        "reliability": document["reliability"],
        "has_reasons": bool(found.plant.reasons) and Confidential.REASONS not in found.withheld,
    }


def read_losses(queries: Queries, live: Live, window: Window, language: Language) -> dict[str, Any]:
    """Where the planned time went, and which machine held up the others."""
    document = stops_json(found_stops(queries, live, window, language))
    losses = document["losses"]
    known = losses and losses["known_busy_time_s"]
    causes = document.get("first_causes")
    for row in causes["machines"] if causes else ():
        row["machine"] = machine_name(live, row["machine"], language)
    return {"losses": losses if known else None, "causes": causes}


def found_stops(queries: Queries, live: Live, window: Window, language: Language) -> StopsAnswer:
    """What stopped the line, without what is withheld."""
    found = line_stops(queries, live.line, window, StopsQuestion(language=language.tag))
    return stops_without(found, live.withheld)


def _listed(found: StopsAnswer, rows: list[dict[str, Any]], language: Language) -> list[ListedStop]:
    """The latest first, unknown time left out."""
    zone = found.plant.zone
    bare = {it.astimezone(zone) for it in unexplained(found)["start"]}
    listed = []
    for row in reversed(rows):
        if row["category"] == MachineState.UNKNOWN.value:
            continue
        start, end = (datetime.fromisoformat(row[it]) for it in ("start", "end"))
        listed.append(
            ListedStop(
                language.short_day(start.astimezone(zone).date()),
                language.time(start, zone),
                language.time(end, zone),
                row["duration_s"],
                row["state"],
                row["reason_name"] or "",
                row["category"],
                row["shift"] or "",
                start in bare,
                stop_link(found.line.id, start, zone),
            )
        )
    return listed
