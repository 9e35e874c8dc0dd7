"""`projects/{ref}/attachments` and `…/milestones/{milestone}/attachments`: documents in and out.

Bytes go through piece by piece, and are handed out as they were attached: to be kept by whoever
asked, never to be shown in a page of ours. So an answer says that it is a download, of which type,
that nothing is to be guessed, and that a browser which shows it all the same gives it no rights.
What was changed since it was attached is not handed out.
"""

from __future__ import annotations

import base64
import io
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Request
from fastapi.concurrency import contextmanager_in_threadpool
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from api.documents.attachments import attachment_json
from api.http.access.audit_trail import tell
from api.http.access.callers import Seen
from api.http.dependencies import (
    CallerDep,
    KnownQueriesDep,
    SeenDep,
    Services,
    ServicesDep,
    author_of,
)
from api.http.paging import PageDep, json_answer
from api.http.routes import PREFIX
from domain.access import Caller
from domain.document_acts import ActOnDocument, DocumentAct
from domain.errors import NotFoundError, StorageError
from domain.grants import AttachedDocument
from domain.plant import Confidential
from store.archive.document_types import UNKNOWN_TYPE, media_type_of
from store.registry.audit import Done, Event
from store.registry.project_work.attachments import ArrivingDocument, NewDocument

router = APIRouter(prefix=f"{PREFIX}/projects/{{ref}}", tags=["grants"])
_PIECE_BYTES = 256 << 10
_GATHERED_BYTES = 1 << 20
_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 ._-()")
_BODY = {"required": True, "content": {UNKNOWN_TYPE: {"schema": {"type": "string"}}}}
_HEADERS = {
    "content-security-policy": "sandbox; default-src 'none'",
    "x-content-type-options": "nosniff",
    "cache-control": "private, no-store",
}


