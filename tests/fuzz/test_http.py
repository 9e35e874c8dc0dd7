"""Requests of any content: raw bytes at the socket of the real server, and questions to all routes.

Whatever comes, the server makes no error of its own, ends each connection, and answers the next.
Who sends nothing more is left after a moment: the limits of slow clients are short here.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from fastapi import FastAPI
from fuzzing import anything, changed, inputs
from hypothesis import given
from hypothesis import strategies as st
from node_app import node_app
from peers import PATIENCE_S, wait_until
from role_tokens import LINE, PROJECT, Tokens, close_with_tokens
from running_server import running_server
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from web_plant import Clock, filled_queries, registry_of, store_of

from api.http import bodies
from api.http.access.permissions import PERMISSIONS
from api.http.paging import encode_cursor
from lineproof.run import connection
from lineproof.run.web_server import LOOPBACK, bind

LIMIT_S = 0.005
OURS = {503, 507}  # of what is at fault, these are meant: come again
STREAMS = ("/events", "/live")  # they never end by themselves


class Node:
    """A closed node, and what went wrong in it."""

    def __init__(self, folder: Path) -> None:
        self.queries = filled_queries(folder, Clock())
        self.tokens: Tokens = close_with_tokens(self.queries)
        self.app = node_app(self.queries, folder)
        self.app.add_middleware(_Statuses, node=self)
        self.faults: list[object] = []

    def close(self) -> None:
        store_of(self.queries).close()
        registry_of(self.queries).close()


class _Statuses:
    """Notes answers that say that the server is at fault."""

    def __init__(self, app: ASGIApp, node: Node) -> None:
        self._app = app
        self._node = node

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sent(message: Message) -> None:
            status = message.get("status", 200)
            if status >= 500 and status not in OURS:
                where = (scope["method"], scope["path"], scope["query_string"])
                self._node.faults.append((status, *where))
            await send(message)

        await self._app(scope, receive, sent)


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    """In memory where there is such a disk, so that the speed of a disk does not count."""
    in_memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(dir=in_memory if in_memory.is_dir() else None))
    made = Node(folder)
    yield made
    made.close()
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def port(node: Node) -> Iterator[int]:
    """Of the node's server; when it ends, no connection may be left."""
    with pytest.MonkeyPatch.context() as patch:
        for module, name in ((connection, "HEAD_S"), (connection, "TAKING_S"), (bodies, "TIME_S")):
            patch.setattr(module, name, LIMIT_S)
        closing = node.app.state.services.close
        with running_server(node.app, bind(LOOPBACK, 0), closing=closing) as server:
            node.faults = server.faults
            yield server.port
            wait_until(lambda: not server.connections, "each connection to end")
    assert node.faults == []


def seeds() -> list[bytes]:
    """Requests as browsers, programs and agents send them."""
    host = b"Host: localhost\r\n"
    form = b"Content-Type: application/x-www-form-urlencoded\r\n"
    document = b"Content-Type: application/json\r\n"
    return [
        b"GET /api/v1/lines?limit=2&cursor=WzJd HTTP/1.1\r\n" + host + b"Accept: */*\r\n\r\n",
        b"GET /floor HTTP/1.1\r\n" + host + b"Accept: text/html\r\nCookie: lineproof_form=x\r\n"
        b"Accept-Language: zh-HK,zh;q=0.8,en;q=0.5\r\n\r\n",
        b"HEAD /static/app.css?v=1 HTTP/1.1\r\n" + host + b"Range: bytes=0-9\r\n"
        b'If-None-Match: "x"\r\nConnection: close\r\n\r\n',
        b"POST /sign-in HTTP/1.1\r\n" + host + form + b"Cookie: lineproof_form=x\r\n"
        b"Content-Length: 41\r\n\r\nform_token=x&name=boss&password=wrong&next=/",
        b"POST /api/v1/tokens HTTP/1.1\r\n" + host + document + b"Origin: http://localhost\r\n"
        b"Sec-Fetch-Site: same-origin\r\nContent-Length: 30\r\n\r\n"
        b'{"label":"a","roles":["x"]}   ',
        b"POST /api/v1/batches HTTP/1.1\r\n" + host + b"Transfer-Encoding: chunked\r\n\r\n"
        b"5\r\nLPB1\n\r\n3;a=b\r\n{}\n\r\n0\r\nTrailer: x\r\n\r\n",
        b"PUT /api/v1/batches HTTP/1.1\r\n" + host + b"Expect: 100-continue\r\n"
        b"Content-Length: 5\r\n\r\n12345",
        b"OPTIONS * HTTP/1.1\r\n" + host + b"Access-Control-Request-Method: POST\r\n\r\n",
        b"GET http://localhost/ HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
        (b"GET /api/v1/health/live HTTP/1.1\r\n" + host + b"\r\n") * 3,
    ]


