"""`user data`, `user erase`: what a node holds of a person, and erasing it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from domain.errors import InputError
from lineproof import output
from lineproof.cli.commands.options import AsJson, NodeUrl, OptionalDataDir, Token

Person = Annotated[
    str,
    typer.Argument(metavar="NAME", help="An account's name, or an author's as it is recorded."),
]
# What an erasure does with it.
_ERASING = {
    "own": "goes",
    "row": "the name goes",
    "text": "the name goes",
    "kept": "stays: its digest is evidence",
    "accepted": "stays: an accepted period needs it",
}


def data(
    name: Person,
    data: OptionalDataDir = None,
    url: NodeUrl = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """List all that the node holds of a person; with --json every row of it."""
    from lineproof.access.accounts import node_accounts

    with node_accounts(data, url, token) as accounts:
        document = accounts.data(name)
    if as_json:
        output.print_json(document)
        return
    held = [
        *_counted(document["held"]),
        ("audit", "", str(len(document["audit"])), _ERASING["row"]),
    ]
    output.print_table(" / ".join(document["names"]), ("Where", "Column", "Rows", "Erased"), held)
    for it in document["needed_by"]:
        if "line" in it:
            start, end = output.minute(it["start"]), output.minute(it["end"])
            place = f"The accepted period of {it['line']} from {start} to {end}"
        else:
            place = " ".join(["Project", it["project"], it["milestone"] or ""]).strip()
        output.say(f"{place} needs the name: {it['why']}.")
    output.note(_not_looked_into(document))


def erase(
    name: Person,
    yes: Annotated[bool, typer.Option("--yes", help="It is meant; nobody can undo it.")] = False,
    data: OptionalDataDir = None,
    url: NodeUrl = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Erase a person's name for good, where no accepted period needs it."""
    from lineproof.access.accounts import node_accounts

    if not yes:
        raise InputError(
            f"nobody can undo it when '{name}' is erased",
            where="--yes",
            todo="Look at it with 'lineproof user data'; then repeat this with --yes.",
        )
    with node_accounts(data, url, token) as accounts:
        document = accounts.erase(name)
    if as_json:
        output.print_json(document)
        return
    output.say(
        f"'{name}' is erased; where a name is needed, {document['reference']} stands "
        f"({document['rows']} rows, {document['audit_rows']} of the audit)."
    )
    for where, column, count, _ in _counted(document["kept"]):
        output.say(f"It stays in {where} ({column}), {count} rows: their digests are evidence.")
    output.note(_not_looked_into(document))


def _counted(held: Sequence[dict[str, Any]]) -> list[tuple[str, str, str, str]]:
    counts = Counter((it["where"], it["column"], it["erasing"]) for it in held)
    return [
        (where, column, str(count), _ERASING[erasing])
        for (where, column, erasing), count in counts.items()
    ]


def _not_looked_into(document: dict[str, Any]) -> str:
    return f"Not looked into: {'; '.join(document['not_looked_into'])}."
