"""What a node holds of a person, over HTTP: listed, and erased so that no answer has the name."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
from node_app import bearer
from signing_in import asking, with_accounts
from telemetry import facts
from web_plant import NOW, Clock, app_of

from api.queries.lines import Queries
from api.records.corrections import Draft, record
from domain.access import Assignment
from domain.time import Window
from store.registry.audit import AuditFilter, Done
from store.registry.registry import Registry

NAME = "chan"  # an operator: signing_in
API = "/api/v1"
DRAFT = Draft("figure", NAME, "2026-03-24T08:00", "2026-03-24T09:00",
              element="inspected_part_count", amount=10.0, comment="as chan counted")  # fmt: skip


@pytest.fixture
def registry(own_plant: tuple[Queries, Clock]) -> Registry:
    """With accounts, and a correction by NAME."""
    found = with_accounts(own_plant[0])
    record(own_plant[0], found.record, "filler-1", DRAFT, "c-1")
    return found


@pytest.fixture
async def client(
    own_plant: tuple[Queries, Clock], registry: Registry
) -> AsyncIterator[httpx.AsyncClient]:
    """A program of an administrator."""
    roles = [Assignment.parse("administrator")]
    token = registry.tokens.add("it", roles, NOW + timedelta(days=1), NOW, by="boss")
    async with asking(app_of(own_plant[0], version="1")) as found:
        found.headers.update(bearer(token) | {"accept": "application/json"})
        yield found


def audited(registry: Registry) -> list[tuple[str, str]]:
    """What was told of whom or what, the newest first."""
    return [(it.event.who, it.event.place) for it in registry.audit.all(AuditFilter())]


async def test_all_that_is_held_is_a_download_that_the_audit_tells(
    client: httpx.AsyncClient, registry: Registry
) -> None:
    answer = await client.get(f"{API}/users/{NAME}/data")
    assert answer.headers["content-disposition"] == 'attachment; filename="personal-data.json"'
    assert answer.headers["cache-control"] == "no-store"
    document = answer.json()
    assert document["names"] == [NAME, "Chan"]
    (correction,) = [it["row"] for it in document["held"] if it["column"] == "author"]
    assert (correction["line"], correction["start"]) == ("filler-1", "2026-03-24T08:00:00+08:00")
    assert {it["place"] for it in document["audit"]} == {NAME}
    assert document["needed_by"] == []
    assert "argon2" not in answer.text
    assert audited(registry)[0] == ("token:it", f"GET {API}/users/{NAME}/data")


async def test_after_an_erasure_no_answer_has_the_name(
    client: httpx.AsyncClient, registry: Registry
) -> None:
    """Neither that of what was cached before, nor the row that tells the erasure."""
    before = (await client.get(f"{API}/lines/filler-1/corrections")).json()
    assert before[0]["author"] == NAME
    await client.get(f"{API}/users/{NAME}/data")
    enabled = await client.post(f"{API}/users/{NAME}/erase")
    assert enabled.status_code == 409
    await client.post(f"{API}/users/{NAME}/disable", json={})
    answer = await client.post(f"{API}/users/{NAME}/erase")
    assert answer.status_code == 200, answer.text
    reference = answer.json()["reference"]
    paths = ("lines/filler-1/corrections", "corrections/c-1", "users", "tokens", "audit?limit=1000")
    for path in paths:
        found = await client.get(f"{API}/{path}")
        assert found.status_code == 200
        assert re.search(rf"\b{NAME}\b", found.text, re.IGNORECASE) is None
    after = (await client.get(f"{API}/lines/filler-1/corrections")).json()
    assert after[0] == before[0] | {"author": reference, "comment": f"as {reference} counted"}
    assert list(registry.audit.faults()) == []
    assert audited(registry)[0] == ("token:it", f"erasure of {reference}")
    gone = await client.post(f"{API}/users/{NAME}/erase")
    assert gone.status_code == 404


async def test_refusals_that_were_only_counted_are_erased_too(
    client: httpx.AsyncClient, registry: Registry
) -> None:
    """They become rows before the name goes, and not after."""
    roles = [Assignment.parse("operator")]
    token = registry.tokens.add("few", roles, NOW + timedelta(days=1), NOW, by="boss")
    for _ in range(3):
        path = f"{API}/users/{NAME}/reset"
        assert (await client.post(path, json={}, headers=bearer(token))).status_code == 403
    registry.accounts.disable(NAME, NOW)
    await client.post(f"{API}/users/{NAME}/erase")
    rows = (await client.get(f"{API}/audit", params={"what": Done.REFUSED})).json()
    assert [it["count"] for it in rows] == [2, 1]
    assert all(NAME not in it["place"] for it in rows)


async def test_what_an_accepted_period_needs_is_refused_with_its_name(
    client: httpx.AsyncClient, registry: Registry
) -> None:
    start = NOW.replace(day=24, hour=8, minute=0)
    window = Window(start, start + timedelta(hours=2))
    kept = facts([(window.start, window.end)])
    registry.record.freeze("filler-1", window, kept, "Ho", NOW + timedelta(days=1), lambda _: None)
    registry.accounts.disable(NAME, NOW)
    answer = await client.post(f"{API}/users/{NAME}/erase")
    assert answer.status_code == 422
    assert (
        "the accepted period of filler-1 from 2026-03-24T08:00+08:00 to 2026-03-24T10:00+08:00 "
        "needs the name: its figures rest on the correction c-1"
    ) in answer.json()["detail"]
    document = (await client.get(f"{API}/users/{NAME}/data")).json()
    assert [it["line"] for it in document["needed_by"]] == ["filler-1"]


async def test_of_nobody_nothing_is_held(client: httpx.AsyncClient) -> None:
    for answer in (
        await client.get(f"{API}/users/nobody/data"),
        await client.post(f"{API}/users/nobody/erase"),
    ):
        assert answer.status_code == 404
        assert "nothing is held of 'nobody'" in answer.json()["detail"]
