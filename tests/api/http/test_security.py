"""The Host guard, the guard against other sites' pages, and the headers on every answer."""

from __future__ import annotations

import httpx
import pytest
from web_plant import app_of

from api.http.security import SECURITY_HEADERS
from api.queries.lines import Queries


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
    "host",
    [
        "evil.example",
        "evil.example:8080",
        "localhost.evil.example",
        "127.0.0.1.nip.io",
        "",
        "localhost:8080@evil.example",
        "localhost:x.evil.example",
        "localhost:",
        "[::1].evil.example",
        "[::1]evil.example:80",
        "localhost, evil.example",
        "localhost/evil.example",
    ],
)
@pytest.mark.parametrize("path", ["/floor", "/api/v1/lines", "/metrics", "/static/app.css"])
async def test_any_other_host_is_refused(client: httpx.AsyncClient, host: str, path: str) -> None:
    """DNS rebinding: a strange site that points its name at this machine."""
    answer = await client.get(path, headers={"host": host})
    assert answer.status_code == 421
    assert answer.headers["content-type"] == "application/problem+json"


async def test_configured_hosts_are_answered(filled: Queries) -> None:
    app = app_of(filled, version="1", hosts=["node.factory"])
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


# A program sends neither header; a page of ours sends both.
OURS: list[dict[str, str]] = [
    {},
    {"origin": "http://localhost"},
    {"origin": "http://localhost", "sec-fetch-site": "same-origin"},
    {"sec-fetch-site": "none"},
]
FOREIGN = [
    {"origin": "https://evil.example"},
    {"origin": "null"},
    {"origin": "http://localhost:3000"},
    {"origin": "http://["},
    {"origin": "http://evil.example@localhost"},
    {"origin": "http://localhost/evil"},
    {"origin": "localhost"},
    {"origin": ""},
    {"origin": "http://localhost", "sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
]
CORRECTIONS = "/api/v1/lines/filler-1/corrections"


@pytest.mark.parametrize("headers", OURS, ids=str)
async def test_programs_and_our_own_pages_may_write(
    client: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    answer = await client.post(CORRECTIONS, json={}, headers=headers)
    assert answer.status_code == 422, "it came as far as the validation of what was sent"


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
@pytest.mark.parametrize("path", [CORRECTIONS, "/api/v1/lines/filler-1/frozen", "/floor"])
async def test_a_page_of_another_site_may_not_write(
    client: httpx.AsyncClient, headers: dict[str, str], path: str
) -> None:
    """Cross-site request forgery: the browser of somebody who works here sends it."""
    answer = await client.post(path, json={}, headers=headers)
    assert answer.status_code == 403
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
async def test_a_page_of_another_site_may_link_here(
    client: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    assert (await client.get("/floor", headers=headers)).status_code == 200


async def test_behind_a_proxy_that_asks_by_another_name_our_pages_may_write(
    filled: Queries,
) -> None:
    app = app_of(filled, version="1", hosts=["node.factory"])
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url="http://127.0.0.1:8080"
    ) as client:
        headers = {"origin": "https://node.factory", "sec-fetch-site": "same-origin"}
        assert (await client.post(CORRECTIONS, json={}, headers=headers)).status_code == 422
