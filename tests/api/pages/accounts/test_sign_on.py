"""A shared tablet at the machine: people sign on, work as themselves, and are off again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
from signing_in import PASSWORD, asking, send, sign_in, with_accounts
from web_plant import NOW, Clock, app_of

from api.http.access.callers import SESSION_COOKIE
from api.queries.lines import Queries
from domain.access import Assignment
from store.registry.accounts.sign_ons import SIGN_ON_IDLE_MAX
from store.registry.audit import AuditFilter
from store.registry.registry import Registry

TABLET = "filler-tablet"
CORRECTIONS = "/api/v1/lines/filler-1/corrections"
AMOUNT = {
    "kind": "figure",
    "element": "inspected_part_count",
    "amount": 10,
    "start": "2026-03-24T08:00",
    "end": "2026-03-24T09:00",
}


@pytest.fixture
def clock(own_plant: tuple[Queries, Clock]) -> Clock:
    return own_plant[1]


@pytest.fixture
def registry(own_plant: tuple[Queries, Clock]) -> Registry:
    queries, _ = own_plant
    found = with_accounts(queries)
    for name, full_name, role in (
        ("wong", "Wong Ka Yan", "operator@plant:tko-foods"),
        ("lee", "Lee Chi", "operator@line:packer-1"),
        ("officer", "Officer", "officer"),
    ):
        found.accounts.add(name, full_name, [Assignment.parse(role)], queries.now())
    found.accounts.add(
        TABLET, "", [Assignment.parse("operator@line:filler-1")], queries.now(), is_device=True
    )
    for name, pin in (("chan", "4711"), ("wong", "4711"), ("lee", "5522"), ("boss", "8642")):
        found.pins_and_badges.set_pin(name, pin)
    found.pins_and_badges.set_badge("wong", "0004712")
    found.pins_and_badges.set_badge("lee", "0004713")
    return found


@pytest.fixture
async def client(
    own_plant: tuple[Queries, Clock], registry: Registry
) -> AsyncIterator[httpx.AsyncClient]:
    """The tablet's browser, signed in by its link."""
    async with asking(app_of(own_plant[0], version="1")) as client:
        code = registry.sign_in_codes.for_account(TABLET, own_plant[0].now())
        page = await client.get(f"/sign-in?code={code}")
        assert "Make this browser the shared tablet" in page.text
        assert 'name="password"' not in page.text
        answer = await send(client, f"/sign-in?code={code}", "/sign-in", code=code)
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-on")
        assert "Max-Age=34560000" in answer.headers["set-cookie"], "it outlasts the browser"
        yield client


async def sign_on(client: httpx.AsyncClient, **fields: str) -> httpx.Response:
    return await send(client, "/sign-on", "/sign-on", **fields)


async def chan(client: httpx.AsyncClient, pin: str = "4711") -> httpx.Response:
    return await sign_on(client, name="chan", pin=pin)


async def test_nothing_is_shown_until_somebody_is_signed_on(client: httpx.AsyncClient) -> None:
    answer = await client.get("/lines/filler-1?day=2026-03-24")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-on?next=%2Flines%2Ffiller-1%3Fday%3D2026-03-24"
    told = await client.get("/api/v1/lines", headers={"accept": "application/json"})
    assert told.status_code == 401
    assert "nobody is signed on at 'filler-tablet'" in told.json()["detail"]
    assert (await client.get("/account")).status_code == 404
    assert (await client.get("/sign-in")).headers["location"] == "/sign-on"
    refused = await send(client, "/sign-on", "/sign-in", name="chan", password=PASSWORD)
    assert refused.headers["location"] == "/sign-on", "nobody signs the tablet out by signing in"
    of_another_site = await client.post("/sign-on", data={"name": "chan", "pin": "4711"})
    assert of_another_site.status_code == 403


