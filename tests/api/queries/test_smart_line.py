"""The checklist of a smart line, from what a plant's machines told."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest
from web_plant import NOW, Clock, registry_of

from api.queries.lines import Queries
from api.queries.smart_line import smart_line

REF = "NIFS-2025-017"


def said(queries: Queries) -> dict[str, str]:
    return {it.item.name: str(it.measured) for it in smart_line(queries, REF)}


def test_what_is_heard_is_counted_and_what_fell_silent_is_not(
    own_plant: tuple[Queries, Clock],
) -> None:
    """filler-1 has two machines, whose history was imported; both were heard until now."""
    queries, clock = own_plant
    now = said(queries)
    assert now["iot"] == "None", "no agent reads them"
    assert now["real_time_data"] == "2 of 2 machines were heard within the last day"
    assert now["sensors"] == "5 signals of the machines are measured"
    assert int(now["analytics"].split()[-2]) > 15
    clock.now = NOW + timedelta(days=2)
    assert said(queries)["real_time_data"] == "None"


def test_a_document_stands_at_its_point(own_plant: tuple[Queries, Clock]) -> None:
    queries, _ = own_plant
    registry_of(queries).attach.document(
        REF, "M1", "smart-automation", "robots.pdf", b"%PDF-1.7", NOW, attached_by="Lee"
    )
    points = {it.item.name: it for it in smart_line(queries, REF)}
    assert [it.file_name for it in points["automation"].documents] == ["robots.pdf"]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("A smart line?", "2 of 2 machines were heard", "human–machine")),
        ("zh-Hant", ("是否智能生產線？", "2 台機器", "物聯網")),
        ("zh-Hans", ("是否智能生产线？", "2 台机器", "物联网")),
    ],
)
async def test_the_page_of_the_project_lists_it(
    client: httpx.AsyncClient, language: str, words: tuple[str, ...]
) -> None:
    text = (await client.get(f"/grants/{REF}?lang={language}")).text
    for each in words:
        assert each in text, each
    rows = (await client.get(f"/api/v1/projects/{REF}/smart-line?lang={language}")).json()
    assert [it["point"] for it in rows][:2] == ["iot", "real_time_data"]
    assert rows[1]["share_of_machines"] == 1.0
    assert rows[1]["measured"] in text
