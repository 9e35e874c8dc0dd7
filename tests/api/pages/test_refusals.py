"""Refusals on Chinese pages, of every form: in Chinese, with the exact wording to open."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import date
from html import unescape
from pathlib import Path

import httpx
import pytest
from node_app import routes
from signing_in import PASSWORD, asking, sign_in
from web_plant import NOW, Clock, app_of, registry_of

from api.http.access.forms import FORM_COOKIE
from api.http.access.refusals import not_allowed
from api.i18n import language_named
from api.pages.refusals import refusal_of
from api.queries.lines import Queries
from domain.access import Action, Assignment, Caller
from domain.errors import InputError, LineproofError, TooManyTriesError
from domain.milestone_states import Persons, Step, StepTaken, check_step
from domain.texts import N_

CHINESE = language_named("zh-Hant")
ENGLISH_SENTENCE = re.compile(r"[A-Za-z]{2,} [a-z]{2,}")
LINE, PROJECT, MILESTONE = "filler-1", "NIFS-2025-017", "/grants/NIFS-2025-017/M3"

# Of each page what its form sends and cannot be done: where it is sent to, and the fields.
REFUSED: dict[str, tuple[tuple[str, dict[str, str]], ...]] = {
    f"/lines/{LINE}/plan": (
        ("", {"action": "add", "class": "closed", "start": "soon", "end": "later"}),
        ("", {"action": "withdraw", "identity": "none"}),
    ),
    f"/lines/{LINE}/stops": (
        ("", {"do": "split", "stop": "soon", "author": "boss"}),
        ("", {"do": "quantity", "amount": "many", "author": "boss"}),
        ("", {"do": "nothing", "author": "boss"}),
    ),
    f"/lines/{LINE}/handover": (("", {"do": "note", "text": ""}), ("", {"do": "sign"})),
    "/approvals": (("", {"action": "approve", "identity": "none"}),),
    "/alerts": (("", {"number": "none"}), ("", {"number": "7"})),
    "/users": (
        ("", {"action": "add", "name": "?", "roles": "operator"}),
        ("", {"action": "add", "name": "wong", "roles": ""}),
        ("", {"action": "pin", "name": "boss", "pin": "1"}),
        ("", {"action": "disable", "name": "boss"}),
    ),
    "/account": (
        ("", {"old": PASSWORD, "password": "short", "again": "short"}),
        ("", {"action": "pin", "old": PASSWORD, "pin": "1111"}),
    ),
    "/sign-in": (("", {"code": "none"}), ("/sign-in/demo", {"name": "nobody"})),
    "/connect": (
        ("", {"action": "look", "url": "mqtt://10.0.0.1", "seconds": "10"}),
        ("", {"action": "try", "url": "opc.tcp://127.0.0.1", "parameters": "x"}),
        ("", {"action": "save", "name": "../x", "profile": "x"}),
        ("", {"action": "place", "where": "nowhere/x"}),
    ),
    "/plants/tko-foods": (
        ("", {"action": "save", "text": "plant: other", "note": "why"}),
        ("/plants/tko-foods/check", {"text": ""}),
    ),
    MILESTONE: (
        ("", {"action": "accept", "reason": "fine"}),
        ("", {"action": "nothing"}),
        (f"{MILESTONE}/visits", {"line": LINE, "visited_at": "soon"}),
        (f"{MILESTONE}/withdrawals", {"visit": "none", "reason": ""}),
        (f"{MILESTONE}/attachments", {}),
    ),
    f"/changes/{PROJECT}": (
        ("", {"action": "ask", "kind": "budget", "new": "much", "reason": "why"}),
        ("", {"action": "approve", "number": "7"}),
    ),
    "/checks": (
        ("", {"action": "announce", "scheme": "NIFS", "start": "soon"}),
        ("", {"action": "seed", "number": "7", "value": "x"}),
        ("", {"action": "nothing"}),
    ),
}
# What nobody can do wrong there, or only who stands at a shared tablet.
WITHOUT = {"/sign-out", "/sign-on"}


def refusal(*steps: tuple[Step, str, str]) -> LineproofError:
    """Of the last of these steps (step, author, reason)."""
    taken = [StepTaken("P", "M3", step, who, NOW, why) for step, who, why in steps]
    with pytest.raises(LineproofError) as caught:
        check_step(taken[-1], Persons(taken[:-1], (), two_decide=True), date(2026, 3, 14))
    return caught.value


def test_a_step_of_a_milestone_has_a_sentence_of_its_own() -> None:
    before = ((Step.SUBMIT, "lee", ""), (Step.TAKE, "chan", ""))
    recommended = (*before, (Step.RECOMMEND, "chan", "seen"))
    for steps, words in (
        ((*before, (Step.QUERY, "chan", "")), "此步驟必須填寫理由"),
        ((*recommended, (Step.EXTEND, "wong", "a flood")), "延期須填寫新的到期日"),
        ((*recommended, (Step.ACCEPT, "chan", "fine")), "此項須由兩人決定"),
        ((*before, (Step.ACCEPT, "wong", "fine")), "目前的狀態為「"),
    ):
        error = refusal(*steps)
        assert words in refusal_of(error, CHINESE).said, error
        assert refusal_of(error, language_named("en")).said == str(error)


def test_what_is_marked_is_said_whole_and_all_else_can_be_opened() -> None:
    whole = refusal_of(TooManyTriesError(30), CHINESE)
    assert (whole.said, whole.exact) == ("錯誤次數過多。請等候 30 秒後再試。", "")
    half = InputError(N_("this password is easy to guess"), todo="Take a\u00a0%(better)s one.")
    assert refusal_of(half, CHINESE).said == "此密碼容易被猜中。"
    assert refusal_of(half, CHINESE).exact == str(half)
    placed = InputError(N_("this password is easy to guess"), where="accounts.csv, line 3")
    assert refusal_of(placed, CHINESE).exact == str(placed)
    other = InputError("another one")
    assert refusal_of(other, CHINESE).said.startswith("所送出的內容")
    assert refusal_of(other, CHINESE).exact == "another one"


def test_roles_are_said_in_the_readers_language() -> None:
    who = Caller("chan", frozenset({Assignment.parse("operator@line:filler-1")}))
    said = refusal_of(not_allowed(who, Action.SEE_AUDIT), CHINESE).said
    assert "審計員、管理員" in said
    assert "操作員（生產線 filler-1）" in said


def test_names_that_are_listed_in_what_to_do_are_taken_as_they_are() -> None:
    error = InputError("no '%(name)s'", todo="Known are 100%(x)s, 5%.", values={"name": "%(y)s"})
    assert str(error) == "no '%(y)s'. Known are 100%(x)s, 5%."


async def test_no_english_sentence_stands_on_a_chinese_error_page(
    client: httpx.AsyncClient,
) -> None:
    """Only behind what one opens to read the exact wording."""
    for path in ("/grants/NIFS-2025-017/M99", "/grants/NIFS-2025-017?until=soon", "/lines/nope"):
        answer = await client.get(path, headers={"accept": "text/html", "accept-language": "zh-HK"})
        assert not ENGLISH_SENTENCE.search(shown(answer.text)), shown(answer.text)
        assert '<p lang="en">' in answer.text


@pytest.fixture
async def browser(
    own_plant: tuple[Queries, Clock], tmp_path: Path
) -> AsyncIterator[tuple[httpx.AsyncClient, set[str]]]:
    """Signed in as somebody who may do everything; and where pages send forms to."""
    queries, _ = own_plant
    accounts = registry_of(queries).accounts
    roles = ("administrator", "supervisor", "officer", "integrator")
    accounts.add("boss", "Boss", [Assignment.parse(it) for it in roles], NOW)
    accounts.set_password("boss", PASSWORD)
    app = app_of(queries, version="1", own_profiles=tmp_path)
    posts = {path for method, path in routes(app) if method == "POST" and path[:5] != "/api/"}
    async with asking(app) as client:
        await sign_in(client, "boss")
        yield client, posts


async def test_a_refused_form_says_why_in_the_readers_language(
    browser: tuple[httpx.AsyncClient, set[str]],
) -> None:
    """Every form of every page, in every language; its further refusals in one."""
    client, posts = browser
    met = set()
    token = client.cookies[FORM_COOKIE]
    for page, forms in REFUSED.items():
        for at, (to, fields) in enumerate(forms):
            met |= {it for it in posts if matches(it, to or page)}
            for tag in ("zh-HK",) if at else ("en", "zh-HK", "zh-CN"):
                client.headers["accept-language"] = tag
                given = {"form_token": token, **fields}
                answer = await client.post(to or page, data=given)
                told = shown(answer.text)
                assert answer.status_code >= 400 or to.endswith("/check"), (page, fields, told)
                assert told.strip(), (page, fields)
                says_english = ENGLISH_SENTENCE.search(told) is not None
                assert says_english == (tag == "en"), (page, to, fields, told)
    assert posts - met == WITHOUT


def matches(route: str, path: str) -> bool:
    return re.fullmatch(re.sub(r"{[^}]*}", "[^/]+", route), path) is not None


def shown(html: str) -> str:
    """What an error page, or a notice of a form, says; without what is disclosed as the exact
    wording."""
    closed = re.sub(r"<details.*?</details>", "", html, flags=re.DOTALL)
    notices = re.findall(r'<(div|p) class="notice warn[^>]*>(.*?)</\1>', closed, re.DOTALL)
    error = closed.partition('<section class="empty">')[2].partition("</section>")[0]
    return unescape(re.sub(r"<[^>]*>", "", " ".join([*(it for _, it in notices), error])))