HEADERS = [
    b"Transfer-Encoding: chunked", b"Transfer-Encoding: gzip, chunked", b"Content-Length: 5",
    b"Content-Length: -1", b"Content-Length: 99999999999999999999999", b"Content-Length: +5",
    b"Expect: 100-continue", b"Connection: close", b"Connection: upgrade", b"Upgrade: websocket",
    b"Upgrade: h2c", b"Host: evil.example", b"Host: [::1", b"Host: localhost:99999999", b"Host:",
    b"Origin: http://[", b"Origin: \xff", b"Origin: http://localhost:x", b"Cookie: \xff; =;;a",
    b"Cookie: lineproof_session=" + b"x" * 5000, b"Range: bytes=0-,-1,5-2", b"Range: bytes=9-1",
    b"If-Modified-Since: 99", b"Accept-Language: \xff;q=9,*;q=x", b"Authorization: Bearer \xe9",
    b"Authorization: Bearer", b"Content-Type: multipart/form-data", b"Content-Encoding: zstd",
    b"Content-Type: application/json; charset=utf-7", b"Forwarded: for=x", b" folded", b"X: \0",
    b"X-Forwarded-For: x", b"Sec-Fetch-Site: \xff", b": nameless", b"X" * 20_000,
    b"X:" + b"x" * 20_000,
]  # fmt: skip
WORDS = [
    *(b"\r\n" + it + b"\r\n" for it in HEADERS),
    b"\r\n", b"\r\n\r\n", b"\n", b"\r", b"\0", b" ", b"%", b"%00", b"%c0%ae", b"%2f", b"../", b"//",
    b"?", b"#", b"\xff", b"ffffffffffffffff\r\n", b"0\r\n\r\n", b"-1\r\n", b"HTTP/1.0", b"HTTP/2.0",
    b"HTTP/0.9", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00", b"[" * 5000,
    b"{" * 5000, b"&" * 500, b"GET", b"TRACE", b"CONNECT localhost:80", b"/api/v1/users",
]  # fmt: skip


@inputs(60)
@given(st.data())
def test_bytes_at_the_socket(node: Node, port: int, data: st.DataObject) -> None:
    sent = data.draw(changed(seeds(), WORDS))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(sent)), max_size=3)))
    pieces = [sent[a:b] for a, b in zip([0, *cuts], [*cuts, len(sent)], strict=True)]
    client = socket.create_connection((LOOPBACK, port), PATIENCE_S)
    with client, contextlib.suppress(ConnectionError):  # it may be left in the middle
        for piece in pieces:
            client.sendall(piece)
        while client.recv(65_536):
            pass
    assert node.faults == []


TEXTS = st.one_of(
    st.text(st.characters(), max_size=20),
    st.sampled_from((
        "", LINE, "packer-1", PROJECT, "M1", "boss", "2026-03-24", "2026-03-25", "2026-03-24T08:00",
        "2026-03-24T08:00:00.5+08:00", "0001-01-01", "9999-12-31", "9999-12-31T23:59:59-14:00",
        "-1", "0", "1e400", "nan", "inf", "1" * 400, "hour", "day", "product", "iso22400", "nelson",
        "xbar-r", "zh-Hant", "csv", "ndjson", "auditor", "operator@line:filler-1", "\0", "\ud800",
        "\u202e", "a\r\nb", "../..", "%2e%2e", "x" * 3000, "'", '"', "<script>", "{{1}}", "[", "]",
    )),
)  # fmt: skip
CURSORS = st.lists(
    st.one_of(TEXTS, st.integers(-(2**63), 2**64 - 1), st.floats(), st.none()), max_size=3
)


def _cursor(key: list[Any]) -> str:
    try:
        return encode_cursor(key)
    except TypeError:  # what is not JSON
        return "W10"


