"""`GET checks/risks`: ranked, explained, and of what the caller may see."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from signing_in import PASSWORD, asking, sign_in
from web_plant import Clock, app_of, registry_of

from api.queries.lines import Queries
from api.records.milestone_steps import NewStep, take_step
from domain.access import Assignment

REF = "NIFS-2025-017"
PATH = "/api/v1/checks/risks"
WHO = {
    "chan": "officer@scheme:NIFS",
    "other": "officer@scheme:MPUPS",
    "audit": "auditor",
    "lee": "supervisor@plant:tko-foods",
    "boss": "administrator",
}


@pytest.fixture
async def client(own_plant: tuple[Queries, Clock]) -> AsyncIterator[httpx.AsyncClient]:
    queries = own_plant[0]
    registry = registry_of(queries)
    for milestone in ("M3", "M4"):
        take_step(queries, registry.take, REF, milestone, NewStep("submit", "Lee"))
    for name, role in WHO.items():
        registry.accounts.add(name, name.title(), [Assignment.parse(role)], queries.now())
        registry.accounts.set_password(name, PASSWORD)
    async with asking(app_of(queries, version="1")) as found:
        yield found


async def test_ranked_with_reasons_that_add_up(client: httpx.AsyncClient) -> None:
    await sign_in(client, "chan")
    told = (await client.get(PATH)).json()
    assert {it["milestone"] for it in told["milestones"]} == {"M3", "M4"}
    scores = [it["score"] for it in told["milestones"]]
    assert scores == sorted(scores, reverse=True)
    for it in told["milestones"]:
        assert it["score"] == sum(reason["points"] for reason in it["reasons"])
        assert (it["project"], it["scheme"], it["state"]) == (REF, "NIFS", "submitted")
    (late,) = [it for it in told["milestones"] if it["milestone"] == "M3"]
    assert "11 days after its due day" in " ".join(it["says"] for it in late["reasons"])


async def test_a_page_and_a_scheme_alone(client: httpx.AsyncClient) -> None:
    await sign_in(client, "audit")
    first = await client.get(f"{PATH}?limit=1")
    assert len(first.json()["milestones"]) == 1
    assert 'rel="next"' in first.headers["link"]
    assert (await client.get(f"{PATH}?scheme=MPUPS")).json()["milestones"] == []
    chinese = (await client.get(f"{PATH}?lang=zh-Hant")).json()["milestones"]
    assert "在到期日之後" in str(chinese)


async def test_of_another_scheme_nothing_is_told_and_the_company_is_not_told(
    client: httpx.AsyncClient,
) -> None:
    await sign_in(client, "other")
    assert (await client.get(PATH)).json() == {"milestones": [], "not_computed": []}
    await sign_in(client, "lee")
    assert (await client.get(PATH)).status_code == 403
    assert (await client.get("/checks")).status_code == 403
    assert "/checks" not in (await client.get("/portfolio")).text
