"""Corrections as pages show them: those that wait for approval, on their line's page and
`/approvals`; and all of a line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from api.documents.corrections import Reader
from api.http.dependencies import Services
from api.i18n import Language
from api.pages.labels import CORRECTIONS
from api.pages.operator.texts import order_said
from api.queries.lines import Queries
from api.records.approvals import waiting_json
from api.records.corrections import corrections_json
from domain.corrections import CorrectionKind
from domain.plant import Plant, Withheld, text_in
from domain.reasons import reason_named


@dataclass(frozen=True)
class WaitingRow:
    """What is asked, by whom, when and why. `line`: its id; `times`: of what it speaks."""

    id: str
    line: str
    line_name: str
    what: str
    times: str
    author: str
    asked: str
    comment: str


def waiting_rows(
    services: Services, queries: Queries, line_id: str, withheld: Withheld, language: Language
) -> list[WaitingRow]:
    """Those of the line, the oldest first, without what is withheld."""
    plant, line = queries.line(line_id)
    reader = Reader(withheld, partial(services.registry.pseudonyms.of, plant.id))
    name = text_in(line.name, language.tag) or line_id
    return [
        WaitingRow(
            row["id"],
            line_id,
            name,
            _what(row, plant, language),
            _times(row, plant, language),
            row["author"] or "",
            language.moment(datetime.fromisoformat(row["recorded_at"]), plant.zone),
            row["comment"] or "",
        )
        for row in waiting_json(queries, line_id, reader)
    ]


@dataclass(frozen=True)
class RecordedRow:
    """A record and how it stands: in_force, waiting, withdrawn, decided (refused), or "" for what
    only speaks of another record. `of`: that record's id.
    `times` and `recorded` say in words what `start`, `end` and `recorded_at` are."""

    id: str
    what: str
    start: datetime
    end: datetime
    times: str
    author: str
    recorded_at: datetime
    recorded: str
    comment: str
    standing: str
    of: str


def recorded_rows(
    queries: Queries, line_id: str, reader: Reader, language: Language
) -> list[RecordedRow]:
    """All of the line, the latest first, without what is withheld."""
    plant, _ = queries.line(line_id)
    return [
        RecordedRow(
            row["id"],
            _what(row, plant, language),
            datetime.fromisoformat(row["start"]),
            datetime.fromisoformat(row["end"]),
            _times(row, plant, language),
            row["author"] or "",
            datetime.fromisoformat(row["recorded_at"]),
            language.moment(datetime.fromisoformat(row["recorded_at"]), plant.zone),
            row["comment"] or "",
            _standing(row),
            row["withdraws"] or row["decides"] or "",
        )
        for row in reversed(corrections_json(queries, line_id, reader))
    ]


def _standing(row: dict[str, Any]) -> str:
    if row["in_force"]:
        return "in_force"
    if row["waiting"]:
        return "waiting"
    if row["withdrawn_by"]:
        return "withdrawn"
    return "decided" if row["decision"] else ""


def _what(row: dict[str, Any], plant: Plant, language: Language) -> str:
    said = ""
    if row["element"]:
        said = f"{row['element']} = {language.number(row['amount'])}"
    elif row["reason"]:
        node = reason_named(plant, row["reason"])
        said = text_in(node.name, language.tag) if node and node.name else row["reason"]
    elif row["kind"] == CorrectionKind.ORDER.value:
        said = order_said(row["order"], row["product"], plant, language)
    kind = language.text(CORRECTIONS[row["kind"]])
    return f"{kind}: {said}" if said else kind


def _times(row: dict[str, Any], plant: Plant, language: Language) -> str:
    start, end = (datetime.fromisoformat(row[it]) for it in ("start", "end"))
    first, last = (language.moment(it, plant.zone) for it in (start, end))
    return first if start == end else f"{first} – {last}"
