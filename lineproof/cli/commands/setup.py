"""`apply`: plant and grant files into a node's registry."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lineproof import output
from lineproof.cli.commands.options import AsJson, DataDir


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
    for name in undefined:
        output.note(f"Warning: {name}")
    if as_json:
        names = [{"line": it.line, "kind": it.kind, "name": it.name} for it in undefined]
        output.print_json({"changes": changes, "undefined": names})
        return
    for change in changes or ["Nothing changed: the files were applied before as they are."]:
        output.say(change)
