"""`rebuild`: telemetry and facts of a stopped node anew from its archive."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lineproof import output
from lineproof.cli.commands.options import AsJson, DataDir

if TYPE_CHECKING:
    from lineproof.upkeep.rebuild import RebuildSummary


def rebuild(
    data: DataDir,
    yes: Annotated[
        bool, typer.Option("--yes", help="Also where less would be in force then than is there.")
    ] = False,
    scheduler: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="Of a Dask cluster whose workers share the work: tcp://10.0.0.5:8786.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make telemetry and facts anew from the archive; leaves with 1 when some of it is not right.

    Every batch is verified again. A DuckDB file is made beside the old one and takes its place
    at the end, so it needs as much free space. With InfluxDB the points of the bucket are
    completed and the facts made anew; for a bucket without anything else, name a new one first.
    Where less would be in force than is there it says what would go, and asks first.
    With --scheduler workers verify the batches and compute the facts; they must see the data folder
    at the same path. What they did is kept until the end: when it breaks off, run it again.
    """
    from lineproof.clock import utc_now
    from lineproof.upkeep.rebuild import rebuild_folder

    with output.progress_bar() as bar:

        def agree(lost: Sequence[str]) -> bool:
            if yes or not sys.stdin.isatty():
                return yes
            bar.stop()
            output.note(f"The rebuild would put less in force than is there: {'; '.join(lost)}.")
            return typer.confirm("Go on, and let that go?", err=True)

        summary = rebuild_folder(data, utc_now(), output.Steps(bar), agree, scheduler)
    document = _document(summary)
    if as_json:
        output.print_json(document)
    else:
        output.say(_sentence(summary))
    if not document["ok"]:
        raise typer.Exit(1)


def _document(summary: RebuildSummary) -> dict[str, Any]:
    replayed = summary.replayed
    return {
        "ok": not (replayed.quarantined or replayed.missing or replayed.unreadable),
        "store": summary.store,
        "batches": replayed.batches,
        "new_batches": replayed.stored,
        "samples": replayed.samples,
        "rejections": replayed.rejections,
        "facts": summary.facts,
        "slices": summary.slices,
        "quarantined": replayed.quarantined,
        "quarantine": dict(sorted(replayed.quarantine.items())),
        "missing": replayed.missing,
        "unreadable": replayed.unreadable,
        "undated": replayed.undated,
    }


def _sentence(summary: RebuildSummary) -> str:
    replayed = summary.replayed
    sentences = [
        f"{replayed.batches} batches with {replayed.samples} samples verified and stored; "
        f"{summary.facts} facts of {summary.slices} slices computed."
    ]
    if replayed.quarantined:
        why = ", ".join(f"{count} {name}" for name, count in sorted(replayed.quarantine.items()))
        sentences.append(
            f"{replayed.quarantined} batches do not verify ({why}): they are in quarantine, and "
            "their samples are not in the telemetry. Put them back from a backup and repeat this."
        )
    if replayed.unreadable:
        sentences.append(
            f"{len(replayed.unreadable)} things in the archive cannot be read as files of it, the "
            f"first is {replayed.unreadable[0]}: nothing of them is in the telemetry. Mend their "
            "permissions, put them back from a backup, or move away what does not belong there; "
            "then repeat this."
        )
    if replayed.missing:
        sentences.append(
            f"{replayed.missing} batches are missing of those that came in once. Put them back "
            "from a backup and repeat this."
        )
    if replayed.undated:
        sentences.append(
            f"Of {replayed.undated} batches nobody noted when they arrived: the time of their "
            "files stands for it."
        )
    return "\n".join(sentences)
