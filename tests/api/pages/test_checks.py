"""`/checks`: in three languages, with the reasons of each milestone in words."""

from __future__ import annotations

import pytest
from signing_in import asking
from web_plant import Clock, app_of, registry_of

from api.queries.lines import Queries
from api.records.milestone_steps import NewStep, take_step

REF = "NIFS-2025-017"


@pytest.fixture
def submitted(own_plant: tuple[Queries, Clock]) -> Queries:
    """M3 was submitted ten days late."""
    queries, _ = own_plant
    for milestone in ("M3", "M4"):
        take_step(queries, registry_of(queries).take, REF, milestone, NewStep("submit", "Lee"))
    return queries


async def page(queries: Queries, language: str = "en") -> str:
    async with asking(app_of(queries, version="1")) as client:
        return (await client.get(f"/checks?lang={language}")).text


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("By risk", "days after its due day", "of the planned time was not recorded")),
        ("zh-Hant", ("按風險", "在到期日之後", "計劃時間沒有記錄")),
        ("zh-Hans", ("按风险", "在到期日之后", "计划时间没有记录")),
    ],
)
async def test_each_reason_stands_in_the_readers_language(
    submitted: Queries, language: str, words: tuple[str, ...]
) -> None:
    text = await page(submitted, language)
    for each in (*words, f'href="/grants/{REF}/M3"'):
        assert each in text, each
    assert f'href="/grants/{REF}/M1"' not in text, "a draft is not to be checked"


async def test_where_nothing_was_submitted_there_is_nothing(
    own_plant: tuple[Queries, Clock],
) -> None:
    assert "Of 0 submitted milestones none asks" in await page(own_plant[0])
