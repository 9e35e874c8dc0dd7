"""Corrections over HTTP, what they change, and answers as of an earlier knowledge."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator
from datetime import UTC, timedelta
from typing import Any

import httpx
import pytest
from telemetry import batch
from web_plant import NOW, Clock, app_of, gap_told, registry_of, spans, store_of

from api.queries.lines import Queries
from collector.facts.keeper import FactsKeeper

LINE = "/api/v1/lines/filler-1"
CORRECTIONS = f"{LINE}/corrections"
DAY = {"start": "2026-03-24T00:00", "end": "2026-03-25T00:00"}
WEEKS = {"start": "2026-03-02T07:00", "end": "2026-03-25T15:00"}
FAULT_AT = "2026-03-24T09:20"  # within the stop from 9:10 to 9:35
AMOUNT = {
    "kind": "quantity",
    "element": "good_count",
    "amount": 1000,
    "start": "2026-03-24T08:00",
    "end": "2026-03-24T10:00",
    "author": "Ann",
}
MINUTE = timedelta(minutes=1)


@pytest.fixture
async def own_client(own_plant: tuple[Queries, Clock]) -> AsyncIterator[httpx.AsyncClient]:
    numbers = iter(range(1, 1000))
    app = app_of(own_plant[0], version="1", new_id=lambda: f"c{next(numbers)}")
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield client
    await app.state.services.close()


async def row(client: httpx.AsyncClient, **query: str) -> dict[str, Any]:
    answer = await client.get(f"{LINE}/kpis", params=DAY | query)
    assert answer.status_code == 200, answer.text
    return answer.json()[0]


async def test_a_correction_is_recorded_told_and_in_the_figures(
    own_client: httpx.AsyncClient,
) -> None:
    before = await row(own_client)
    answer = await own_client.post(CORRECTIONS, json=AMOUNT | {"comment": "counted by hand"})
    assert answer.status_code == 201, answer.text
    told = answer.json()
    assert told == {
        "id": "c1",
        "line": "filler-1",
        "kind": "quantity",
        "start": "2026-03-24T08:00:00+08:00",
        "end": "2026-03-24T10:00:00+08:00",
        "reason": None,
        "element": "good_count",
        "amount": 1000.0,
        "withdraws": None,
        "author": "Ann",
        "device": None,
        "comment": "counted by hand",
        "recorded_at": NOW.isoformat(),
        "in_force": True,
        "withdrawn_by": None,
        "waiting": False,
        "decides": None,
        "decision": None,
    }
    assert answer.headers["location"] == "/api/v1/corrections/c1"
    assert (await own_client.get("/api/v1/corrections/c1")).json() == told
    hours = {"start": "2026-03-24T08:00", "end": "2026-03-24T10:00"}
    assert (await row(own_client, **hours))["good_count"] == pytest.approx(1000)
    after = await row(own_client)
    assert after["good_count"] < before["good_count"]
    assert after["total_count"] == before["total_count"]


async def test_stored_facts_and_facts_computed_now_say_the_same(
    own_client: httpx.AsyncClient, own_plant: tuple[Queries, Clock]
) -> None:
    queries, clock = own_plant
    await own_client.post(CORRECTIONS, json=AMOUNT)
    computed = await row(own_client)
    keeper = FactsKeeper(
        store_of(queries), registry_of(queries).facts_basis, lambda: clock.now.astimezone(UTC)
    )
    assert keeper.refresh("filler-1") == 4, "two hours and what touches them"
    assert registry_of(queries).facts_basis.line_corrections("filler-1").not_yet_applied == ()
    assert await row(own_client) == computed


async def test_a_withdrawal_gives_back_the_first_answer(own_client: httpx.AsyncClient) -> None:
    first = await own_client.get(f"{LINE}/kpis", params=DAY)
    await own_client.post(CORRECTIONS, json=AMOUNT)
    assert (await own_client.get(f"{LINE}/kpis", params=DAY)).content != first.content
    gone = {"kind": "withdrawal", "withdraws": "c1", "author": "Bob"}
    answer = await own_client.post(CORRECTIONS, json=gone)
    assert answer.status_code == 201, answer.text
    assert (await own_client.get(f"{LINE}/kpis", params=DAY)).content == first.content
    listed = (await own_client.get(CORRECTIONS)).json()
    assert [(it["id"], it["in_force"], it["withdrawn_by"]) for it in listed] == [
        ("c1", False, "c2"),
        ("c2", False, None),
    ]
    again = await own_client.post(CORRECTIONS, json=gone)
    assert again.status_code == 422
    assert "withdrawn already, by Bob" in again.json()["detail"]


async def test_a_split_stop_is_two(own_client: httpx.AsyncClient) -> None:
    before = await row(own_client)
    split = {"kind": "split", "start": FAULT_AT, "author": "Ann"}
    answer = await own_client.post(CORRECTIONS, json=split)
    assert answer.status_code == 201, answer.text
    assert (await row(own_client))["stops"] == before["stops"] + 1
    stops = (await own_client.get(f"{LINE}/stops", params=DAY)).json()["stops"]
    assert [stop["start"][11:16] for stop in stops if stop["state"] == "fault"] == [
        "09:10",
        "09:20",
    ]


@pytest.mark.parametrize(
    ("change", "status", "said"),
    [
        ({"end": "2026-03-24T07:00"}, 422, "not after its start"),
        ({"end": "2026-03-25T15:00"}, 422, "has not come yet"),
        ({"end": None}, 422, "end: the end is missing"),
        ({"start": None}, 422, "start: the start is missing"),
        ({"start": "yesterday"}, 422, "start: 'yesterday' is not a time"),
        ({"start": "0001-01-01"}, 422, "start: '0001-01-01' is not a time of any"),
        ({"kind": "quantty"}, 422, "Did you mean 'quantity'?"),
        ({"element": "good_cont"}, 422, "Did you mean 'good_count'?"),
        ({"author": ""}, 422, "nobody is named"),
        ({"amount": "many"}, 422, "amount: Input should be a valid number"),
        ({"colour": "red"}, 422, "colour: Extra inputs are not permitted"),
        ({"kind": "withdrawal"}, 422, "must say what it withdraws"),
        ({"kind": "withdrawal", "withdraws": "c9"}, 404, "there is no correction 'c9'"),
        ({"kind": "reason", "reason": "jam"}, 422, "a correction of kind reason has no element"),
    ],
    ids=str,
)
async def test_refusals_are_problem_documents(
    own_client: httpx.AsyncClient, change: dict[str, Any], status: int, said: str
) -> None:
    given = {name: value for name, value in (AMOUNT | change).items() if value is not None}
    answer = await own_client.post(CORRECTIONS, json=given)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    assert problem["instance"] == CORRECTIONS
    assert said in problem["detail"]
    assert (await own_client.get(CORRECTIONS)).json() == []


@pytest.mark.parametrize(
    ("element", "said"),
    [
        ("good_count", "100000 good items would be more than the "),
        ("reject_count", "100000 rejected items would be more than the "),
    ],
)
async def test_more_good_or_rejected_items_than_items_are_refused(
    own_client: httpx.AsyncClient, element: str, said: str
) -> None:
    """Counters never make negative output, nor do people."""
    before = await row(own_client)
    answer = await own_client.post(CORRECTIONS, json=AMOUNT | {"element": element, "amount": 1e5})
    assert answer.status_code == 422
    assert said in answer.json()["detail"]
    assert "from 2026-03-24T08:00:00+08:00 to 2026-03-24T10:00:00+08:00" in answer.json()["detail"]
    assert await row(own_client) == before


async def test_what_makes_a_contradiction_smaller_is_let_in(own_client: httpx.AsyncClient) -> None:
    """Total and rejects were both wrong: they can be put right one after the other."""
    amounts = (("total_count", 2e5, 201), ("reject_count", 1.5e5, 201), ("good_count", 1e5, 422))
    for element, amount, status in amounts:
        given = AMOUNT | {"element": element, "amount": amount}
        assert (await own_client.post(CORRECTIONS, json=given)).status_code == status
    gone = {"kind": "withdrawal", "withdraws": "c1", "author": "Bob"}
    assert (await own_client.post(CORRECTIONS, json=gone)).status_code == 201
    assert (await row(own_client))["good_count"] < 0, "the rejects stand alone now"
    better = AMOUNT | {"element": "total_count", "amount": 1e5}
    assert (await own_client.post(CORRECTIONS, json=better)).status_code == 201


async def test_while_some_time_is_unknown_more_may_have_been_counted(
    own_client: httpx.AsyncClient,
) -> None:
    """The telemetry of Tuesday and Wednesday did not come yet: the person was quicker."""
    gap = {"start": "2026-03-10T08:00", "end": "2026-03-11T10:00", "amount": 1e6}
    answer = await own_client.post(CORRECTIONS, json=AMOUNT | gap)
    assert answer.status_code == 201, answer.text


async def test_overlap_is_refused_and_names_the_other(own_client: httpx.AsyncClient) -> None:
    """point85/OEE-Designer#9."""
    await own_client.post(CORRECTIONS, json=AMOUNT)
    answer = await own_client.post(CORRECTIONS, json=AMOUNT | {"start": "2026-03-24T09:59"})
    assert answer.status_code == 422
    assert "overlaps the quantity correction of good_count c1" in answer.json()["detail"]


