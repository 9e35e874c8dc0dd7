"""`/alerts` as its people use it, the same by the API, and where else an alert is seen."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from raised import raise_alert, stopped
from signing_in import asking, send, sign_in
from stopped_line import LINE, at, stopped_line
from web_plant import Clock, app_of, filled_queries, registry_of, store_of

from api.queries.lines import Queries
from domain.alerts import AlertCause, AlertKind, StandingCauses
from store.registry.audit import AuditFilter
from store.registry.line_work.alerts import ToldTo
from store.registry.project_work.outbox import Channel, Recipient

STOP = stopped(LINE, at(20))
OEE = AlertCause(LINE, AlertKind.OEE, 0.5, at(-400), 0.4, "")
PACKER = stopped("packer-1", at(1))
GONE = stopped("old-line", at(1))


def nobody(_cause: AlertCause) -> tuple[Recipient, ...]:
    return ()


def stand(queries: Queries, *causes: AlertCause, told_to: ToldTo = nobody) -> list[int]:
    kept = registry_of(queries).keep_alerts
    return [it.number for it in kept.follow(StandingCauses(causes), told_to, queries.now())]


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Queries, Clock]]:
    clock = Clock()
    found = stopped_line(tmp_path_factory.mktemp("stopped"), clock)
    yield found, clock
    store_of(found).close()
    registry_of(found).close()


@pytest.fixture
def queries(plant: tuple[Queries, Clock]) -> Queries:
    """Nothing stands, and every alert of before ended an hour ago."""
    found, clock = plant
    clock.now = at(22) - timedelta(hours=1)
    stand(found)
    clock.now = at(22)
    return found


@pytest.fixture
async def client(queries: Queries) -> AsyncIterator[httpx.AsyncClient]:
    async with asking(app_of(queries, version="1", live_interval_s=0.01)) as client:
        yield client


async def sent(client: httpx.AsyncClient, **fields: str) -> httpx.Response:
    return await send(client, "/account", "/alerts", **fields)


async def test_one_touch_acknowledges_it_by_name(
    client: httpx.AsyncClient, queries: Queries
) -> None:
    number, _ = stand(queries, STOP, PACKER)
    await sign_in(client, "wong")
    page = (await client.get("/alerts")).text
    for shown in (
        "Filling line 1: Fault since 25 Mar 2026 14:20, for longer than 10 mins.",
        "Stopped for too long",
        f'name="number" value="{number}"',
        'Alerts <b class="waiting">1</b>',  # wong sees line 1 alone
    ):
        assert shown in page
    assert "Case packer" not in page
    answer = await sent(client, number=str(number), note="<i>belt</i>")
    assert (answer.status_code, answer.headers["location"]) == (303, "/alerts")
    page = (await client.get("/alerts")).text
    assert "Acknowledged: wong · 25 Mar 2026 14:22" in page
    assert "&lt;i&gt;belt&lt;/i&gt;" in page
    assert 'class="waiting"' not in page
    assert f'name="number" value="{number}"' not in page
    again = await sent(client, number=str(number))
    assert (again.status_code, "wong has acknowledged" in again.text) == (422, True)
    told = registry_of(queries).audit.page(AuditFilter(who="wong", what="change"), limit=1)
    assert told[0].event.place == f"/alerts: {number}"
    stand(queries)
    page = (await client.get("/alerts")).text
    assert "No alert waits for anybody." in page
    assert "wong · 25 Mar 2026 14:22" in page


async def test_who_may_only_see_or_not_even_that(
    client: httpx.AsyncClient, queries: Queries
) -> None:
    stop, packer = stand(queries, *(replace(it, since=at(11)) for it in (STOP, PACKER)))
    await sign_in(client, "wong")
    for number in ("", "x", "0", "-1", "9" * 30, "²"):
        assert (await sent(client, number=number)).status_code == 422
    assert (await sent(client, number=str(packer))).status_code == 404
    assert (await sent(client, number="9999")).status_code == 404
    await sign_in(client, "lee")  # an officer
    page = (await client.get("/alerts")).text
    assert "Case packer" in page
    assert 'name="number"' not in page
    assert (await sent(client, number=str(stop))).status_code == 403


async def test_programs_have_the_same(client: httpx.AsyncClient, queries: Queries) -> None:
    lee = Recipient(Channel.MAIL, "lee@tko.example", "en")
    (number,) = stand(queries, OEE, told_to=lambda _cause: (lee,))
    await sign_in(client, "wong")
    (alert,) = (await client.get("/api/v1/alerts")).json()["open"]
    assert alert == {
        "number": number, "line": LINE, "kind": "oee_under", "limit": 0.5, "value": 0.4,
        "what": "", "measurement": None, "since": "2026-03-25T07:20:00+08:00", "state": "open",
        "raised_at": "2026-03-25T14:22:00+08:00", "ended_at": None, "acknowledged_by": None,
        "acknowledged_at": None, "note": None,
        "messages": {"sent": 0, "waiting": 1, "failed": 0, "error": ""},
    }  # fmt: skip
    page = (await client.get("/alerts", params={"lang": "zh-Hant"})).text
    assert "OEE 最多為 40.0%，低於 50.0%" in page
    assert "1 位尚未通知" in page
    path = f"/api/v1/alerts/{number}/acknowledgement"
    token = (await client.get("/account")).text.split('name="form_token" value="')[1].split('"')[0]
    headers = {"x-form-token": token}
    refused = await client.post(path, json={"author": "ho"}, headers=headers)
    assert refused.status_code in (403, 422)


async def test_an_open_node_and_a_line_that_is_gone(tmp_path: Path) -> None:
    found = filled_queries(tmp_path, Clock())
    number = raise_alert(registry_of(found), GONE, found.now()).number
    stand(found, STOP)
    async with asking(app_of(found, version="1")) as client:
        found_now = (await client.get("/api/v1/alerts")).json()
        assert [(it["number"], it["line"]) for it in found_now["ended"]] == [(number, "old-line")]
        path = f"/api/v1/alerts/{found_now['open'][0]['number']}/acknowledgement"
        assert (await client.post(path, json={"note": "x"})).status_code == 422
        answer = await client.post(path, json={"note": "x", "author": "Wong"})
        assert (answer.status_code, answer.json()["acknowledged_by"]) == (201, "Wong")
        assert answer.json()["state"] == "acknowledged"
        page = (await client.get("/alerts")).text
        assert "old-line: Fault since" in page
    store_of(found).close()
    registry_of(found).close()


async def test_it_is_on_the_floor_and_on_the_line(
    client: httpx.AsyncClient, queries: Queries
) -> None:
    stand(queries, replace(STOP, since=at(12)), OEE)
    await sign_in(client, "boss")
    floor = (await client.get("/floor")).text
    assert "Stopped for too long, OEE too low" in floor
    line = (await client.get(f"/lines/{LINE}")).text
    assert '<a class="notice warn" href="/alerts">' in line
    assert "Stopped for too long, OEE too low" in line
    live = (await client.get(f"/api/v1/lines/{LINE}")).json()
    assert [(it["kind"], it["state"]) for it in live["alerts"]] == [
        ("stopped_longer_than_s", "open"), ("oee_under", "open"),
    ]  # fmt: skip
