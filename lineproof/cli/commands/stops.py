"""`stops`: what stopped a line, why, and what that cost, from a data folder or a running node."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from lineproof import output
from lineproof.cli.commands.options import (
    AsJson,
    AsKnownAt,
    End,
    Lang,
    LineId,
    NodeUrl,
    OptionalDataDir,
    Start,
    Token,
)

_MEANS = {
    "MTBF": "mean_time_between_failures_s",
    "MTTF": "mean_time_to_failure_s",
    "MTTR": "mean_time_to_repair_s",
}


def stops(
    line: LineId,
    start: Start,
    end: End,
    level: Annotated[
        int | None,
        typer.Option(min=1, help="Level of the reason tree in the Paretos: 1 for its roots."),
    ] = None,
    lang: Lang = "en",
    method: Annotated[
        str, typer.Option(help="Of the losses: how time is classified.")
    ] = "iso22400",
    start_up_s: Annotated[
        float | None,
        typer.Option(help="For so many seconds after a start rejects are start-up losses."),
    ] = None,
    lag_s: Annotated[
        float,
        typer.Option(help="Seconds before a machine waits in which its cause may have stood."),
    ] = 5.0,
    as_known_at: AsKnownAt = None,
    data: OptionalDataDir = None,
    url: NodeUrl = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Stops of a line: list, Paretos of their causes, six big losses, first causes."""
    from api.queries.stops import StopsQuestion
    from lineproof.access.figures import answers

    with answers(data, url, token, as_known_at) as source:
        document = source.stops(
            line, start, end, StopsQuestion(level, lang, method, start_up_s, lag_s)
        )
    if as_json:
        output.print_json(document)
    else:
        _print_stops(document)
        for name, tables in document["paretos"].items():
            _print_pareto(f"{document['line']}: {name} causes by time", tables["by_time"])
            _print_pareto(f"{document['line']}: {name} causes by count", tables["by_count"])
        if document["losses"] is not None:
            _print_losses(document["line"], document["losses"])
            _print_reliability(document["reliability"])
        if document.get("first_causes"):
            _print_first_causes(document["line"], document["first_causes"])
        for period in document.get("frozen", ()):
            output.say(
                f"{output.second(period['start'])} to {output.second(period['end'])} is frozen as "
                f"{period['author']} accepted it: MTBF, MTTF and MTTR with their counts are of "
                "that, the lists and losses are what is known now."
            )


def _print_stops(document: dict[str, Any]) -> None:
    output.print_table(
        f"{document['line']}: stops",
        ("From", "Lasted s", "State", "Reason", "Kind", "Shift", "Counted #", "Flickers #"),
        [
            (
                output.second(stop["start"]),
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


def _print_losses(line: str, found: dict[str, Any]) -> None:
    rows = [
        (
            row["loss"].replace("_", " "),
            row["factor"],
            output.number(row["duration_s"], 1),
            output.percent(row["share"]),
            row["not_computable"] or "",
        )
        for row in found["losses"]
    ]
    known_s, good_s = found["known_busy_time_s"], found["good_ideal_time_s"]
    beside = [("good items at ideal speed", good_s)]
    if found["no_order_time_s"]:
        beside.append(("no order", found["no_order_time_s"]))
    for name, seconds in beside:
        share = seconds / known_s if known_s and seconds is not None else None
        rows.append((name, "", output.number(seconds, 1), output.percent(share), ""))
    output.print_table(
        f"{line}: six big losses ({found['method']})",
        ("Loss", "Of", "Cost s", "Share %", "Why there is no figure"),
        rows,
        caption=f"Together the planned busy time that is known: {output.number(known_s, 1)} s.",
    )


def _print_reliability(row: dict[str, Any]) -> None:
    output.say(f"Stops {row['stops']}, failures {row['failures']}.")
    for short, name in _MEANS.items():
        value = row[name]
        what = output.NOTHING if value is None else f"{output.number(value, 1)} s"
        per = row["denominators"].get(name)
        why = f"denominator: {per}" if per else row["not_computable"].get(name, "no failure")
        output.say(f"{short} {what} ({why})")


def _print_first_causes(line: str, found: dict[str, Any]) -> None:
    columns = ("own_stop_s", "caused_s", "waited_s", "waited_external_s", "waited_unknown_s")
    output.print_table(
        f"{line}: first causes, as the material flows",
        ("Machine", "Stood s", "Made others wait s", "Waited for others s",
         "For nobody here s", "For an unknown one s"),
        [
            (row["machine"], *(output.number(row[name], 1) for name in columns))
            for row in found["machines"]
        ],
        caption="Waiting goes to the nearest machine that stood when it began.",
    )  # fmt: skip


def _planned(planned: bool | None) -> str:
    return "planned" if planned else ""
