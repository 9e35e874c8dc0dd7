"""Corrections of a shift that is over: an operator's wait, others approve or refuse them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, timedelta
from typing import Any

import httpx
import pytest
from node_app import bearer
from web_plant import NOW, Clock, app_of, registry_of, store_of

from api.queries.lines import Queries
from collector.facts.keeper import FactsKeeper
from domain.access import Assignment

LINE = "/api/v1/lines/filler-1"
CORRECTIONS, WAITING = f"{LINE}/corrections", "/api/v1/waiting-corrections"
DAY = {"start": "2026-03-24T00:00", "end": "2026-03-25T00:00"}
ROLES = {
    "wong": "operator@line:filler-1",
    "chan": "supervisor@plant:tko-foods",
    "ho": "supervisor@line:packer-1",
}
LATE = {
    "kind": "quantity",
    "element": "good_count",
    "amount": 1000,
    "start": "2026-03-24T08:00",
    "end": "2026-03-24T10:00",
    "comment": "counted by hand",
}
IN_TIME = LATE | {"start": "2026-03-25T08:00", "end": "2026-03-25T09:00"}  # its shift runs still


class Node:
    """Asked by people, each with a token that has their roles."""

    def __init__(self, client: httpx.AsyncClient, tokens: dict[str, str]) -> None:
        self._client = client
        self._tokens = tokens

    async def post(self, who: str, path: str, **given: Any) -> httpx.Response:
        return await self._client.post(path, json=given, headers=bearer(self._tokens[who]))

    async def get(self, who: str, path: str, **query: str) -> Any:
        headers = bearer(self._tokens[who])
        answer = await self._client.get(path, params=query, headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def figures(self, **known: str) -> Any:
        return await self.get("wong", f"{LINE}/kpis", **DAY, **known)

    async def decide(self, who: str, what: str, of: str, comment: str = "") -> httpx.Response:
        return await self.post(who, f"/api/v1/corrections/{of}/{what}", comment=comment)


@pytest.fixture
async def node(own_plant: tuple[Queries, Clock]) -> AsyncIterator[Node]:
    queries, _ = own_plant
    registry, now = registry_of(queries), queries.now()
    registry.accounts.add("boss", "", [Assignment.parse("administrator")], now)
    ends = now + timedelta(days=9)
    tokens = {
        who: registry.tokens.add(who, [Assignment.parse(role)], ends, now, by="boss")
        for who, role in ROLES.items()
    }
    numbers = iter(range(1, 1000))
    app = app_of(queries, version="1", new_id=lambda: f"c{next(numbers)}")
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield Node(client, tokens)
    await app.state.services.close()


async def asked(node: Node, **other: Any) -> str:
    answer = await node.post("wong", CORRECTIONS, **(LATE | other))
    assert answer.status_code == 201, answer.text
    assert (answer.json()["waiting"], answer.json()["in_force"]) == (True, False)
    return str(answer.json()["id"])


async def test_an_operators_correction_after_the_shift_changes_nothing_until_it_is_approved(
    node: Node, own_plant: tuple[Queries, Clock]
) -> None:
    queries, clock = own_plant
    before = await node.figures()
    await asked(node)
    assert await node.figures() == before
    (row,) = await node.get("chan", WAITING)
    assert (row["id"], row["author"], row["comment"], row["recorded_at"]) == (
        "c1", "token:wong", "counted by hand", NOW.isoformat(),
    )  # fmt: skip
    clock.now = NOW + timedelta(minutes=10)
    answer = await node.decide("chan", "approval", "c1", "I saw the sheet")
    assert answer.status_code == 200, answer.text
    assert answer.json()["decision"] == {
        "id": "c2",
        "approved": True,
        "author": "token:chan",
        "comment": "I saw the sheet",
        "recorded_at": clock.now.isoformat(),
    }
    assert (answer.json()["waiting"], answer.json()["in_force"]) == (False, True)
    computed = await node.figures()
    assert computed != before
    assert await node.figures(as_known_at=(NOW + timedelta(minutes=5)).isoformat()) == before
    assert await node.get("chan", WAITING) == []
    basis = registry_of(queries).facts_basis
    FactsKeeper(store_of(queries), basis, lambda: clock.now.astimezone(UTC)).refresh("filler-1")
    assert basis.line_corrections("filler-1").not_yet_applied == ()
    assert await node.figures() == computed, "stored facts say the same"
    listed = await node.get("wong", CORRECTIONS)
    assert [(it["id"], it["kind"], it["decides"]) for it in listed] == [
        ("c1", "quantity", None),
        ("c2", "approval", "c1"),
    ]


async def test_in_time_or_by_a_supervisor_it_holds_at_once(node: Node) -> None:
    for who, given in (("wong", IN_TIME), ("chan", LATE)):
        answer = await node.post(who, CORRECTIONS, **given)
        assert (answer.json()["waiting"], answer.json()["in_force"]) == (False, True), who
    assert await node.get("chan", WAITING) == []


async def test_a_shift_is_over_from_its_end_on(
    node: Node, own_plant: tuple[Queries, Clock]
) -> None:
    clock = own_plant[1]
    for minutes, hour, waits in ((-1, "08", False), (0, "09", True)):
        clock.now = NOW.replace(hour=15, minute=0) + timedelta(minutes=minutes)
        times = {"start": f"2026-03-25T{hour}:00", "end": f"2026-03-25T{hour}:30"}
        answer = await node.post("wong", CORRECTIONS, **(LATE | {"amount": 1} | times))
        assert answer.json()["waiting"] is waits


async def test_who_may_correct_may_not_approve_and_a_supervisor_elsewhere_sees_nothing(
    node: Node,
) -> None:
    await asked(node)
    refused = await node.decide("wong", "approval", "c1")
    assert refused.status_code == 403
    assert "That takes the role supervisor" in refused.json()["detail"]
    assert (await node.decide("ho", "approval", "c1")).status_code == 404
    assert await node.get("ho", WAITING) == []
    assert len(await node.get("chan", WAITING)) == 1


async def test_a_refusal_has_its_reason_and_changes_nothing(node: Node) -> None:
    before = await node.figures()
    await asked(node)
    bare = await node.decide("chan", "refusal", "c1")
    assert (bare.status_code, bare.json()["where"]) == (422, "comment")
    answer = await node.decide("chan", "refusal", "c1", "the sheet says 900")
    assert (answer.json()["waiting"], answer.json()["in_force"]) == (False, False)
    assert answer.json()["decision"]["comment"] == "the sheet says 900"
    assert await node.figures() == before
    for what in ("approval", "refusal"):
        late = await node.decide("chan", what, "c1", "no")
        assert late.status_code == 422
        assert "it was refused by token:chan" in late.json()["detail"]
    await asked(node, amount=900)


async def test_a_withdrawal_waits_where_it_changes_figures_and_there_alone(node: Node) -> None:
    await asked(node)
    gone = {"kind": "withdrawal", "withdraws": "c1"}
    own = await node.post("wong", CORRECTIONS, **gone)
    assert own.json()["waiting"] is False, "it had waited itself"
    assert await node.get("chan", WAITING) == []
    held = (await node.post("chan", CORRECTIONS, **LATE)).json()["id"]
    with_it = await node.figures()
    late = await node.post("wong", CORRECTIONS, kind="withdrawal", withdraws=held)
    assert late.json()["waiting"] is True
    assert await node.figures() == with_it
    (row,) = [it for it in await node.get("wong", CORRECTIONS) if it["id"] == held]
    assert (row["in_force"], row["withdrawn_by"]) == (True, None)
    await node.decide("chan", "approval", late.json()["id"])
    assert await node.figures() != with_it
    (row,) = [it for it in await node.get("wong", CORRECTIONS) if it["id"] == held]
    assert (row["in_force"], row["withdrawn_by"]) == (False, late.json()["id"])


async def test_the_list_of_stops_says_what_waits_in_its_time(node: Node) -> None:
    await asked(node)
    stops = await node.get("wong", f"{LINE}/stops", **DAY)
    assert stops["waiting"] == [
        {
            "id": "c1",
            "kind": "quantity",
            "start": "2026-03-24T08:00:00+08:00",
            "end": "2026-03-24T10:00:00+08:00",
        }
    ]
    other = {"start": "2026-03-23T00:00", "end": "2026-03-24T00:00"}
    assert "waiting" not in await node.get("wong", f"{LINE}/stops", **other)


async def test_an_approval_is_told_what_no_longer_makes_sense(node: Node) -> None:
    """The rejects of that time were corrected meanwhile: together they are more than was made."""
    total, rejects = (
        LATE | {"element": element, "amount": amount}
        for element, amount in (("total_count", 20_000), ("reject_count", 10_000))
    )
    assert (await node.post("chan", CORRECTIONS, **total)).status_code == 201
    waits = await asked(node, amount=15_000)
    assert (await node.post("chan", CORRECTIONS, **rejects)).status_code == 201
    answer = await node.decide("chan", "approval", waits)
    assert answer.status_code == 422
    assert "would be more than the 20000 counted" in answer.json()["detail"]
    assert len(await node.get("chan", WAITING)) == 1
