"""`/grants/{ref}/{milestone}`, as the company, as officers, and as who only reads."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
from browser import chromium, serving, visit
from playwright.sync_api import Browser, Page, expect
from signing_in import PASSWORD, asking, send, sign_in
from web_plant import GRANT, Clock, app_of, on_board, registry_of

from api.queries.lines import Queries
from api.records.milestone_steps import NewStep, take_step
from domain.access import Assignment
from store.files.grant import read_grant
from store.registry.audit import AuditFilter

REF = "NIFS-2025-017"
PAGE = f"/grants/{REF}/M3"


@pytest.fixture
def queries(own_plant: tuple[Queries, Clock]) -> Queries:
    """Lee is the company's supervisor, Chan and Wong are officers, Aud an auditor."""
    found = own_plant[0]
    accounts = registry_of(found).accounts
    for name, role in (
        ("boss", "administrator"), ("lee", "supervisor@line:filler-1"), ("aud", "auditor"),
        ("chan", "officer@scheme:NIFS"), ("wong", "officer@scheme:NIFS"),
    ):  # fmt: skip
        accounts.add(name, name.title(), [Assignment.parse(role)], found.now())
        accounts.set_password(name, PASSWORD)
    return found


@pytest.fixture
async def client(queries: Queries) -> AsyncIterator[httpx.AsyncClient]:
    async with asking(app_of(on_board(queries), version="1")) as client:
        yield client


def steps(queries: Queries) -> list[str]:
    return [it.step.value for it in queries.steps(REF)]


def offered(page: str) -> list[str]:
    return re.findall(r'<button class="button" type="submit" name="action" value="(\w+)"', page)


def recommended(queries: Queries) -> None:
    taking = registry_of(queries).take
    for action, who in (("submit", "lee"), ("take", "chan"), ("recommend", "chan")):
        take_step(queries, taking, REF, "M3", NewStep(action, who, "as was seen"))


async def test_the_company_submits_and_sees_where_it_stands(
    client: httpx.AsyncClient, queries: Queries
) -> None:
    await sign_in(client, "lee")
    page = (await client.get(PAGE)).text
    assert "State: Draft" in page
    assert offered(page) == ["submit"]
    answer = await send(client, PAGE, PAGE, action="submit", reason="<i>done</i>", due="")
    assert (answer.status_code, answer.headers["location"]) == (303, PAGE)
    page = (await client.get(PAGE)).text
    for shown in ("State: Submitted", "&lt;i&gt;done&lt;/i&gt;", "lee · 25 Mar 2026"):
        assert shown in page
    assert offered(page) == []
    assert "State: Submitted" in (await client.get(f"/grants/{REF}")).text
    (told,) = registry_of(queries).audit.page(AuditFilter(who="lee", what="change"))
    assert told.event.place == f"{PAGE}: submit"


async def test_an_officer_is_offered_what_is_open_to_that_person(
    client: httpx.AsyncClient, queries: Queries
) -> None:
    recommended(queries)
    await sign_in(client, "chan")
    page = (await client.get(PAGE)).text
    assert offered(page) == ["take", "query", "declare_conflict"]
    assert "two persons decide here" in page
    assert "freezes the figures" not in page
    refused = await send(client, PAGE, PAGE, action="accept", reason="x")
    assert refused.status_code == 403
    assert "&#39;chan&#39; recommended it, and here two persons decide" in refused.text
    await sign_in(client, "wong")
    page = (await client.get(PAGE)).text
    decisions = ["accept", "accept_in_part", "extend", "waive", "reject"]
    assert offered(page) == ["take", "query", *decisions, "declare_conflict"]
    assert "freezes the figures of its days" in page
    # The due day was filled in, and another button pressed: it says nothing.
    given = {"action": "accept", "reason": "the window is whole", "due": "2027-01-01"}
    assert (await send(client, PAGE, PAGE, **given)).status_code == 303
    page = (await client.get(PAGE)).text
    assert "State: Accepted" in page
    assert "The data said then:" in page
    assert offered(page) == ["close", "declare_conflict"]
    assert steps(queries) == ["submit", "take", "recommend", "accept"]


async def test_an_extension_shows_both_days(client: httpx.AsyncClient, queries: Queries) -> None:
    recommended(queries)
    await sign_in(client, "wong")
    bare = await send(client, PAGE, PAGE, action="extend", reason="a flood", due="")
    assert bare.status_code == 422
    assert "needs a new due day" in bare.text
    given = {"action": "extend", "reason": "a flood", "due": "2026-08-31"}
    assert (await send(client, PAGE, PAGE, **given)).status_code == 303
    for address in (PAGE, f"/grants/{REF}"):
        page = (await client.get(address)).text
        assert "31 Aug 2026" in page
        assert "agreed: 14 Mar 2026" in page


