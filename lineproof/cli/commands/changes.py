"""`change ask|approve|refuse|list`: changes of a project that are asked for and decided."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from domain.change_requests import ChangeDecision, ChangeKind
from lineproof import output
from lineproof.cli.commands.options import (
    AsJson,
    NodeUrl,
    OptionalAuthor,
    OptionalDataDir,
    ProjectRef,
    Token,
)

app = typer.Typer(help="Change requests.", no_args_is_help=True, rich_markup_mode=None)
_Number = Annotated[int, typer.Option("--number", help="The request's, as in the list.")]
_Why = Annotated[str, typer.Option("--reason", help="Why, for who reads it.")]


@app.command()
def ask(
    project: ProjectRef,
    kind: Annotated[str, typer.Option("--kind", help=f"{', '.join(ChangeKind)}.")],
    new: Annotated[str, typer.Option("--new", help="What it is to be: a day, HKD, or words.")],
    reason: _Why,
    old: Annotated[
        str, typer.Option("--old", help="What it is; of dates and budget the node knows it.")
    ] = "",
    milestone: Annotated[
        str, typer.Option("--milestone", metavar="ID", help="None: of the whole project.")
    ] = "",
    line: Annotated[str, typer.Option("--line", metavar="LINE", help="Of equipment.")] = "",
    machine: Annotated[str, typer.Option("--machine", help="Of equipment: what is replaced.")] = "",
    at: Annotated[
        str, typer.Option("--at", metavar="TIME", help="Of equipment: when it is replaced.")
    ] = "",
    author: OptionalAuthor = "",
    data: OptionalDataDir = None,
    url: NodeUrl = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Ask for a change of dates, scope, budget or equipment."""
    from api.records.change_requests import NewChange
    from lineproof.access.change_requests import change_records

    given = NewChange(kind, new, reason, author, milestone, old, line, machine, at)
    with change_records(data, url, token) as records:
        _say(records.ask(project, given), as_json)


@app.command("approve")
def approve_request(
    project: ProjectRef,
    number: _Number,
    reason: _Why = "",
    author: OptionalAuthor = "",
    data: OptionalDataDir = None,
    url: NodeUrl = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Approve a request; a grant file that names it carries it out."""
    _decide((project, number), True, reason, author, (data, url, token), as_json)


@app.command("refuse")
def refuse_request(
    project: ProjectRef,
    number: _Number,
    reason: _Why,
    author: OptionalAuthor = "",
    data: OptionalDataDir = None,
    url: NodeUrl = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Refuse a request."""
    _decide((project, number), False, reason, author, (data, url, token), as_json)


@app.command("list")
def list_requests(
    project: ProjectRef,
    data: OptionalDataDir = None,
    url: NodeUrl = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """The change requests of a project, with their decisions."""
    from lineproof.access.change_requests import change_records

    with change_records(data, url, token) as records:
        rows = records.of(project)
    if as_json:
        output.print_json(rows)
        return
    output.print_table(
        f"{project}: change requests",
        ("Number", "Asked", "Who", "What", "Was", "To be", "Why", "State", "Carried out"),
        [
            (
                str(row["number"]),
                output.second(row["asked_at"]),
                row["author"],
                _what(row),
                row["old"],
                row["new"],
                row["reason"],
                row["state"],
                f"version {row['carried_out']['version']}" if row["carried_out"] else "",
            )
            for row in rows
        ],
    )


def _decide(
    which: tuple[str, int],
    approved: bool,
    reason: str,
    author: str,
    source: tuple[Path | None, str | None, str | None],
    as_json: bool,
) -> None:
    from lineproof.access.change_requests import change_records
    from lineproof.clock import utc_now

    decision = ChangeDecision(approved, author, utc_now(), reason)
    with change_records(*source) as records:
        _say(records.decide(*which, decision), as_json)


def _say(row: dict[str, Any], as_json: bool) -> None:
    if as_json:
        output.print_json(row)
        return
    output.say(
        f"Change request {row['number']} of {row['project']} is {row['state']}: {_what(row)}, "
        f"{row['old']} -> {row['new']}."
    )
    if row["state"] == "approved" and row["kind"] != ChangeKind.EQUIPMENT:
        output.say(f"Apply a grant file with it that names it: change_requests: [{row['number']}].")


def _what(row: dict[str, Any]) -> str:
    of = row["milestone"] or " ".join(filter(None, (row["line"], row["machine"])))
    return f"{row['kind']} of {of}" if of else str(row["kind"])
