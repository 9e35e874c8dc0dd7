"""Languages of a page, and files that are kept under their digest."""

from __future__ import annotations

import re

import httpx


async def test_the_language_is_kept_in_a_cookie(client: httpx.AsyncClient) -> None:
    await client.get("/floor?lang=zh-Hans")
    assert '<html lang="zh-Hans">' in (await client.get("/grants")).text
    assert '<html lang="en">' in (await client.get("/grants?lang=en")).text


async def test_language_links_keep_the_question(client: httpx.AsyncClient) -> None:
    text = (await client.get("/grants/NIFS-2025-017?until=2026-03-14")).text
    assert 'href="?until=2026-03-14&amp;lang=zh-Hant"' in text


async def test_static_files_are_kept_under_their_digest(client: httpx.AsyncClient) -> None:
    text = (await client.get("/floor")).text
    (sheet,) = re.findall(r'href="(/static/app\.css\?v=[0-9a-f]{12})"', text)
    kept = await client.get(sheet)
    assert "immutable" in kept.headers["cache-control"]
    assert (await client.get("/static/app.css")).headers["cache-control"] == "no-cache"
    for name in ("app.css", "live.js"):
        loaded = (await client.get(f"/static/{name}")).text
        assert not re.search(r"https?://|@import", loaded), f"{name} loads from outside"