async def test_a_decision_of_terms_that_were_changed_since_says_so(
    client: httpx.AsyncClient, queries: Queries
) -> None:
    recommended(queries)
    taking = registry_of(queries).take
    take_step(queries, taking, REF, "M3", NewStep("waive", "wong", "not needed any more"))
    await sign_in(client, "aud")
    said = "The terms were changed after this decision"
    assert said not in (await client.get(PAGE)).text
    other = GRANT.replace("target: 0.83", "target: 0.84")
    registry_of(queries).apply.project(other, read_grant(other, "grant.yaml"), queries.now())
    assert said in (await client.get(PAGE)).text


async def test_a_declared_conflict_of_interest_takes_the_form_away(
    client: httpx.AsyncClient, queries: Queries
) -> None:
    recommended(queries)
    await sign_in(client, "wong")
    given = {"action": "declare_conflict", "reason": "a sister"}
    assert (await send(client, PAGE, PAGE, **given)).status_code == 303
    page = (await client.get(PAGE)).text
    assert offered(page) == []
    assert "wong declared a conflict of interest on 25 Mar 2026" in page
    assert "You have declared a conflict of interest" in page
    await sign_in(client, "lee")
    assert (await send(client, "/account", PAGE, **given)).status_code == 403


async def test_a_step_that_is_not_allowed_is_told_with_those_that_are(
    client: httpx.AsyncClient, queries: Queries
) -> None:
    await sign_in(client, "wong")
    answer = await send(client, PAGE, PAGE, action="accept", reason="x")
    assert answer.status_code == 409
    assert "It allows: submit." in answer.text
    assert (await send(client, PAGE, PAGE, action="jump")).status_code == 422
    missing = await send(client, PAGE, f"/grants/{REF}/M99", action="take")
    assert missing.status_code == 404
    assert steps(queries) == []


async def test_who_only_reads_and_forms_from_elsewhere_change_nothing(
    client: httpx.AsyncClient, queries: Queries
) -> None:
    await sign_in(client, "aud")
    page = (await client.get(PAGE)).text
    assert "State: Draft" in page
    assert offered(page) == []
    assert (await send(client, PAGE, PAGE, action="submit")).status_code == 403
    await sign_in(client, "lee")
    guessed = {"form_token": "guessed", "action": "submit"}
    assert (await client.post(PAGE, data=guessed)).status_code == 403
    assert steps(queries) == []


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("State: Recommended", "Take into check", "Extend", "New due day")),
        ("zh-Hant", ("已提出建議", "開始審核", "准予延期", "新限期", "申報利益衝突")),
        ("zh-Hans", ("已提出建议", "开始审核", "准许延期", "新期限", "申报利益冲突")),
    ],
)
async def test_it_is_read_in_three_languages(
    client: httpx.AsyncClient, queries: Queries, language: str, words: tuple[str, ...]
) -> None:
    recommended(queries)
    await sign_in(client, "wong")
    page = (await client.get(PAGE, params={"lang": language})).text
    for word in words:
        assert word in page
    assert all(f">{it}<" not in page for it in ("recommended", "accept_in_part", "two_decide"))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


def signed_in(page: Page, url: str, name: str) -> None:
    page.context.clear_cookies()
    page.goto(f"{url}/sign-in?lang=en")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda address: "/sign-in" not in address)
    page.goto(url + PAGE)


def test_three_people_take_a_milestone_from_draft_to_accepted_in_a_browser(
    queries: Queries, browser: Browser
) -> None:
    app = app_of(on_board(queries), version="1")
    with serving(app) as url, visit(browser, viewport={"width": 1024, "height": 768}) as seen:
        page = seen.page

        def press(action: str, reason: str, then: str) -> None:
            page.get_by_label("Why", exact=True).fill(reason)
            page.get_by_role("button", name=action, exact=True).click()
            expect(page.get_by_role("heading", name=f"State: {then}")).to_be_visible()

        signed_in(page, url, "lee")
        press("Submit", "第二週已完成", "Submitted")
        signed_in(page, url, "chan")
        press("Take into check", "", "In check")
        press("Recommend", "nothing is against it", "Recommended")
        expect(page.get_by_role("button", name="Accept", exact=True)).to_have_count(0)
        signed_in(page, url, "wong")
        press("Accept", "the window is whole", "Accepted")
        expect(page.get_by_role("listitem").filter(has_text="第二週已完成")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert not seen.complaints
    assert steps(queries) == ["submit", "take", "recommend", "accept"]
