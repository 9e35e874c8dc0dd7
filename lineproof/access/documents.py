"""Documents of a project: in a data folder, or at a running node.

Both give the same rows and the same refusals; with a data folder nobody is asked for a role.
"""

from __future__ import annotations

import contextlib
import getpass
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import quote

from api.documents.attachments import attachment_json
from domain.document_acts import ActOnDocument, DocumentAct
from domain.errors import InputError
from domain.grants import AttachedDocument
from lineproof.access.figures import check_one_source
from lineproof.clock import utc_now
from store.node.opening import open_stores
from store.registry.project_work.attachments import NewDocument
from store.registry.registry import Registry

if TYPE_CHECKING:
    from lineproof.access.node_client import NodeClient

_PIECE = 1 << 20


class DocumentRecords(Protocol):
    """The rows of the routes of the same names; an author that is empty is who asks. Raises
    LineproofError with a sentence."""

    def attach(self, new: NewDocument, file: Path) -> dict[str, Any]: ...

    def of_project(self, project: str) -> list[dict[str, Any]]: ...

    def act(self, new: ActOnDocument) -> dict[str, Any]: ...


class LocalDocuments:
    """Those of a data folder."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def attach(self, new: NewDocument, file: Path) -> dict[str, Any]:
        said = NewDocument(
            new.project, new.milestone, new.file_name, _author(new.attached_by), new.kind
        )
        with _opened(file) as pieces, self._registry.attach.arriving(said) as arrived:
            for piece in pieces:
                arrived.write(piece)
            document = self._registry.attach.keep(arrived, said, utc_now())
        place = f"milestone {new.milestone} of {new.project}"
        self._registry.audit.tell_change(place, f"document {document.sha256} attached")
        return self.rows([document])[0]

    def of_project(self, project: str) -> list[dict[str, Any]]:
        return self.rows(self._registry.attachments.of_project(project))

    def act(self, new: ActOnDocument) -> dict[str, Any]:
        author = _author(new.author)
        said = ActOnDocument(new.project, new.sha256, new.act, author, new.acted_at, new.reason)
        document = self._registry.retain.put(said)
        what = f"{new.act} of document {new.sha256}"
        self._registry.audit.tell_change(f"project {new.project}", what)
        return self.rows([document])[0]

    def rows(self, documents: Iterable[AttachedDocument]) -> list[dict[str, Any]]:
        """As programs read them."""
        plants = {it.id: it.zone for it in self._registry.plants.all()}
        zones = {it.reference: plants[it.plant] for it in self._registry.projects.all()}
        return [attachment_json(it, zones[it.project]) for it in documents]


class RemoteDocuments:
    """Those of a running node, by HTTP."""

    def __init__(self, client: NodeClient) -> None:
        self._client = client

    def attach(self, new: NewDocument, file: Path) -> dict[str, Any]:
        query = {"file_name": new.file_name, "kind": new.kind}
        if new.attached_by:
            query["author"] = new.attached_by
        milestone = f"projects/{quote(new.project, safe='')}/milestones/"
        path = f"{milestone}{quote(new.milestone, safe='')}/attachments"
        with _opened(file) as pieces:
            document: dict[str, Any] = self._client.upload(path, query, pieces)
        return document

    def of_project(self, project: str) -> list[dict[str, Any]]:
        return self._client.rows(_attachments(project), {})

    def act(self, new: ActOnDocument) -> dict[str, Any]:
        given = {"reason": new.reason, "author": new.author or None}
        path = f"{_attachments(new.project)}/{quote(new.sha256, safe='')}/{new.act}"
        document: dict[str, Any] = self._client.post(path, given)
        return document


@contextlib.contextmanager
def document_records(
    data: Path | None, url: str | None, token: str | None
) -> Iterator[DocumentRecords]:
    """Of the one source that the user named. Raises InputError without or with both."""
    check_one_source(data, url)
    if url is not None:
        from lineproof.access.node_client import node_client  # loads an HTTP client

        with node_client(url, token) as client:
            yield RemoteDocuments(client)
        return
    assert data is not None
    with open_stores(data, must_exist=True) as stores:
        yield LocalDocuments(stores.registry)


def act_on(project: str, sha256: str, act: DocumentAct, author: str, reason: str) -> ActOnDocument:
    """One of now."""
    return ActOnDocument(project, sha256, act, author, utc_now(), reason)


@contextlib.contextmanager
def _opened(file: Path) -> Iterator[Iterator[bytes]]:
    """Its bytes, piece by piece. Raises InputError where it cannot be read."""
    try:
        with file.open("rb") as opened:
            yield iter(lambda: opened.read(_PIECE), b"")
    except OSError as error:
        raise InputError(
            f"the document cannot be read ({error.strerror})",
            where=str(file),
            todo="Give the path of a file that this user may read.",
        ) from None


def _author(given: str) -> str:
    return given.strip() or getpass.getuser()


def _attachments(project: str) -> str:
    return f"projects/{quote(project, safe='')}/attachments"
