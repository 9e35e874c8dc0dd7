"""The reasoning of a verdict on its page: steps, unknown hours, what would change it, flags."""

from __future__ import annotations

import re
from html import unescape

import httpx
import pytest

PROJECT = "/grants/NIFS-2025-017"
SAID = {
    "en": (
        "Clause 5.3 asks for this: Metric: Availability; Target: at least 83%;",
        "The days 9–14 Mar 2026 count; 6 of them were production days that had ended by 25 Mar",
        "Filling line 1 from 10 Mar 2026 13:00 to 11 Mar 2026 10:00: the machine Bottle filler was",
        "unknown hours would have to become known, so that 95% of the planned time is recorded.",
        "No imported file covers it.",
    ),
    "zh-Hant": (
        "條款 5.3 要求——指標：可用率；目標：不低於 83%；",
        "由 2026年3月10日 13:00 至 2026年3月11日 10:00 未能收到機器 樽裝灌裝機 的訊號。",
        "計劃時間的記錄方可達 95%。",
    ),
    "zh-Hans": ("未能收到机器 瓶装灌装机 的信号。",),
}


async def page(client: httpx.AsyncClient, milestone: str, language: str = "en") -> str:
    return unescape((await client.get(f"{PROJECT}/{milestone}?lang={language}")).text)


@pytest.mark.parametrize("language", SAID)
async def test_why_it_is_not_provable_can_be_read_out(
    client: httpx.AsyncClient, language: str
) -> None:
    text = await page(client, "M3", language)
    for words in SAID[language]:
        assert words in text
    shown = re.sub(r"<(script|code|h1|a)[^>]*>.*?</\1>|<[^>]+>", " ", text, flags=re.DOTALL)
    assert not re.search(r"\d{4}-\d\d-\d\d", shown), "one style of dates on a page"
    assert not re.search(r"\d %", shown.replace("83 %", "")), "one style of shares"


async def test_the_chart_has_a_table_and_digests_are_whole(
    client: httpx.AsyncClient,
) -> None:
    text = await page(client, "M3")
    assert text.count('<rect class="unknown"') == 3, "two days, and one in the legend"
    rows = re.findall(r'<tr><th scope="row">(\d+ Mar 2026)</th>', text)
    assert rows == [f"{day} Mar 2026" for day in (9, 10, 11, 12, 13, 14)]
    assert 'Gap in the data</b> <span class="range">10–11 Mar 2026</span>' in text


async def test_a_milestone_on_its_way_shows_how_it_may_go_on(client: httpx.AsyncClient) -> None:
    text = await page(client, "M2")
    assert text.count('<polygon class="fan"') == 2
    assert "production days in a row can reach it until 30 Jun 2026" in text
    digests = re.findall(r'<code class="whole" id="\w+-digest" tabindex="0">(\w{64})</code>', text)
    assert len(set(digests)) == 2


async def test_a_document_has_steps_and_no_chart(client: httpx.AsyncClient) -> None:
    text = await page(client, "M5")
    assert "How the verdict follows" in text
    assert "No document 'Audited accounts' is attached; it is due on 31 Jan 2027." in text
    assert "day-chart" not in text
