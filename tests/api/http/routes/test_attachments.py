"""Documents over HTTP: in piece by piece, out as they came, to who may have them."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import tracemalloc
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from office_files import PDF, office_xml
from signing_in import asking
from starlette.types import Message
from web_plant import GRANT, Clock, app_of, registry_of

from api.http import bodies
from api.http.routes.attachments import disposition
from api.queries.lines import Queries
from domain.access import Assignment
from store.archive.document_types import UNKNOWN_TYPE
from store.files.grant import read_grant
from store.registry.audit import AuditFilter
from store.registry.project_work import attachments

REF, OTHER = "NIFS-2025-017", "NIFS-2025-018"
LIST = f"/api/v1/projects/{REF}/attachments"
TO = f"/api/v1/projects/{REF}/milestones/M1/attachments"
ROLES = {"lee": "supervisor@line:filler-1", "chan": "officer@scheme:NIFS", "aud": "auditor"}


@pytest.fixture
def queries(own_plant: tuple[Queries, Clock]) -> Queries:
    found = own_plant[0]
    registry, now = registry_of(found), found.now()
    other = GRANT.replace(REF, OTHER)
    registry.apply.project(other, read_grant(other, "g.yaml"), now)
    registry.accounts.add("boss", "", [Assignment.parse("administrator")], now)
    return found


@pytest.fixture
def tokens(queries: Queries) -> dict[str, str]:
    now = queries.now()
    ends = now + timedelta(days=300)
    return {
        name: registry_of(queries).tokens.add(name, [Assignment.parse(role)], ends, now, by="boss")
        for name, role in ROLES.items()
    }


@pytest.fixture
def app(queries: Queries) -> FastAPI:
    return app_of(queries, version="1")


@pytest.fixture
async def client(app: FastAPI, tokens: dict[str, str]) -> AsyncIterator[httpx.AsyncClient]:
    async with asking(app) as found:
        found.headers["authorization"] = f"Bearer {tokens['lee']}"
        yield found


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


async def put(
    client: httpx.AsyncClient, data: bytes = PDF, name: str = "a.pdf", **query: str
) -> httpx.Response:
    return await client.post(TO, params={"file_name": name, **query}, content=data)


async def test_what_is_attached_is_listed_and_comes_back_byte_for_byte(
    client: httpx.AsyncClient, queries: Queries
) -> None:
    answer = await put(client, name="帳目 2026.pdf", kind="audited_accounts")
    assert answer.status_code == 201, answer.text
    row = answer.json()
    assert row | {"attached_at": ""} == {
        "project": REF, "milestone": "M1", "kind": "audited_accounts",
        "file_name": "帳目 2026.pdf", "media_type": "application/pdf", "sha256": sha(PDF),
        "bytes": len(PDF), "attached_at": "", "attached_by": "token:lee",
        "retain_until": row["retain_until"], "hold": None, "removed_at": None,
    }  # fmt: skip
    assert row["retain_until"] > "2033"
    assert (await client.get(LIST)).json() == [row]
    assert (await put(client, name="again.pdf", kind="audited_accounts")).json() == row
    answer = await client.get(f"{LIST}/{sha(PDF)}")
    assert answer.content == PDF
    events = registry_of(queries).audit.page(AuditFilter(who="token:lee"))
    told = [(it.event.what, it.event.place) for it in events]
    assert ("export", f"GET {LIST}/{sha(PDF)}") in told
    assert ("change", f"milestone M1 of {REF}: document {sha(PDF)}") in told


async def test_a_download_is_one_and_gives_a_browser_no_rights(
    client: httpx.AsyncClient,
) -> None:
    await put(client, name="帳目 2026.pdf")
    headers = (await client.get(f"{LIST}/{sha(PDF)}")).headers
    digest = base64.b64encode(hashlib.sha256(PDF).digest()).decode()
    for name, value in {
        "content-type": "application/pdf",
        "content-disposition": 'attachment; filename="__ 2026.pdf"; '
        "filename*=UTF-8''%E5%B8%B3%E7%9B%AE%202026.pdf",
        "content-security-policy": "sandbox; default-src 'none'",
        "x-content-type-options": "nosniff",
        "cache-control": "private, no-store",
        "content-length": str(len(PDF)),
        "repr-digest": f"sha-256=:{digest}:",
    }.items():
        assert headers[name] == value
        assert len(headers.get_list(name)) == 1


@pytest.mark.parametrize(
    "name",
    [
        'a"; filename="b.exe', "a\r\nset-cookie: x=y.pdf", "a\u2028b.pdf", "../../a.pdf",
        "\ud800.pdf", "a\\.pdf", "%0d%0a.pdf", "'*.pdf", "帳\x00.pdf",
    ],
)  # fmt: skip
def test_whatever_a_name_has_it_is_one_header(name: str) -> None:
    made = disposition(name)
    assert made.isascii()
    assert made.isprintable()
    assert made.count('"') == 2
    head, _, coded = made.partition("; filename*=UTF-8''")
    assert head.startswith('attachment; filename="')
    assert not set("/\\;:%*") & set(head.split('"')[1])
    assert set(coded) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789%-._~")


@pytest.mark.parametrize(
    "name", ["../a.pdf", "a/b.pdf", "..\\a.pdf", "a\r\nset-cookie: x=y.pdf", "\u202efdp.exe", ""]
)
async def test_a_name_that_leads_elsewhere_is_refused(
    client: httpx.AsyncClient, name: str, tmp_path: Path
) -> None:
    before = sorted(tmp_path.rglob("*.pdf"))
    answer = await put(client, name=name)
    assert answer.status_code == 422
    assert "is no name for a document" in answer.json()["detail"]
    assert sorted(tmp_path.rglob("*.pdf")) == before
    assert (await client.get(LIST)).json() == []


async def test_a_document_of_another_project_is_as_if_it_were_not_there(
    client: httpx.AsyncClient, queries: Queries
) -> None:
    """By its digest, which is no secret; both projects are seen by who asks."""
    registry = registry_of(queries)
    registry.attach.document(OTHER, "M1", "x", "a.pdf", PDF, queries.now(), attached_by="Ann")
    assert (await client.get(f"/api/v1/projects/{OTHER}/attachments/{sha(PDF)}")).content == PDF
    for digest in (sha(PDF), "0" * 64, "x", "..%2f..%2fregistry.sqlite", sha(PDF).upper()):
        answer = await client.get(f"{LIST}/{digest}")
        assert answer.status_code == 404, digest
        assert b"%PDF" not in answer.content


async def test_roles(client: httpx.AsyncClient, tokens: dict[str, str]) -> None:
    await put(client)
    for name, status in (("chan", 201), ("aud", 403)):
        client.headers["authorization"] = f"Bearer {tokens[name]}"
        assert (await put(client, data=PDF + name.encode())).status_code == status
        assert (await client.get(LIST)).status_code == 200
        assert (await client.get(f"{LIST}/{sha(PDF)}")).content == PDF
    del client.headers["authorization"]
    for answer in (await put(client), await client.get(LIST), await client.get(f"{LIST}/x")):
        assert answer.status_code == 401


async def test_what_is_of_no_type_or_for_nothing_leaves_nothing(
    client: httpx.AsyncClient, tmp_path: Path
) -> None:
    def files() -> set[Path]:
        return {it for it in tmp_path.rglob("*") if it.is_file() and "sqlite" not in it.name}

    before = files()
    macros = office_xml("xlsx", {"xl/vbaProject.bin": b"x"})
    for data, name, says in (
        (b"<html>", "a.html", "Print it as a PDF"),
        (b"<html>", "a.pdf", "its name says PDF"),
        (macros, "a.xlsx", "it has macros"),
        (b"", "a.pdf", "it is empty"),
    ):
        answer = await put(client, data, name)
        assert (answer.status_code, says in answer.json()["detail"]) == (422, True)
    assert (await put(client, author="somebody else")).status_code == 422
    assert (await put(client, kind="x" * 61)).status_code == 422
    missing = TO.replace("M1", "M99")
    answer = await client.post(missing, params={"file_name": "a.pdf"}, content=PDF)
    assert answer.status_code == 404
    assert files() == before


def scope_of(method: str, path: str, token: str, query: bytes = b"") -> dict[str, Any]:
    return {
        "type": "http", "method": method, "path": path, "raw_path": path.encode(), "root_path": "",
        "query_string": query, "http_version": "1.1", "scheme": "http",
        "headers": [(b"host", b"localhost"), (b"authorization", f"Bearer {token}".encode())],
        "client": ("127.0.0.1", 1),
    }  # fmt: skip


async def ask(app: FastAPI, token: str, pieces: Iterator[bytes]) -> tuple[int, list[Message]]:
    """The status of an upload that comes in these pieces and never ends."""
    said: list[Message] = []

    async def receive() -> Message:
        for piece in pieces:
            return {"type": "http.request", "body": piece, "more_body": True}
        await asyncio.Event().wait()
        raise AssertionError

    async def send(message: Message) -> None:
        said.append(message)

    scope = scope_of("POST", TO, token, b"file_name=a.pdf")
    await app(scope, receive, send)
    return said[0]["status"], said


@pytest.mark.parametrize("by", ["document", "request"])
async def test_a_body_that_is_too_long_is_stopped_while_it_comes(
    app: FastAPI,
    tokens: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    by: str,
) -> None:
    """By either of two guards: the one of all requests, and the one of documents."""
    limit = 3 << 20
    if by == "document":
        monkeypatch.setattr(attachments, "DOCUMENT_MAX_BYTES", limit)
    else:
        monkeypatch.setattr(bodies, "DOCUMENT_MAX_BYTES", limit)
    taken = 0

    def pieces() -> Iterator[bytes]:
        nonlocal taken
        while True:
            taken += 1
            yield PDF.ljust(64 << 10)

    before = set(tmp_path.rglob("*"))
    status, said = await ask(app, tokens["lee"], pieces())
    assert status == 413, said
    assert taken * (64 << 10) <= limit + (2 << 20)
    assert {it for it in tmp_path.rglob("*") if ".tmp" in it.name} <= before
    status, _ = await ask(app, "nobodys", pieces())
    assert status == 401


async def test_who_may_not_attach_is_refused_before_a_byte_is_read(
    app: FastAPI, tokens: dict[str, str]
) -> None:
    def pieces() -> Iterator[bytes]:
        raise AssertionError("it was read")
        yield b""

    assert (await ask(app, tokens["aud"], pieces()))[0] == 403


async def test_what_was_changed_or_lost_is_not_handed_out(
    client: httpx.AsyncClient, tmp_path: Path
) -> None:
    await put(client)
    (path,) = (it for it in tmp_path.rglob(sha(PDF)) if it.is_file())
    path.write_bytes(b"%PDF-1 other figures")
    answer = await client.get(f"{LIST}/{sha(PDF)}")
    assert answer.status_code == 507
    assert "not there as it was attached" in answer.json()["detail"]
    assert "other figures" not in answer.text
    path.unlink()
    assert (await client.get(f"{LIST}/{sha(PDF)}")).status_code == 507


async def test_holds_and_removals_are_told(
    client: httpx.AsyncClient, queries: Queries, tokens: dict[str, str]
) -> None:
    await put(client)
    registry, now = registry_of(queries), queries.now()
    for name, status in (("lee", 403), ("aud", 403), ("chan", 200)):
        client.headers["authorization"] = f"Bearer {tokens[name]}"
        answer = await client.post(f"{LIST}/{sha(PDF)}/hold", json={"reason": "an audit"})
        assert answer.status_code == status, answer.text
    (row,) = (await client.get(LIST)).json()
    assert row == answer.json()
    assert row["hold"] == {"by": "token:chan", "at": row["hold"]["at"], "reason": "an audit"}
    missing = await client.post(f"{LIST}/{'0' * 64}/hold", json={"reason": "x"})
    assert missing.status_code == 404
    for path, given, status in (
        ("hold", {"reason": "another"}, 422),
        ("release", {"reason": " "}, 422),
        ("release", {"reason": "it is closed"}, 200),
    ):
        answer = await client.post(f"{LIST}/{sha(PDF)}/{path}", json=given)
        assert answer.status_code == status, answer.text
    assert answer.json()["hold"] is None
    behind = now + timedelta(days=366 * 12)
    registry.retain.remove_expired(
        behind, author="Ho", agree=lambda _due: True, only=(REF, sha(PDF))
    )
    (row,) = (await client.get(LIST)).json()
    assert row["removed_at"].startswith(f"{behind:%Y-%m-%d}")
    assert (row["bytes"], row["hold"]) == (len(PDF), None)
    answer = await client.get(f"{LIST}/{sha(PDF)}")
    assert answer.status_code == 410
    assert "were removed on" in answer.json()["detail"]


async def test_a_document_of_before_types_were_checked_is_handed_out_as_bytes(
    client: httpx.AsyncClient, queries: Queries, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(attachments, "check_type", lambda _name, _file: None)
        await put(client, b"<svg onload='x()'/>", "a.svg")
    answer = await client.get(f"{LIST}/{sha(b'''<svg onload='x()'/>''')}")
    assert answer.headers["content-type"] == UNKNOWN_TYPE
    assert answer.headers["content-disposition"].startswith("attachment;")


async def test_neither_way_is_a_long_one_held_in_memory(
    app: FastAPI, client: httpx.AsyncClient, tokens: dict[str, str]
) -> None:
    size, piece = 40 << 20, b"x" * (64 << 10)
    held_max = 8 << 20

    async def pieces() -> AsyncIterator[bytes]:
        yield PDF
        for _ in range(size // len(piece)):
            yield piece

    tracemalloc.start()
    answer = await client.post(TO, params={"file_name": "a.pdf"}, content=pieces())
    assert answer.status_code == 201, answer.text
    assert tracemalloc.get_traced_memory()[1] < held_max
    tracemalloc.reset_peak()
    said: list[int] = []

    async def send(message: Message) -> None:
        said.append(len(message.get("body", b"")))

    async def receive() -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    path = f"{LIST}/{answer.json()['sha256']}"
    await app(scope_of("GET", path, tokens["lee"]), receive, send)
    assert sum(said) == answer.json()["bytes"] > size
    assert tracemalloc.get_traced_memory()[1] < held_max
    tracemalloc.stop()