async def test_the_page_lists_who_may_work_here_and_nobody_else(
    client: httpx.AsyncClient,
) -> None:
    page = (await client.get("/sign-on")).text
    shown = [it for it in ("Chan", "Wong Ka Yan", "Boss", "Lee Chi", "Officer") if it in page]
    assert shown == ["Chan", "Wong Ka Yan", "Boss"]
    assert "Hold your badge before the reader" in page
    asked = (await client.get("/sign-on?name=chan")).text
    assert "<h1>Chan</h1>" in asked
    assert 'name="pin"' in asked
    assert 'name="pin"' not in (await client.get("/sign-on?name=lee")).text


async def test_who_signs_on_is_the_author_with_the_tablet_beside_it(
    client: httpx.AsyncClient, registry: Registry
) -> None:
    answer = await chan(client)
    assert (answer.status_code, answer.headers["location"]) == (303, "/lines/filler-1")
    page = (await client.get("/lines/filler-1")).text
    assert "<b>chan</b>" in page
    assert "at filler-tablet" in page
    assert 'action="/sign-out"' not in page
    made = await client.post(CORRECTIONS, json=AMOUNT)
    assert made.status_code == 201, made.text
    assert (made.json()["author"], made.json()["device"]) == ("chan", TABLET)
    listed = (await client.get(CORRECTIONS)).json()
    assert [(it["author"], it["device"]) for it in listed] == [("chan", TABLET)]
    told = [it.event for it in registry.audit.page(AuditFilter(who="chan"))]
    assert [(it.what, it.address, it.place) for it in told] == [
        ("change", "filler-tablet at 127.0.0.1", f"POST {CORRECTIONS}"),
        ("sign-in", "filler-tablet at 127.0.0.1", "/sign-on"),
    ]


async def test_a_badge_is_enough_and_one_may_what_both_may(
    client: httpx.AsyncClient,
) -> None:
    outside = await sign_on(client, badge="0004712", next="//evil.example/")
    assert outside.headers["location"] == "/lines/filler-1"
    answer = await sign_on(client, badge="0004712\n", next="/floor")
    assert (answer.status_code, answer.headers["location"]) == (303, "/floor")
    assert "<b>wong</b>" in (await client.get("/floor")).text
    lines = [it["line"] for it in (await client.get("/api/v1/lines")).json()]
    assert lines == ["filler-1"], "of all lines of the plant that wong may see"
    assert (await client.get("/api/v1/lines/packer-1")).status_code == 404
    await sign_on(client, name="boss", pin="8642")
    assert (await client.get("/users")).status_code == 403
    assert (await client.post(CORRECTIONS, json=AMOUNT)).status_code == 403
    assert (await client.get("/lines/filler-1")).status_code == 200


async def test_a_wrong_pin_or_badge_signs_nobody_on(
    client: httpx.AsyncClient, registry: Registry
) -> None:
    for fields in (
        {"name": "chan", "pin": "4712"},
        {"name": "chan", "pin": ""},
        {"name": "", "pin": "4711"},
        {"name": "lee", "pin": "5522"},  # right, but nothing of this tablet is lee's
        {"name": "officer", "pin": "4711"},
        {"name": TABLET, "pin": "4711"},
        {"badge": "0004711"},
        {"badge": "0004713"},  # lee's
        {"badge": "x' or 1=1"},
        {},
    ):
        answer = await sign_on(client, **fields)
        assert answer.status_code == 401
        assert ("badge is not known" if fields.get("badge") else "PIN is wrong") in answer.text
        assert (await client.get("/floor")).status_code == 303
    told = [it.event for it in registry.audit.page(AuditFilter(what="sign-in"))]
    wrong = {it.who for it in told if (it.outcome, it.place) == ("wrong", "/sign-on")}
    assert wrong == {"chan", "lee", "officer", TABLET, ""}, "repeated ones are counted"


