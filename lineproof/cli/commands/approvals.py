"""`waiting`, `approve`, `refuse`: corrections that hold only once somebody else says so."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lineproof import output
from lineproof.cli.commands.corrections import what_it_says
from lineproof.cli.commands.options import AsJson, NodeUrl, OptionalAuthor, OptionalDataDir, Token

Identity = Annotated[str, typer.Argument(metavar="ID", help="The correction's id.")]


def waiting(
    data: OptionalDataDir = None,
    url: NodeUrl = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """The corrections that wait for approval, of all lines; they change no figure yet."""
    from lineproof.access.records import line_records

    with line_records(data, url, token) as records:
        rows = records.waiting()
    if as_json:
        output.print_json(rows)
        return
    output.print_table(
        "waiting corrections",
        ("Id", "Line", "Kind", "From", "To", "What", "Author", "Recorded", "Comment"),
        [
            (
                row["id"],
                row["line"],
                row["kind"],
                output.second(row["start"]),
                output.second(row["end"]),
                what_it_says(row),
                row["author"] or "",
                output.second(row["recorded_at"]),
                row["comment"] or "",
            )
            for row in rows
        ],
    )


def approve(
    identity: Identity,
    author: OptionalAuthor = "",
    comment: Annotated[str, typer.Option("--comment", help="A note, if there is one.")] = "",
    data: OptionalDataDir = None,
    url: NodeUrl = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Approve a correction that waits: it holds from then on."""
    _decide(identity, (author, comment), (data, url, token), approves=True, as_json=as_json)


def refuse(
    identity: Identity,
    comment: Annotated[str, typer.Option("--comment", help="Why.")],
    author: OptionalAuthor = "",
    data: OptionalDataDir = None,
    url: NodeUrl = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Refuse a correction that waits: it stays in the list and changes nothing."""
    _decide(identity, (author, comment), (data, url, token), approves=False, as_json=as_json)


def _decide(
    identity: str,
    said: tuple[str, str],
    source: tuple[Path | None, str | None, str | None],
    *,
    approves: bool,
    as_json: bool,
) -> None:
    from api.records.approvals import Decision
    from lineproof.access.records import line_records

    with line_records(*source) as records:
        document = records.decide(identity, Decision(approves, *said))
    if as_json:
        output.print_json(document)
    else:
        done = "approved: it holds" if approves else "refused: it changes nothing"
        output.say(f"{document['line']}: {document['kind']} {identity} is {done}.")
