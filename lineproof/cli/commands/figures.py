"""`kpi`, `milestones`: figures and verdicts, from a data folder or a running node."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lineproof import output
from lineproof.cli.commands.kpi_tables import print_kpis
from lineproof.cli.commands.options import (
    AsJson,
    AsKnownAt,
    End,
    LineIds,
    NodeUrl,
    OptionalDataDir,
    ProjectRef,
    Start,
    Token,
)

if TYPE_CHECKING:
    from rich.text import Text


def kpi(
    start: Start,
    end: End,
    line: LineIds = None,
    by: Annotated[
        str | None, typer.Option(help="One row for each hour, shift, day, week, month, product.")
    ] = None,
    method: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="How time is classified; default iso22400. Given twice: side by side.",
        ),
    ] = None,
    as_known_at: AsKnownAt = None,
    data: OptionalDataDir = None,
    url: NodeUrl = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """KPIs of lines by ISO 22400-2, each with bounds and coverage."""
    from lineproof.access.figures import answers

    with answers(data, url, token, as_known_at) as source:
        rows = source.kpis(line or [], start, end, by, method or ["iso22400"])
    if as_json:
        output.print_json(rows)
        return
    for _, of_line in groupby(rows, key=itemgetter("line")):
        print_kpis(list(of_line))
    if not rows:
        print_kpis([])


def milestones(
    project: ProjectRef,
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", metavar="TIME", help="Verdicts as they stood then; default now."),
    ] = None,
    fail: Annotated[
        bool, typer.Option("--fail", help="Leave with 1 if one is not met or not provable.")
    ] = False,
    as_known_at: AsKnownAt = None,
    data: OptionalDataDir = None,
    url: NodeUrl = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Verdicts on a project's milestones, with value, bounds, coverage and reasons."""
    from domain.grants import VerdictStatus
    from lineproof.access.figures import answers

    with answers(data, url, token, as_known_at) as source:
        document = source.milestones(project, as_of)
    if as_json:
        output.print_json(document)
    else:
        _print_milestones(document)
    # The data say that the milestone was missed, or that they cannot say.
    negative = (VerdictStatus.NOT_MET, VerdictStatus.NOT_PROVABLE)
    if fail and any(row["status"] in negative for row in document["milestones"]):
        raise typer.Exit(1)


def _print_milestones(document: dict[str, Any]) -> None:
    grant = document["grant"]
    output.say(
        f"{document['project']} ({grant['scheme']}), as of {output.minute(document['as_of'])}. "
        f"Approved cost HK$ {output.number(grant['approved_cost_hkd'])}, "
        f"grant HK$ {output.number(grant['grant_hkd'])} ({grant['rule']})."
    )
    output.print_table(
        "Milestones",
        ("Id", "Clause", "Due", "Status", "Value", "Bounds", "Target", "Coverage %", "State",
         "Reasons"),
        [_milestone_row(row) for row in document["milestones"]],
    )  # fmt: skip
    for row in document["milestones"]:
        for found in row["findings"]:
            output.say(f"{row['id']}, {found['flag']}: {found['says']} {found['asks']}")
        if row["due"] != row["agreed_due"]:
            output.say(f"{row['id']} was due on {row['agreed_due']}; it is extended.")
        if "restated" in row:
            now = row["restated"]
            output.say(
                f"{row['id']} stands as it was accepted at {output.minute(now['since'])}; "
                f"by what is known now: {now['status'].replace('_', ' ')}, {_figure(now['value'])}."
            )


def _milestone_row(row: dict[str, Any]) -> list[str | Text]:
    bounds = ""
    if row["low"] is not None and row["high"] is not None:
        bounds = f"{_figure(row['low'])} … {_figure(row['high'])}"
    target = "" if row["target"] is None else f"{row['op'] or ''} {_figure(row['target'])}".strip()
    return [
        row["id"],
        row["clause"],
        f"{row['due']} overdue" if "overdue" in row["flags"] else row["due"],
        output.status(row["status"]),
        _figure(row["value"]),
        bounds,
        target,
        output.percent(row["coverage"]),
        row["state"].replace("_", " "),
        " ".join(row["reasons"]),
    ]


def _figure(value: float | None) -> str:
    """Large figures are counts, small ones ratios or specific energies."""
    if value is None:
        return output.NOTHING
    return output.number(value) if abs(value) >= 1000 else f"{value:.4g}"
