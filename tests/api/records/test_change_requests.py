"""Change requests over HTTP, by persons with roles: who asks, who decides, what follows."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from node_app import bearer
from web_plant import GRANT, NOW, Clock, app_of, registry_of

from api.queries.lines import Queries
from api.records.milestone_steps import declare_conflict
from domain.access import Assignment
from store.files.grant import read_grant

REF = "NIFS-2025-017"
REQUESTS = f"/api/v1/projects/{REF}/change-requests"
ROLES = {
    "lee": "supervisor@line:filler-1",
    "op": "operator@line:filler-1",
    "chan": "officer@scheme:NIFS",
    "wong": "officer@project:NIFS-2025-017",
    "both": "officer",
    "aud": "auditor",
}
DATES = {"kind": "dates", "milestone": "M2", "new": "2026-09-30", "reason": "late delivery"}
METER = {
    "kind": "equipment", "line": "filler-1", "machine": "meter", "old": "EM-7", "new": "EM-9",
    "replaced_at": "2026-03-20T09:00", "reason": "it failed",
}  # fmt: skip


class Asked:
    def __init__(self, client: httpx.AsyncClient, secrets: dict[str, str]) -> None:
        self._client = client
        self._secrets = secrets

    async def post(self, who: str, path: str = REQUESTS, **given: Any) -> httpx.Response:
        return await self._client.post(path, json=given, headers=bearer(self._secrets[who]))

    async def decide(self, who: str, number: int, how: str, **given: Any) -> httpx.Response:
        return await self.post(who, f"{REQUESTS}/{number}/{how}", **given)

    async def read(self, who: str = "aud", **query: str) -> Any:
        headers = bearer(self._secrets[who])
        answer = await self._client.get(REQUESTS, params=query, headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture
def queries(own_plant: tuple[Queries, Clock]) -> Queries:
    return own_plant[0]


@pytest.fixture
async def asked(queries: Queries) -> AsyncIterator[Asked]:
    registry, now = registry_of(queries), queries.now()
    registry.accounts.add("boss", "", [Assignment.parse("administrator")], now)
    secrets = {
        name: registry.tokens.add(
            name, [Assignment.parse(role)], now + timedelta(days=300), now, by="boss"
        )
        for name, role in ROLES.items()
    }
    app = app_of(queries, version="1")
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield Asked(client, secrets)
    await app.state.services.close()


async def test_the_company_asks_an_officer_decides_and_a_file_carries_it_out(
    asked: Asked, own_plant: tuple[Queries, Clock]
) -> None:
    queries, clock = own_plant
    answer = await asked.post("lee", **DATES)
    assert answer.status_code == 201, answer.text
    first = answer.json()
    assert (first["number"], first["old"], first["state"]) == (1, "2026-06-30", "open")
    clock.now = NOW + timedelta(hours=1)
    answer = await asked.decide("chan", 1, "approval", reason="agreed by telephone")
    assert answer.status_code == 200, answer.text
    assert answer.json()["decision"] == {
        "approved": True,
        "author": "token:chan",
        "at": clock.now.isoformat(),
        "reason": "agreed by telephone",
    }
    assert queries.project(REF)[1].milestones[1].due.isoformat() == "2026-06-30"
    text = GRANT.replace('"5.2", due: 2026-06-30', '"5.2", due: 2026-09-30')
    text += "\nchange_requests: [1]\n"
    registry_of(queries).apply.project(text, read_grant(text, "grant.yaml"), clock.now)
    (row,) = await asked.read()
    assert row["carried_out"] == {"version": 2, "applied_at": clock.now.isoformat()}
    assert row["state"] == "approved"
    (row,) = await asked.read(as_known_at=NOW.isoformat())
    assert (row["state"], row["decision"], row["carried_out"]) == ("open", None, None)


async def test_a_meter_is_replaced_and_found_by_who_asks_for_it(
    asked: Asked, queries: Queries
) -> None:
    document = (await asked.post("lee", **METER)).json()
    assert (document["line"], document["machine"]) == ("filler-1", "meter")
    assert document["replaced_at"] == "2026-03-20T09:00:00+08:00"
    await asked.decide("wong", 1, "approval")
    ((request,), versions) = (queries.change_requests(REF), queries.versions_of_changes(REF))
    assert (request.machine, request.state.value, versions) == ("meter", "approved", {})


async def test_who_may_do_what(asked: Asked) -> None:
    for who in ("op", "chan", "aud"):
        assert (await asked.post(who, **DATES)).status_code == 403
    await asked.post("lee", **DATES)
    for who in ("op", "lee", "aud"):
        assert (await asked.decide(who, 1, "approval")).status_code == 403
    refused = await asked.decide("chan", 1, "refusal")
    assert (refused.status_code, "needs a reason" in refused.text) == (422, True)
    assert (await asked.decide("chan", 1, "refusal", reason="too late")).status_code == 200
    again = await asked.decide("wong", 1, "approval")
    assert again.status_code == 409
    assert "was refused by token:chan" in again.json()["detail"]
    assert (await asked.decide("wong", 2, "approval")).status_code == 404
    assert [it["state"] for it in await asked.read()] == ["refused"]


async def test_a_conflict_of_interest_keeps_out(asked: Asked, queries: Queries) -> None:
    await asked.post("lee", **DATES)
    declare_conflict(queries, registry_of(queries).take, REF, "a cousin", "token:CHAN")
    assert (await asked.decide("chan", 1, "approval")).status_code == 403
    assert (await asked.decide("wong", 1, "approval")).status_code == 200


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"kind": "mood"}, "no kind of change"),
        ({"old": "2020-01-01"}, "it is 2026-06-30 now"),
        ({"new": "soon"}, "is no day"),
        ({"reason": " "}, "needs a reason"),
        ({**METER, "milestone": "", "machine": "x"}, "no machine 'x'"),
        ({**METER, "milestone": "", "line": "packer-1"}, "no line 'packer-1'"),
        ({**METER, "milestone": "", "replaced_at": "noon"}, "'noon' is not a time"),
        ({"author": "somebody else"}, "somebody else"),
    ],
)
async def test_what_cannot_be_is_one_sentence_and_leaves_nothing(
    asked: Asked, change: dict[str, str], says: str
) -> None:
    answer = await asked.post("lee", **(DATES | change))
    assert answer.status_code == 422, answer.text
    assert says in answer.json()["detail"]
    assert await asked.read() == []


async def test_a_milestone_that_is_none(asked: Asked) -> None:
    assert (await asked.post("lee", **(DATES | {"milestone": "M99"}))).status_code == 404
