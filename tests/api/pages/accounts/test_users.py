"""`/users` and `/account`, as an administrator and as anybody else."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import httpx
import pytest
from web_plant import Clock, app_of, registry_of

from api.queries.lines import Queries
from domain.access import Assignment
from store.registry.registry import Registry

PASSWORD, OTHER = "plover plinth plenty", "quiet quarry quince"


@pytest.fixture
def registry(own_plant: tuple[Queries, Clock]) -> Registry:
    queries, _ = own_plant
    found = registry_of(queries)
    for name, role in (("boss", "administrator"), ("chan", "operator")):
        found.accounts.add(name, name.title(), [Assignment.parse(role)], queries.now())
        found.accounts.set_password(name, PASSWORD)
    return found


@pytest.fixture
async def client(
    own_plant: tuple[Queries, Clock], registry: Registry
) -> AsyncIterator[httpx.AsyncClient]:
    app = app_of(own_plant[0], version="1")
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://localhost", headers={"accept": "text/html"}
    ) as client:
        yield client
    await app.state.services.close()


async def send(client: httpx.AsyncClient, page: str, **fields: str) -> httpx.Response:
    """A form of that page, sent to the page."""
    found = re.search(r'name="form_token" value="([^"]+)"', (await client.get(page)).text)
    assert found is not None
    return await client.post(page.partition("?")[0], data={"form_token": found[1], **fields})


async def sign_in(client: httpx.AsyncClient, name: str, password: str = PASSWORD) -> int:
    return (await send(client, "/sign-in", name=name, password=password)).status_code


async def test_an_administrator_adds_somebody_who_sets_a_password_by_the_link(
    client: httpx.AsyncClient, registry: Registry
) -> None:
    await sign_in(client, "boss")
    assert 'href="/users"' in (await client.get("/floor")).text
    roles = "operator@line:filler-1, officer@scheme:NIFS"
    added = await send(
        client, "/users", action="add", name="Wong", full_name="Wong Siu Ming", roles=roles
    )
    assert added.status_code == 200
    link = re.search(r"<code>http://localhost(/sign-in\?code=[^<]+)</code>", added.text)
    assert link is not None
    assert link[1] not in (await client.get("/users")).text, "it is shown once"
    client.cookies.clear()
    code = link[1].partition("code=")[2]
    made = await send(client, link[1], code=code, password=OTHER, again=OTHER)
    assert made.status_code == 303
    account = registry.accounts.named("wong")
    assert account.full_name == "Wong Siu Ming"
    assert [str(it) for it in account.assignments] == [
        "officer@scheme:NIFS", "operator@line:filler-1",
    ]  # fmt: skip
    assert 'href="/users"' not in (await client.get("/floor")).text


async def test_an_administrator_disables_enables_and_gives_roles(
    client: httpx.AsyncClient, registry: Registry
) -> None:
    await sign_in(client, "boss")
    assert (await send(client, "/users", action="disable", name="chan")).status_code == 303
    assert registry.accounts.named("chan").disabled_at is not None
    assert "disabled" in (await client.get("/users")).text
    await send(client, "/users", action="enable", name="chan")
    assert registry.accounts.named("chan").disabled_at is None
    await send(client, "/users", action="roles", name="chan", roles="supervisor@plant:tko-foods")
    assert [str(it) for it in registry.accounts.named("chan").assignments] == [
        "supervisor@plant:tko-foods"
    ]


async def test_an_administrator_adds_a_tablet_and_gives_pins_and_badges(
    client: httpx.AsyncClient, registry: Registry
) -> None:
    await sign_in(client, "boss")
    added = await send(
        client, "/users", action="add", name="tablet", roles="operator", device="yes"
    )
    assert "/sign-in?code=" in added.text
    assert registry.accounts.named("tablet").is_device
    for action, field in (("pin", "4711"), ("badge", "0004711")):
        given = await send(client, "/users", action=action, name="chan", **{action: field})
        assert given.status_code == 303
    means = registry.pins_and_badges
    assert means.with_pin("chan", "4711") == registry.accounts.named("chan")
    assert means.with_badge("0004711") == registry.accounts.named("chan")
    page = (await client.get("/users")).text
    assert "<td>PIN, badge</td>" in page
    assert "shared tablet" in page
    assert 'option value="tablet"' not in page, "it has neither itself"
    # A form of the badge alone does not take the PIN away.
    await send(client, "/users", action="badge", name="chan", badge="")
    assert means.means().pins == {"chan"}
    assert means.means().badges == set()
    wrong = await send(client, "/users", action="pin", name="chan", pin="12")
    assert wrong.status_code == 422
    assert "a PIN has 4 to 8 digits" in wrong.text


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        (
            {"action": "add", "name": "chan", "roles": "operator"},
            "an account &#39;chan&#39; already",
        ),
        ({"action": "add", "name": "wong", "roles": "operater"}, "no role &#39;operater&#39;"),
        ({"action": "add", "name": "", "roles": "operator"}, "no name of an account"),
        ({"action": "roles", "name": "boss", "roles": "auditor"}, "nobody could manage accounts"),
        ({"action": "disable", "name": "boss"}, "nobody could manage accounts"),
        ({"action": "disable", "name": "<script>"}, "no account &#39;&lt;script&gt;&#39;"),
        ({"action": "remove", "name": "chan"}, "no action &#39;remove&#39;"),
    ],
)
async def test_what_cannot_be_is_told_on_the_page(
    client: httpx.AsyncClient, registry: Registry, fields: dict[str, str], words: str
) -> None:
    before = registry.accounts.all()
    await sign_in(client, "boss")
    answer = await send(client, "/users", **fields)
    assert answer.status_code >= 400
    assert words in answer.text
    assert registry.accounts.all() == before


async def test_nobody_else_sees_or_changes_accounts(
    client: httpx.AsyncClient, registry: Registry
) -> None:
    await sign_in(client, "chan")
    assert (await client.get("/users")).status_code == 403
    answer = await send(client, "/account", action="disable", name="boss", old="", password="")
    assert answer.status_code == 403
    found = re.search(r'name="form_token" value="([^"]+)"', (await client.get("/floor")).text)
    assert found is not None
    fields = {"form_token": found[1], "action": "disable", "name": "boss"}
    assert (await client.post("/users", data=fields)).status_code == 403
    assert registry.accounts.named("boss").disabled_at is None


async def test_a_person_changes_its_own_password_and_is_out_everywhere(
    client: httpx.AsyncClient, registry: Registry, own_plant: tuple[Queries, Clock]
) -> None:
    elsewhere = registry.sessions.begin("chan", own_plant[0].now())
    await sign_in(client, "chan")
    new = {"password": OTHER, "again": OTHER}
    wrong = await send(client, "/account", old="wrong", **new)
    assert (wrong.status_code, "present password is wrong" in wrong.text) == (403, True)
    differing = await send(client, "/account", old=PASSWORD, password=OTHER, again="x")
    assert "not the same" in differing.text
    short = await send(client, "/account", old=PASSWORD, password="short", again="short")
    assert "12 to 200 characters" in short.text
    assert registry.accounts.with_password("chan", PASSWORD) is not None
    assert (await send(client, "/account", old=PASSWORD, **new)).status_code == 303
    assert registry.sessions.account(elsewhere, own_plant[0].now()) is None
    assert (await client.get("/floor")).status_code == 303
    assert await sign_in(client, "chan", OTHER) == 303


async def test_guessing_the_present_password_of_an_open_page_has_to_wait(
    client: httpx.AsyncClient, registry: Registry
) -> None:
    await sign_in(client, "chan")
    new = {"password": OTHER, "again": OTHER}
    for _ in range(5):
        assert (await send(client, "/account", old="wrong", **new)).status_code == 403
    assert (await send(client, "/account", old=PASSWORD, **new)).status_code == 429


async def test_who_is_not_signed_in_has_no_account(client: httpx.AsyncClient) -> None:
    assert (await client.get("/account")).status_code == 404
