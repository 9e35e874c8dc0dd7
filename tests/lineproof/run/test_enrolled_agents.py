"""`/agents/enrolled`: a code that works once, and an agent of which nothing more is taken."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from signing_in import PASSWORD, send
from telemetry import batch
from web_plant import NOW, Clock, app_of, filled_queries, registry_of, store_of

from api.queries.lines import Queries
from domain.access import Assignment
from domain.errors import NotAllowedError
from lineproof.run.enrolled_agents import ENROLLED_PATH, enrolled_agents_router
from store.registry.audit import AuditFilter

KEY = bytes(range(32))


@pytest.fixture
def own_plant(tmp_path: Path) -> Iterator[tuple[Queries, Clock]]:
    clock = Clock()
    found = filled_queries(tmp_path, clock)
    yield found, clock
    store_of(found).close()
    registry_of(found).close()


@pytest.fixture
async def client(own_plant: tuple[Queries, Clock]) -> AsyncIterator[httpx.AsyncClient]:
    """Who manages agents is signed in; `press-agent` is enrolled and has sent a batch."""
    queries, _ = own_plant
    registry = registry_of(queries)
    registry.accounts.add("ines", "Ines", [Assignment.parse("integrator")], NOW)
    registry.accounts.set_password("ines", PASSWORD)
    registry.agents.enrol("press-agent", KEY, NOW, origin="code of boss")
    store_of(queries).append([batch(1, agent="press-agent")])
    app = app_of(queries, version="1", extra_routers=[enrolled_agents_router(queries.now)])
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url="http://localhost"
    ) as client:
        await send(client, "/sign-in", name="ines", password=PASSWORD)
        yield client
    await app.state.services.close()


async def test_a_code_enrols_once(
    client: httpx.AsyncClient, own_plant: tuple[Queries, Clock]
) -> None:
    registry = registry_of(own_plant[0])
    answer = await send(client, ENROLLED_PATH, action="code", name="hall-2")
    assert "--url http://localhost" in answer.text
    code = re.search(r"--code ([\w-]+)", answer.text)
    assert code is not None
    assert code[1] not in (await client.get(ENROLLED_PATH)).text, "it is shown only once"
    assert registry.agent_codes.use(code[1], KEY, NOW) == "hall-2"
    with pytest.raises(NotAllowedError, match="used before"):
        registry.agent_codes.use(code[1], KEY[::-1], NOW)
    said = [
        (it.event.place, it.event.outcome) for it in registry.audit.page(AuditFilter(), limit=5)
    ]
    assert ("hall-2", "code made") in said


@pytest.mark.parametrize("name", ["press-agent", "", "a b", "<script>"])
async def test_no_code_for_a_name_that_is_none_or_taken(
    client: httpx.AsyncClient, name: str
) -> None:
    answer = await send(client, ENROLLED_PATH, action="code", name=name)
    assert answer.status_code in (409, 422)
    assert "<script>alert" not in answer.text
    assert "--code" not in answer.text


async def test_revoked_only_by_its_name_once_more(
    client: httpx.AsyncClient, own_plant: tuple[Queries, Clock]
) -> None:
    agents = registry_of(own_plant[0]).agents
    slip = await send(
        client, ENROLLED_PATH, action="revoke", name="press-agent", again="press-agnt"
    )
    assert slip.status_code == 422
    assert not agents.is_revoked("press-agent")
    done = await send(
        client, ENROLLED_PATH, action="revoke", name="press-agent", again="press-agent"
    )
    assert done.status_code == 303
    assert agents.is_revoked("press-agent")
    assert "Revoked at 25 Mar 2026 14:05" in (await client.get(ENROLLED_PATH)).text


async def test_how_each_is(client: httpx.AsyncClient, own_plant: tuple[Queries, Clock]) -> None:
    queries, clock = own_plant
    registry_of(queries).agents.enrol("new-agent", KEY[::-1], NOW)
    last = store_of(queries).last_batch("press-agent")
    assert last is not None
    clock.now = last.received + timedelta(minutes=1)
    page = (await client.get(ENROLLED_PATH)).text
    assert "Nothing came yet" in page
    assert "Sends" in page
    clock.now = last.received + timedelta(hours=2)
    assert "Silent for 2 hrs" in (await client.get(ENROLLED_PATH)).text
