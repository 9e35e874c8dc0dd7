"""`/changes/{ref}`: asked by the company, decided by an officer, in three languages."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from signing_in import PASSWORD, asking, send, sign_in
from web_plant import GRANT, Clock, app_of, registry_of

from api.queries.lines import Queries
from domain.access import Assignment
from store.files.grant import read_grant

REF = "NIFS-2025-017"
PAGE = f"/changes/{REF}"
ASK = {
    "action": "ask", "kind": "budget", "milestone": "", "source": "filler-1/meter", "old": "",
    "new": "55000000", "reason": "<i>dearer</i>", "replaced_at": "",
}  # fmt: skip


@pytest.fixture
def queries(own_plant: tuple[Queries, Clock]) -> Queries:
    found = own_plant[0]
    accounts = registry_of(found).accounts
    for name, role in (
        ("boss", "administrator"), ("lee", "supervisor@line:filler-1"), ("aud", "auditor"),
        ("chan", "officer@scheme:NIFS"),
    ):  # fmt: skip
        accounts.add(name, name.title(), [Assignment.parse(role)], found.now())
        accounts.set_password(name, PASSWORD)
    return found


@pytest.fixture
async def client(queries: Queries) -> AsyncIterator[httpx.AsyncClient]:
    async with asking(app_of(queries, version="1")) as client:
        yield client


async def test_a_budget_is_asked_for_approved_and_carried_out(
    client: httpx.AsyncClient, queries: Queries
) -> None:
    await sign_in(client, "lee")
    assert f'href="{PAGE}"' in (await client.get(f"/grants/{REF}")).text
    assert "Nobody has asked for a change." in (await client.get(PAGE)).text
    assert (await send(client, PAGE, PAGE, **ASK)).status_code == 303
    page = (await client.get(PAGE)).text
    assert "HK$54,000,000 → HK$55,000,000" in page
    assert "&lt;i&gt;dearer" in page
    assert 'value="approve"' not in page
    await sign_in(client, "chan")
    page = (await client.get(PAGE)).text
    assert 'value="ask"' not in page
    decided = {"action": "approve", "number": "1", "reason": "so it is"}
    assert (await send(client, PAGE, PAGE, **decided)).status_code == 303
    page = (await client.get(PAGE)).text
    assert "No version of the grant file names it yet." in page
    text = GRANT.replace("approved_cost_hkd: 54000000", "approved_cost_hkd: 55000000")
    text += "\nchange_requests: [1]\n"
    now = queries.now()
    registry_of(queries).apply.project(text, read_grant(text, "grant.yaml"), now)
    for tag, words in (
        ("en", ("Budget", "Approved", "Carried out by version 2 of the grant file")),
        ("zh-Hant", ("預算", "已批准", "已由資助文件第 2 版落實")),
        ("zh-Hans", ("预算", "已批准", "已由资助文件第 2 版落实")),
    ):
        page = (await client.get(PAGE, params={"lang": tag})).text
        for word in words:
            assert word in page


async def test_a_meter_and_what_is_refused(client: httpx.AsyncClient, queries: Queries) -> None:
    await sign_in(client, "lee")
    meter = {"kind": "equipment", "old": "EM-7", "new": "EM-9", "milestone": "M1"}
    wrong = await send(client, PAGE, PAGE, **(ASK | meter))
    assert (wrong.status_code, "names line, machine and when" in wrong.text) == (422, True)
    at = {"replaced_at": "2026-03-20T09:00"}
    assert (await send(client, PAGE, PAGE, **(ASK | meter | at))).status_code == 303
    (request,) = queries.change_requests(REF)
    assert (request.line, request.machine, request.milestone) == ("filler-1", "meter", "")
    for action, status in (("approve", 403), ("refuse", 403), ("burn", 422)):
        sent = {"action": action, "number": "1", "reason": "x"}
        assert (await send(client, PAGE, PAGE, **sent)).status_code == status
    await sign_in(client, "chan")
    assert (await send(client, PAGE, PAGE, **ASK)).status_code == 403
    for number in ("", "x", "9" * 30, "2"):
        sent = {"action": "approve", "number": number}
        assert (await send(client, PAGE, PAGE, **sent)).status_code in (404, 422)
    assert queries.change_requests(REF) == [request]
