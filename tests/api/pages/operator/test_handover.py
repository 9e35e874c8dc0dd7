"""`/lines/{line}/handover` as its people use it, and the same by the API."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import httpx
import pytest
from signing_in import asking, send, sign_in
from stopped_line import FIRST, LINE, at, stopped_line, take_back
from web_plant import NOW, Clock, app_of, registry_of, store_of

from api.queries.lines import Queries
from api.records.corrections import Draft, record
from store.registry.audit import AuditFilter

HERE = f"/lines/{LINE}/handover"
SHIFT = at(10).isoformat()


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Queries, Clock]]:
    clock = Clock()
    found = stopped_line(tmp_path_factory.mktemp("stopped"), clock)
    take_back(found)
    yield found, clock
    store_of(found).close()
    registry_of(found).close()


@pytest.fixture
async def client(plant: tuple[Queries, Clock]) -> AsyncIterator[httpx.AsyncClient]:
    async with asking(app_of(plant[0], version="1")) as client:
        yield client


async def sent(client: httpx.AsyncClient, action: str, **fields: str) -> httpx.Response:
    return await send(client, "/account", HERE, action=action, shift=SHIFT, **fields)


async def test_two_shifts_hand_over(
    client: httpx.AsyncClient, plant: tuple[Queries, Clock]
) -> None:
    queries, clock = plant
    clock.now = NOW - timedelta(minutes=10)
    await sign_in(client, "wong")
    assert f'href="{HERE}"' in (await client.get(f"/lines/{LINE}")).text
    early = (await client.get(HERE)).text
    assert "in the last hour of the shift" in early
    assert "I leave this shift" not in early
    clock.now = at(22)
    wrong = await sent(client, "note", text=" ")
    assert (wrong.status_code, "the note is empty" in wrong.text) == (422, True)
    answer = await sent(client, "note", text="<i>belt</i> slips")
    assert answer.status_code == 303
    page = (await client.get(answer.headers["location"])).text
    for shown in ("&lt;i&gt;belt&lt;/i&gt; slips", "no reason given", "3 of 4"):
        assert shown in page
    assert (await sent(client, "leaving", notes_seen="1")).status_code == 303
    again = await sent(client, "taking_over", notes_seen="1")
    assert (again.status_code, "between two people" in again.text) == (422, True)
    await sign_in(client, "ho")
    assert (await sent(client, "taking_over", notes_seen="1")).status_code == 303
    page = (await client.get(HERE)).text
    assert "Both have signed" in page
    assert "Figures have changed" not in page
    assert "Add the note" not in page
    given = Draft("reason", "ho", FIRST.isoformat(), at(10).isoformat(), reason="jam")
    record(queries, registry_of(queries).record, LINE, given, "later")
    page = (await client.get(HERE)).text
    assert "Figures have changed" in page
    assert page.count("3 of 4") == 1
    assert '<b class="differs">2 of 4' in page
    told = registry_of(queries).audit.page(AuditFilter(who="ho", what="change"), limit=1)
    assert told[0].event.place == f"{HERE}: taking_over {SHIFT}"


async def test_whoever_may_only_read_chooses_a_day(
    client: httpx.AsyncClient, plant: tuple[Queries, Clock]
) -> None:
    plant[1].now = at(22)
    await sign_in(client, "lee")
    page = (await client.get(HERE, params={"day": "2026-03-24"})).text
    for shown in ('aria-current="true">B', ">A <", "24 Mar 2026", "15:00–23:00"):
        assert shown in page
    assert "Add the note" not in page
    for day in ("2026-03-26", "2026-03-99"):
        assert (await client.get(HERE, params={"day": day})).status_code == 422
    assert (await sent(client, "note", text="x")).status_code == 403


async def test_the_same_by_the_api(client: httpx.AsyncClient, plant: tuple[Queries, Clock]) -> None:
    plant[1].now = at(22)
    path, shift = f"/api/v1/lines/{LINE}/handover", (at(10) - timedelta(days=1)).isoformat()
    await sign_in(client, "wong")
    given = {"shift": shift, "text": "by a program"}
    answer = await client.post(f"{path}/notes", json=given | {"author": "ho"})
    assert (answer.status_code, "'wong' is signed in" in answer.text) == (422, True)
    assert (await client.post(f"{path}/notes", json=given)).status_code == 201
    side = {"shift": shift, "side": "leaving", "notes_seen": 1}
    made = (await client.post(f"{path}/signatures", json=side)).json()
    assert [it["author"] for it in made["signatures"]] == ["wong"]
    answer = (await client.get(path, params={"shift": shift})).json()
    assert answer == made
    assert (answer["shift"], answer["notes"][0]["text"], answer["is_kept"]) == (
        "A", "by a program", False,
    )  # fmt: skip
