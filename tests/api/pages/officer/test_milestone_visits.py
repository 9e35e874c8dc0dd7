"""Site visits on a milestone's page: a form without a script, shown in three languages."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
from browser import chromium, serving, visit
from playwright.sync_api import Browser, Page
from signing_in import PASSWORD, asking, send, sign_in
from web_plant import Clock, app_of, on_board, registry_of

from api.queries.lines import Queries
from api.records.milestone_steps import declare_conflict
from domain.access import Assignment

REF = "NIFS-2025-017"
PAGE = f"/grants/{REF}/M3"
VISIT = {
    "line": "filler-1",
    "kind": "planned",
    "visited_at": "2026-03-24T10:00",
    "note": "<b>as announced</b>",
    "source_1": "filler/total_count",
    "read_at_1": "2026-03-24T10:12",
    "value_1": "7",
    "read_by_1": "Lee",
    "source_2": "meter/energy",
    "source_3": "meter/energy",
}


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
    async with asking(app_of(on_board(queries), version="1")) as client:
        yield client


async def test_an_officer_enters_one_and_everybody_sees_what_was_sealed(
    client: httpx.AsyncClient, queries: Queries
) -> None:
    await sign_in(client, "chan")
    page = (await client.get(PAGE)).text
    assert "Nobody has visited it yet." in page
    sources = re.findall(r'<option value="(\w+/\w+)"', page)
    assert set(sources) >= {"filler/total_count", "filler/good_count", "meter/energy"}
    assert "filler/state" not in sources
    answer = await send(client, PAGE, f"{PAGE}/visits", **VISIT)
    assert answer.status_code == 303
    assert answer.headers["location"] == PAGE
    (kept,) = queries.site_visits(REF)
    assert (kept.author, kept.milestone, len(kept.readings)) == ("chan", "M3", 1)
    await sign_in(client, "aud")
    for tag, words in (
        ("en", ("Planned visit", "Differs from what was sealed", "outside it by −")),
        ("zh-Hant", ("預先安排的巡查", "與封存數據不符", "超出範圍")),
        ("zh-Hans", ("计划内巡查", "与封存数据不符", "超出范围")),
    ):
        page = (await client.get(PAGE, params={"lang": tag})).text
        for word in words:
            assert word in page
        assert "&lt;b&gt;as announced" in page
        assert "Lee" in page
        assert 'name="visited_at"' not in page


async def test_one_that_was_entered_wrongly_is_withdrawn_and_stays(
    client: httpx.AsyncClient, queries: Queries
) -> None:
    await sign_in(client, "chan")
    await send(client, PAGE, f"{PAGE}/visits", **VISIT)
    assert "Withdraw this visit" in (await client.get(PAGE)).text
    wrong = {"visit": "x", "reason": "it was another line"}
    assert (await send(client, PAGE, f"{PAGE}/withdrawals", **wrong)).status_code == 422
    answer = await send(client, PAGE, f"{PAGE}/withdrawals", **{**wrong, "visit": "1"})
    assert (answer.status_code, answer.headers["location"]) == (303, PAGE)
    page = (await client.get(PAGE)).text
    assert "by chan: it was another line" in page
    assert "Withdraw this visit" not in page
    assert "Differs from what was sealed" in page
    (kept,) = queries.site_visits(REF)
    assert kept.withdrawn is not None


async def test_the_company_and_who_has_a_conflict_find_no_form(
    client: httpx.AsyncClient, queries: Queries
) -> None:
    await sign_in(client, "lee")
    assert 'name="visited_at"' not in (await client.get(PAGE)).text
    assert (await send(client, PAGE, f"{PAGE}/visits", **VISIT)).status_code == 403
    await sign_in(client, "chan")
    assert 'name="visited_at"' in (await client.get(PAGE)).text
    declare_conflict(queries, registry_of(queries).take, REF, "a cousin", "chan")
    assert 'name="visited_at"' not in (await client.get(PAGE)).text
    refused = await send(client, PAGE, f"{PAGE}/visits", **VISIT)
    assert (refused.status_code, queries.site_visits(REF)) == (403, [])
    assert "has declared a conflict of interest" in refused.text


async def test_what_cannot_be_is_told_on_the_page(
    client: httpx.AsyncClient, queries: Queries
) -> None:
    await sign_in(client, "chan")
    for change, says in (
        ({"value_1": "7,5"}, "is no figure of a panel"),
        ({"value_1": "", "note_1": "not legible"}, "is no figure of a panel"),
        ({"read_at_1": ""}, "is not a time"),
        ({"visited_at": ""}, "is not a time"),
    ):
        refused = await send(client, PAGE, f"{PAGE}/visits", **(VISIT | change))
        assert refused.status_code == 422
        assert says in refused.text
    assert queries.site_visits(REF) == []


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


def test_the_form_fits_on_a_tablet_and_on_a_telephone(browser: Browser, queries: Queries) -> None:
    with serving(app_of(on_board(queries), version="1")) as url:
        for width in (800, 360):
            with visit(browser, viewport={"width": width, "height": 900}, has_touch=True) as seen:
                page: Page = seen.page
                page.goto(f"{url}/sign-in?lang=en")
                page.get_by_label("Name").fill("chan")
                page.get_by_label("Password").fill(PASSWORD)
                page.get_by_role("button", name="Sign in", exact=True).click()
                page.wait_for_url(lambda it: "sign-in" not in it)
                page.goto(url + PAGE)
                page.get_by_text("Enter a site visit").click()
                page.fill("[name=visited_at]", "2026-03-24T10:00")
                page.fill("[name=value_1]", "7")
                page.fill("[name=read_at_1]", "2026-03-24T10:12")
                wide = page.evaluate("document.documentElement.scrollWidth")
                assert wide <= width
                page.get_by_role("button", name="Enter the visit").click()
                page.get_by_text("Differs from what was sealed").first.wait_for()
    assert [it.number for it in queries.site_visits(REF)] == [1, 2]
