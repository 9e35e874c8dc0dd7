"""The page that a tablet keeps: the same for everybody, and with all that it needs kept beside it.
How it works without network: test_browser_entry.py.
"""

from __future__ import annotations

import re

import pytest
from signing_in import asking, sign_in
from stopped_line import LINE, stopped_line
from web_plant import Clock, app_of, registry_of, store_of

_ASSET = re.compile(r"/static/[^\"' ]+")


async def test_it_tells_nothing_of_anybody_and_its_assets_are_kept_with_it(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    queries = stopped_line(tmp_path_factory.mktemp("stopped"), Clock())
    async with asking(app_of(queries, version="1")) as client:
        for_nobody = (await client.get("/cut-off")).text
        await sign_in(client, "wong")
        page = (await client.get("/cut-off")).text
        stops = (await client.get(f"/lines/{LINE}/stops")).text
        worker = await client.get("/static/cut_off_worker.js")
        script = await client.get("/static/entry.js")
    assert page == for_nobody
    assert "wong" not in page
    assert LINE not in page
    (kept,) = re.findall(r'data-keep="([^"]+)"', stops)
    assert set(_ASSET.findall(page)) == set(kept.split())
    assert worker.headers["service-worker-allowed"] == "/lines/"
    assert worker.headers["cache-control"] == "no-cache", "a new one is taken at once"
    assert "service-worker-allowed" not in script.headers
    store_of(queries).close()
    registry_of(queries).close()
