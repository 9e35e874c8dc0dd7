"""`stops`: what stopped a line, why, and what that cost, from a data folder or a running node."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from lineproof import output
from lineproof.commands.options import (
    AsJson,
    AsKnownAt,
    End,
    LineId,
    NodeUrl,
    OptionalDataDir,
    Start,
    Token,
)


def stops(
    line: LineId,
    start: Start,
    end: End,
    level: Annotated[
        int | None,
        typer.Option(min=1, help="Level of the reason tree in the Paretos: 1 for its roots."),
    ] = None,
    lang: Annotated[
        str, typer.Option(help="Language of reasons' names: en, zh-Hant, zh-Hans.")
    ] = "en",
    as_known_at: AsKnownAt = None,
    data: OptionalDataDir = None,
    url: NodeUrl = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Stops of a line and the Pareto of their causes."""
    from api.stops import StopsQuestion
    from lineproof.answers import answers

    with answers(data, url, token, as_known_at) as source:
        document = source.stops(line, start, end, StopsQuestion(level, lang))
    if as_json:
        output.print_json(document)
    else:
        _print_stops(document)
        for name, tables in document["paretos"].items():
            _print_pareto(f"{document['line']}: {name} causes by time", tables["by_time"])
            _print_pareto(f"{document['line']}: {name} causes by count", tables["by_count"])


def _print_stops(document: dict[str, Any]) -> None:
    output.print_table(
        f"{document['line']}: stops",
        ("From", "Lasted s", "State", "Reason", "Kind", "Shift", "Counted #", "Flickers #"),
        [
            (
                _second(stop["start"]),
                output.number(stop["duration_s"], 1),
                stop["state"],
                stop["reason_name"] or "",
                " ".join(filter(None, (stop["category"], _planned(stop["planned"])))),
                stop["shift"] or "",
                "" if stop["continued"] else "1",
                str(stop["flickers"] or ""),
            )
            for stop in document["stops"]
        ],
        caption="Counted where it began: not what goes on from before the window, a break or "
        "another shift.",
    )


def _print_pareto(title: str, rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    output.print_table(
        title,
        ("Cause", "Lasted s", "Stops #", "Share %", "Together %"),
        [
            (
                cause["name"],
                output.number(cause["duration_s"], 1),
                output.number(cause["count"]),
                output.percent(cause["share"]),
                output.percent(cause["cumulative_share"]),
            )
            for cause in rows
        ],
    )


def _planned(planned: bool | None) -> str:
    return "planned" if planned else ""


def _second(iso: str) -> str:
    return iso[:19].replace("T", " ")
