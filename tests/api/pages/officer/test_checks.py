"""`/checks`: in three languages, with the reasons of each milestone in words."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
from signing_in import PASSWORD, asking, sign_in
from web_plant import Clock, app_of, registry_of

from api.queries.lines import Queries
from api.records.milestone_steps import NewStep, take_step
from domain.access import Assignment

REF = "NIFS-2025-017"


@pytest.fixture
def submitted(own_plant: tuple[Queries, Clock]) -> Queries:
    """M3 was submitted ten days late."""
    queries, _ = own_plant
    for milestone in ("M3", "M4"):
        take_step(queries, registry_of(queries).take, REF, milestone, NewStep("submit", "Lee"))
    return queries


async def page(queries: Queries, language: str = "en") -> str:
    async with asking(app_of(queries, version="1")) as client:
        return (await client.get(f"/checks?lang={language}")).text


async def test_each_reason_stands_in_the_readers_language(submitted: Queries) -> None:
    for language, words in {
        "en": ("By risk", "days after its due day", "of the planned time was not recorded"),
        "zh-Hant": ("按風險", "在到期日之後", "計劃時間沒有記錄", "按隨機抽樣"),
        "zh-Hans": ("按风险", "在到期日之后", "计划时间没有记录", "按随机抽样"),
    }.items():
        text = await page(submitted, language)
        for each in (*words, f'href="/grants/{REF}/M3"'):
            assert each in text, each
        assert f'href="/grants/{REF}/M1"' not in text, "a draft is not to be checked"


@pytest.fixture
async def officer(own_plant: tuple[Queries, Clock]) -> AsyncIterator[httpx.AsyncClient]:
    """M4 was accepted in March; it is 7 April, and an officer is signed in."""
    queries, clock = own_plant
    registry = registry_of(queries)
    steps = (("submit", "Lee"), ("take", "Ho"), ("recommend", "Ho"), ("accept", "Wong"))
    for action, who in steps:
        take_step(queries, registry.take, REF, "M4", NewStep(action, who, "as told"))
    clock.now += timedelta(days=13)
    for name, role in (("boss", "administrator"), ("mei", "officer@scheme:NIFS")):
        registry.accounts.add(name, name.title(), [Assignment.parse(role)], clock.now)
        registry.accounts.set_password(name, PASSWORD)
    async with asking(app_of(queries, version="1")) as client:
        await sign_in(client, "mei")
        yield client


async def sent(client: httpx.AsyncClient, **fields: str) -> httpx.Response:
    token = re.search(r'name="form_token" value="([^"]+)"', (await client.get("/checks")).text)
    assert token is not None
    return await client.post("/checks", data={"form_token": token[1], **fields})


async def test_a_sample_is_drawn_and_looked_at_by_forms(
    officer: httpx.AsyncClient, own_plant: tuple[Queries, Clock]
) -> None:
    days = {"start": "2026-03-01", "end": "2026-03-31", "known_on": "2026-04-08"}
    answer = await sent(
        officer, action="announce", scheme="NIFS", public_value="<b>index</b>", **days
    )
    assert answer.status_code == 303, answer.text
    text = (await officer.get("/checks")).text
    assert "&lt;b&gt;index&lt;/b&gt;" in text
    assert "Announced by mei" in text
    refused = await sent(officer, action="seed", number="1", value="24871.56")
    assert (refused.status_code, "nobody knows the value before" in refused.text) == (422, True)
    own_plant[1].now += timedelta(days=1)
    await sign_in(officer, "mei")
    assert (await sent(officer, action="seed", number="1", value="24871.56")).status_code == 303
    given = {"action": "result", "number": "1", "project": REF, "milestone": "M4"}
    assert (await sent(officer, **given)).status_code == 422
    found = {"found": "error", "amount_hkd": "1250", "note": "paid twice"}
    assert (await sent(officer, **given, **found)).status_code == 303
    text = (await officer.get("/checks")).text
    for each in ("100.0%", "HK$1,250", "paid twice", "confidence 95%"):
        assert each in text, each
    for number in ("x", "9" * 10, "7"):
        answer = await sent(officer, action="seed", number=number, value="1")
        assert answer.status_code in (404, 422), number
    assert 'value="announce"' in text
    await sign_in(officer, "boss")
    assert 'value="announce"' not in (await officer.get("/checks")).text
