"""The tables of measurements for exports: each subgroup with its limits, and the capability."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from analytics.spc.capability import INDICES
from analytics.spc.study import Setup, Study
from api.documents.control_chart import study_json
from api.exports.tables import Column, ColumnKind, Table, Value
from api.i18n import Language
from api.queries.lines import Queries
from api.queries.measurements import control_study
from domain.plant import text_in
from domain.texts import N_
from domain.time import Window

PREFIX = "measurement-"  # of the tables' names
_DIGITS = 4


def measurement_studies(queries: Queries, line_id: str, window: Window) -> list[Study]:
    """Of each measurement of the line. Raises NotFoundError."""
    _, line = queries.line(line_id)
    return [control_study(queries, line_id, it, window, Setup()) for it in line.measurements]


def measurement_tables(study: Study, zone: ZoneInfo, language: Language) -> list[Table]:
    """The subgroups of one, and its capability."""
    document = study_json(study, zone, language.reason)
    name = study.measurement.id
    title = text_in(study.measurement.name, language.tag) or name
    return [
        _subgroups(name, title, study.measurement.unit, document, language),
        _capability(name, title, document["capability"], language),
    ]


def _subgroups(
    name: str, title: str, unit: str, document: dict[str, Any], language: Language
) -> Table:
    say = language.text
    violated = {it["subgroup"]: it["sentence"] for it in document["violations"]}
    words = (N_("Value on the chart"), N_("Centre line"), N_("Lower limit"), N_("Upper limit"))
    columns = (
        Column(say(N_("Number")), ColumnKind.NUMBER),
        Column(say(N_("Begin")), ColumnKind.TIME),
        Column(say(N_("End")), ColumnKind.TIME, printed=False),
        Column(say(N_("Number of values")), ColumnKind.NUMBER),
        *(Column(say(word), ColumnKind.NUMBER, _DIGITS, unit) for word in words),
        Column(say(N_("Spread")), ColumnKind.NUMBER, _DIGITS, unit),
        Column(say(N_("Rule violated"))),
    )
    rows = [_subgroup(it, violated.get(it["number"], "")) for it in document["subgroups"]]
    return Table(f"{PREFIX}{name}", title, columns, rows, " ".join(document["notes"]))


def _subgroup(row: dict[str, Any], violated: str) -> tuple[Value, ...]:
    location = row["location"] or {}
    return (
        row["number"],
        datetime.fromisoformat(row["start"]),
        datetime.fromisoformat(row["end"]),
        row["n"],
        *(location.get(it) for it in ("value", "center", "lower", "upper")),
        (row["dispersion"] or {}).get("value"),
        violated,
    )


def _capability(name: str, title: str, found: dict[str, Any], language: Language) -> Table:
    say = language.text
    columns = (
        Column(say(N_("Index"))),
        Column(say(N_("Value")), ColumnKind.NUMBER, 2),
        Column(say(N_("Lower bound")), ColumnKind.NUMBER, 2),
        Column(say(N_("Upper bound")), ColumnKind.NUMBER, 2),
        Column(say(N_("Why there is none"))),
    )
    rows = [
        (
            it.capitalize(),
            found[it],
            *(found[f"{it}_interval"] or (None, None)),
            found["missing"].get(it, ""),
        )
        for it in INDICES
    ]
    note = say(N_("Process capability, with confidence intervals of 95 per cent"))
    return Table(f"capability-{name}", f"{title}: {say(N_('capability'))}", columns, rows, note)