async def test_an_unknown_line_is_not_found(own_client: httpx.AsyncClient) -> None:
    for answer in (
        await own_client.post("/api/v1/lines/filler-9/corrections", json=AMOUNT),
        await own_client.get("/api/v1/lines/filler-9/corrections"),
        await own_client.get("/api/v1/corrections/c1"),
    ):
        assert answer.status_code == 404


async def test_another_line_cannot_withdraw_it(own_client: httpx.AsyncClient) -> None:
    await own_client.post(CORRECTIONS, json=AMOUNT)
    gone = {"kind": "withdrawal", "withdraws": "c1", "author": "Bob"}
    answer = await own_client.post("/api/v1/lines/packer-1/corrections", json=gone)
    assert answer.status_code == 404
    assert "line packer-1 has no correction 'c1'" in answer.json()["detail"]


async def test_the_list_is_paged_by_cursor(own_client: httpx.AsyncClient) -> None:
    for hour in range(5):
        times = {"start": f"2026-03-24T{hour:02}:00", "end": f"2026-03-24T{hour + 1:02}:00"}
        await own_client.post(CORRECTIONS, json=AMOUNT | {"element": "total_count"} | times)
    found: list[str] = []
    url: str | None = f"{CORRECTIONS}?limit=2"
    while url is not None:
        page = await own_client.get(url)
        assert len(page.json()) <= 2
        found += [it["id"] for it in page.json()]
        url = page.links.get("next", {}).get("url")
    assert found == ["c1", "c2", "c3", "c4", "c5"]


