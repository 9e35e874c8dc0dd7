"""What attackers try with sessions, tokens, links and addresses; signing in itself is tried in
pages/test_sign_in.py, other sites' pages and strange hosts in http/test_security.py."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest
from signing_in import PASSWORD, asking, send, sign_in, with_accounts
from web_plant import Clock, app_of

from api.http.access.callers import SESSION_COOKIE
from api.http.access.forms import FORM_COOKIE
from api.queries.lines import Queries
from domain.access import Assignment
from store.registry.registry import Registry


@pytest.fixture
def registry(own_plant: tuple[Queries, Clock]) -> Registry:
    return with_accounts(own_plant[0])


async def test_a_session_that_an_attacker_knows_ends_when_somebody_signs_in_over_it(
    own_plant: tuple[Queries, Clock], registry: Registry
) -> None:
    """Fixed: the attacker's own session was put into the browser."""
    attackers = registry.sessions.begin("boss", own_plant[1]())
    async with asking(app_of(own_plant[0], version="1")) as client:
        client.cookies.set(SESSION_COOKIE, attackers, domain="localhost.local", path="/")
        await sign_in(client)
        assert '<a href="/account">chan</a>' in (await client.get("/floor")).text
        client.cookies.clear()
        client.cookies.set(SESSION_COOKIE, attackers)
        assert (await client.get("/floor")).status_code == 303


@pytest.mark.parametrize("everywhere", [False, True])
async def test_a_stolen_session_is_worth_nothing_after_sign_out(
    own_plant: tuple[Queries, Clock], registry: Registry, everywhere: bool
) -> None:
    app = app_of(own_plant[0], version="1")
    async with asking(app) as client, asking(app) as thief:
        if everywhere:  # stolen from another device
            stolen = registry.sessions.begin("chan", own_plant[1]())
        await sign_in(client)
        if not everywhere:
            stolen = client.cookies[SESSION_COOKIE]
        thief.cookies.set(SESSION_COOKIE, stolen)
        assert (await thief.get("/floor")).status_code == 200
        await send(client, "/floor", "/sign-out", **({"everywhere": "1"} if everywhere else {}))
        assert (await thief.get("/floor")).status_code == 303


@pytest.mark.parametrize("how", ["revoked", "ended"])
async def test_a_token_is_worth_nothing_after_its_end(
    own_plant: tuple[Queries, Clock], registry: Registry, how: str
) -> None:
    queries, clock = own_plant
    now, roles = clock(), [Assignment.parse("auditor")]
    token = registry.tokens.add("report", roles, now + timedelta(days=1), now, by="boss")
    async with asking(app_of(queries, version="1")) as client:
        client.headers["authorization"] = f"Bearer {token}"
        assert (await client.get("/api/v1/lines")).status_code == 200
        if how == "revoked":
            registry.tokens.revoke("report", now)
        else:
            clock.now += timedelta(days=1)
        assert (await client.get("/api/v1/lines")).status_code == 401


@pytest.mark.parametrize("path", ["/sign-in", "/sign-out", "/api/v1/lines/filler-1/corrections"])
async def test_another_origin_changes_nothing_even_with_all_cookies(
    own_plant: tuple[Queries, Clock], registry: Registry, path: str
) -> None:
    async with asking(app_of(own_plant[0], version="1")) as client:
        await sign_in(client)
        fields = {"form_token": client.cookies[FORM_COOKIE], "name": "chan", "password": PASSWORD}
        answer = await client.post(path, data=fields, headers={"origin": "https://evil.example"})
        assert answer.status_code == 403
        assert "another site" in answer.json()["detail"]
        assert (await client.get("/floor")).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/static/../app.py",
        "/static/%2e%2e/app.py",
        "/static/..%2fapp.py",
        "/static/..%5capp.py",
        "/static//etc/passwd",
        "/static/%2fetc%2fpasswd",
        "/static/....//app.py",
        "/static/%00app.css",
        "/static/live.js/../../app.py",
    ],
)
async def test_no_path_leads_out_of_the_folder_of_static_files(
    own_plant: tuple[Queries, Clock], path: str
) -> None:
    async with asking(app_of(own_plant[0], version="1")) as client:
        # As it is: the client would tidy the path up before it sends it.
        url = httpx.URL("http://localhost", raw_path=path.encode())
        answer = await client.get(url)
        assert answer.status_code in (400, 404, 405), answer.text[:200]
        assert "create_app" not in answer.text
        assert "root:" not in answer.text


@pytest.mark.parametrize("value", ["%0d%0aset-cookie:%20a=b", "%0a%0a<script>", "%e2%80%a8x"])
async def test_what_a_query_says_makes_no_header(
    own_plant: tuple[Queries, Clock], registry: Registry, value: str
) -> None:
    async with asking(app_of(own_plant[0], version="1")) as client:
        for path in ("/sign-in?next=/{}", "/floor?lang={}", "/lines/{}", "/floor?x={}"):
            answer = await client.get(path.format(value))
            assert "a=b" not in str(answer.headers.get_list("set-cookie"))
            assert not any("\r" in it or "\n" in it for it in answer.headers.values())
        signed_in = await sign_in(client, next=f"/floor?x={value}")
        assert "a=b" not in str(signed_in.headers.get_list("set-cookie"))