class GivenHold(BaseModel):
    """A legal hold to put or to release."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field("", max_length=1_000, description="Why")
    author: str | None = Field(None, description="Who does it; left out: who is signed in")


class GoneError(NotFoundError):
    """What was there and was removed, as was told."""

    http_status = 410


@router.get("/attachments", summary="Documents that are attached to a project")
def attachments(
    ref: str, queries: KnownQueriesDep, page: PageDep, services: ServicesDep, seen: SeenDep
) -> Response:
    """The oldest first. `retain_until` null: kept for ever; `removed_at`: when the bytes went."""
    zone, name = queries.project_zone(ref), names_for(services, seen, ref)
    return page.of([attachment_json(it, zone, name) for it in queries.documents(ref)])


@router.get("/attachments/{sha256}", summary="A document's bytes")
async def download(ref: str, sha256: str, services: ServicesDep) -> Response:
    """As they were attached. Each download is a row of the audit."""

    def opened() -> tuple[AttachedDocument, io.BufferedReader]:
        document = services.registry.attachments.of_digest(ref, sha256)
        if document.removed_at is not None:
            raise GoneError(
                f"the bytes of '{document.file_name}' were removed on "
                f"{document.removed_at:%Y-%m-%d}, behind the day until which they are kept",
                todo="What was told of it, and its digest, are in the list.",
            )
        return document, _intact(services, document)

    document, file = await services.lanes.quick.run(opened)
    length = file.seek(0, io.SEEK_END)
    file.seek(0)
    digest = base64.b64encode(bytes.fromhex(document.sha256)).decode()
    return StreamingResponse(
        _pieces(file),
        media_type=media_type_of(document.file_name),
        headers={
            **_HEADERS,
            "content-length": str(length),
            "content-disposition": disposition(document.file_name),
            "repr-digest": f"sha-256=:{digest}:",  # RFC 9530
        },
    )


@router.post("/attachments/{sha256}/hold", summary="Put a document on legal hold")
async def hold(
    ref: str, sha256: str, given: GivenHold, services: ServicesDep, caller: CallerDep
) -> Response:
    """It stays, whatever its day, until it is released."""
    return await _acted(services, caller, given, (ref, sha256, DocumentAct.HOLD))


@router.post("/attachments/{sha256}/release", summary="Release a document from its legal hold")
async def release(
    ref: str, sha256: str, given: GivenHold, services: ServicesDep, caller: CallerDep
) -> Response:
    """From then on its day counts again."""
    return await _acted(services, caller, given, (ref, sha256, DocumentAct.RELEASE))


async def _acted(
    services: Services, caller: Caller, given: GivenHold, what: tuple[str, str, DocumentAct]
) -> Response:
    ref = what[0]
    author = author_of(caller, given.author)
    new = ActOnDocument(*what, author, services.queries.now(), given.reason)
    document = await services.lanes.quick.run(partial(services.registry.retain.put, new))
    zone = await run_in_threadpool(services.queries.project_zone, ref)
    return json_answer(attachment_json(document, zone))


@router.post(
    "/milestones/{milestone}/attachments",
    status_code=201,
    summary="Attach a document to a milestone",
    openapi_extra={"requestBody": _BODY},
)
async def attach(
    ref: str,
    milestone: str,
    request: Request,
    services: ServicesDep,
    caller: CallerDep,
    file_name: Annotated[str, Query(description="Its name, with the ending of its type")],
    kind: Annotated[str, Query(description="What it is; left out: what the terms ask for")] = "",
    author: Annotated[str | None, Query(description="Who attaches it; left out: who asks")] = None,
) -> Response:
    """The body is the document, byte for byte. The same bytes again change nothing."""
    new = NewDocument(ref, milestone, file_name, author_of(caller, author), kind)
    async with arriving(services, caller, new) as arrived:
        gathered = bytearray()
        async for piece in request.stream():
            gathered += piece
            if len(gathered) >= _GATHERED_BYTES:
                await run_in_threadpool(arrived.write, bytes(gathered))
                gathered.clear()
        await run_in_threadpool(arrived.write, bytes(gathered))
        document = await kept(request, services, caller, arrived, new)
    zone = await run_in_threadpool(services.queries.project_zone, ref)
    answer = json_answer(attachment_json(document, zone))
    answer.status_code = 201
    return answer


@asynccontextmanager
async def arriving(
    services: Services, caller: Caller, new: NewDocument
) -> AsyncIterator[ArrivingDocument]:
    """Where its bytes go. Raises ComeAgainError where too many come in, and what
    `Attaching.arriving` does, before a byte is read."""
    with services.uploads.place(caller.name):
        opened = services.registry.attach.arriving(new)
        async with contextmanager_in_threadpool(opened) as arrived:
            yield arrived


async def kept(
    request: Request,
    services: Services,
    caller: Caller,
    arrived: ArrivingDocument,
    new: NewDocument,
) -> AttachedDocument:
    """What has come is looked at, kept, and told to the audit."""
    keep = partial(services.registry.attach.keep, arrived, new, services.queries.now())
    document = await services.lanes.long.run(keep)
    place = f"milestone {new.milestone} of {new.project}: document {document.sha256}"
    tell(request, Event(Done.CHANGE, caller.name, place=place))
    return document


def names_for(services: Services, seen: Seen, ref: str) -> Callable[[str], str]:
    """How who reads is told people's names: where the plant keeps names confidential, by their
    codes."""
    plant, project = services.queries.project(ref)
    if Confidential.NAMES not in seen.withheld_of_project(project):
        return str
    return partial(services.registry.pseudonyms.of, plant.id)


def disposition(file_name: str) -> str:
    """A download under that name (RFC 6266, RFC 8187): whatever the name has, it is one header.

    >>> disposition("帳目 1.pdf")
    "attachment; filename=\\"__ 1.pdf\\"; filename*=UTF-8''%E5%B8%B3%E7%9B%AE%201.pdf"
    """
    plain = "".join(it if it in _PLAIN else "_" for it in file_name)
    coded = quote(file_name, safe="", errors="replace")
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{coded}"


def _intact(services: Services, document: AttachedDocument) -> io.BufferedReader:
    """Its bytes as they were attached. Raises StorageError where they are not there as such."""
    try:
        file = services.registry.attachments.intact(document.sha256)
    except NotFoundError:
        file = None
    if file is None:
        raise StorageError(
            f"'{document.file_name}' is not there as it was attached",
            todo="Tell an administrator: it must come back from a backup ('lineproof doctor').",
        )
    return file


async def _pieces(file: io.BufferedReader) -> AsyncIterator[bytes]:
    try:
        while piece := await run_in_threadpool(file.read, _PIECE_BYTES):
            yield piece
    finally:
        file.close()
