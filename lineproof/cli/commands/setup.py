"""`apply`: plant and grant files into a node's registry."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from domain.errors import LineproofError
from lineproof import output
from lineproof.cli.commands.options import AsJson, DataDir

if TYPE_CHECKING:
    from store.node.opening import Stores


def apply(
    data: DataDir,
    files: Annotated[
        list[Path],
        typer.Option("--file", "-f", metavar="FILE", help="Plant or grant file; may be repeated."),
    ],
    as_json: AsJson = False,
) -> None:
    """Load or update plant and grant files; says what changed."""
    from lineproof.clock import utc_now
    from lineproof.upkeep.apply import apply_files, check_files, undefined_in
    from store.node.opening import open_stores

    check_files(files)
    with open_stores(data) as stores:
        changes = apply_files(stores.registry, files, utc_now())
        undefined = undefined_in(stores)
        _into_ledger(stores)
    for name in undefined:
        output.note(f"Warning: {name}")
    if as_json:
        names = [{"line": it.line, "kind": it.kind, "name": it.name} for it in undefined]
        output.print_json({"changes": changes, "undefined": names})
        return
    for change in changes or ["Nothing changed: the files were applied before as they are."]:
        output.say(change)


def _into_ledger(stores: Stores) -> None:
    """Terms are told to a ledger at once that a node has begun, not only when it starts again."""
    from lineproof.clock import utc_now
    from store.node.ledger_keeper import LedgerKeeper

    if stores.ledger.is_begun:
        try:
            LedgerKeeper(stores.ledger, stores.registry, stores.telemetry, utc_now).refresh()
        except LineproofError as error:
            output.note(f"Warning: {error}")
