"""What requests tell the audit, and that nobody fills it by being refused."""

from __future__ import annotations

from datetime import timedelta

import pytest
from signing_in import PASSWORD, asking, send, sign_in, with_accounts
from web_plant import Clock, app_of

from api.http.access.audit_trail import ROWS_A_MINUTE, TOGETHER_S, Refusals
from api.queries.lines import Queries
from domain.access import Assignment
from store.registry.audit import AuditFilter, Done, Event
from store.registry.registry import Registry

REFUSED = Event(Done.REFUSED, "", "192.0.2.7", "GET /floor", "401")


@pytest.fixture
def registry(own_plant: tuple[Queries, Clock]) -> Registry:
    return with_accounts(own_plant[0])


def told(registry: Registry) -> list[tuple[str, str, str, str]]:
    """Who, what, where, how: the oldest first, without those of the accounts themselves."""
    events = [it.event for it in registry.audit.all(AuditFilter()) if it.event.what != Done.ACCOUNT]
    return [(it.who, it.what, it.place, it.outcome) for it in reversed(events)]


async def test_signing_in_and_out_and_refusals_are_told_and_nothing_secret(
    own_plant: tuple[Queries, Clock], registry: Registry
) -> None:
    version = registry.version
    async with asking(app_of(own_plant[0], version="1"), "192.0.2.7") as client:
        await client.get("/floor")
        await sign_in(client, "chan", password="wrong-pass-word")
        await sign_in(client, PASSWORD, password="chan")
        await sign_in(client)
        await client.get("/floor")
        await client.get("/grants")
        await send(client, "/floor", "/sign-out")
    assert told(registry) == [
        ("", "refused", "GET /floor", "401"),
        ("chan", "sign-in", "", "wrong"),
        ("", "sign-in", "", "wrong"),
        ("chan", "sign-in", "", "done"),
        ("chan", "refused", "GET /grants", "403"),
        ("chan", "sign-out", "", "done"),
    ]
    rows = str(list(registry.audit.all(AuditFilter())))
    assert PASSWORD not in rows
    assert "wrong-pass-word" not in rows
    assert {it.event.address for it in registry.audit.all(AuditFilter(what=Done.SIGN_IN))} == {
        "192.0.2.7"
    }
    assert registry.version == version


async def test_a_change_is_told_with_who_made_it_and_where(
    own_plant: tuple[Queries, Clock], registry: Registry
) -> None:
    now = own_plant[1]()
    roles = [Assignment.parse("officer")]
    token = registry.tokens.add("report", roles, now + timedelta(days=1), now, by="boss")
    path = "/api/v1/lines/filler-1/frozen"
    async with asking(app_of(own_plant[0], version="1")) as client:
        client.headers["authorization"] = f"Bearer {token}"
        answer = await client.post(path, json={"start": "2026-03-02", "end": "2026-03-02"})
        assert answer.status_code in (200, 201), answer.text
        await client.post(path, json={})
    assert told(registry)[1:] == [("token:report", "change", f"POST {path}", "done")]
    assert token not in str(list(registry.audit.all(AuditFilter())))


async def test_line_breaks_and_control_sequences_of_a_path_stay_in_their_row(
    own_plant: tuple[Queries, Clock], registry: Registry
) -> None:
    async with asking(app_of(own_plant[0], version="1")) as client:
        await client.get("/lines/x%0d%0aBoss%20signed%20in%1b%5b2J%c2%9b2J")
    assert told(registry)[0][2] == "GET /lines/x\\x0d\\x0aBoss signed in\\x1b[2J\\x9b2J"


def test_repeated_refusals_become_one_more_row_with_their_count() -> None:
    now = [0.0]
    refusals = Refusals(lambda: now[0])
    assert refusals.rows(REFUSED) == [REFUSED]
    assert [refusals.rows(REFUSED) for _ in range(1000)] == [[]] * 1000
    now[0] = TOGETHER_S
    counted, again = refusals.rows(REFUSED)
    assert (counted.count, again.count) == (1000, 1)
    refusals.rows(REFUSED)
    assert [it.count for it in refusals.due(all_of_them=True)] == [1]
    assert refusals.due(all_of_them=True) == []


def test_many_strangers_have_few_rows_a_minute() -> None:
    now = [0.0]
    refusals = Refusals(lambda: now[0])
    rows = 0
    for number in range(100_000):
        now[0] += 0.01
        event = Event(Done.REFUSED, f"name {number}", f"2001:db8:{number:x}::/64", "x", "401")
        rows += len(refusals.rows(event))
    minutes = now[0] / TOGETHER_S + 1
    assert rows <= 2 * (ROWS_A_MINUTE + 1) * minutes
