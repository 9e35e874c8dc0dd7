"""`import`: history from files, through the same intake as live batches."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lineproof import output
from lineproof.cli.commands.options import AsJson, DataDir, LineId

if TYPE_CHECKING:
    from lineproof.history_import.importer import FileSummary, ImportSummary


def import_history(
    data: DataDir,
    line: LineId,
    files: Annotated[
        list[Path], typer.Argument(help="CSV or Parquet: time, machine, signal, value.")
    ],
    until: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="How far the files are complete; default: last row."),
    ] = None,
    profile: Annotated[
        str | None, typer.Option(help="Decode raw codes of state and mode by this profile.")
    ] = None,
    keep_good: Annotated[
        bool, typer.Option("--keep-good", help="Take the good rows; keep bad ones as rejections.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Import history; a second time changes nothing."""
    from lineproof.clock import utc_now
    from lineproof.history_import.importer import import_files
    from store.node.opening import open_stores

    with open_stores(data, must_exist=True) as stores, output.progress_bar() as bar:
        summary = import_files(
            stores,
            None,
            line,
            files,
            now=utc_now(),
            until=until,
            profile=profile,
            keep_good=keep_good,
            progress=output.Steps(bar),
        )
    for file in summary.files:
        for warning in file.warnings:
            output.note(f"Warning: {warning}")
    if as_json:
        output.print_json(_document(summary))
    else:
        for file in summary.files:
            output.say(_sentence(file))


def _document(summary: ImportSummary) -> dict[str, Any]:
    return {
        "line": summary.line,
        "slices": summary.slices,
        "files": [
            asdict(file) | {"start": file.start.isoformat(), "end": file.end.isoformat()}
            for file in summary.files
        ],
    }


def _sentence(file: FileSummary) -> str:
    if file.already_imported:
        return f"{file.file}: was imported before, nothing changed"
    bad = f", {file.rejected} rows kept as rejections" if file.rejected else ""
    return (
        f"{file.file}: {file.rows} rows from {file.start.isoformat()} to {file.end.isoformat()} "
        f"in {file.batches} batches{bad}"
    )
