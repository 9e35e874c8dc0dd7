"""The grant pages: verdicts with their reasons, at any time, in the reader's language."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import httpx
import pytest
from web_plant import GRANT, NOW, Clock, app_of, registry_of

from api.i18n import language_named
from api.pages.officer.terms import reason_text
from api.queries.lines import Queries
from api.queries.prices import verdicts_price
from api.queries.verdicts import verdicts
from store.files.grant import read_grant


async def test_the_grant_page_shows_verdicts_and_their_reasons(
    client: httpx.AsyncClient, filled: Queries
) -> None:
    text = (await client.get("/grants/NIFS-2025-017")).text
    for words in ("Met", "On track", "At risk", "Not provable", "Not met", "Pending"):
        assert f"</svg>{words}</span>" in text, words
    assert "HK$15,000,000" in text
    assert "Only 86.02% of the planned time is recorded" in text
    found = verdicts(filled, "NIFS-2025-017")
    for verdict in found.verdicts:
        assert verdict.milestone.terms_digest in text
        for reason in verdict.reasons:
            said = reason_text(reason, language_named("en"))
            assert said.replace("'", "&#39;") in text


async def test_the_grant_page_goes_back_in_time(client: httpx.AsyncClient) -> None:
    """The picked day is included: on the last day of its window M3 is judged."""
    text = (await client.get("/grants/NIFS-2025-017?until=2026-03-08")).text
    assert "As of 9 Mar 2026 00:00" in text
    assert text.count("</svg>Not provable</span>") == 0
    text = (await client.get("/grants/NIFS-2025-017/M3?until=2026-03-14")).text
    assert text.count("</svg>Not provable</span>") == 1


async def test_chinese_reasons_name_the_metric_in_chinese(client: httpx.AsyncClient) -> None:
    text = (await client.get("/grants/NIFS-2025-017/M3?lang=zh-Hant")).text
    assert "由 2026年3月9日 至 2026年3月14日，可用率為 92.29%" in text
    assert "將軍澳" in (await client.get("/grants?lang=zh-Hant")).text


async def test_an_unknown_milestone_and_a_wrong_day(client: httpx.AsyncClient) -> None:
    missing = await client.get("/grants/NIFS-2025-017/M99", headers={"accept": "text/html"})
    assert (missing.status_code, "M1, M2, M3" in missing.text) == (404, True)
    wrong = await client.get("/grants/NIFS-2025-017?until=soon", headers={"accept": "text/html"})
    assert (wrong.status_code, "until" in wrong.text) == (422, True)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "36,600 days are the most of one question"),
        ("zh-Hant", "一次查詢最多 36,600 天"),
        ("zh-Hans", "一次查询最多 36,600 天"),
    ],
)
async def test_what_is_too_dear_is_said_in_the_readers_language(
    own_plant: tuple[Queries, Clock], language: str, words: str
) -> None:
    """A project that looks back to 1900 is asked for by nobody in earnest."""
    queries, _ = own_plant
    wide = GRANT.replace("start: 2026-03-02, end: 2026-12-31", "start: 1900-01-01, end: 2026-12-31")
    registry_of(queries).apply.project(wide, read_grant(wide, "grant.yaml"), NOW)
    transport = httpx.ASGITransport(app=app_of(queries, version="1"))
    headers = {"accept": "text/html", "accept-language": language}
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        for path in ("/grants/NIFS-2025-017", "/grants/NIFS-2025-017/M4"):
            answer = await client.get(path, headers=headers)
            assert answer.status_code == 422
            assert words in answer.text
            assert f'<div lang="{language}">' in answer.text
        program = await client.get("/api/v1/projects/NIFS-2025-017/milestones")
        allowed = re.search(r"up to (\S+) at the latest", program.json()["detail"])
        assert allowed is not None
    assert program.status_code == 422
    assert "36,600 days" in program.json()["detail"]
    _, project = queries.project("NIFS-2025-017")
    end = datetime.fromisoformat(f"{allowed[1]}T00:00+08:00") + timedelta(days=1)
    verdicts_price(queries, project, end).check()  # what the sentence allows is answered


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "Ask what was up to"), ("zh-Hant", "一次查詢最多"), ("zh-Hans", "一次查询最多")],
)
async def test_one_project_that_is_too_dear_does_not_hide_the_others(
    own_plant: tuple[Queries, Clock], language: str, words: str
) -> None:
    queries, _ = own_plant
    wide = GRANT.replace("start: 2026-03-02, end: 2026-12-31", "start: 1900-01-01, end: 2026-12-31")
    wide = wide.replace("project: NIFS-2025-017", "project: WIDE-1")
    registry_of(queries).apply.project(wide, read_grant(wide, "grant.yaml"), NOW)
    transport = httpx.ASGITransport(app=app_of(queries, version="1"))
    headers = {"accept": "text/html", "accept-language": language}
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        answer = await client.get("/grants", headers=headers)
    assert answer.status_code == 200
    first, second = answer.text.split('<li class="project">')[1:]
    assert ("NIFS-2025-017" in first, "badge v-met" in first, 'class="notice' in first) == (
        True,
        True,
        False,
    )
    assert ("WIDE-1" in second, "badge v-met" in second, words in second) == (True, False, True)
    assert "HK$15,000,000" in second


async def test_a_node_without_dossiers_has_no_button_for_them(client: httpx.AsyncClient) -> None:
    assert "/dossier" not in (await client.get("/grants/NIFS-2025-017")).text
