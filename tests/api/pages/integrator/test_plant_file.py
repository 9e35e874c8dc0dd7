"""`/plants/{plant}`: who may, what is refused and where, two who save at once, taking back."""

from __future__ import annotations

import contextlib
import html
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path

import httpx
import pytest
from signing_in import send
from web_plant import NOW, Clock, app_of, filled_queries, registry_of, store_of

from api.http.access.callers import SESSION_COOKIE
from api.queries.lines import Queries
from domain.access import Assignment
from lineproof.machine_networks import network
from lineproof.node_looker import NodeLooker
from store.registry.audit import AuditFilter, Done
from store.registry.registry import Registry
from store.registry.versions import text_digest

PAGE = "/plants/tko-foods"


PEOPLE = {
    "ines": "integrator@plant:tko-foods",
    "ivan": "integrator@plant:tko-foods",
    "boss": "administrator",
    "chan": "operator@line:filler-1",
}
Clients = Mapping[str, httpx.AsyncClient]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Queries]:
    found = filled_queries(tmp_path_factory.mktemp("node"), Clock())
    registry = registry_of(found)
    for name, role in PEOPLE.items():
        registry.accounts.add(name, name.title(), [Assignment.parse(role)], NOW)
    yield found
    store_of(found).close()
    registry.close()


@pytest.fixture
async def clients(filled: Queries, tmp_path: Path) -> AsyncIterator[Clients]:
    """Everybody, signed in, at a node that may look at this computer alone."""
    looker = NodeLooker(tmp_path / "looking", [network("127.0.0.1/32")])
    app = app_of(filled, version="1", own_profiles=tmp_path, looker=looker)
    transport = httpx.ASGITransport(app=app)
    async with contextlib.AsyncExitStack() as opened:
        found = {}
        for name in PEOPLE:
            cookies = {SESSION_COOKIE: registry_of(filled).sessions.begin(name, filled.now())}
            client = httpx.AsyncClient(
                transport=transport, base_url="http://localhost", cookies=cookies
            )
            found[name] = await opened.enter_async_context(client)
        yield found
    await app.state.services.close()


def registered(queries: Queries) -> tuple[Registry, int, str]:
    registry = registry_of(queries)
    number = registry.plant_saves.versions("tko-foods")[0].number
    return registry, number, registry.plant_saves.text("tko-foods", number)


async def save(
    client: httpx.AsyncClient, text: str, began_with: int, note: str = "faster", **more: str
) -> httpx.Response:
    fields = {"text": text, "began_with": str(began_with), "note": note, **more}
    return await send(client, PAGE, action="save", **{"checked": text_digest(text), **fields})


async def checked(client: httpx.AsyncClient, text: str, began_with: int = 1) -> str:
    """What looking at the text comes to, as words."""
    fields = {"text": text, "began_with": str(began_with)}
    answer = await send(client, PAGE, f"{PAGE}/check", **fields)
    assert answer.status_code == 200
    return " ".join(html.unescape(re.sub("<[^>]+>", " ", answer.text)).split())


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("timezone:", "timezones:", "Line 3 field 'timezones': unknown key"),
        ("    calendar: two-shift", "    calendar: tow-shift", "Line 18 field 'lines.filler-1.cal"),
        ("holidays: none", "holidays: [none", "not valid YAML"),
        ("plant: tko-foods", "plant: other", "Line 2 field 'plant': this is the page of the plant"),
        ("  filler-1:", "  filler-9:", "the line 'filler-1' is gone, but project"),
        ("press: {profile: import}", "press: {profile: /etc/passwd}", "neither a packaged profile"),
        (
            "press: {profile: import}",
            'press: {profile: packml/opcua, connection: {url: "opc.tcp://10.9.9.9"}}',
            "this node may not look at 10.9.9.9",
        ),
        (
            "press: {profile: import}",
            "press: {profile: packml/opcua, connection: {password_file: ../ledger/key}}",
            "lies in the folder 'secrets'",
        ),
        (
            "press: {profile: import}",
            "press: {profile: packml/opcua, connection: {password: s3cret}}",
            "no password may stand in it",
        ),
    ],
)
async def test_what_is_refused_leaves_all_as_it_is(
    clients: Clients, filled: Queries, old: str, new: str, says: str
) -> None:
    _, number, text = registered(filled)
    wrong = text.replace(old, new, 1)
    assert wrong != text
    assert says in await checked(clients["ines"], wrong, number)
    answer = await save(clients["ines"], wrong, number)
    assert (answer.status_code, registered(filled)[1:]) == (422, (number, text))
    assert html.escape(new, quote=False) in answer.text.replace("&#34;", '"').replace("&#39;", "'")


