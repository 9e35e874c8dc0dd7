"""`/data-quality` of a morning in which everything was wrong, and who is shown what of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from odd_press import DAY, RAW, TOPIC, at, odd_morning
from telemetry import batch, rejections
from web_plant import NOW, PLANT, Clock, app_of, filled_queries, registry_of, store_of

from api.i18n import language
from api.queries.lines import Queries
from domain.access import Assignment, Role
from store.archive.sealed_batches import Archive
from store.files.plant import read_plant


@pytest.fixture(scope="module")
def queries(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Queries]:
    found = filled_queries(tmp_path_factory.mktemp("odd"), Clock())
    odd_morning(found)
    yield found
    store_of(found).close()
    registry_of(found).close()


@pytest.fixture
def app(queries: Queries, tmp_path: Path) -> FastAPI:
    archive = Archive(tmp_path / "archive")
    archive.quarantine.keep(b"LPB1\x00\xffagent-9<script>" + b"z" * 100, "unknown_agent")
    store, registry = store_of(queries), registry_of(queries)
    return app_of(Queries(store, registry, queries.now, archive), version="1")


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield client
    await app.state.services.close()


async def test_the_page_says_it_in_words(client: httpx.AsyncClient) -> None:
    page = (await client.get(f"/data-quality/press-1?day={DAY}")).text
    assert "The connection with press was lost at 25 Mar 2026 09:00: no route to host" in page
    assert page.count("the agent said nothing of it") == 2, "at 11, and until 7"
    assert "1 batches of the agent agent-7" in page
    assert f"<code>{TOPIC}</code>" in page
    assert "&lt;b&gt;1,5&lt;/b&gt;" in page
    assert "x" * 100 not in page, "the begin of what came, not all of it"
    assert f"The clock of press is {language('en').duration(90)} ahead" in page
    chinese = (await client.get(f"/data-quality/press-1?day={DAY}&lang=zh-Hant")).text
    assert "press 的時鐘快了" in chinese


async def test_refused_batches_with_their_first_bytes(client: httpx.AsyncClient) -> None:
    page = (await client.get("/data-quality")).text
    assert "No agent of that name is enrolled" in page
    assert "LPB1··agent-9&lt;script&gt;" in page
    assert "4c 50 42 31 00 ff" in page
    assert page.count("z") < 100
    assert 'href="/data-quality/press-1?day=2026-03-25"' in page


@pytest.mark.parametrize(
    ("day", "status"), [("2026-03-26", 422), ("march", 422), ("0001-01-01", 422), ("", 200)]
)
async def test_a_day_that_has_been(client: httpx.AsyncClient, day: str, status: int) -> None:
    for path in ("/data-quality", "/data-quality/press-1"):
        assert (await client.get(path, params={"day": day})).status_code == status


async def test_who_comes_for_the_grant_sees_its_lines_and_nothing_kept(tmp_path: Path) -> None:
    queries = filled_queries(tmp_path, Clock())
    registry = registry_of(queries)
    unused = {"received": at(8), "address": TOPIC, "reason": "no number", "raw": RAW}
    store_of(queries).append([batch(90, rejections=rejections(unused), agent="agent-7")])
    text = PLANT.replace("timezone:", "confidential: [raw_samples]\ntimezone:", 1)
    registry.apply.plant(text, read_plant(text, "plant.yaml"), NOW)
    registry.accounts.add("boss", "", [Assignment(Role.ADMINISTRATOR)], NOW)
    officer = [Assignment.parse("officer@scheme:NIFS")]
    secret = registry.tokens.add("officer", officer, NOW + timedelta(days=1), NOW, by="boss")
    app = app_of(queries, version="1")
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app),
        base_url="http://localhost",
        headers={"authorization": f"Bearer {secret}"},
    ) as client:
        page = await client.get("/data-quality/filler-1")
        assert page.status_code == 200
        assert TOPIC not in page.text
        assert "keeps raw samples confidential" in page.text
        assert (await client.get("/data-quality/packer-1")).status_code == 404
        overview = (await client.get("/data-quality")).text
        assert "/data-quality/filler-1" in overview
        assert "packer-1" not in overview
        assert "Refused batches" not in overview
    await app.state.services.close()
    store_of(queries).close()
    registry.close()
