"""`licences`: what the program is made of, and under which licences."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lineproof import output
from lineproof.cli.commands.options import AsJson


def licences(
    sbom: Annotated[
        Path | None,
        typer.Option(
            "--sbom", metavar="FILE", help="Write a bill of materials (CycloneDX 1.6) there."
        ),
    ] = None,
    extra: Annotated[
        list[str] | None,
        typer.Option(
            "--extra", metavar="NAME", help="With what an extra needs, as in postgresql; repeat."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Every package that runs here, its version and its licence; copyleft ones are marked.

    Of a copyleft package whoever hands the program on must offer the source; using it asks nothing.
    """
    import json

    from lineproof.clock import utc_now
    from lineproof.licences import bill_of_materials, packages
    from store.archive.blobs import storage_errors

    found = packages(extras=extra or ())
    if sbom is not None:
        with storage_errors(sbom):
            sbom.write_text(json.dumps(bill_of_materials(found, utc_now()), indent=1) + "\n")
        output.note(f"{sbom}: {len(found)} packages.")
    elif as_json:
        output.print_json(
            [
                {
                    "name": it.name,
                    "version": it.version,
                    "licence": it.licence,
                    "copyleft": it.is_copyleft,
                }
                for it in found
            ]
        )
    else:
        output.print_table(
            "Packages",
            ["package", "version", "licence", "copyleft"],
            [(it.name, it.version, it.licence, "yes" if it.is_copyleft else "") for it in found],
        )
