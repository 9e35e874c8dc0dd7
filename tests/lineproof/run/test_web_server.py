"""The bound socket that the server is given; certificates that are renewed while it serves."""

from __future__ import annotations

import asyncio
import socket
import ssl
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from certificates import Certificate, make_certificate
from cryptography import x509
from fastapi import FastAPI

from edge.collector_trust import trust
from lineproof.run import web_server
from lineproof.run.settings import load_node_settings
from lineproof.run.web_server import LOOPBACK, WebServer, bind
from lineproof.tls.serving import serving


async def test_what_is_written_is_sent_at_once() -> None:
    """An answer's body must not wait for the client's acknowledgement of its head."""
    seen = asyncio.get_running_loop().create_future()

    async def accepted(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = writer.get_extra_info("socket")
        seen.set_result(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        writer.close()

    bound = bind(LOOPBACK, 0)
    server = await asyncio.start_server(accepted, sock=bound)
    async with server:
        _, writer = await asyncio.open_connection(*bound.getsockname()[:2])
        assert await asyncio.wait_for(seen, 60)
        writer.close()


async def test_a_given_certificate_is_taken_while_the_node_serves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By real connections: as anybody sees it, and as an agent that believes this file alone."""
    monkeypatch.setattr(web_server, "RENEWAL_PERIOD_S", 0.05)
    given = make_certificate(tmp_path, "given")
    (tmp_path / "node.yaml").write_text("tls: {certificate: given.pem, key: given.key.pem}")
    how = serving(
        load_node_settings(tmp_path / "node.yaml"), LOOPBACK, tmp_path, lambda: datetime.now(UTC)
    )
    assert how.trust is not None
    bound = bind(LOOPBACK, 0)
    port = bound.getsockname()[1]
    server = WebServer(FastAPI(), bound, how)
    await server.start()
    try:
        await _renewed_while_it_serves(tmp_path, given, trust(how.trust.authority), port)
    finally:
        await server.stop()


async def _renewed_while_it_serves(
    tmp_path: Path, given: Certificate, believed: ssl.SSLContext | bool, port: int
) -> None:
    async def shown() -> int:
        pem = await asyncio.to_thread(ssl.get_server_certificate, (LOOPBACK, port))
        return x509.load_pem_x509_certificate(pem.encode()).serial_number

    async def is_believed() -> bool:
        async with httpx.AsyncClient(verify=believed) as client:
            return (await client.get(f"https://{LOOPBACK}:{port}/")).status_code == 404

    first, new = await shown(), make_certificate(tmp_path, "new")
    assert await is_believed()
    new.certificate.replace(given.certificate)  # the key is still the one before
    await asyncio.sleep(0.3)
    assert await shown() == first
    new.key.replace(given.key)
    async with asyncio.timeout(60):
        while await shown() == first:
            await asyncio.sleep(0.05)
    assert await is_believed()
