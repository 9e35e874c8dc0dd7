"""Frozen periods over HTTP: the accepted figure stands, what it would be now stands beside."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from telemetry import batch
from web_plant import NOW, PLANT, ZONE, Clock, app_of, gap_told, registry_of, sample_frame, store_of

from api.queries.lines import Queries
from collector.facts.keeper import FactsKeeper
from store.files.plant import read_plant

LINE = "/api/v1/lines/filler-1"
MILESTONES = "/api/v1/projects/NIFS-2025-017/milestones"
WEEK = {"start": "2026-03-09", "end": "2026-03-14", "author": "Officer Ho"}
INSIDE = {"start": "2026-03-09T00:00", "end": "2026-03-15T00:00"}
AROUND = {"start": "2026-03-02T00:00", "end": "2026-03-25T14:00"}
AMOUNT = {
    "kind": "quantity",
    "element": "good_count",
    "amount": 1000,
    "start": "2026-03-12T08:00",
    "end": "2026-03-12T10:00",
    "author": "Ann",
}


@pytest.fixture
async def own_client(own_plant: tuple[Queries, Clock]) -> AsyncIterator[httpx.AsyncClient]:
    app = app_of(own_plant[0], version="1")
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield client
    await app.state.services.close()


async def get(client: httpx.AsyncClient, path: str, **query: str) -> Any:
    answer = await client.get(path, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def rows(client: httpx.AsyncClient, **query: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = await get(client, f"{LINE}/kpis", **query)
    return found


async def freeze(client: httpx.AsyncClient, **change: str) -> httpx.Response:
    return await client.post(f"{LINE}/frozen", json=WEEK | change)


def without(row: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in names}


async def test_a_frozen_period_is_told_with_its_digest(own_client: httpx.AsyncClient) -> None:
    answer = await freeze(own_client)
    assert answer.status_code == 201, answer.text
    told = answer.json()
    assert without(told, "facts_digest") == {
        "line": "filler-1",
        "start": "2026-03-09T00:00:00+08:00",
        "end": "2026-03-15T00:00:00+08:00",
        "author": "Officer Ho",
        "frozen_at": NOW.isoformat(),
    }
    assert len(told["facts_digest"]) == 64
    assert await get(own_client, f"{LINE}/frozen") == [told]


async def test_as_long_as_nothing_changes_nothing_is_restated(
    own_client: httpx.AsyncClient,
) -> None:
    queries = [INSIDE, AROUND, AROUND | {"by": "shift"}, AROUND | {"by": "product"}]
    before = [await rows(own_client, **query) for query in queries]
    await freeze(own_client)
    assert [await rows(own_client, **query) for query in queries] == before


async def test_a_correction_inside_is_accepted_and_shows_beside_only(
    own_client: httpx.AsyncClient, own_plant: tuple[Queries, Clock]
) -> None:
    (before,) = await rows(own_client, **INSIDE)
    await freeze(own_client)
    own_plant[1].now = NOW + timedelta(hours=1)
    assert (await own_client.post(f"{LINE}/corrections", json=AMOUNT)).status_code == 201
    (after,) = await rows(own_client, **INSIDE)
    assert without(after, "restated") == before
    restated = after["restated"]
    assert restated["since"] == NOW.isoformat()
    assert restated["good_count"] < before["good_count"]
    assert restated["total_count"] == before["total_count"]
    assert set(restated) == {
        *without(before, "line", "start", "end", "key", "method"),
        "since",
    }


async def test_late_data_show_beside_and_only_where_they_change_something(
    own_client: httpx.AsyncClient, own_plant: tuple[Queries, Clock]
) -> None:
    """The gap from Tuesday to Wednesday of the frozen week is told after all."""
    queries, _ = own_plant
    before = await rows(own_client, **AROUND, by="day")
    await freeze(own_client)
    store_of(queries).append([gap_told(1, NOW)])
    for _ in range(2):  # first computed by the reader, then stored
        after = await rows(own_client, **AROUND, by="day")
        assert [without(row, "restated") for row in after] == before
        changed = [row["key"] for row in after if "restated" in row]
        assert changed == ["2026-03-10", "2026-03-11"]
        assert all(row["restated"]["unknown_time_s"] == 0 for row in after if "restated" in row)
        keeper = FactsKeeper(
            store_of(queries), registry_of(queries).facts_basis, lambda: NOW.astimezone(UTC)
        )
        keeper.refresh("filler-1")


async def test_a_row_that_reaches_beyond_joins_accepted_and_present_facts(
    own_client: httpx.AsyncClient,
) -> None:
    before = (await rows(own_client, **AROUND))[0]
    await freeze(own_client)
    outside = AMOUNT | {"start": "2026-03-17T08:00", "end": "2026-03-17T10:00"}
    for correction in (AMOUNT, outside):
        assert (await own_client.post(f"{LINE}/corrections", json=correction)).status_code == 201
    after = (await rows(own_client, **AROUND))[0]
    lost = before["good_count"] - after["good_count"]
    assert lost > 0, "the correction outside counts"
    assert before["good_count"] - after["restated"]["good_count"] == pytest.approx(2 * lost, abs=2)


async def test_a_verdict_stands_on_accepted_figures(own_client: httpx.AsyncClient) -> None:
    """M3 asks for the availability of the frozen week, M4 for good items of all time."""
    before = {it["id"]: it for it in (await get(own_client, MILESTONES))["milestones"]}
    await freeze(own_client)
    same = {it["id"]: it for it in (await get(own_client, MILESTONES))["milestones"]}
    assert same == before
    await own_client.post(f"{LINE}/corrections", json=AMOUNT)
    after = {it["id"]: it for it in (await get(own_client, MILESTONES))["milestones"]}
    assert {name: without(it, "restated") for name, it in after.items()} == before
    assert "restated" not in after["M3"], "good items change no availability"
    restated = after["M4"]["restated"]
    assert restated["since"] == NOW.isoformat()
    assert restated["value"] < before["M4"]["value"]


@pytest.mark.parametrize(("by", "inside"), [("shift", 12), ("product", 1)])
async def test_a_calendar_or_product_that_changed_since_leaves_no_row_without_what_it_is_now(
    own_client: httpx.AsyncClient, own_plant: tuple[Queries, Clock], by: str, inside: int
) -> None:
    """The shifts now begin an hour earlier, and the line makes something else by default: none
    of the accepted rows has a row of its own by the facts of now."""
    queries, _ = own_plant
    before = await rows(own_client, **INSIDE, by=by)
    assert len(before) == inside
    await freeze(own_client)
    text = PLANT.replace('start: "07:00"', 'start: "06:00"').replace("juice-330", "juice-500")
    assert text != PLANT
    registry_of(queries).apply.plant(text, read_plant(text, "plant.yaml"), NOW)
    after = await rows(own_client, **INSIDE, by=by)
    accepted = [row for row in after if row["planned_busy_time_s"]]
    assert [without(row, "restated") for row in accepted] == before
    changed = [row for row in accepted if row["key"] in ("A", "juice-330")]
    assert changed
    assert all(row["restated"]["planned_busy_time_s"] == 0 for row in changed)
    new = [row for row in after if not row["planned_busy_time_s"]]
    assert len(new) == len(changed)
    assert all(row["restated"]["planned_busy_time_s"] > 0 for row in new)


async def test_a_verdict_stands_since_the_last_period_that_it_looks_at_was_frozen(
    own_client: httpx.AsyncClient, own_plant: tuple[Queries, Clock]
) -> None:
    """M4 looks at all of March, M3 at the second week alone."""
    await freeze(own_client)
    own_plant[1].now = later = NOW + timedelta(hours=1)
    assert (await freeze(own_client, start="2026-03-16", end="2026-03-21")).status_code == 201
    store_of(own_plant[0]).append([gap_told(1, later)])
    await own_client.post(f"{LINE}/corrections", json=AMOUNT)
    after = {it["id"]: it for it in (await get(own_client, MILESTONES))["milestones"]}
    assert after["M3"]["restated"]["since"] == NOW.isoformat()
    assert after["M4"]["restated"]["since"] == later.isoformat()


async def test_what_was_frozen_later_was_not_frozen_then(
    own_client: httpx.AsyncClient, own_plant: tuple[Queries, Clock]
) -> None:
    await own_client.post(f"{LINE}/corrections", json=AMOUNT)
    then = await rows(own_client, **INSIDE)
    own_plant[1].now = NOW + timedelta(hours=1)
    await freeze(own_client)
    (correction,) = await get(own_client, f"{LINE}/corrections")
    gone = {"kind": "withdrawal", "withdraws": correction["id"], "author": "Ann"}
    assert (await own_client.post(f"{LINE}/corrections", json=gone)).status_code == 201
    assert "restated" in (await rows(own_client, **INSIDE))[0]
    known = NOW.isoformat()
    assert await rows(own_client, **INSIDE, as_known_at=known) == then
    assert await get(own_client, f"{LINE}/frozen", as_known_at=known) == []


async def test_a_figure_of_people_is_frozen_with_the_rest(
    own_client: httpx.AsyncClient, own_plant: tuple[Queries, Clock]
) -> None:
    figure = {
        "kind": "figure",
        "element": "inspected_part_count",
        "amount": 5e5,
        "start": "2026-03-09T00:00",
        "end": "2026-03-15T00:00",
        "author": "Ann",
    }
    answer = await own_client.post(f"{LINE}/corrections", json=figure)
    assert answer.status_code == 201, answer.text
    (before,) = await rows(own_client, **INSIDE)
    assert before["first_pass_yield"] is not None
    await freeze(own_client)
    own_plant[1].now = NOW + timedelta(hours=1)
    gone = {"kind": "withdrawal", "withdraws": answer.json()["id"], "author": "Ann"}
    await own_client.post(f"{LINE}/corrections", json=gone)
    (after,) = await rows(own_client, **INSIDE)
    assert without(after, "restated") == before
    assert after["restated"]["first_pass_yield"] is None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"start": "2026-03-09T07:30"}, "start: 2026-03-09T07:30:00+08:00 is not a full hour"),
        ({"end": "2026-03-09T07:00:00.5"}, "is not a full hour"),
        ({"end": "2026-03-25"}, "end: the period ends at 2026-03-26T00:00:00+08:00, which has not"),
        ({"end": "2026-03-08"}, "not after its start"),
        ({"author": " "}, "author: nobody is named"),
        ({"start": "soon"}, "start: 'soon' is not a time"),
        ({"end": "9999-12-31"}, "end: '9999-12-31' is not a time of any"),
    ],
    ids=str,
)
async def test_what_may_not_be_frozen_is_refused(
    own_client: httpx.AsyncClient, change: dict[str, str], said: str
) -> None:
    answer = await freeze(own_client, **change)
    assert answer.status_code == 422
    assert said in answer.json()["detail"]
    assert await get(own_client, f"{LINE}/frozen") == []


async def test_what_is_frozen_is_not_frozen_again(own_client: httpx.AsyncClient) -> None:
    await freeze(own_client)
    answer = await freeze(own_client, start="2026-03-14", end="2026-03-16")
    assert answer.status_code == 422
    assert (
        "2026-03-09T00:00:00+08:00 to 2026-03-15T00:00:00+08:00 is frozen already"
        in (answer.json()["detail"])
    )
    following = await freeze(own_client, start="2026-03-15T00:00", end="2026-03-16T07:00")
    assert following.status_code == 201


async def test_the_page_of_a_milestone_shows_both(own_client: httpx.AsyncClient) -> None:
    page = "/grants/NIFS-2025-017/M4"
    said = {
        "en": "According to what is known now",
        "zh-Hant": "按現時所知",
        "zh-Hans": "按目前所知",
    }
    await freeze(own_client)
    for language, words in said.items():
        assert words not in (await own_client.get(page, params={"lang": language})).text
    await own_client.post(f"{LINE}/corrections", json=AMOUNT)
    for language, words in said.items():
        assert words in (await own_client.get(page, params={"lang": language})).text
    untouched = (await own_client.get("/grants/NIFS-2025-017/M3")).text
    assert said["en"] not in untouched


MEASURED = """\
    measurements:
      fill: {name: {en: Fill weight}, machine: meter, lower_limit: 324, upper_limit: 336,
             subgroup_size: 3}
    roles: {state: filler, total"""


def weights(at: datetime, values: list[float]) -> Any:
    """A value a minute, by a batch that is received when the last one was told."""
    rows: list[dict[str, object]] = [
        {"signal": "measurement.fill", "time": at + timedelta(minutes=n), "value": value}
        for n, value in enumerate(values)
    ]
    record, content = batch(1, sample_frame("filler-1", "meter", rows), agent=f"w{at}{values[0]}")
    return replace(record, received=NOW.astimezone(UTC)), content


async def test_the_capability_of_a_frozen_period_is_what_was_known_of_it(
    own_client: httpx.AsyncClient, own_plant: tuple[Queries, Clock]
) -> None:
    queries, clock = own_plant
    text = PLANT.replace("    roles: {state: filler, total", MEASURED, 1)
    registry_of(queries).apply.plant(text, read_plant(text, "plant.yaml"), NOW)
    tuesday = datetime(2026, 3, 12, 8, tzinfo=ZONE)
    store_of(queries).append([weights(tuesday, [330.0, 331.5, 329.5, 330.5, 329.0, 331.0] * 5)])
    (before,) = await rows(own_client, **INSIDE)
    assert before["process_performance_index"] is not None
    clock.now = NOW + timedelta(minutes=10)
    assert (await freeze(own_client)).status_code == 201
    clock.now = NOW + timedelta(hours=1)
    record, content = weights(tuesday + timedelta(hours=2), [335.0, 325.0, 333.0] * 4)
    late = replace(record, received=clock.now.astimezone(UTC))
    store_of(queries).append([(late, content)])
    (after,) = await rows(own_client, **INSIDE)
    index = "process_performance_index"
    assert after[index] == before[index]
    assert after["restated"][index] < before[index]
