"""`/connect` without a machine: who may, where, how much is taken, and what is never said."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from signing_in import PASSWORD, send, with_accounts
from web_plant import NOW, Clock, app_of, filled_queries, registry_of, store_of

from api.queries.lines import Queries
from domain.access import Assignment
from lineproof.machine_networks import network
from lineproof.node_looker import NodeLooker
from store.registry.audit import AuditFilter

SECRET = "s3cret-of-the-press"


@pytest.fixture(scope="module")
def queries(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Queries]:
    found = filled_queries(tmp_path_factory.mktemp("node"), Clock())
    with_accounts(found).accounts.add("ines", "Ines", [Assignment.parse("integrator")], NOW)
    registry_of(found).accounts.set_password("ines", PASSWORD)
    yield found
    store_of(found).close()
    registry_of(found).close()


@pytest.fixture
async def client(queries: Queries, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """The integrator, at a node that may look at this computer alone."""
    looker = NodeLooker(tmp_path / "looking", [network("127.0.0.1/32")])
    app = app_of(queries, version="1", own_profiles=tmp_path, looker=looker)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url="http://localhost"
    ) as client:
        await send(client, "/sign-in", name="ines", password=PASSWORD)
        yield client
    await app.state.services.close()


@pytest.mark.parametrize(
    ("fields", "status", "says"),
    [
        ({"action": "look", "url": "http://127.0.0.1/"}, 422, "no address of a machine"),
        ({"action": "look", "url": "mqtt://10.0.0.1"}, 403, "may not look at 10.0.0.1"),
        ({"action": "look", "url": "opc.tcp://127.0.0.1", "seconds": "9999"}, 422, "no time"),
        (
            {"action": "try", "url": "opc.tcp://127.0.0.1", "profile": "name: x"},
            422,
            "profile.yaml",
        ),
        ({"action": "try", "url": "opc.tcp://127.0.0.1", "parameters": "x"}, 422, "name=value"),
        ({"action": "compare", "panel_state": "x"}, 422, "nothing to compare with"),
        ({"action": "save", "name": "../x", "profile": "name: x"}, 422, "no name of a profile"),
        ({"action": "erase"}, 422, "no action"),
    ],
)
async def test_what_cannot_be_done_is_said(
    client: httpx.AsyncClient, fields: dict[str, str], status: int, says: str
) -> None:
    answer = await send(client, "/connect", **{"seconds": "5", **fields})
    assert answer.status_code == status
    assert says in answer.text


async def test_a_password_is_never_said_again(client: httpx.AsyncClient, queries: Queries) -> None:
    url = f"opc.tcp://ann:{SECRET}@127.0.0.1:4840"
    for given in ({"url": url}, {"url": "opc.tcp://127.0.0.1:1", "password": SECRET}):
        answer = await send(client, "/connect", action="look", seconds="5", user="ann", **given)
        assert answer.status_code != 200
        assert SECRET not in answer.text
    assert SECRET not in repr(registry_of(queries).audit.page(AuditFilter(), limit=100))


async def test_a_form_of_another_site_looks_at_nothing(client: httpx.AsyncClient) -> None:
    data = {"action": "look", "url": "opc.tcp://127.0.0.1", "seconds": "5"}
    assert (await client.post("/connect", data=data)).status_code == 403
    huge = {"form_token": "x", "profile": "x" * 500_000}
    assert (await client.post("/connect", data=huge)).status_code in (413, 422)


async def test_a_node_that_may_look_nowhere_says_how_it_may(queries: Queries) -> None:
    app = app_of(queries, version="1")
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url="http://localhost"
    ) as client:
        await send(client, "/sign-in", name="ines", password=PASSWORD)
        page = (await client.get("/connect")).text
        assert "machine_networks: [10.0.0.0/8]" in page
        assert 'name="url"' not in page
        await send(client, "/sign-in", name="chan", password=PASSWORD)
        assert (await client.get("/connect")).status_code == 403
    await app.state.services.close()
