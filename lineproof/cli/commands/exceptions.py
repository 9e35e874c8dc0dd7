"""`exception`: dated changes of a line's plan, besides those of the plant file."""

from __future__ import annotations

from typing import Annotated

import typer

from lineproof import output
from lineproof.cli.commands.options import (
    AsJson,
    LineId,
    NodeUrl,
    OptionalAuthor,
    OptionalDataDir,
    Token,
)

app = typer.Typer(
    help="Exceptions of a line's calendar, entered besides the plant file.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command("add")
def enter(
    line: LineId,
    kind: Annotated[str, typer.Option("--class", help="planned_down, closed or overtime.")],
    start: Annotated[str, typer.Option("--start", metavar="TIME", help="A day, or ISO 8601.")],
    end: Annotated[
        str, typer.Option("--end", metavar="TIME", help="A day is included; a time is not.")
    ],
    reason: Annotated[str, typer.Option("--reason", help="Why.")],
    author: OptionalAuthor = "",
    data: OptionalDataDir = None,
    url: NodeUrl = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Enter an exception: it changes the plan of the line, also of time that has been."""
    from api.records.plan_changes import NewException
    from lineproof.access.records import line_records

    new = NewException(start, end, kind, reason, author)
    with line_records(data, url, token) as records:
        document = records.add_exception(line, new)
    if as_json:
        output.print_json(document)
        return
    period = f"{output.second(document['start'])} to {output.second(document['end'])}"
    output.say(f"{line}: {document['class']} from {period} is entered as {document['id']}.")


@app.command()
def withdraw(
    identity: Annotated[str, typer.Argument(metavar="ID", help="The exception's id.")],
    line: LineId,
    author: OptionalAuthor = "",
    comment: Annotated[str, typer.Option("--comment", help="Why.")] = "",
    data: OptionalDataDir = None,
    url: NodeUrl = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Withdraw an exception that was entered; it stays in the list."""
    from lineproof.access.records import line_records

    with line_records(data, url, token) as records:
        document = records.withdraw_exception(line, identity, author, comment)
    if as_json:
        output.print_json(document)
    else:
        output.say(f"{line}: the exception {identity} is withdrawn.")


@app.command("list")
def list_exceptions(
    line: LineId,
    data: OptionalDataDir = None,
    url: NodeUrl = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Exceptions of the plant file (without an id) and those that were entered."""
    from lineproof.access.records import line_records

    with line_records(data, url, token) as records:
        rows = records.exceptions(line)
    if as_json:
        output.print_json(rows)
        return
    output.print_table(
        f"{line}: exceptions",
        ("Id", "Class", "From", "To", "Reason", "Author", "Entered", "Holds"),
        [
            (
                row["id"] or "",
                row["class"],
                output.second(row["start"]),
                output.second(row["end"]),
                row["reason"] or "",
                row["author"] or "",
                output.second(row["recorded_at"]) if row["recorded_at"] else "",
                "yes" if row["in_force"] else "no",
            )
            for row in rows
        ],
    )
