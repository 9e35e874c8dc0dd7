"""`/approvals`, as a supervisor and as who may not."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from signing_in import PASSWORD, asking, send, sign_in
from web_plant import Clock, app_of, registry_of

from api.queries.lines import Queries
from api.records.corrections import Draft, record
from domain.access import Assignment
from store.registry.audit import AuditFilter

LATE = Draft(
    kind="quantity", author="wong", start="2026-03-24T08:00", end="2026-03-24T10:00",
    element="good_count", amount=1000, comment="<b>counted</b> by hand",
)  # fmt: skip


@pytest.fixture
def queries(own_plant: tuple[Queries, Clock]) -> Queries:
    """Wong, an operator, asks; Chan is a supervisor there, Ho elsewhere."""
    found = own_plant[0]
    accounts = registry_of(found).accounts
    for name, role in (
        ("boss", "administrator"), ("wong", "operator@line:filler-1"),
        ("chan", "supervisor@line:filler-1"), ("ho", "supervisor@line:packer-1"),
    ):  # fmt: skip
        accounts.add(name, name.title(), [Assignment.parse(role)], found.now())
        accounts.set_password(name, PASSWORD)
    record(found, registry_of(found).record, "filler-1", LATE, "c1", may_approve=False)
    return found


@pytest.fixture
async def client(queries: Queries) -> AsyncIterator[httpx.AsyncClient]:
    async with asking(app_of(queries, version="1")) as client:
        yield client


def is_in_force(queries: Queries) -> bool:
    return bool(registry_of(queries).facts_basis.line_corrections("filler-1").in_force)


async def test_a_supervisor_sees_who_asks_what_and_why_and_approves(
    client: httpx.AsyncClient, queries: Queries
) -> None:
    await sign_in(client, "chan")
    assert 'href="/approvals"' in (await client.get("/floor")).text
    page = (await client.get("/approvals")).text
    for shown in ("Counted amount: good_count = 1,000", "wong", "Filling line 1", "24 Mar 2026"):
        assert shown in page
    assert "&lt;b&gt;counted&lt;/b&gt; by hand" in page
    answer = await send(client, "/approvals", "/approvals", action="approve", identity="c1")
    assert (answer.status_code, answer.headers["location"]) == (303, "/approvals")
    assert is_in_force(queries)
    assert "Nothing waits for approval." in (await client.get("/approvals")).text
    told = registry_of(queries).audit.page(AuditFilter(who="chan", what="change"), limit=1)
    assert told[0].event.place == "/approvals: approve c1"


async def test_a_refusal_needs_a_comment(client: httpx.AsyncClient, queries: Queries) -> None:
    await sign_in(client, "chan")
    bare = await send(client, "/approvals", "/approvals", action="refuse", identity="c1")
    assert bare.status_code == 422
    assert "a refusal must say why" in bare.text
    assert "by hand" in bare.text
    said = {"action": "refuse", "identity": "c1", "comment": "the sheet says 900"}
    assert (await send(client, "/approvals", "/approvals", **said)).status_code == 303
    assert not is_in_force(queries)
    (_, refusal) = registry_of(queries).records.corrections("filler-1")
    assert (refusal.author, refusal.comment) == ("chan", "the sheet says 900")


async def test_nobody_approves_the_own_correction_whatever_role_they_got_since(
    client: httpx.AsyncClient, queries: Queries
) -> None:
    registry_of(queries).accounts.set_assignments("wong", [Assignment.parse("supervisor")])
    await sign_in(client, "wong")
    answer = await send(client, "/approvals", "/approvals", action="approve", identity="c1")
    assert answer.status_code == 403
    assert "made the correction c1 and cannot decide about it" in answer.text
    assert not is_in_force(queries)


async def test_of_a_line_elsewhere_nothing_is_shown_or_decided(
    client: httpx.AsyncClient, queries: Queries
) -> None:
    await sign_in(client, "ho")
    assert "Nothing waits for approval." in (await client.get("/approvals")).text
    # The form of the page that everybody has: this one has none.
    answer = await send(client, "/account", "/approvals", action="approve", identity="c1")
    assert answer.status_code == 404
    assert "wong" not in answer.text
    assert not is_in_force(queries)


async def test_an_operator_has_no_such_page(client: httpx.AsyncClient, queries: Queries) -> None:
    await sign_in(client, "wong")
    assert 'href="/approvals"' not in (await client.get("/floor")).text
    assert (await client.get("/approvals")).status_code == 403


async def test_a_form_from_elsewhere_decides_nothing(
    client: httpx.AsyncClient, queries: Queries
) -> None:
    await sign_in(client, "chan")
    fields = {"form_token": "guessed", "action": "approve", "identity": "c1"}
    assert (await client.post("/approvals", data=fields)).status_code == 403
    assert not is_in_force(queries)


async def test_an_unknown_action_is_refused(client: httpx.AsyncClient, queries: Queries) -> None:
    await sign_in(client, "chan")
    answer = await send(client, "/approvals", "/approvals", action="delete", identity="c1")
    assert answer.status_code == 422
    assert not is_in_force(queries)
