"""`/portfolio`: in three languages, with what is published beside what is known here."""

from __future__ import annotations

import httpx
import pytest


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("Who is waited for", "the company", "at least 130", "only an excerpt was read")),
        ("zh-Hant", ("正在等候誰", "公司", "不低於 130", "只讀到摘錄", "獨角獸企業（累計）")),
        ("zh-Hans", ("正在等候谁", "公司", "不低于 130", "只读到摘录", "独角兽企业（累计）")),
    ],
)
async def test_it_reads_in_the_readers_language(
    client: httpx.AsyncClient, language: str, words: tuple[str, ...]
) -> None:
    text = (await client.get(f"/portfolio?lang={language}")).text
    for each in (*words, "HK$15,000,000", 'href="/grants/NIFS-2025-017/M3"', "5.00"):
        assert each in text, each


async def test_whoever_has_waited_longest_stands_first(client: httpx.AsyncClient) -> None:
    text = (await client.get("/portfolio")).text
    places = [text.index(f'href="/grants/NIFS-2025-017/{it}"') for it in ("M3", "M1", "M6")]
    assert places == sorted(places)


async def test_grants_lead_to_it(client: httpx.AsyncClient) -> None:
    assert 'href="/portfolio"' in (await client.get("/grants")).text