QUERIES = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(
            (
                "start", "end", "by", "method", "limit", "as_known_at", "as_of", "lang", "level",
                "start_up_s", "lag_s", "chart", "interval_s", "baseline_start", "baseline_end",
                "rules", "agent", "format", "who", "what", "day", "next", "code", "left", "state",
                "file_name",
            ),
            TEXTS,
        ),
        "cursor": st.one_of(TEXTS, CURSORS.map(_cursor)),
    },
)  # fmt: skip
WINDOWS = st.sampled_from(({}, {"start": "2026-03-24", "end": "2026-03-25"}))
FIELDS = (
    "kind", "author", "start", "end", "reason", "element", "amount", "withdraws", "comment", "name",
    "roles", "full_name", "password", "label", "ends", "code", "public_key", "agent", "signature",
)  # fmt: skip
DOCUMENTS = st.one_of(
    anything,
    st.dictionaries(st.sampled_from(FIELDS), st.one_of(anything, TEXTS), max_size=6),
    st.fixed_dictionaries(
        {"kind": st.sampled_from(("reason", "split", "merge", "quantity", "figure", "withdrawal"))},
        optional={it: st.one_of(TEXTS, st.floats(), st.integers()) for it in FIELDS[1:]},
    ),
)
ASKED = sorted(it for it in PERMISSIONS if not it[1].endswith(STREAMS))
# Sees everything; and those who may change something, who make what is refused reach further.
ROLES = st.sampled_from(("auditor", "auditor", "operator", "officer", "integrator", ""))


@inputs(150)
@given(st.sampled_from(ASKED), ROLES, QUERIES, WINDOWS, DOCUMENTS, st.data())
def test_questions_to_each_route(
    node: Node,
    route: tuple[str, str],
    role: str,
    query: dict[str, str],
    window: dict[str, str],
    document: Any,
    data: st.DataObject,
) -> None:
    method, path = route
    parts = {"line": LINE, "ref": PROJECT, "milestone": "M1", "identity": "x", "name": "boss"}
    parts |= {"label": "auditor-own", "sha256": "0" * 64, "level": "0", "place": "000.p/1"}
    parts |= {"number": "1", "vendor": "packml", "model": "opcua", "plant": "tko-foods"}
    named = [it for it in parts if f"{{{it}}}" in path]
    if named and data.draw(st.booleans()):
        parts[data.draw(st.sampled_from(named))] = data.draw(TEXTS.filter(lambda it: "/" not in it))
    headers = {"host": "localhost", "content-type": "application/json"}
    headers |= data.draw(
        st.dictionaries(
            st.sampled_from(("accept-language", "cookie", "range", "origin", "accept")),
            st.one_of(
                st.text(st.characters(max_codepoint=255), max_size=20),
                st.sampled_from(("text/html", "http://[", "http://localhost:x", "a=\xff; =;;b")),
            ),
            max_size=2,
        )
    )
    if role:
        headers["authorization"] = f"Bearer {node.tokens[role, 'everything']}"
    body = b"" if method == "GET" else _bytes_of(document)
    filled = _without_kinds(path).format(**parts)
    asyncio.run(_asked(node.app, method, filled, window | query, headers, body))
    assert node.faults == []


def _without_kinds(path: str) -> str:
    """`/tile/{place:path}` as `/tile/{place}`."""
    return re.sub(r":\w+\}", "}", path)


def _bytes_of(document: Any) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode("utf-8", "surrogatepass")


async def _asked(
    app: FastAPI,
    method: str,
    path: str,
    query: dict[str, str],
    headers: dict[str, str],
    body: bytes,
) -> None:
    parts = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Message:
        if parts:
            return parts.pop()
        await asyncio.Event().wait()
        raise AssertionError

    async def send(message: Message) -> None:
        for _, value in message.get("headers", []):
            assert not {10, 13} & set(value)

    scope = {
        "type": "http",
        "method": method,
        "path": path.encode("utf-8", "replace").decode(),
        "raw_path": quote(path, errors="replace").encode(),
        "root_path": "",
        "query_string": urlencode(query, errors="surrogatepass").encode(),
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in headers.items()],
        "http_version": "1.1",
        "scheme": "http",
        "client": ("127.0.0.1", 1),
        "server": ("localhost", 80),
    }
    await app(scope, receive, send)