# what was known


QUESTIONS: list[tuple[str, dict[str, str]]] = [
    (f"{LINE}/kpis", WEEKS),
    (f"{LINE}/kpis", WEEKS | {"by": "shift"}),
    (f"{LINE}/stops", WEEKS),
    (f"{LINE}/states", WEEKS),
    ("/api/v1/projects/NIFS-2025-017/milestones", {}),
    (CORRECTIONS, {}),
]


async def test_what_came_later_does_not_change_what_was_known(
    own_client: httpx.AsyncClient, own_plant: tuple[Queries, Clock]
) -> None:
    queries, clock = own_plant
    await own_client.post(CORRECTIONS, json=AMOUNT)
    then = [(await own_client.get(url, params=query)).content for url, query in QUESTIONS]

    clock.now = NOW + 30 * MINUTE
    store_of(queries).append([gap_told(1, clock.now)])
    split = {"kind": "split", "start": FAULT_AT, "author": "Ann"}
    assert (await own_client.post(CORRECTIONS, json=split)).status_code == 201
    FactsKeeper(store_of(queries), registry_of(queries).facts_basis, queries.now).refresh()

    known = {"as_known_at": NOW.isoformat()}
    for (url, query), before in zip(QUESTIONS, then, strict=True):
        assert (await own_client.get(url, params=query)).content != before, url
        assert (await own_client.get(url, params=query | known)).content == before, url


async def test_the_end_of_the_last_span_is_trusted_as_it_was_then(
    own_client: httpx.AsyncClient, own_plant: tuple[Queries, Clock]
) -> None:
    """A live line: half a minute after its last sign of life it was believed, later it is not."""
    queries, clock = own_plant
    clock.now = NOW + timedelta(seconds=30)
    minutes = {"start": (NOW - MINUTE).isoformat(), "end": (NOW + MINUTE).isoformat()}
    then = await row(own_client, **minutes)
    assert then["unknown_time_s"] == 0
    clock.now = NOW + 10 * MINUTE
    again = spans(("filler-1", "filler", NOW + 5 * MINUTE, NOW + 6 * MINUTE))
    record, content = batch(1, spans=again, agent="agent-live")
    received = (NOW + 6 * MINUTE).astimezone(UTC)
    store_of(queries).append([(dataclasses.replace(record, received=received), content)])
    assert (await row(own_client, **minutes))["unknown_time_s"] == 60
    known = {"as_known_at": (NOW + timedelta(seconds=30)).isoformat()}
    assert await row(own_client, **minutes, **known) == then


async def test_what_will_be_known_nobody_knows(own_client: httpx.AsyncClient) -> None:
    later = (NOW + MINUTE).isoformat()
    answer = await own_client.get(f"{LINE}/kpis", params=DAY | {"as_known_at": later})
    assert answer.status_code == 422
    assert answer.json()["where"] == "as_known_at"
