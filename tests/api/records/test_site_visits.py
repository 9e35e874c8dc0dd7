"""Site visits over HTTP: who may enter one, what is kept, what the sealed series says beside it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from node_app import bearer
from telemetry import batch
from web_plant import (
    GAP,
    NOW,
    PLANT,
    ZONE,
    Clock,
    app_of,
    gap_told,
    machine_rows,
    registry_of,
    sample_frame,
    store_of,
)

from api.queries.lines import Queries
from api.records.milestone_steps import declare_conflict
from domain.access import Assignment
from store.files.plant import read_plant

REF = "NIFS-2025-017"
VISITS = f"/api/v1/projects/{REF}/milestones/M1/visits"
ROLES = {
    "lee": "supervisor@line:filler-1",
    "op": "operator@line:filler-1",
    "chan": "officer@scheme:NIFS",
    "wong": "officer@project:NIFS-2025-017",
    "aud": "auditor",
}
BEGAN = "2026-03-24T10:00"
IN_GAP = "2026-03-11T08:12"  # a morning of which the data came in late


class Asked:
    def __init__(self, client: httpx.AsyncClient, secrets: dict[str, str]) -> None:
        self._client = client
        self._secrets = secrets

    async def enter(self, who: str, *, path: str = VISITS, **given: Any) -> httpx.Response:
        body = {"line": "filler-1", "kind": "unannounced", "visited_at": BEGAN, **given}
        return await self._client.post(path, json=body, headers=bearer(self._secrets[who]))

    async def read(self, path: str = VISITS, who: str = "aud", **query: str) -> Any:
        headers = bearer(self._secrets[who])
        answer = await self._client.get(path, params=query, headers=headers)
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


def shown(at: str, **values: Any) -> dict[str, Any]:
    return {"machine": "filler", "signal": "total_count", "read_at": at, **values}


def counted(at: str) -> float:
    """What the counter had at that local time, to the last five minutes."""
    rows = machine_rows("filler-1", "filler", "meter")
    said = [it for it in rows if it["signal"] == "total_count"]
    return max(float(it["value"]) for it in said if it["time"].isoformat()[:16] <= at)


async def test_a_visit_is_kept_with_each_reading_beside_what_was_sealed(asked: Asked) -> None:
    true = round(counted("2026-03-24T10:12"))
    answer = await asked.enter(
        "chan",
        note="the door was open",
        readings=[
            shown("2026-03-24T10:12", value=str(true), read_by="Lee", note="glass is dirty"),
            shown("2026-03-24T10:12", value=true + 5_000),
            shown("2026-03-24T10:12", value="1", machine="meter", signal="power"),
        ],
    )
    assert answer.status_code == 201, answer.text
    document = answer.json()
    assert (document["number"], document["author"], document["kind"]) == (
        1, "token:chan", "unannounced",
    )  # fmt: skip
    assert document["visited_at"] == "2026-03-24T10:00:00+08:00"
    first, second, third = document["readings"]
    assert (first["read_by"], second["read_by"]) == ("Lee", "token:chan")
    assert (first["value"], first["unit"], third["unit"]) == (str(true), "items", "kW")
    sealed = first["sealed"]
    assert (sealed["agreement"], sealed["difference"], sealed["late"]) == ("agrees", None, False)
    assert sealed["before"] == "2026-03-24T10:10:00+08:00"
    assert sealed["after"] == "2026-03-24T10:15:00+08:00"
    assert sealed["low"] <= true <= sealed["high"] == sealed["low"] + 510
    assert second["sealed"]["agreement"] == "differs"
    assert second["sealed"]["difference"] == pytest.approx(true + 5_000 - sealed["high"])
    assert third["sealed"]["agreement"] == "not_sealed"
    assert await asked.read() == [document]


async def test_who_operates_a_line_enters_no_visit_of_it(asked: Asked) -> None:
    for who in ("op", "lee", "aud"):
        assert (await asked.enter(who, note="nobody came")).status_code == 403
    assert await asked.read() == []


async def test_who_has_a_conflict_of_interest_enters_none(asked: Asked, queries: Queries) -> None:
    declare_conflict(queries, registry_of(queries).take, REF, "a cousin", "token:Chan")
    answer = await asked.enter("chan", note="all is well")
    assert answer.status_code == 403
    assert "'token:chan' has declared a conflict of interest" in answer.json()["detail"]
    assert (await asked.enter("wong", note="all is well")).status_code == 201


async def test_data_that_came_in_later_are_told_as_such(
    asked: Asked, own_plant: tuple[Queries, Clock]
) -> None:
    """The counter is known on both sides of a silence, so it tells something then already; the
    range becomes narrower, by what came in after the reading was entered."""
    queries, _ = own_plant
    true = round(counted(IN_GAP))
    given = {"visited_at": "2026-03-11T08:00", "readings": [shown(IN_GAP, value=str(true + 3_000))]}
    (before,) = (await asked.enter("chan", **given)).json()["readings"]
    assert (before["sealed"]["agreement"], before["sealed"]["late"]) == ("agrees", False)
    assert before["sealed"]["before"] < GAP[0].isoformat() < before["sealed"]["after"]
    store_of(queries).append([gap_told(1, NOW + timedelta(hours=1))])
    ((after,),) = [it["readings"] for it in await asked.read()]
    sealed = after["sealed"]
    assert (sealed["agreement"], sealed["late"]) == ("differs", True)
    assert sealed["when_entered"] == {key: before["sealed"][key] for key in sealed["when_entered"]}
    assert sealed["when_entered"]["agreement"] == "agrees"


async def test_a_value_that_was_silent_and_is_told_later(asked: Asked, queries: Queries) -> None:
    """A reading just now, of which the next sample has not come in."""
    at = NOW.isoformat()[:16]
    given = {"visited_at": at, "readings": [shown(at, value="1")]}
    (before,) = (await asked.enter("chan", **given)).json()["readings"]
    assert (before["sealed"]["agreement"], before["sealed"]["late"]) == ("not_sealed", False)


async def test_a_sample_that_says_nothing_is_passed_over(asked: Asked, queries: Queries) -> None:
    bad = [
        {"signal": "total_count", "time": datetime(2026, 3, 24, 10, minute, tzinfo=ZONE),
         "value": 9e9, "quality": 2}
        for minute in (11, 13)
    ]  # fmt: skip
    frame = sample_frame("filler-1", "filler", bad)
    store_of(queries).append([batch(1, frame, agent="agent-bad")])
    readings = [shown("2026-03-24T10:12", value="1"), shown("2026-03-24T10:32", value="1")]
    first, second = (await asked.enter("chan", readings=readings)).json()["readings"]
    assert first["sealed"]["before"] == "2026-03-24T10:10:00+08:00"
    assert first["sealed"]["after"] == "2026-03-24T10:15:00+08:00"
    assert first["sealed"]["high"] == first["sealed"]["low"] + 510
    assert second["sealed"]["before"] == "2026-03-24T10:30:00+08:00"


async def test_a_plant_that_keeps_raw_samples_tells_whether_it_agrees_and_no_more(
    asked: Asked, queries: Queries
) -> None:
    text = PLANT + "\nconfidential: [raw_samples, names]\n"
    registry_of(queries).apply.plant(text, read_plant(text, "plant.yaml"), NOW)
    readings = [shown("2026-03-24T10:12", value="1", read_by="Lee")]
    (read,) = (await asked.enter("chan", readings=readings)).json()["readings"]
    assert read["sealed"]["agreement"] == "differs"
    for key in ("low", "high", "before", "after", "difference"):
        assert read["sealed"][key] is None
    ((read,),) = [it["readings"] for it in await asked.read(who="chan")]
    assert read["read_by"] != "Lee"  # it may be one of the company's people
    ((read,),) = [it["readings"] for it in await asked.read(who="lee")]
    assert read["sealed"]["low"] > 1


async def test_a_visit_of_the_whole_project_stands_in_its_list(asked: Asked) -> None:
    path = f"/api/v1/projects/{REF}/visits"
    answer = await asked.enter("wong", path=path, note="a first look")
    assert (answer.status_code, answer.json()["milestone"]) == (201, None)
    await asked.enter("wong", note="once more")
    assert [(it["number"], it["milestone"]) for it in await asked.read(path)] == [
        (1, None), (2, "M1"),
    ]  # fmt: skip
    assert [it["number"] for it in await asked.read()] == [2]
    earlier = (NOW - timedelta(seconds=1)).isoformat()
    assert await asked.read(path, as_known_at=earlier) == []


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"note": "x", "kind": "secret"}, "no kind of visit"),
        ({"note": "x", "line": "packer-1"}, "no line 'packer-1'"),
        ({"note": "x", "visited_at": "yesterday"}, "'yesterday' is not a time"),
        ({"note": "x", "visited_at": "2026-03-26T10:00"}, "has not been yet"),
        ({"readings": [shown(BEGAN, value="1,5")]}, "'1,5' is no figure of a panel"),
        ({"readings": [shown(BEGAN, value=1e300)]}, "is no figure of a panel"),
        ({"readings": [shown(BEGAN, value=True)]}, "value"),
        ({"readings": [shown(BEGAN, value="1", signal="state")]}, "is no number"),
        ({"readings": [shown("2026-03-20T10:00", value="1")]}, "before the visit began"),
        ({"readings": [shown(BEGAN, value="1")] * 51}, "readings"),
        ({"note": "x", "author": "somebody else"}, "somebody else"),
        ({}, "neither a reading nor a note"),
    ],
)
async def test_what_cannot_be_is_one_sentence_and_leaves_nothing(
    asked: Asked, given: dict[str, Any], says: str
) -> None:
    answer = await asked.enter("chan", **given)
    assert answer.status_code == 422, answer.text
    assert says in answer.text
    assert await asked.read() == []


async def test_another_milestone_or_project_is_not_there(asked: Asked) -> None:
    for path in (VISITS.replace("M1", "M99"), VISITS.replace("017", "018")):
        assert (await asked.enter("chan", path=path, note="x")).status_code == 404
