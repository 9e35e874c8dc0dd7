"""`/lines/{line}/stops` without scripts: what it shows, and its forms."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest
from signing_in import asking, send, sign_in
from stopped_line import FIRST, LINE, SECOND, at, stopped_line, take_back
from web_plant import Clock, app_of, registry_of, store_of

from api.queries.lines import Queries
from domain.corrections import Correction
from store.registry.audit import AuditFilter

HERE = f"/lines/{LINE}/stops"
JSON = {"accept": "application/json"}


@pytest.fixture(scope="module")
def only_plant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Queries, Clock]]:
    clock = Clock()
    found = stopped_line(tmp_path_factory.mktemp("stopped"), clock)
    yield found, clock
    store_of(found).close()
    registry_of(found).close()


@pytest.fixture
def plant(only_plant: tuple[Queries, Clock]) -> tuple[Queries, Clock]:
    """At 14:22, and nothing that anybody said of it holds."""
    queries, clock = only_plant
    clock.now = at(22)
    take_back(queries)
    return only_plant


@pytest.fixture
def queries(plant: tuple[Queries, Clock]) -> Queries:
    return plant[0]


@pytest.fixture
async def client(queries: Queries) -> AsyncIterator[httpx.AsyncClient]:
    async with asking(app_of(queries, version="1")) as client:
        await sign_in(client, "wong")
        yield client


def holding(queries: Queries) -> list[Correction]:
    return list(registry_of(queries).facts_basis.line_corrections(LINE).in_force)


def form(what: str = "reason:jam", **fields: str) -> dict[str, Any]:
    """The form of the first stop, as the page fills it in."""
    return {
        "do": what, "identity": str(uuid4()), "author": "wong", "stop": FIRST.isoformat(),
        "seen_end": at(10).isoformat(), "seen": "", "following": "", "comment": "",
        "start": "", "end": "", "moment": "", **fields,
    }  # fmt: skip


async def sent(client: httpx.AsyncClient, **fields: str) -> httpx.Response:
    return await send(client, HERE, HERE, **fields)


def hidden_fields(page: str) -> dict[str, str]:
    section = page[page.index('id="entry-form"') :]
    found = re.findall(r'name="(\w+)" value="([^"]*)"', section[: section.index("</form>")])
    return {name: value for name, value in found if name not in ("do", "form_token")}


async def test_a_shift_shows_its_stops_and_says_how_many_have_no_reason(
    client: httpx.AsyncClient,
) -> None:
    page = (await client.get(HERE)).text
    assert "3 of 4 stops of 2 mins or longer have no reason: 75%." in page
    assert "Above 4% the causes of this shift's losses are doubtful." in page
    assert page.count("No reason: touch to give it") == 3
    assert "since 14:20:00" in page
    assert "Jam at the infeed" in page, "what the machine said is a reason"
    earlier = re.search(r'href="([^"]+shift=[^"]+)">Earlier', page)
    assert earlier is not None
    before = (await client.get(earlier[1].replace("&amp;", "&"))).text
    assert "24 Mar 2026" in before
    assert ">Later<" in before
    assert "Every stop of 2 mins or longer has its reason." in before


async def test_a_stop_and_a_reason_are_two_pages_away_without_a_script(
    client: httpx.AsyncClient, queries: Queries
) -> None:
    listed = (await client.get(HERE)).text
    link = re.search(rf'href="([^"]+)" data-stop="{re.escape(_text(FIRST))}"', listed)
    assert link is not None
    page = (await client.get(link[1])).text
    given = {**hidden_fields(page), "comment": "at the <b>star</b> wheel"}
    assert given["stop"] == _text(FIRST)
    assert re.search(r'value="reason:jam"[^>]*>.*?Bottle jam', page, re.DOTALL)
    answer = await sent(client, **given, do="reason:jam")
    assert answer.status_code == 303
    shown = (await client.get(answer.headers["location"])).text
    assert "Recorded: Bottle jam" in shown
    assert "at the &lt;b&gt;star&lt;/b&gt; wheel" in shown
    assert "2 of 4 stops" in shown
    (made,) = holding(queries)
    assert (made.author, made.reason) == ("wong", "jam")
    undo = re.search(r'value="(undo:[^"]+)"', shown)
    assert undo is not None
    assert (await sent(client, author="wong", do=undo[1])).status_code == 303
    assert holding(queries) == []
    told = registry_of(queries).audit.page(AuditFilter(who="wong", what="change"), limit=2)
    assert [it.event.place for it in told] == [f"{HERE}: {undo[1]}", f"{HERE}: reason:jam"]


def _text(moment: Any) -> str:
    return str(moment.isoformat())


async def test_an_undo_is_offered_for_a_minute(
    client: httpx.AsyncClient, plant: tuple[Queries, Clock]
) -> None:
    await sent(client, **form())
    assert re.search(r'id="done"[^>]* data-left-s="60">', (await client.get(HERE)).text)
    plant[1].now = at(23)
    assert re.search(r'id="done"[^>]* hidden>', (await client.get(HERE)).text)


async def test_both_versions_are_shown_and_mine_is_recorded_on_demand(
    client: httpx.AsyncClient, queries: Queries
) -> None:
    await sent(client, **form())
    refused = await sent(client, **form("reason:valve", comment="it dripped"))
    assert refused.status_code == 409
    assert "Somebody else has given this stop a reason meanwhile." in refused.text
    assert "Now there stands: Bottle jam · wong · 14:22" in refused.text
    assert 'value="it dripped"' in refused.text, "nothing typed is lost"
    section = refused.text.split("conflict")[1].split("</form>")[0]
    again = dict(re.findall(r'name="(\w+)" value="([^"]*)"', section))
    assert (await sent(client, **again)).status_code == 303
    assert [it.reason for it in holding(queries)] == ["valve"]


async def test_a_program_gets_json(client: httpx.AsyncClient, queries: Queries) -> None:
    client.headers.update(JSON)
    page = (await client.get(HERE, headers={"accept": "text/html"})).text
    token = re.search(r'name="form_token" value="([^"]+)"', page)
    assert token is not None
    first = form() | {"form_token": token[1]}
    answers = [await client.post(HERE, data=first) for _ in range(2)]
    assert [it.status_code for it in answers] == [201, 201]
    assert [it.json()["again"] for it in answers] == [False, True]
    told = await client.post(HERE, data=first | form("reason:valve"))
    assert told.status_code == 409
    assert told.json()["conflict"] == "recorded"
    assert told.json()["seen"] == [it.id for it in holding(queries)]
    wrong = await client.post(HERE, data=first | form("reason:gremlins", stop=_text(SECOND),
                                                      seen_end=_text(at(15))))  # fmt: skip
    assert wrong.status_code == 422
    assert "no reason" in wrong.json()["detail"]
    client.cookies.delete("lineproof_session")
    assert (await client.post(HERE, data=first)).status_code == 401


async def test_what_was_entered_under_a_name_is_never_recorded_under_another(
    client: httpx.AsyncClient, queries: Queries
) -> None:
    answer = await sent(client, **form(author="chan"))
    assert answer.status_code == 409
    assert "This was entered by somebody else than who is signed on now." in answer.text
    assert "Record mine instead" not in answer.text.split('role="alert"')[1].split("section")[0]
    assert holding(queries) == []


async def test_a_form_from_elsewhere_records_nothing(
    client: httpx.AsyncClient, queries: Queries
) -> None:
    answer = await client.post(HERE, data=form() | {"form_token": "guessed"})
    assert answer.status_code == 403
    assert holding(queries) == []


async def test_a_count_is_corrected_and_a_wrong_one_stays_typed(
    client: httpx.AsyncClient, queries: Queries
) -> None:
    count = {
        "do": "quantity", "author": "wong", "identity": str(uuid4()), "element": "good_count",
        "start": "2026-03-25T08:00", "end": "2026-03-25T09:00",
    }  # fmt: skip
    wrong = await sent(client, **count, amount="many")
    assert wrong.status_code == 422
    assert "&#39;many&#39; is no amount" in wrong.text
    assert 'value="2026-03-25T08:00"' in wrong.text
    assert (await sent(client, **count, amount="5000")).status_code == 303
    assert [it.amount for it in holding(queries)] == [5000]


@pytest.mark.parametrize("what", ["", "delete", "reason:", "undo:", "rest:", "withdraw:x"])
async def test_what_means_nothing_is_refused(
    client: httpx.AsyncClient, queries: Queries, what: str
) -> None:
    assert (await sent(client, **form(what))).status_code in (404, 422)
    assert holding(queries) == []


async def test_who_only_looks_has_no_forms(client: httpx.AsyncClient) -> None:
    await sign_in(client, "lee")
    page = (await client.get(HERE)).text
    assert "14:06:00" in page
    assert "entry-form" not in page
    assert "entry.js" not in page
    answer = await send(client, "/account", HERE, **form(author="lee"))
    assert answer.status_code == 403


async def test_an_instant_within_a_stop_selects_it(client: httpx.AsyncClient) -> None:
    """The line page's list may be cut elsewhere."""
    page = (await client.get(HERE, params={"at": _text(at(8))})).text
    assert hidden_fields(page)["stop"] == _text(FIRST)
    nothing = (await client.get(HERE, params={"at": _text(at(12 * 60 * -1))})).text
    assert re.search(r'id="entry"[^>]* hidden', nothing)
    assert (await client.get(HERE, params={"at": "noon"})).status_code == 422
