"""The pages as text: what they say, in which language, and that nothing comes from outside."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import httpx
import pytest
from machine_words import machine_words

PAGES = (
    "/floor",
    "/wall",
    "/lines/filler-1",
    "/lines/filler-1/stops",
    "/lines/packer-1",
    "/lines/packer-1/handover",
    "/lines/press-1",
    "/grants",
    "/audit",
    "/glossary",
    "/cut-off",
    "/sign-in",
    "/grants/NIFS-2025-017",
    "/grants/NIFS-2025-017/M3",
    "/changes/NIFS-2025-017",
    "/alerts",
    "/reminders",
    "/portfolio",
    "/data-quality",
    "/data-quality/filler-1",
    "/data-quality/filler-1?day=2026-03-10",
    "/connect",
    "/plants/tko-foods",
    "/plants/tko-foods?version=1",
    "/plants/tko-foods/difference?old=1&new=1",
    "/profiles",
    "/profiles/packml/opcua",
    "/profiles/kepware/iot-gateway-mqtt",
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


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("tag", ["en", "zh-Hant", "zh-Hans"])
async def test_every_page_in_every_language(client: httpx.AsyncClient, path: str, tag: str) -> None:
    answer = await client.get(httpx.URL(path).copy_merge_params({"lang": tag}))
    assert answer.status_code == 200
    assert answer.headers["content-language"] == tag
    assert f'<html lang="{tag}">' in answer.text
    if not path.startswith("/profiles"):  # of machines' own names for what they tell
        assert machine_words(answer.text) == []
    elements = Elements(answer.text).found
    for name, attributes in elements:
        assert "style" not in attributes, "the content security policy forbids inline styles"
        assert not any(key.startswith("on") for key in attributes), "nor inline handlers"
        if (name, attributes.get("rel")) == ("a", "noreferrer"):
            continue  # of a vendor's documentation: nothing is loaded until somebody goes there
        for key in LOADS & set(attributes):
            assert re.match(r"[/#?]|$", attributes[key]), f"{name} {key} leaves the machine"
    assert [attributes["lang"] for name, attributes in elements if name == "html"] == [tag]
    assert sum(name == "h1" for name, _ in elements) == 1
    for name, attributes in elements:
        if name == "th":
            assert attributes.get("scope"), "every header cell says what it heads"
        if name == "svg":
            hidden = attributes.get("aria-hidden") == "true" or attributes.get("role") == "none"
            assert hidden or attributes.get("aria-label"), "a drawing has words or is hidden"
    assert sum(name == "table" for name, _ in elements) == sum(n == "caption" for n, _ in elements)


def test_a_machines_words_are_found() -> None:
    shown = "due 2026-03-12, {'a': None}, audited_accounts, 0.5 kWh/item"
    assert len(machine_words(f"<main id=x><p>{shown}</p><code>2026-03-12</code></main>")) == 5


async def test_page_and_api_show_one_figure(client: httpx.AsyncClient) -> None:
    """SysOEE#35; odoo/odoo#218310: form and report differ."""
    row = (await client.get("/api/v1/lines/filler-1")).json()["kpis"]
    page = (await client.get("/lines/filler-1")).text
    for name in ("oee", "availability", "effectiveness", "quality_ratio"):
        assert f"{row[name] * 100:.1f}%" in page, name
    assert f"{row['good_count']:,.0f}" in page
