"""`verifier`: a verifier of dossiers to take along, as one file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lineproof import output

_SCRIPT = "verify.mjs"


def verifier(
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="FILE", help="Where to write the file.")
    ],
    script: Annotated[
        bool, typer.Option("--script", help="The script for Node, to run: node FILE DOSSIER.zip.")
    ] = False,
) -> None:
    """A verifier of dossiers that needs no Lineproof: a script for Node."""
    from importlib.resources import files

    from domain.errors import InputError
    from store.archive.blobs import storage_errors

    if not script:
        raise InputError("which verifier is not said", todo="Give --script.")
    with storage_errors(out):
        out.write_bytes((files("lineproof.verifiers") / _SCRIPT).read_bytes())
    output.say(f"{out} is written. Use it: node {out} DOSSIER.zip --policy FILE")
