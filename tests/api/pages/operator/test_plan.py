"""`/lines/{line}/plan`, as a supervisor and as who may only see it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from signing_in import PASSWORD, asking, send, sign_in
from web_plant import Clock, app_of, registry_of

from api.queries.lines import Queries
from domain.access import Assignment
from store.registry.audit import AuditFilter

PLAN = "/lines/filler-1/plan"
GIVEN = {
    "action": "add", "class": "closed", "start": "2026-04-01T07:00", "end": "2026-04-01T15:00",
    "reason": "<i>typhoon</i>",
}  # fmt: skip


@pytest.fixture
def queries(own_plant: tuple[Queries, Clock]) -> Queries:
    found = own_plant[0]
    accounts = registry_of(found).accounts
    for name, role in (
        ("boss", "administrator"), ("wong", "operator"), ("chan", "supervisor@line:filler-1"),
    ):  # fmt: skip
        accounts.add(name, name.title(), [Assignment.parse(role)], found.now())
        accounts.set_password(name, PASSWORD)
    return found


@pytest.fixture
async def client(queries: Queries) -> AsyncIterator[httpx.AsyncClient]:
    app = app_of(queries, version="1", new_id=lambda: "e1")
    async with asking(app) as client:
        yield client


def held(queries: Queries) -> int:
    found = registry_of(queries).plants.of_line("filler-1").lines["filler-1"].calendar
    assert found is not None
    return len(found.exceptions)


async def test_a_supervisor_enters_an_exception_and_withdraws_it(
    client: httpx.AsyncClient, queries: Queries
) -> None:
    await sign_in(client, "chan")
    assert f'href="{PLAN}"' in (await client.get("/lines/filler-1")).text
    answer = await send(client, PLAN, PLAN, **GIVEN)
    assert (answer.status_code, answer.headers["location"]) == (303, PLAN)
    assert held(queries) == 1
    page = (await client.get(PLAN)).text
    for shown in ("Closed", "&lt;i&gt;typhoon&lt;/i&gt;", "chan", "1 Apr 2026"):
        assert shown in page
    told = registry_of(queries).audit.page(AuditFilter(who="chan", what="change"), limit=1)
    assert told[0].event.place == f"{PLAN}: add"
    wrong = await send(client, PLAN, PLAN, **(GIVEN | {"end": "2026-04-01T06:00"}))
    assert wrong.status_code == 422
    assert "not after its start" in wrong.text
    app_says = await send(client, PLAN, PLAN, action="withdraw", identity="e9")
    assert app_says.status_code == 404
    assert held(queries) == 1


async def test_an_operator_sees_it_and_changes_nothing(
    client: httpx.AsyncClient, queries: Queries
) -> None:
    await sign_in(client, "wong")
    page = await client.get(PLAN)
    assert page.status_code == 200
    assert 'name="class"' not in page.text
    answer = await send(client, PLAN, PLAN, **GIVEN)
    assert answer.status_code == 403
    assert held(queries) == 0


async def test_a_form_from_elsewhere_changes_nothing(
    client: httpx.AsyncClient, queries: Queries
) -> None:
    await sign_in(client, "chan")
    answer = await client.post(PLAN, data=GIVEN | {"form_token": "guessed"})
    assert answer.status_code == 403
    assert held(queries) == 0
