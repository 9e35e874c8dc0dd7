"""A refusal is a sentence in the reader's language, on pages; to programs it is the English one."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from signing_in import PASSWORD, asking, sign_in
from web_plant import Clock, app_of, registry_of

from api.http.access.refusals import ACTION_WORDS, not_allowed
from api.i18n import language_named
from api.queries.lines import Queries
from domain.access import KEPT, Action, Assignment, Caller

CALLER = Caller("chan", (Assignment.parse("officer@line:filler-1"),))


def test_every_action_can_be_translated() -> None:
    assert tuple(it.value for it in Action) == ACTION_WORDS


@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize("where", ["", "line filler-1"])
def test_each_is_said_in_three_languages(action: Action, where: str) -> None:
    refused = not_allowed(CALLER, action, where)
    assert str(refused).startswith(f"'chan' may not {action.value}")
    assert (" of line filler-1" in str(refused)) == bool(where)
    assert ("confidential" in str(refused)) == (action in KEPT)
    said = {tag: language_named(tag).reason(refused.reason) for tag in ("zh-Hant", "zh-Hans")}
    for sentence in said.values():
        assert "「chan」" in sentence or "“chan”" in sentence
        assert action.value not in sentence
    assert said["zh-Hant"] != said["zh-Hans"]


@pytest.fixture
async def client(own_plant: tuple[Queries, Clock]) -> AsyncIterator[httpx.AsyncClient]:
    found = own_plant[0]
    accounts = registry_of(found).accounts
    for name, role in (("boss", "administrator"), ("chan", "officer")):
        accounts.add(name, name.title(), [Assignment.parse(role)], found.now())
        accounts.set_password(name, PASSWORD)
    async with asking(app_of(found, version="1")) as client:
        await sign_in(client, "chan")
        yield client


HTML = {"accept": "text/html"}


@pytest.mark.parametrize(
    ("lang", "says"),
    [
        ("en", "&#39;chan&#39; may not manage accounts."),
        ("zh-Hant", "管理帳戶"),
        ("zh-Hans", "管理账户"),
    ],
)
async def test_the_page_of_a_refusal_is_in_the_readers_language(
    client: httpx.AsyncClient, lang: str, says: str
) -> None:
    page = await client.get("/users", params={"lang": lang}, headers=HTML)
    assert page.status_code == 403
    assert f'<div lang="{lang}">' in page.text
    assert says in page.text


async def test_a_page_that_is_not_there_says_so_in_the_readers_language(
    client: httpx.AsyncClient,
) -> None:
    page = await client.get("/nothing", params={"lang": "zh-Hant"}, headers=HTML)
    assert page.status_code == 404
    assert "/nothing 沒有內容。" in page.text


async def test_a_form_without_its_token_says_so_in_the_readers_language(
    client: httpx.AsyncClient,
) -> None:
    answer = await client.post("/account?lang=zh-Hans", data={"action": "x"}, headers=HTML)
    assert answer.status_code == 403
    assert "请重新打开页面再提交" in answer.text


async def test_a_program_reads_the_english_sentence(client: httpx.AsyncClient) -> None:
    told = (await client.get("/api/v1/audit", params={"lang": "zh-Hant"})).json()
    assert told["detail"] == (
        "'chan' may not see the audit. That takes the role auditor or administrator; yours are: "
        "officer@everything. An administrator gives roles."
    )
