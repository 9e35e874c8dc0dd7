"""`GET checks/risks`: ranked, explained, and of what the caller may see."""

from __future__ import annotations

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


async def test_ranked_with_reasons_for_who_may_see_it(
    client: httpx.AsyncClient,
) -> None:
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
    await sign_in(client, "audit")
    first = await client.get(f"{PATH}?limit=1")
    assert len(first.json()["milestones"]) == 1
    assert 'rel="next"' in first.headers["link"]
    assert (await client.get(f"{PATH}?scheme=MPUPS")).json()["milestones"] == []
    chinese = (await client.get(f"{PATH}?lang=zh-Hant")).json()["milestones"]
    assert "在到期日之後" in str(chinese)
    await sign_in(client, "other")
    assert (await client.get(PATH)).json() == {"milestones": [], "not_computed": []}
    await sign_in(client, "lee")
    assert (await client.get(PATH)).status_code == 403
    assert (await client.get("/checks")).status_code == 403
    assert "/checks" not in (await client.get("/portfolio")).text


SAMPLES = "/api/v1/checks/samples"
NEW = {
    "scheme": "NIFS",
    "start": "2026-03-01",
    "end": "2026-03-31",
    "public_value": "an index",
    "known_on": "2026-04-08",
}


@pytest.fixture
async def accepted(
    own_plant: tuple[Queries, Clock], client: httpx.AsyncClient
) -> httpx.AsyncClient:
    """M4 was accepted in March; it is 7 April."""
    queries, clock = own_plant
    for action, who in (("take", "Ho"), ("recommend", "Ho"), ("accept", "Wong")):
        take_step(queries, registry_of(queries).take, REF, "M4", NewStep(action, who, "as told"))
    clock.now += timedelta(days=13)
    return client


async def test_a_sample_from_its_announcement_to_the_rate(
    accepted: httpx.AsyncClient, own_plant: tuple[Queries, Clock]
) -> None:
    await sign_in(accepted, "chan")
    made = await accepted.post(SAMPLES, json=NEW)
    assert made.status_code == 201, made.text
    told = made.json()
    assert (told["number"], told["population"], told["drawn"]) == (1, [[REF, "M4"]], [])
    assert told["author"] == "chan"
    of = f"{SAMPLES}/1"
    early = await accepted.post(f"{of}/seed", json={"value": "24871.56"})
    assert (early.status_code, "nobody knows the value" in early.text) == (422, True)
    own_plant[1].now += timedelta(days=1)
    await sign_in(accepted, "chan")
    drawn = (await accepted.post(f"{of}/seed", json={"value": "24871.56"})).json()["drawn"]
    assert drawn == [{"project": REF, "milestone": "M4", "result": None}]
    found = {"project": REF, "milestone": "M4", "is_error": True, "amount_hkd": "12.5", "note": "x"}
    other = await accepted.post(f"{of}/results", json=found | {"milestone": "M3"})
    assert (other.status_code, "was not drawn" in other.text) == (422, True)
    rate = (await accepted.post(f"{of}/results", json=found)).json()["error_rate"]
    assert (rate["errors"], rate["value"], rate["amount_hkd"]) == (1, 1.0, 12.5)
    await sign_in(accepted, "audit")
    assert (await accepted.get(of)).json()["error_rate"] == rate
    assert [it["number"] for it in (await accepted.get(SAMPLES)).json()] == [1]


async def test_another_scheme_the_auditor_and_the_company_do_not_draw(
    accepted: httpx.AsyncClient,
) -> None:
    await sign_in(accepted, "chan")
    wrong: tuple[dict[str, object], ...] = (
        {"scheme": 7}, {"rate": "0.1"}, {"margin": 0.0}, {"confidence": 2.0}, {"more": 1},
    )  # fmt: skip
    for more in wrong:
        assert (await accepted.post(SAMPLES, json=NEW | more)).status_code == 422, more
    assert (await accepted.get(SAMPLES)).json() == []
    assert (await accepted.post(SAMPLES, json=NEW)).status_code == 201
    for who, see, draw, enter in (
        ("other", 200, 403, 404),
        ("audit", 200, 403, 403),
        ("boss", 200, 403, 403),
        ("lee", 403, 403, 403),
    ):
        await sign_in(accepted, who)
        answer = await accepted.get(SAMPLES)
        assert answer.status_code == see, who
        if who == "other":
            assert answer.json() == []
        assert (await accepted.post(SAMPLES, json=NEW)).status_code == draw, who
        entered = await accepted.post(f"{SAMPLES}/1/seed", json={"value": "1"})
        assert entered.status_code == enter, who
