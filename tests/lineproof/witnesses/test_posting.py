"""Whatever somebody outside answers, it takes seconds and some kilobytes at most, and is told."""

from __future__ import annotations

import asyncio
import gzip
import socket
import threading
import time

import pytest
from odd_server import OddServer, odd_server, response
from peers import PATIENCE_S, free_port

from lineproof.witnesses import posting
from lineproof.witnesses.posting import Answer, NoAnswerError, client_for, post


def asked(address: str) -> Answer:
    async def ask() -> Answer:
        async with client_for([address]) as client:
            return await post(client, f"{address}/add-checkpoint", "text/plain", b"old 0\n")

    return asyncio.run(ask())


def refused(server: OddServer) -> str:
    with pytest.raises(NoAnswerError) as said:
        asked(server.address)
    assert said.value.todo
    assert not said.value.is_grave
    return said.value.what


def test_an_answer_is_given_as_it_came() -> None:
    with odd_server(lambda *_: response(409, b"7\n", "Text/X.tlog.size; a=b")) as server:
        assert asked(server.address) == Answer(409, "text/x.tlog.size", b"7\n")
        assert server.asked == [b"old 0\n"]


def test_a_redirect_is_not_followed() -> None:
    there = []
    with odd_server(lambda *_: there.append(1) or response(200)) as other:
        to = (f"Location: {other.address}/elsewhere",)
        with odd_server(lambda *_: response(307, more=to)) as server:
            assert f"redirect to '{other.address}/elsewhere'" in refused(server)
    assert there == []


def test_a_long_answer_is_not_read_to_its_end() -> None:
    sent = []

    def flood(_body: bytes, to: socket.socket) -> None:
        to.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            to.sendall(b"10000\r\n" + b"x" * 65536 + b"\r\n")
            sent.append(1)
            assert len(sent) < 10_000

    with odd_server(flood) as server:
        assert "longer than 64 KiB" in refused(server)


def test_nothing_is_unpacked() -> None:
    packed = gzip.compress(b"x" * 10_000_000)
    more = ("Content-Encoding: gzip",)
    with odd_server(lambda *_: response(200, packed, more=more)) as server:
        assert asked(server.address).body == packed


@pytest.mark.parametrize("head", [b"", b"HTTP/1.1 200 OK\r\nX-Slow: ", b"HTTP/1.1 200 OK\r\n\r\n"])
def test_one_that_drips_is_left(head: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posting, "ANSWER_S", 1.0)
    over = threading.Event()

    def drip(_body: bytes, to: socket.socket) -> None:
        to.sendall(head)
        while head and not over.wait(0.1):
            to.sendall(b"x")
        over.wait(PATIENCE_S)

    begun = time.monotonic()
    with odd_server(drip) as server:
        assert "did not answer within 1 seconds" in refused(server)
        over.set()
    assert time.monotonic() - begun < 20


@pytest.mark.parametrize(
    "said",
    [b"", b"\x16\x03\x01\x02", b"SSH-2\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"],
)
def test_what_is_no_http_is_told(said: bytes) -> None:
    with odd_server(lambda *_: said) as server:
        assert "cannot be reached" in refused(server)


def test_where_nobody_listens_it_is_told() -> None:
    assert "cannot be reached" in refused(OddServer(f"http://127.0.0.1:{free_port()}"))
    assert "cannot be reached" in refused(OddServer("http://no-such-host.invalid"))
