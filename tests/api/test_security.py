"""The Host guard and the headers on every answer."""

from __future__ import annotations

import httpx
import pytest

from api.app import create_app
from api.queries import Queries
from api.security import SECURITY_HEADERS


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "localhost:8080",
        "127.0.0.1",
        "127.0.0.1:8080",
        "[::1]",
        "[::1]:8080",
        "LocalHost",
    ],
)
async def test_loopback_names_are_answered(client: httpx.AsyncClient, host: str) -> None:
    assert (await client.get("/floor", headers={"host": host})).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8080", "localhost.evil.example", "127.0.0.1.nip.io", ""]
)
@pytest.mark.parametrize("path", ["/floor", "/api/v1/lines", "/metrics", "/static/app.css"])
async def test_any_other_host_is_refused(client: httpx.AsyncClient, host: str, path: str) -> None:
    """DNS rebinding: a strange site that points its name at this machine."""
    answer = await client.get(path, headers={"host": host})
    assert answer.status_code == 421
    assert answer.headers["content-type"] == "application/problem+json"


async def test_configured_hosts_are_answered(filled: Queries) -> None:
    app = create_app(filled, version="1", hosts=["node.factory"])
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url="http://node.factory:8080"
    ) as client:
        assert (await client.get("/api/v1/lines")).status_code == 200


@pytest.mark.parametrize("path", ["/floor", "/api/v1/lines", "/nothing", "/static/app.css"])
async def test_every_answer_carries_the_security_headers(
    client: httpx.AsyncClient, path: str
) -> None:
    headers = (await client.get(path)).headers
    assert {name: headers.get(name) for name in SECURITY_HEADERS} == SECURITY_HEADERS
    assert "default-src 'self'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
