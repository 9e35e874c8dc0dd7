"""A proxy's word is believed if the proxy is named; nobody goes around it."""

from __future__ import annotations

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from api.http.forwarded import ForwardedHeaders

PROXY = "192.0.2.1"
TOLD = {
    "x-forwarded-for": "198.51.100.9",
    "x-forwarded-proto": "https",
    "x-forwarded-host": "node.factory",
}
OWN = {"client": PROXY, "scheme": "http", "host": "inner"}


async def _app(scope: Scope, receive: Receive, send: Send) -> None:
    request = Request(scope)
    assert request.client is not None
    seen = {"client": request.client.host, "scheme": request.url.scheme, "host": request.url.netloc}
    await JSONResponse(seen)(scope, receive, send)


async def _asked(client: str, headers: dict[str, str]) -> httpx.Response:
    app = ForwardedHeaders(_app, [PROXY, "192.0.2.2"])
    transport = httpx.ASGITransport(app=app, client=(client, 1234))
    async with httpx.AsyncClient(transport=transport, base_url="http://inner") as asking:
        return await asking.get("/", headers=headers)


@pytest.mark.parametrize("proxy", [PROXY, f"::ffff:{PROXY}"])
async def test_a_named_proxy_is_believed(proxy: str) -> None:
    seen = (await _asked(proxy, TOLD)).json()
    assert seen == {"client": "198.51.100.9", "scheme": "https", "host": "node.factory"}


async def test_programs_of_this_machine_speak_for_themselves_alone() -> None:
    seen = (await _asked("127.0.0.1", TOLD)).json()
    assert seen == {"client": "127.0.0.1", "scheme": "http", "host": "inner"}


@pytest.mark.parametrize("client", ["198.51.100.9", "192.0.2.3", "2001:db8::1", "no-address"])
async def test_nobody_goes_around_the_proxy(client: str) -> None:
    answer = await _asked(client, TOLD)
    assert answer.status_code == 403
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("told", "asked"),
    [
        ("198.51.100.9", "198.51.100.9"),
        ("203.0.113.5, 198.51.100.9", "198.51.100.9"),  # the first was the asker's own word
        ("198.51.100.9, 192.0.2.2", "198.51.100.9"),  # through two proxies of ours
        ("203.0.113.5, nonsense", PROXY),
        ("", PROXY),
        ("2001:db8::1", "2001:db8::1"),
    ],
)
async def test_who_asked_is_the_last_one_who_is_no_proxy(told: str, asked: str) -> None:
    assert (await _asked(PROXY, {"x-forwarded-for": told})).json()["client"] == asked


@pytest.mark.parametrize(
    "headers",
    [
        {"x-forwarded-proto": "gopher"},
        {"x-forwarded-proto": "https, http"},
        {"x-forwarded-host": "a, b"},
        {"x-forwarded-host": "h" * 300},
        {},
    ],
)
async def test_what_makes_no_sense_is_not_believed(headers: dict[str, str]) -> None:
    assert (await _asked(PROXY, headers)).json() == OWN
