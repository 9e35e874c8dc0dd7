"""`document add`: attach a document to a milestone."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Annotated

import typer

from domain.errors import InputError
from lineproof import output
from lineproof.cli.commands.options import AsJson, DataDir, ProjectRef

app = typer.Typer(help="Documents of a project.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def _group() -> None:
    """Documents of a project."""


@app.command()
def add(
    data: DataDir,
    project: ProjectRef,
    milestone: Annotated[str, typer.Option(metavar="ID", help="The milestone's id.")],
    file: Annotated[Path, typer.Argument(help="The document.")],
    kind: Annotated[
        str | None,
        typer.Option(help="What it is; by default the document that the terms ask for."),
    ] = None,
    by: Annotated[str | None, typer.Option(help="Who attaches it; default: this user.")] = None,
    as_json: AsJson = False,
) -> None:
    """Attach a document to a milestone; the same bytes again change nothing."""
    from domain.grants import DocumentTerms
    from lineproof.clock import utc_now
    from store.node.opening import open_stores

    content = read_document(file)
    with open_stores(data, must_exist=True) as stores:
        milestones = stores.registry.projects.by_reference(project).milestones
        terms = {it.id: it.terms for it in milestones}.get(milestone)
        wanted = terms.document if isinstance(terms, DocumentTerms) else None
        attached = stores.registry.attach.document(
            project,
            milestone,
            kind or wanted or file.suffix.lstrip(".") or "document",
            file.name,
            content,
            utc_now(),
            attached_by=by or getpass.getuser(),
        )
        said = f"document {attached.sha256} attached"
        stores.registry.audit.tell_change(f"milestone {milestone} of {project}", said)
    document = {
        "project": attached.project,
        "milestone": attached.milestone,
        "kind": attached.kind,
        "file_name": attached.file_name,
        "sha256": attached.sha256,
        "attached_at": attached.attached_at.isoformat(),
        "attached_by": attached.attached_by,
    }
    if as_json:
        output.print_json(document)
    else:
        output.say(
            f"{attached.file_name} is attached to {project}, milestone {milestone}, as "
            f"{attached.kind} (SHA-256 {attached.sha256})."
        )


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
