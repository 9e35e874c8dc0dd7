"""The tables of stops and of lost time for exports: every stop, whatever a page lists."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from api.documents.stops import stops_json
from api.exports.charts import Cause
from api.exports.tables import Column, ColumnKind, Table, Value
from api.i18n import Language
from api.pages.labels import CATEGORIES, LOSSES, STATES
from api.pages.operator.line_stops import found_stops, read_losses
from api.queries.lines import Queries
from api.queries.live import Live
from domain.states import MachineState
from domain.texts import N_
from domain.time import Window

_RELIABILITY: dict[str, tuple[str, ColumnKind]] = {
    "stops": (N_("Stops"), ColumnKind.NUMBER),
    "failures": (N_("Failures"), ColumnKind.NUMBER),
    "mean_time_between_failures_s": (N_("Mean time between failures"), ColumnKind.DURATION),
    "mean_time_to_failure_s": (N_("Mean time to failure"), ColumnKind.DURATION),
    "mean_time_to_repair_s": (N_("Mean time to repair"), ColumnKind.DURATION),
}


def stops_read(queries: Queries, live: Live, window: Window, language: Language) -> dict[str, Any]:
    """The document of what stopped the line."""
    return stops_json(found_stops(queries, live, window, language))


def causes_of(document: dict[str, Any], language: Language) -> list[Cause]:
    """The causes of that document: those that nobody planned, then the others."""
    return [
        Cause(
            _cause(cause, language),
            language.text(word),
            cause["duration_s"],
            cause["cumulative_share"],
        )
        for kind, word in (("unplanned", N_("Unplanned")), ("planned", N_("Planned")))
        for cause in document["paretos"][kind]["by_time"]
    ]


def stop_tables(document: dict[str, Any], language: Language) -> list[Table]:
    """Each stop, the latest first; causes; how reliable the line was."""
    say = language.text
    tables = [
        Table(
            "stops",
            say(N_("Each stop")),
            (
                Column(say(N_("Begin")), ColumnKind.TIME),
                Column(say(N_("End")), ColumnKind.TIME),
                Column(say(N_("Time")), ColumnKind.DURATION),
                Column(say(N_("State"))),
                Column(say(N_("Reason"))),
                Column(say(N_("Kind"))),
                Column(say(N_("Shift"))),
            ),
            [_stop(it, language) for it in reversed(document["stops"]) if _is_known(it)],
            say(N_("The latest first.")),
        ),
        Table(
            "causes",
            say(N_("What stopped the line")),
            (
                Column(say(N_("Cause"))),
                Column(say(N_("Kind"))),
                Column(say(N_("Time")), ColumnKind.DURATION),
                Column(say(N_("Count")), ColumnKind.NUMBER),
                Column(say(N_("Cumulative")), ColumnKind.SHARE, 1),
            ),
            [
                (_cause(cause, language), say(word), *_amounts(cause))
                for kind, word in (("unplanned", N_("Unplanned")), ("planned", N_("Planned")))
                for cause in document["paretos"][kind]["by_time"]
            ],
            say(N_("The longest first; planned ones are apart.")),
        ),
    ]
    if document["reliability"]:
        tables.append(_reliability(document["reliability"], language))
    return tables


def loss_tables(queries: Queries, live: Live, window: Window, language: Language) -> list[Table]:
    """Where the planned time went; which machine held up the others."""
    say = language.text
    found = read_losses(queries, live, window, language)
    losses, causes = found["losses"], found["causes"]
    rows: list[tuple[Value, ...]] = []
    if losses:
        known = losses["known_busy_time_s"]
        rows = [(say(LOSSES[it["loss"]]), it["duration_s"], it["share"]) for it in losses["losses"]]
        for name, word in (
            ("no_order_time_s", N_("No order")),
            ("good_ideal_time_s", N_("Good items at ideal speed")),
        ):
            if losses[name] is not None:
                rows.append((say(word), losses[name], losses[name] / known))
    tables = [
        Table(
            "losses",
            say(N_("Where the planned time went")),
            (
                Column(say(N_("Loss"))),
                Column(say(N_("Time")), ColumnKind.DURATION),
                Column(say(N_("Share")), ColumnKind.SHARE, 1),
            ),
            rows,
        )
    ]
    return [*tables, _first_causes(causes["machines"], language)] if causes else tables


def _stop(row: dict[str, Any], language: Language) -> tuple[Value, ...]:
    return (
        datetime.fromisoformat(row["start"]),
        datetime.fromisoformat(row["end"]),
        row["duration_s"],
        language.text(STATES[row["state"]][0]),
        row["reason_name"] or "",
        language.text(CATEGORIES[row["category"]]),
        row["shift"] or "",
    )


def _is_known(row: dict[str, Any]) -> bool:
    return bool(row["category"] != MachineState.UNKNOWN.value)


def _cause(cause: dict[str, Any], language: Language) -> str:
    if cause["by"] == "state":
        return language.text(STATES[cause["cause"]][0])
    return str(cause["name"])


def _amounts(cause: dict[str, Any]) -> tuple[Value, ...]:
    return cause["duration_s"], cause["count"], cause["cumulative_share"]


def _reliability(found: dict[str, Any], language: Language) -> Table:
    return Table(
        "reliability",
        language.text(N_("How reliable the line was")),
        tuple(Column(language.text(word), kind) for word, kind in _RELIABILITY.values()),
        [tuple(found[it] for it in _RELIABILITY)],
    )


def _first_causes(machines: list[dict[str, Any]], language: Language) -> Table:
    words = (
        N_("Stood"),
        N_("Held up others"),
        N_("Waited for others"),
        N_("Waited for something outside the line"),
    )
    return Table(
        "machines",
        language.text(N_("Which machine held up the others")),
        (
            Column(language.text(N_("Machine"))),
            *(Column(language.text(word), ColumnKind.DURATION) for word in words),
        ),
        [
            (
                it["machine"],
                it["own_stop_s"],
                it["caused_s"],
                it["waited_s"],
                it["waited_external_s"] + it["waited_unknown_s"],
            )
            for it in machines
        ],
    )
