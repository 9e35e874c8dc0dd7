"""`document`: attach documents to milestones, list them, hold them, remove what is past its day."""

from __future__ import annotations

import getpass
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from domain.errors import InputError
from lineproof import output
from lineproof.cli.commands.options import (
    AsJson,
    DataDir,
    NodeUrl,
    OptionalDataDir,
    ProjectRef,
    Token,
)

if TYPE_CHECKING:
    from domain.document_acts import ActOnDocument
    from domain.grants import AttachedDocument

app = typer.Typer(help="Documents of a project.", no_args_is_help=True, rich_markup_mode=None)
Sha256 = Annotated[
    str, typer.Option("--sha256", metavar="DIGEST", help="The document's, as in the list.")
]
Reason = Annotated[str, typer.Option("--reason", help="Why, for who reads it.")]
By = Annotated[
    str,
    typer.Option("--by", help="Who does it; default: this user, or with --token whose it is."),
]


@app.command()
def add(
    project: ProjectRef,
    milestone: Annotated[str, typer.Option(metavar="ID", help="The milestone's id.")],
    file: Annotated[Path, typer.Argument(help="The document.")],
    kind: Annotated[
        str,
        typer.Option(help="What it is; by default the document that the terms ask for."),
    ] = "",
    by: By = "",
    data: OptionalDataDir = None,
    url: NodeUrl = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Attach a document to a milestone; the same bytes again change nothing."""
    from lineproof.access.documents import document_records
    from store.registry.project_work.attachments import NewDocument

    with document_records(data, url, token) as records:
        row = records.attach(NewDocument(project, milestone, file.name, by, kind), file)
    if as_json:
        output.print_json(row)
    else:
        output.say(
            f"{row['file_name']} is attached to {project}, milestone {milestone}, as "
            f"{row['kind']} (SHA-256 {row['sha256']})."
        )


@app.command("list")
def list_documents(
    project: ProjectRef,
    data: OptionalDataDir = None,
    url: NodeUrl = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """The documents of a project: until when they are kept, holds, and what was removed."""
    from lineproof.access.documents import document_records

    with document_records(data, url, token) as records:
        rows = records.of_project(project)
    if as_json:
        output.print_json(rows)
        return
    output.print_table(
        f"Documents of {project}",
        ("File", "Kind", "Milestone", "Attached", "By", "Kept until", "Hold", "SHA-256"),
        [_told(it) for it in rows],
    )


@app.command()
def hold(
    project: ProjectRef,
    sha256: Sha256,
    reason: Reason,
    by: By = "",
    data: OptionalDataDir = None,
    url: NodeUrl = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Put a legal hold: the document stays, whatever its day, until it is released."""
    from domain.document_acts import DocumentAct
    from lineproof.access.documents import act_on

    new = act_on(project, sha256, DocumentAct.HOLD, by, reason)
    _act(new, (data, url, token), as_json)


@app.command()
def release(
    project: ProjectRef,
    sha256: Sha256,
    reason: Reason,
    by: By = "",
    data: OptionalDataDir = None,
    url: NodeUrl = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Release a document from its legal hold."""
    from domain.document_acts import DocumentAct
    from lineproof.access.documents import act_on

    new = act_on(project, sha256, DocumentAct.RELEASE, by, reason)
    _act(new, (data, url, token), as_json)


@app.command("remove-expired")
def remove_expired(
    data: DataDir,
    project: Annotated[
        str | None, typer.Option("--project", metavar="REF", help="With --sha256: this one alone.")
    ] = None,
    sha256: Annotated[
        str | None,
        typer.Option("--sha256", metavar="DIGEST", help="With --project: this one alone."),
    ] = None,
    by: By = "",
    yes: Annotated[bool, typer.Option("--yes", help="Remove them without asking.")] = False,
    as_json: AsJson = False,
) -> None:
    """Remove the bytes of documents that are past their day and not on hold, for good.

    What was told of them, their digests and their leaves in the ledger stay. It says first what
    would go, and asks.
    """
    from lineproof.access.documents import LocalDocuments
    from lineproof.clock import utc_now
    from store.node.opening import open_stores

    only = None if project is None or sha256 is None else (project, sha256)
    if only is None and (project or sha256):
        raise InputError(
            "a document is named by --project and --sha256",
            todo="Give both, or none of them for all that are past their day.",
        )
    author, now = by or getpass.getuser(), utc_now()

    def agree(due: list[AttachedDocument]) -> bool:
        if yes:
            return True
        if not sys.stdin.isatty():
            raise InputError(
                f"the bytes of {len(due)} documents would be removed for good, because by this "
                f"machine's clock it is {now:%Y-%m-%d}",
                todo="Nothing was removed. Look at the list and the clock, then say --yes.",
            )
        for it in due:
            output.note(f"{it.project} {it.milestone}: {it.file_name} (until {it.retain_until})")
        output.note(f"By this machine's clock it is {now:%Y-%m-%d}.")
        return typer.confirm(f"Remove the bytes of these {len(due)} for good?", err=True)

    with open_stores(data, must_exist=True) as stores:
        gone = stores.registry.retain.remove_expired(now, author=author, agree=agree, only=only)
        for it in gone:
            said = f"bytes of document {it.sha256} removed"
            stores.registry.audit.tell_change(f"project {it.project}", said)
        rows = LocalDocuments(stores.registry).rows(gone)
    if as_json:
        output.print_json(rows)
    else:
        what = "document" if len(gone) == 1 else "documents"
        output.say(f"The bytes of {len(gone)} {what} were removed.")


def _act(
    new: ActOnDocument, source: tuple[Path | None, str | None, str | None], as_json: bool
) -> None:
    """`source`: data folder, or address of a node and token."""
    from lineproof.access.documents import document_records

    with document_records(*source) as records:
        row = records.act(new)
    if as_json:
        output.print_json(row)
    else:
        on = "on legal hold" if row["hold"] else "not on hold any more"
        output.say(f"{row['file_name']} of {new.project} is {on}.")


def _told(row: dict[str, Any]) -> list[str]:
    until = row["retain_until"] or "for ever"
    if row["removed_at"]:
        until = f"removed {output.second(row['removed_at'])}"
    hold = f"{row['hold']['by']}: {row['hold']['reason']}" if row["hold"] else ""
    attached = output.second(row["attached_at"])
    named = (row["file_name"], row["kind"], row["milestone"] or "", attached, row["attached_by"])
    return [*named, until, hold, row["sha256"]]


def read_document(file: Path) -> bytes:
    """Its bytes, of a long one one more than a document may have. Raises InputError where it cannot
    be read."""
    from store.registry.project_work.attachments import DOCUMENT_MAX_BYTES

    try:
        with file.open("rb") as opened:
            return opened.read(DOCUMENT_MAX_BYTES + 1)
    except OSError as error:
        raise InputError(
            f"the document cannot be read ({error.strerror})",
            where=str(file),
            todo="Give the path of a file that this user may read.",
        ) from None
