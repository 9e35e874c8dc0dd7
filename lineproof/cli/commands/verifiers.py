"""`verifier`: a verifier of dossiers to take along, as one file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lineproof import output


def verifier(
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="FILE", help="Where to write the file.")
    ],
    script: Annotated[
        bool, typer.Option("--script", help="The script for Node instead of the page.")
    ] = False,
) -> None:
    """A verifier of dossiers that needs no Lineproof: a page for any browser, or a script."""
    from lineproof.verifiers.assembly import assembled_page, node_script
    from store.archive.blobs import storage_errors

    text = node_script() if script else assembled_page()
    with storage_errors(out):
        out.write_text(text, encoding="utf-8")
    use = f"node {out} DOSSIER.zip --policy FILE" if script else "open it in a browser"
    output.say(f"{out} is written. Use it: {use}.")
