"""`import`: history from files, through the same intake as live batches."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lineproof import output
from lineproof.cli.commands.options import AsJson, DataDir, LineId

if TYPE_CHECKING:
    from lineproof.history_import.file_map import FileMap
    from lineproof.history_import.importer import FileSummary, ImportSummary
    from lineproof.history_import.preview import FilePreview


def import_history(
    data: DataDir,
    line: LineId,
    files: Annotated[
        list[Path],
        typer.Argument(help="CSV, Excel (.xlsx) or Parquet: time, machine, signal, value."),
    ],
    until: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="How far the files are complete; default: last row."),
    ] = None,
    profile: Annotated[
        str | None, typer.Option(help="Decode raw codes of state and mode by this profile.")
    ] = None,
    map_file: Annotated[
        Path | None,
        typer.Option(
            "--map", metavar="FILE", help="How another system writes its files (docs/import.md)."
        ),
    ] = None,
    encoding: Annotated[
        str | None,
        typer.Option(help="Encoding of CSV that is not in UTF-8: gb18030, big5hkscs, cp1252, …"),
    ] = None,
    check: Annotated[
        bool,
        typer.Option(
            "--check", help="Show what would be done with the first rows; change nothing."
        ),
    ] = False,
    keep_good: Annotated[
        bool, typer.Option("--keep-good", help="Take the good rows; keep bad ones as rejections.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Import history; a second time changes nothing."""
    from lineproof.clock import utc_now
    from lineproof.history_import.importer import import_files
    from lineproof.history_import.preview import preview_files
    from store.node.opening import open_stores

    how = _file_map(map_file, encoding)
    with open_stores(data, must_exist=True) as stores, output.progress_bar() as bar:
        if check:
            plant = stores.registry.plants.of_line(line)
            previews = preview_files(
                plant, line, files, now=utc_now(), profile=profile, file_map=how
            )
            _show(previews, as_json)
            return
        summary = import_files(
            stores,
            None,
            line,
            files,
            now=utc_now(),
            until=until,
            profile=profile,
            keep_good=keep_good,
            file_map=how,
            progress=output.Steps(bar),
        )
        if not summary.already_imported:
            stores.registry.audit.tell_change(f"line {line}", f"{len(files)} files imported")
    _tell(summary, as_json)


def _file_map(path: Path | None, encoding: str | None) -> FileMap:
    from dataclasses import replace

    from lineproof.history_import.file_map import AS_DOCUMENTED
    from lineproof.history_import.formats.text_files import known_encoding
    from lineproof.history_import.map_file import read_map

    how = AS_DOCUMENTED if path is None else read_map(path)
    return (
        how if encoding is None else replace(how, encoding=known_encoding(encoding, "--encoding"))
    )


def _show(previews: tuple[FilePreview, ...], as_json: bool) -> None:
    """Raises CheckFailedError when a row cannot be used."""
    from domain.errors import CheckFailedError

    if as_json:
        output.print_json({"files": [asdict(preview) for preview in previews]})
    else:
        for preview in previews:
            _show_file(preview)
    bad = sum(preview.bad for preview in previews)
    if bad:
        read = sum(preview.read for preview in previews)
        raise CheckFailedError(
            f"{bad} of the first {read} values cannot be used",
            todo="Mend the map or the rows named above. Nothing was changed.",
        )


def _show_file(preview: FilePreview) -> None:
    unused = ", ".join(f"'{name}'" for name in preview.unused_columns)
    output.say(f"{preview.file}: {preview.kind}" + (f"; not used: {unused}" if unused else ""))
    rows = [(it.time, it.machine, it.signal, it.value, it.raw or "") for it in preview.rows]
    if rows:
        columns = ("time", "machine", "signal", "value", "as written")
        output.print_table("The first values, in order of time", columns, rows)
    for fault in preview.faults:
        said = f"'{fault.value}'" if fault.value else "nothing"
        output.say(f"{fault.where}: column '{fault.column}' cannot be used: {said}. {fault.todo}")
    output.say(
        f"{preview.read - preview.bad} of the first {preview.read} values can be used. "
        "Nothing was changed."
    )


def _tell(summary: ImportSummary, as_json: bool) -> None:
    for file in summary.files:
        for warning in file.warnings:
            output.note(f"Warning: {warning}")
    for name in summary.undefined:
        output.note(f"Warning: {name}")
    for odd in summary.contradictions:
        output.note(f"Warning: {odd.sentence()}")
    for refused in summary.refused:
        output.note(f"Warning: {refused}")
    if as_json:
        output.print_json(_document(summary))
    else:
        for file in summary.files:
            output.say(_sentence(file))


def _document(summary: ImportSummary) -> dict[str, Any]:
    return {
        "line": summary.line,
        "slices": summary.slices,
        "contradictions": [
            asdict(odd) | {"first": [at.isoformat() for at in odd.first]}
            for odd in summary.contradictions
        ],
        "refused_readings": [
            {
                "machine": it.machine,
                "counter": it.role,
                "leapt": it.leapt,
                "days": {day.isoformat(): count for day, count in it.days},
                "more": it.more,
            }
            for it in summary.refused
        ],
        "undefined_products": [it.name for it in summary.undefined if it.kind == "product"],
        "undefined_reasons": [it.name for it in summary.undefined if it.kind == "reason"],
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
