"""What a question costs is known without doing it, and what is too dear says what is allowed."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import httpx
import pytest
from web_plant import NOW, ZONE

from api.i18n import LANGUAGES, language
from api.queries import prices
from api.queries.lines import Queries
from api.queries.prices import LIMITS, Price, TooDearError, check_samples, kpis_price
from domain.time import Window

LINE = "/api/v1/lines/filler-1"
CENTURY = {"start": "1926-01-01", "end": "2026-03-25"}
DECADE = {"start": "2016-03-25", "end": "2026-03-25"}
CHART = "/api/v1/lines/filler-1/measurements/none/chart"


@pytest.mark.parametrize(
    ("path", "query", "words"),
    [
        (f"{LINE}/kpis", CENTURY, ["36,608 days", "3,660 days"]),
        (f"{LINE}/kpis", {**CENTURY, "by": "month"}, ["36,608 days"]),
        (f"{LINE}/kpis", {**DECADE, "by": "hour"}, ["rows", "hour", "416 days"]),
        (f"{LINE}/kpis", {**DECADE, "by": "hour", "method": ["iso22400", "oee_day"]}, ["rows"]),
        (f"{LINE}/kpis", {**CENTURY, "as_known_at": "2026-03-20"}, ["3,660 days"]),
        (f"{LINE}/states", DECADE, ["366 days"]),
        (f"{LINE}/stops", DECADE, ["366 days"]),
        (CHART, DECADE, ["366 days"]),
        (CHART, {"start": "2026-03-24", "end": "2026-03-25", "baseline_start": "1990-01-01",
                 "baseline_end": "2026-01-01"}, ["366 days"]),
    ],
)  # fmt: skip
async def test_what_is_too_dear_is_refused_with_what_is_allowed(
    client: httpx.AsyncClient, path: str, query: dict[str, str], words: list[str]
) -> None:
    if "oee_day" in query.get("method", ""):
        methods = list(prices.registry.METHODS)[:2]
        query = query | {"method": methods}  # type: ignore[dict-item]  # several of one name
    answer = await client.get(path, params=query)
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    for word in words:
        assert word in answer.json()["detail"]


async def test_what_the_sentence_allows_is_answered(client: httpx.AsyncClient) -> None:
    refused = await client.get(f"{LINE}/kpis", params={**DECADE, "by": "hour"})
    days = re.search(r"at most (\d+) days", refused.json()["detail"])
    assert days is not None
    start = NOW - timedelta(days=int(days[1]))
    window = {"start": start.isoformat(), "end": NOW.isoformat(), "by": "hour"}
    answer = await client.get(f"{LINE}/kpis", params=window)
    assert answer.status_code == 200
    assert len(answer.json()) <= LIMITS["kpis"].rows


@pytest.mark.parametrize("by", [None, "hour", "shift", "day", "week", "month"])
def test_the_price_is_never_less_than_the_rows(filled: Queries, by: str | None) -> None:
    from api.documents.kpi_rows import kpis_document

    window = Window(NOW - timedelta(days=20, hours=3), NOW)
    price = kpis_price(filled, "filler-1", window, by, ["iso22400"])
    rows = len(kpis_document(filled, ["filler-1"], window, by, ["iso22400"]))
    assert rows <= price.rows <= rows + 10


def test_time_to_come_costs_nothing(filled: Queries) -> None:
    hour = timedelta(hours=1)
    past, open_end = (
        kpis_price(filled, "filler-1", Window(NOW - hour, end), "hour", ["iso22400"])
        for end in (NOW, datetime(2999, 1, 1, tzinfo=ZONE))
    )
    assert past == open_end
    assert past.is_quick


def test_samples_are_counted_before_they_are_read(
    filled: Queries, monkeypatch: pytest.MonkeyPatch
) -> None:
    day = Window(NOW - timedelta(days=1), NOW)
    check_samples(filled, "filler-1", day)
    monkeypatch.setattr(prices, "SAMPLES_MAX", filled.sample_count("filler-1", day) // 2)
    with pytest.raises(TooDearError, match=r"at most 1[12] hours"):
        check_samples(filled, "filler-1", day)


@pytest.mark.parametrize("tag", LANGUAGES)
def test_the_sentence_is_there_in_every_language(tag: str) -> None:
    with pytest.raises(TooDearError) as refused:
        Price("milestones", 40_000).check()
    said = language(tag).reason(refused.value.reason)
    assert "40,000" in said
    assert "36,600" in said
    assert (said == str(refused.value)) == (tag == "en")