async def test_what_it_would_change_is_said_before(clients: Clients, filled: Queries) -> None:
    text = registered(filled)[2]
    assert "This is the text that is in force" in await checked(clients["ines"], text)
    says = await checked(
        clients["ines"], text.replace("s: 2.0", "s: 1.5", 1).replace("filler2", "f2")
    )
    assert "All figures of these lines are computed anew: filler-2, press-1" in says
    assert "Machine filler-2/filler2 is called filler-2/f2: its history stays" in says
    more = "  oven-1: {machines: {oven: {profile: import}}, roles: {state: oven}}\n"
    says = await checked(clients["ines"], text + more)
    assert "New line: oven-1" in says
    assert "No figure is computed anew" in says
    assert "oven: {profile: import}" in says


async def test_a_version_is_saved_compared_and_taken_back(
    clients: Clients, filled: Queries
) -> None:
    _, number, before = registered(filled)
    slower = before.replace("s: 2.0", "s: 2.5", 1)
    unseen = await save(clients["ines"], slower, number, checked="")
    assert (unseen.status_code, registered(filled)[1]) == (422, number)
    assert "was not looked at yet" in unseen.text
    assert f'value="{text_digest(slower)}"' in unseen.text  # it is looked at now
    assert "not said why" in (await save(clients["ines"], slower, number, note=" ")).text
    answer = await save(
        clients["ines"], slower.replace("\n", "\r\n"), number, "the <press> was slowed"
    )
    assert answer.status_code == 422  # its digest is that of another text
    answer = await save(clients["ines"], slower, number, "the <press> was slowed")
    assert answer.status_code == 303
    registry, now, text = registered(filled)
    assert (now, text) == (number + 1, slower)
    assert filled.line("press-1")[1].ideal_cycle_time_s == 2.5
    page = (await clients["ivan"].get(PAGE)).text
    assert "the &lt;press&gt; was slowed" in page
    assert (await clients["ivan"].get(f"{PAGE}/versions/{number}")).text == before
    for view in ("unified", "side"):
        seen = await clients["ivan"].get(f"{PAGE}/difference?old={number}&new={now}&view={view}")
        assert all(f"ideal_cycle_time_s: {it}" in seen.text for it in ("2.0", "2.5"))
    back = await clients["ivan"].get(f"{PAGE}?version={number}")
    assert f'value="{text_digest(before)}"' in back.text
    assert (await save(clients["ivan"], before, now, "back")).status_code == 303
    assert registered(filled)[1:] == (now + 1, before)
    saved = registry.plant_saves.versions("tko-foods")
    assert [it.save and it.save.author for it in saved[:3]] == ["ivan", "ines", None]
    told = registry.audit.page(AuditFilter(), limit=3)
    assert [(it.event.who, it.event.what) for it in told][:1] == [("ivan", Done.CHANGE)]
    assert list(registry.recorded.faults()) == []


async def test_the_second_of_two_is_told_and_loses_nothing(
    clients: Clients, filled: Queries
) -> None:
    one, other = clients["ines"], clients["ivan"]
    _, number, before = registered(filled)
    theirs = before.replace("s: 2.0", "s: 1.8", 1)
    mine = before.replace("  meter: {profile: import}", "  meter: {profile: import}  # new", 1)
    assert (await save(one, theirs, number, "quicker")).status_code == 303
    assert "Meanwhile ines saved version" in await checked(other, mine, number)
    answer = await save(other, mine, number)
    assert (answer.status_code, registered(filled)[2]) == (409, theirs)
    assert "# new" in answer.text  # what was typed
    assert "ideal_cycle_time_s: 1.8" in answer.text  # what the first one changed
    assert f'name="began_with" value="{number + 1}"' in answer.text
    both = mine.replace("s: 2.0", "s: 1.8", 1)
    assert (await save(other, both, number + 1)).status_code == 303
    assert registered(filled)[2] == both


async def test_who_may(clients: Clients) -> None:
    assert (await clients["chan"].get(PAGE)).status_code == 403
    assert (await clients["boss"].get(PAGE)).status_code == 200
    assert (await clients["boss"].get("/plants/nowhere")).status_code == 404
    assert (await clients["ines"].get("/plants")).headers["location"] == PAGE
    forged = await clients["ines"].post(PAGE, data={"action": "save", "text": "x"})
    assert forged.status_code == 403
    huge = await send(clients["ines"], PAGE, action="save", text="x" * 3_000_000)
    assert huge.status_code in (413, 422)
