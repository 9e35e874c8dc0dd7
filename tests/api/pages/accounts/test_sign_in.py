"""Signing in and out: by name and password, by a code, and what attackers try."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
from signing_in import PAGE, PASSWORD, asking, send, sign_in, with_accounts
from web_plant import Clock, app_of, registry_of

from api.http.access.callers import SESSION_COOKIE
from api.http.access.forms import FORM_COOKIE
from api.queries.lines import Queries
from domain.access import Assignment
from store.registry.accounts.sessions import IDLE_MAX
from store.registry.registry import Registry


@pytest.fixture
def registry(own_plant: tuple[Queries, Clock]) -> Registry:
    return with_accounts(own_plant[0])


@pytest.fixture
async def client(own_plant: tuple[Queries, Clock]) -> AsyncIterator[httpx.AsyncClient]:
    async with asking(app_of(own_plant[0], version="1")) as client:
        yield client


async def test_an_open_node_says_so_on_each_page_and_a_closed_one_asks_who_it_is(
    client: httpx.AsyncClient, own_plant: tuple[Queries, Clock]
) -> None:
    for page, words in (("/floor", "There is no sign-in yet"), ("/grants?lang=zh-Hant", "尚未")):
        assert words in (await client.get(page)).text
    registry_of(own_plant[0]).accounts.add(
        "boss", "", [Assignment.parse("administrator")], own_plant[0].now()
    )
    closed = app_of(own_plant[0], version="1")
    transport = httpx.ASGITransport(app=closed)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as other:
        answer = await other.get("/lines/filler-1?day=2026-03-24", headers=PAGE)
        assert answer.status_code == 303
        assert answer.headers["location"] == "/sign-in?next=%2Flines%2Ffiller-1%3Fday%3D2026-03-24"
        assert (await other.get("/api/v1/lines", headers=PAGE)).status_code == 401
        asked = await other.get("/floor?lang=zh-Hant", headers=PAGE)
        assert "登入" in (await other.get(asked.headers["location"], headers=PAGE)).text
    await closed.state.services.feed.close()


async def test_who_signs_in_is_led_where_it_wanted_and_is_named_until_it_signs_out(
    client: httpx.AsyncClient, registry: Registry
) -> None:
    answer = await sign_in(client, " Chan ", next="/lines/filler-1")
    assert (answer.status_code, answer.headers["location"]) == (303, "/lines/filler-1")
    cookie = next(it for it in answer.headers.get_list("set-cookie") if SESSION_COOKIE in it)
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    page = await client.get("/floor")
    assert page.status_code == 200
    assert '<a href="/account">chan</a>' in page.text
    assert "There is no sign-in yet" not in page.text
    stolen = client.cookies[SESSION_COOKIE]
    assert (await send(client, "/floor", "/sign-out")).headers["location"] == "/sign-in"
    client.cookies.set(SESSION_COOKIE, stolen)
    assert (await client.get("/floor")).status_code == 303


async def test_the_header_leads_only_where_one_may(
    client: httpx.AsyncClient, registry: Registry
) -> None:
    await sign_in(client, "chan")
    assert 'href="/grants"' not in (await client.get("/floor")).text
    await sign_in(client, "boss")
    assert 'href="/grants"' in (await client.get("/floor")).text


@pytest.mark.parametrize(
    ("name", "password"), [("chan", "x" * 20), ("chen", PASSWORD), ("", ""), ("chan'--", PASSWORD)]
)
async def test_a_wrong_name_and_a_wrong_password_are_answered_alike(
    client: httpx.AsyncClient, registry: Registry, name: str, password: str
) -> None:
    answer = await sign_in(client, name, password=password)
    assert answer.status_code == 401
    assert "Name or password is wrong" in answer.text
    assert SESSION_COOKIE not in answer.cookies
    assert password == "" or password not in answer.text


async def test_a_disabled_account_is_out_at_once(
    client: httpx.AsyncClient, registry: Registry
) -> None:
    await sign_in(client)
    assert (await client.get("/floor")).status_code == 200
    registry.accounts.disable("chan", registry.accounts.named("chan").created_at)
    assert (await client.get("/floor")).status_code == 303
    assert (await sign_in(client)).status_code == 401


async def test_a_session_that_is_not_used_ends(
    client: httpx.AsyncClient, registry: Registry, own_plant: tuple[Queries, Clock]
) -> None:
    await sign_in(client)
    assert (await client.get("/grants")).status_code == 403
    own_plant[1].now += IDLE_MAX + timedelta(minutes=1)
    assert (await client.get("/grants")).status_code == 303


async def test_a_session_that_was_put_into_the_browser_before_is_not_the_one_signed_in(
    client: httpx.AsyncClient, registry: Registry
) -> None:
    """Session fixation: whoever knows the earlier cookie gets nothing by it."""
    client.cookies.set(SESSION_COOKIE, "known-to-the-attacker")
    await sign_in(client)
    mine = [it.value for it in client.cookies.jar if it.name == SESSION_COOKIE]
    assert len(mine) >= 1
    assert mine[-1] != "known-to-the-attacker"
    client.cookies.clear()
    client.cookies.set(SESSION_COOKIE, "known-to-the-attacker")
    assert (await client.get("/floor")).status_code == 303


@pytest.mark.parametrize("token", [None, "", "of another page"])
async def test_a_form_that_is_not_ours_is_refused(
    client: httpx.AsyncClient, registry: Registry, token: str | None
) -> None:
    await client.get("/sign-in")
    fields = {"name": "chan", "password": PASSWORD} | (
        {} if token is None else {"form_token": token}
    )
    answer = await client.post("/sign-in", data=fields)
    assert answer.status_code == 403
    client.cookies.delete(FORM_COOKIE)
    assert (await client.post("/sign-in", data={"form_token": "", **fields})).status_code == 403


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "evil",
        "/floor\r\nx: y",
        "\\\\e",
    ],
)
async def test_a_link_to_the_sign_in_leads_nowhere_else(
    client: httpx.AsyncClient, registry: Registry, elsewhere: str
) -> None:
    answer = await sign_in(client, next=elsewhere)
    assert (answer.status_code, answer.headers["location"]) == (303, "/floor")
    assert "x" not in answer.headers


async def test_the_first_administrator_is_made_by_the_link_of_the_log(
    client: httpx.AsyncClient, own_plant: tuple[Queries, Clock]
) -> None:
    queries, _ = own_plant
    registry = registry_of(queries)
    page = f"/sign-in?code={registry.sign_in_codes.for_first_administrator(queries.now())}"
    assert "The first administrator" in (await client.get(page)).text
    code = page.partition("code=")[2]
    fields = {"code": code, "name": "Boss", "password": PASSWORD}
    differing = await send(client, page, "/sign-in", again="x", **fields)
    assert "The two passwords are not the same" in differing.text
    short = await send(client, page, "/sign-in", **fields | {"password": "x", "again": "x"})
    assert "12 to 200 characters" in short.text
    made = await send(client, page, "/sign-in", again=PASSWORD, **fields)
    assert made.status_code == 303
    assert registry.accounts.named("boss").has_password
    again = await client.get(page)
    assert again.status_code == 422
    assert "This link does not work" in again.text


async def test_a_form_that_is_too_long_or_no_form_is_refused(client: httpx.AsyncClient) -> None:
    for body in (b"x=" + b"a" * 20_000, b"\xff\xfe", b"&".join(b"a=1" for _ in range(100))):
        answer = await client.post("/sign-in", content=body)
        assert answer.status_code == 422
