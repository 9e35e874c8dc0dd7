"""The floor, the portfolio and a milestone as files: what their pages show, to the last digit."""

from __future__ import annotations

import csv
import io

import httpx
import pytest

MILESTONE = "/grants/NIFS-2025-017/M2"


async def rows(client: httpx.AsyncClient, page: str) -> list[dict[str, str]]:
    answer = await client.get(f"{page}/export", params={"format": "csv"})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-disposition"].startswith("attachment; filename=")
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


async def test_the_floor_has_a_row_for_each_line(client: httpx.AsyncClient) -> None:
    found = {it["Line"]: it for it in await rows(client, "/floor")}
    told = (await client.get("/api/v1/lines/filler-1")).json()
    line = found["Filling line 1 (filler-1)"]
    assert len(found) == 4
    assert float(line["OEE"]) == told["kpis"]["oee"]
    assert line["In it since (Asia/Hong_Kong)"] == told["since"]
    assert found["Case packer (packer-1)"]["State"] == "Fault"


async def test_the_portfolio_has_a_row_for_each_project(client: httpx.AsyncClient) -> None:
    (told,) = (await client.get("/api/v1/portfolio")).json()["projects"]
    (found,) = await rows(client, "/portfolio")
    assert found["Project"] == told["project"]
    assert float(found["Good items"]) == told["output"]["good_count"]
    assert float(found["Grant (HKD)"]) == told["grant_hkd"]
    assert int(found["Met"]) == told["verdicts"].get("met", 0)


async def test_a_milestone_has_a_row_for_each_day_and_a_chart(client: httpx.AsyncClient) -> None:
    found = await rows(client, MILESTONE)
    day = {"start": "2026-03-12T00:00", "end": "2026-03-13T00:00"}
    (told,) = (await client.get("/api/v1/lines/filler-1/kpis", params=day)).json()
    of_day = next(it for it in found if it["First day"] == "2026-03-12")
    assert float(of_day["OEE"]) == pytest.approx(told["oee"], rel=1e-12)
    svg = await client.get(f"{MILESTONE}/export", params={"format": "svg"})
    assert svg.status_code == 200
    assert "Target" in svg.text


async def test_without_days_there_is_nothing_to_take_along(client: httpx.AsyncClient) -> None:
    answer = await client.get("/grants/NIFS-2025-017/M5/export", params={"format": "csv"})
    assert answer.status_code == 422
    assert "no day of machines stands behind the milestone" in answer.text


@pytest.mark.parametrize("page", ["/floor", "/portfolio", MILESTONE])
async def test_each_page_links_to_its_files(client: httpx.AsyncClient, page: str) -> None:
    html = (await client.get(page)).text
    for kind in ("xlsx", "pdf", "csv"):
        assert f'href="{page}/export?format={kind}' in html
