"""`document`: attach documents to milestones, list them, hold them, remove what is past its day."""

from __future__ import annotations

import getpass
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from domain.errors import InputError
from lineproof import output
from lineproof.cli.commands.options import AsJson, DataDir, ProjectRef

if TYPE_CHECKING:
    from domain.document_acts import DocumentAct
    from domain.grants import AttachedDocument
    from store.node.opening import Stores

app = typer.Typer(help="Documents of a project.", no_args_is_help=True, rich_markup_mode=None)
Sha256 = Annotated[
    str, typer.Option("--sha256", metavar="DIGEST", help="The document's, as in the list.")
]
Reason = Annotated[str, typer.Option("--reason", help="Why, for who reads it.")]
By = Annotated[str | None, typer.Option("--by", help="Who does it; default: this user.")]


@app.command()
def add(
    data: DataDir,
    project: ProjectRef,
    milestone: Annotated[str, typer.Option(metavar="ID", help="The milestone's id.")],
    file: Annotated[Path, typer.Argument(help="The document.")],
    kind: Annotated[
        str,
        typer.Option(help="What it is; by default the document that the terms ask for."),
    ] = "",
    by: Annotated[str | None, typer.Option(help="Who attaches it; default: this user.")] = None,
    as_json: AsJson = False,
) -> None:
    """Attach a document to a milestone; the same bytes again change nothing."""
    from lineproof.clock import utc_now
    from store.node.opening import open_stores

    content = read_document(file)
    with open_stores(data, must_exist=True) as stores:
        attached = stores.registry.attach.document(
            project,
            milestone,
            kind,
            file.name,
            content,
            utc_now(),
            attached_by=by or getpass.getuser(),
        )
        said = f"document {attached.sha256} attached"
        stores.registry.audit.tell_change(f"milestone {milestone} of {project}", said)
        (row,) = _rows(stores, [attached])
    if as_json:
        output.print_json(row)
    else:
        output.say(
            f"{attached.file_name} is attached to {project}, milestone {milestone}, as "
            f"{attached.kind} (SHA-256 {attached.sha256})."
        )


@app.command("list")
def list_documents(data: DataDir, project: ProjectRef, as_json: AsJson = False) -> None:
    """The documents of a project: until when they are kept, holds, and what was removed."""
    from store.node.opening import open_stores

    with open_stores(data, must_exist=True) as stores:
        rows = _rows(stores, stores.registry.attachments.of_project(project))
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
    data: DataDir,
    project: ProjectRef,
    sha256: Sha256,
    reason: Reason,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Put a legal hold: the document stays, whatever its day, until it is released."""
    from domain.document_acts import DocumentAct

    _act(data, (project, sha256, reason), DocumentAct.HOLD, by, as_json)


@app.command()
def release(
    data: DataDir,
    project: ProjectRef,
    sha256: Sha256,
    reason: Reason,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Release a document from its legal hold."""
    from domain.document_acts import DocumentAct

    _act(data, (project, sha256, reason), DocumentAct.RELEASE, by, as_json)


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
    by: By = None,
    yes: Annotated[bool, typer.Option("--yes", help="Remove them without asking.")] = False,
    as_json: AsJson = False,
) -> None:
    """Remove the bytes of documents that are past their day and not on hold, for good.

    What was told of them, their digests and their leaves in the ledger stay. It says first what
    would go, and asks.
    """
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
        rows = _rows(stores, gone)
    if as_json:
        output.print_json(rows)
    else:
        what = "document" if len(gone) == 1 else "documents"
        output.say(f"The bytes of {len(gone)} {what} were removed.")


def _act(
    data: Path, what: tuple[str, str, str], act: DocumentAct, by: str | None, as_json: bool
) -> None:
    """`what`: project, digest and reason."""
    from domain.document_acts import ActOnDocument
    from lineproof.clock import utc_now
    from store.node.opening import open_stores

    project, sha256, reason = what
    new = ActOnDocument(project, sha256, act, by or getpass.getuser(), utc_now(), reason)
    with open_stores(data, must_exist=True) as stores:
        document = stores.registry.retain.put(new)
        stores.registry.audit.tell_change(f"project {project}", f"{act} of document {sha256}")
        (row,) = _rows(stores, [document])
    if as_json:
        output.print_json(row)
    else:
        on = "on legal hold" if document.hold else "not on hold any more"
        output.say(f"{document.file_name} of {project} is {on}.")


def _rows(stores: Stores, documents: list[AttachedDocument]) -> list[dict[str, Any]]:
    from api.documents.attachments import attachment_json

    plants = {it.id: it.zone for it in stores.registry.plants.all()}
    zones = {it.reference: plants[it.plant] for it in stores.registry.projects.all()}
    return [attachment_json(it, zones[it.project]) for it in documents]


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
    from store.registry.attachments import DOCUMENT_MAX_BYTES

    try:
        with file.open("rb") as opened:
            return opened.read(DOCUMENT_MAX_BYTES + 1)
    except OSError as error:
        raise InputError(
            f"the document cannot be read ({error.strerror})",
            where=str(file),
            todo="Give the path of a file that this user may read.",
        ) from None
