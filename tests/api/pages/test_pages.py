"""The pages as text: what they say, in which language, and that nothing comes from outside."""

from __future__ import annotations

import re
from datetime import datetime
from html.parser import HTMLParser
from pathlib import Path

import httpx
import pytest
from web_plant import ZONE, Clock, app_of

from api.i18n import language
from api.pages.line import from_to
from api.queries.lines import Queries
from store.registry.registry import Registry
from store.telemetry.duckdb.store import DuckDBStore

PAGES = (
    "/floor",
    "/lines/filler-1",
    "/lines/packer-1",
    "/lines/press-1",
    "/grants",
    "/grants/NIFS-2025-017",
    "/grants/NIFS-2025-017/M3",
)
LOADS = {"src", "href", "action", "srcset", "poster", "data"}


class Elements(HTMLParser):
    """Every element with its attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))


async def test_the_first_page_is_the_floor(client: httpx.AsyncClient) -> None:
    answer = await client.get("/")
    assert (answer.status_code, answer.headers["location"]) == (307, "/floor")


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("tag", ["en", "zh-Hant", "zh-Hans"])
async def test_every_page_in_every_language(client: httpx.AsyncClient, path: str, tag: str) -> None:
    answer = await client.get(path, params={"lang": tag})
    assert answer.status_code == 200
    assert answer.headers["content-language"] == tag
    assert f'<html lang="{tag}">' in answer.text
    elements = Elements(answer.text).found
    for name, attributes in elements:
        assert "style" not in attributes, "the content security policy forbids inline styles"
        assert not any(key.startswith("on") for key in attributes), "nor inline handlers"
        for key in LOADS & set(attributes):
            assert re.match(r"[/#?]|$", attributes[key]), f"{name} {key} leaves the machine"
    assert [attributes["lang"] for name, attributes in elements if name == "html"] == [tag]
    assert sum(name == "h1" for name, _ in elements) == 1
    for name, attributes in elements:
        if name == "th":
            assert attributes.get("scope"), "every header cell says what it heads"
        if name == "svg":
            hidden = attributes.get("aria-hidden") == "true"
            assert hidden or attributes.get("aria-label"), "a drawing has words or is hidden"
    assert sum(name == "table" for name, _ in elements) == sum(n == "caption" for n, _ in elements)


async def test_the_language_is_kept_in_a_cookie(client: httpx.AsyncClient) -> None:
    await client.get("/floor?lang=zh-Hans")
    assert '<html lang="zh-Hans">' in (await client.get("/grants")).text
    assert '<html lang="en">' in (await client.get("/grants?lang=en")).text


async def test_language_links_keep_the_question(client: httpx.AsyncClient) -> None:
    text = (await client.get("/grants/NIFS-2025-017?until=2026-03-14")).text
    assert 'href="?until=2026-03-14&amp;lang=zh-Hant"' in text


async def test_the_floor_says_state_reason_count_and_bounds(client: httpx.AsyncClient) -> None:
    text = (await client.get("/floor")).text
    for words in ("Producing", "Fault", "Glue nozzle blocked", "The machine is silent.", "72.8%"):
        assert words in text
    assert "between 72.8% and 87.9%" in text, "filler-2: an hour of the shift is unknown"


async def test_page_and_api_show_one_figure(client: httpx.AsyncClient) -> None:
    """SysOEE#35; odoo/odoo#218310: form and report differ."""
    row = (await client.get("/api/v1/lines/filler-1")).json()["kpis"]
    page = (await client.get("/lines/filler-1")).text
    for name in ("oee", "availability", "effectiveness", "quality_ratio"):
        assert f"{row[name] * 100:.1f}%" in page, name
    assert f"{row['good_count']:,.0f}" in page


async def test_the_grant_page_shows_verdicts_and_their_reasons(client: httpx.AsyncClient) -> None:
    text = (await client.get("/grants/NIFS-2025-017")).text
    for words in ("Met", "On track", "At risk", "Not provable", "Not met", "Pending"):
        assert f"</svg>{words}</span>" in text, words
    assert "HK$15,000,000" in text
    assert "Only 86.02 % of the planned time is recorded" in text
    document = (await client.get("/api/v1/projects/NIFS-2025-017/milestones")).json()
    for milestone in document["milestones"]:
        assert milestone["evidence"]["terms_digest"] in text
        for reason in milestone["reasons"]:
            assert reason.replace("'", "&#39;") in text


async def test_the_grant_page_goes_back_in_time(client: httpx.AsyncClient) -> None:
    """The picked day is included: on the last day of its window M3 is judged."""
    text = (await client.get("/grants/NIFS-2025-017?until=2026-03-08")).text
    assert "As of 9 Mar 2026 00:00" in text
    assert text.count("</svg>Not provable</span>") == 0
    text = (await client.get("/grants/NIFS-2025-017/M3?until=2026-03-14")).text
    assert text.count("</svg>Not provable</span>") == 1


async def test_chinese_reasons_name_the_metric_in_chinese(client: httpx.AsyncClient) -> None:
    text = (await client.get("/grants/NIFS-2025-017/M3?lang=zh-Hant")).text
    assert "由 2026-03-09 至 2026-03-14，可用率為 92.29 %" in text
    assert "將軍澳" in (await client.get("/grants?lang=zh-Hant")).text


async def test_an_unknown_milestone_and_a_wrong_day(client: httpx.AsyncClient) -> None:
    missing = await client.get("/grants/NIFS-2025-017/M99", headers={"accept": "text/html"})
    assert (missing.status_code, "M1, M2, M3" in missing.text) == (404, True)
    wrong = await client.get("/grants/NIFS-2025-017?until=soon", headers={"accept": "text/html"})
    assert (wrong.status_code, "until" in wrong.text) == (422, True)


async def test_empty_pages_say_what_to_do(tmp_path: Path) -> None:
    store = DuckDBStore(tmp_path / "t.duckdb")
    registry = Registry(tmp_path / "r.sqlite", tmp_path / "d")
    app = app_of(Queries(store, registry, Clock()), version="1")
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url="http://localhost"
    ) as client:
        assert "lineproof apply -f plant.yaml" in (await client.get("/floor")).text
        assert "lineproof apply -f grant.yaml" in (await client.get("/grants")).text
    registry.close()
    store.close()


async def test_static_files_are_kept_under_their_digest(client: httpx.AsyncClient) -> None:
    text = (await client.get("/floor")).text
    (sheet,) = re.findall(r'href="(/static/app\.css\?v=[0-9a-f]{12})"', text)
    kept = await client.get(sheet)
    assert "immutable" in kept.headers["cache-control"]
    assert (await client.get("/static/app.css")).headers["cache-control"] == "no-cache"
    for name in ("app.css", "live.js"):
        loaded = (await client.get(f"/static/{name}")).text
        assert not re.search(r"https?://|@import", loaded), f"{name} loads from outside"


@pytest.mark.parametrize(
    ("start", "end", "text"),
    [
        ("2026-03-05T07:00", "2026-03-05T15:00", "07:00–15:00"),
        ("2026-03-05T23:00", "2026-03-06T07:00", "23:00–07:00"),
        ("2026-03-05T07:00", "2026-03-06T07:00", "5 Mar 2026 07:00 – 6 Mar 2026 07:00"),
    ],
)
def test_a_period_names_its_days_where_it_is_as_long_as_one(
    start: str, end: str, text: str
) -> None:
    first, last = (datetime.fromisoformat(each).replace(tzinfo=ZONE) for each in (start, end))
    assert from_to(first, last, language("en"), ZONE) == text
