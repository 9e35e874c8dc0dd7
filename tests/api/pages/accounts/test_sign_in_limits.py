"""Guessing: how often one may try passwords and tokens."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import httpx
import pytest
from signing_in import PASSWORD, asking, sign_in, with_accounts
from web_plant import Clock, app_of

from api.http import password_check
from api.http.access.callers import SESSION_COOKIE
from api.queries.lines import Queries
from domain.access import Assignment
from store.registry.registry import Registry


@pytest.fixture
def registry(own_plant: tuple[Queries, Clock]) -> Registry:
    return with_accounts(own_plant[0])


@pytest.mark.parametrize("name", ["chan", "nobody-of-that-name"])
async def test_after_five_wrong_passwords_even_the_right_one_waits_for_any_name(
    own_plant: tuple[Queries, Clock], registry: Registry, name: str
) -> None:
    queries, clock = own_plant
    async with asking(app_of(queries, version="1")) as client:
        for _ in range(5):
            assert (await sign_in(client, name, password="wrong")).status_code == 401
    # A node that was started anew knows it still.
    async with asking(app_of(queries, version="1")) as client:
        told = await sign_in(client, name, password=PASSWORD)
        assert (told.status_code, told.headers["retry-after"]) == (429, "30")
        assert "Minutes to wait before the next one: 1." in told.text
        assert SESSION_COOKIE not in told.cookies
        client.headers["accept-language"] = "zh-Hans"
        assert "请先等候" in (await sign_in(client, name)).text
        client.headers["accept-language"] = "zh-Hant"
        assert "請先等候" in (await sign_in(client, name)).text
        clock.now += timedelta(seconds=31)
        after = await sign_in(client, name)
        assert after.status_code == (303 if name == "chan" else 401)


async def test_one_address_may_try_few_names_and_shuts_nobody_else_out(
    own_plant: tuple[Queries, Clock], registry: Registry
) -> None:
    app = app_of(own_plant[0], version="1")
    async with asking(app, "192.0.2.7") as stranger, asking(app, "192.0.2.8") as other:
        statuses = [
            (await sign_in(stranger, f"guess-{it}", password="x")).status_code for it in range(31)
        ]
        assert statuses == [401] * 30 + [429]
        assert (await sign_in(stranger)).status_code == 429
        assert (await sign_in(other)).status_code == 303


async def test_tokens_that_are_none_are_counted_and_right_ones_answered_still(
    own_plant: tuple[Queries, Clock], registry: Registry
) -> None:
    queries, _ = own_plant
    now = queries.now()
    roles = [Assignment.parse("auditor")]
    right = registry.tokens.add("report", roles, now + timedelta(days=1), now, by="boss")

    async def ask(client: httpx.AsyncClient, token: str) -> httpx.Response:
        return await client.get("/api/v1/lines", headers={"authorization": f"Bearer {token}"})

    async with asking(app_of(queries, version="1")) as client:
        for number in range(30):
            assert (await ask(client, f"lineproof_{number}")).status_code == 401
        told = await ask(client, "lineproof_more")
        assert (told.status_code, told.headers["retry-after"]) == (429, "30")
        assert "too many wrong tries" in told.json()["detail"]
        assert (await ask(client, right)).status_code == 200
        assert (await sign_in(client)).status_code == 303


async def test_no_more_wait_for_their_turn_than_are_soon_served(
    own_plant: tuple[Queries, Clock], registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(password_check, "WAITING_MAX", 1)
    monkeypatch.setattr(password_check, "ONE_AT_A_TIME", turns := password_check.Turns())
    async with asking(app_of(own_plant[0], version="1")) as client:
        async with turns:
            waits = asyncio.create_task(sign_in(client))
            while turns.here < 2:
                await asyncio.sleep(0.01)
            told = await sign_in(client)
            assert told.status_code == 503
            assert int(told.headers["retry-after"]) > 0
            assert "Too many people are signing in." in told.text
        assert (await waits).status_code == 303
        assert (await sign_in(client)).status_code == 303
    assert turns.here == 0


async def test_who_leaves_while_it_waits_takes_no_place() -> None:
    turns = password_check.Turns()
    async with turns:
        waits = asyncio.create_task(turns.__aenter__())
        while turns.here < 2:
            await asyncio.sleep(0)
        waits.cancel()
        await asyncio.wait([waits])
        assert turns.here == 1