async def test_tries_of_a_pin_are_few_and_stay_counted_for_a_day(
    client: httpx.AsyncClient, registry: Registry, clock: Clock
) -> None:
    for guess in range(5):
        assert (await chan(client, f"900{guess}")).status_code == 401
    waits = await chan(client)
    assert waits.status_code == 429, "the right one too"
    assert "too many wrong tries" in waits.text
    assert waits.headers["retry-after"] == "30"
    assert (await sign_on(client, name="wong", pin="4711")).status_code == 303, "others go on"
    clock.now += timedelta(hours=20)
    await send(client, "/sign-on", "/sign-on", action="off")
    assert (await chan(client, "9009")).status_code == 401
    assert (await chan(client)).status_code == 429
    clock.now += timedelta(minutes=2)
    assert (await chan(client)).status_code == 303
    assert (await chan(client, "9009")).status_code == 401, "a success ends the count"
    assert (await chan(client)).status_code == 303


async def test_a_tablet_at_which_all_names_are_tried_waits_and_a_restart_forgets_nothing(
    client: httpx.AsyncClient, own_plant: tuple[Queries, Clock]
) -> None:
    for number in range(20):
        assert (await sign_on(client, badge=f"555{number:04}")).status_code == 401
    assert (await sign_on(client, badge="0004712")).status_code == 429
    async with asking(app_of(own_plant[0], version="1")) as again:
        again.cookies.set(SESSION_COOKIE, client.cookies[SESSION_COOKIE])
        assert (await sign_on(again, badge="0004712")).status_code == 429
        assert (await sign_on(again, name="wong", pin="4711")).status_code == 429


async def test_a_sign_on_ends_by_signing_off_idle_and_at_the_end_of_the_shift(
    client: httpx.AsyncClient, clock: Clock
) -> None:
    async def is_on() -> bool:
        return (await client.get("/floor")).status_code == 200

    await chan(client)
    assert "Signed on" in (await client.get("/sign-on")).text
    off = await send(client, "/floor", "/sign-on", action="off")
    assert off.headers["location"] == "/sign-on"
    assert not await is_on()
    await chan(client)
    clock.now += SIGN_ON_IDLE_MAX + timedelta(seconds=1)
    assert not await is_on()
    await chan(client)
    # The early shift of filler-1 ends at 15:00.
    while clock.now < NOW.replace(hour=15, minute=0) - timedelta(minutes=1):
        assert await is_on()
        clock.now += timedelta(minutes=1)
    assert await is_on()
    clock.now = NOW.replace(hour=15, minute=0)
    assert not await is_on()
    assert (await client.get("/sign-on")).status_code == 200, "the tablet itself stays"


async def test_who_is_disabled_is_off_and_a_disabled_tablet_is_none(
    client: httpx.AsyncClient, registry: Registry, clock: Clock
) -> None:
    await chan(client)
    registry.accounts.disable("chan", clock.now)
    assert (await client.get("/floor")).status_code == 303
    assert (await chan(client)).status_code == 401
    await sign_on(client, name="wong", pin="4711")
    registry.accounts.disable(TABLET, clock.now)
    gone = await client.get("/floor")
    assert gone.headers["location"].startswith("/sign-in?")
    assert (await client.get("/sign-on")).status_code == 404


async def test_signing_out_at_a_tablet_signs_off_and_elsewhere_nobody_signs_on(
    client: httpx.AsyncClient, own_plant: tuple[Queries, Clock], registry: Registry, clock: Clock
) -> None:
    person = registry.sessions.begin("chan", clock.now)
    await chan(client)
    await send(client, "/floor", "/sign-out", everywhere="yes")
    assert (await client.get("/floor")).headers["location"] == "/sign-on?next=%2Ffloor"
    assert registry.sessions.account(person, clock.now) is not None
    assert (await chan(client)).status_code == 303
    async with asking(app_of(own_plant[0], version="1")) as other:
        assert (await other.get("/sign-on")).status_code == 404
        await sign_in(other, "chan")
        answer = await send(other, "/floor", "/sign-on", name="chan", pin="4711")
        assert answer.status_code == 404
