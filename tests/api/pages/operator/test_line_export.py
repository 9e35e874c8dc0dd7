"""A line's tabs as files: the page's figures to the last digit, its language, and no more of it."""

from __future__ import annotations

import csv
import io
from typing import Any

import fastexcel
import httpx
import pytest
from fastapi import FastAPI
from role_tokens import close_with_tokens
from web_plant import PLANT, Clock, app_of, registry_of

from api.queries.lines import Queries
from api.records.corrections import Draft, record
from domain.plant import Confidential
from store.files.plant import read_plant

EXPORT = "/lines/filler-1/export"
DAYS = {"start": "2026-03-24", "end": "2026-03-24"}
WINDOW = {"start": "2026-03-24T00:00", "end": "2026-03-25T00:00"}


async def rows(client: httpx.AsyncClient, **asked: str) -> list[dict[str, str]]:
    answer = await client.get(EXPORT, params={"format": "csv", **asked})
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


async def api(client: httpx.AsyncClient, path: str, **asked: str) -> Any:
    answer = await client.get(f"/api/v1/lines/filler-1/{path}", params={**WINDOW, **asked})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_kpis_are_those_of_the_api_to_the_last_digit(client: httpx.AsyncClient) -> None:
    told = await api(client, "kpis", by="shift")
    found = await rows(client, tab="kpis", by="shift", **DAYS)
    assert len(found) == len(told) + 1  # that of the whole time
    for row, it in zip(found, reversed(told), strict=False):
        assert float(row["OEE"]) == it["oee"]
        assert float(row["OEE at worst"]) == it["oee_low"]
        assert float(row["Good"]) == it["good_count"]
        assert float(row["Energy (kWh)"]) == it["energy_kwh"]
        assert row["Begin (Asia/Hong_Kong)"] == it["start"]


async def test_a_workbook_has_the_same_figures(client: httpx.AsyncClient) -> None:
    asked = {"format": "xlsx", "tab": "kpis", "by": "shift", **DAYS}
    answer = await client.get(EXPORT, params=asked)
    frame = fastexcel.read_excel(answer.content).load_sheet(0).to_polars()
    told = await api(client, "kpis", by="shift")
    assert frame["OEE"].to_list()[:-1] == [it["oee"] for it in reversed(told)]
    assert answer.headers["content-disposition"] == (
        'attachment; filename="filler-1_kpis_2026-03-24.xlsx"'
    )
    about = fastexcel.read_excel(answer.content).load_sheet("About this file", header_row=None)
    said = "\n".join(str(it) for row in about.to_polars().rows() for it in row)
    for shown in (
        "Filling line 1 (filler-1)",
        "24 Mar 2026 (Asia/Hong_Kong)",
        "http://localhost/lines/filler-1?tab=kpis&by=shift&start=2026-03-24&end=2026-03-24",
        "Lineproof 1.2.3",
    ):
        assert shown in said


async def test_every_stop_is_there_with_its_reason(client: httpx.AsyncClient) -> None:
    told = [it for it in (await api(client, "stops"))["stops"] if it["category"] != "unknown"]
    found = await rows(client, tab="stops", **DAYS)
    assert [float(it["Time (s)"]) for it in found] == [it["duration_s"] for it in reversed(told)]
    assert {it["Reason"] for it in found} >= {"Jam at the infeed", "Cleaning"}
    causes = await rows(client, tab="stops", table="causes", **DAYS)
    assert causes[0]["Cause"] == "Jam at the infeed"


async def test_a_chart_is_drawn_as_a_picture(client: httpx.AsyncClient) -> None:
    asked = {"tab": "stops", "chart": "causes", "lang": "zh-Hant", **DAYS}
    svg = await client.get(EXPORT, params={"format": "svg", **asked})
    assert svg.headers["content-type"] == "image/svg+xml"
    for shown in ("停線原因", "Jam at the infeed", "Cleaning"):
        assert shown in svg.text
    png = await client.get(EXPORT, params={"format": "png", **asked})
    assert png.content.startswith(b"\x89PNG")


@pytest.mark.parametrize("tab", ["quality", "stops", "corrections"])
async def test_each_tab_links_to_its_files_in_its_language(
    client: httpx.AsyncClient, tab: str
) -> None:
    asked = {"tab": tab, "lang": "zh-Hant"} | ({} if tab == "corrections" else DAYS)
    page = (await client.get("/lines/filler-1", params=asked)).text
    links = [
        it.split('"')[0].replace("&amp;", "&")
        for it in page.split('<nav class="exports')[1].split('href="')[1:]
        if "download" in it.split(">")[0]
    ]
    kinds = [dict(httpx.URL(it).params) for it in links]
    assert [it["format"] for it in kinds][:3] == ["xlsx", "pdf", "csv"]
    assert all({**asked, **it} == it for it in kinds)
    if tab == "corrections":
        answer = await client.get(links[2])
        assert answer.headers["content-language"] == "zh-Hant"
        assert "開始（Asia/Hong_Kong）" in answer.text


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"format": "doc", "tab": "stops"}, "no export as 'doc'"),
        ({"format": "csv"}, "no table"),
        ({"format": "png", "tab": "corrections"}, "no chart '' in this export"),
        ({"format": "csv", "tab": "stops", "table": "x"}, "Use one of stops, causes"),
        ({"format": "csv", "tab": "stops", "start": "2026-03-24"}, "only one of them"),
        ({"format": "csv", "tab": "stops", "start": "2020-01-01", "end": "2026-03-24"}, "366"),
        ({"format": "pdf", "tab": "kpis", "by": "hour", "start": "2020-01-01",
          "end": "2026-03-24"}, "10,000 rows are the most"),
    ],
)  # fmt: skip
async def test_what_cannot_be_is_refused_before_any_work(
    client: httpx.AsyncClient, app: FastAPI, asked: dict[str, str], says: str
) -> None:
    before = app.state.services.lanes.long.counts.asked
    answer = await client.get(EXPORT, params=asked)
    assert answer.status_code == 422
    assert says in answer.text
    assert app.state.services.lanes.long.counts.asked - before <= (
        "table" in asked or "png" in asked.values()
    )


async def test_an_export_of_an_hour_waits_among_the_long_questions(
    client: httpx.AsyncClient, app: FastAPI
) -> None:
    lanes = app.state.services.lanes
    await rows(client, tab="stops", **DAYS)
    assert (lanes.long.counts.asked, lanes.quick.counts.asked) == (1, 0)


async def test_what_the_page_keeps_from_somebody_is_in_no_file(
    own_plant: tuple[Queries, Clock],
) -> None:
    queries = own_plant[0]
    text = PLANT.replace(
        "    roles: {state: filler, total_count: filler, good_count: filler, energy: meter}\n",
        "    roles: {state: filler, total_count: filler, good_count: filler, energy: meter}\n"
        "    measurements: {weight: {machine: filler, subgroup_size: 1}}\n",
    )
    kept = ", ".join(sorted(Confidential))
    registry = registry_of(queries)
    text += "reasons: {secret: {name: {en: Secret reason}}}\n"
    text += f"confidential: [{kept}]\n"
    registry.apply.plant(text, read_plant(text, "plant.yaml"), queries.now())
    said = Draft("reason", "Chan-Siu-Ming", "2026-03-24T09:10", "2026-03-24T09:35",
                 reason="secret", comment="=NOTE")  # fmt: skip
    record(queries, registry.record, "filler-1", said, "c1", may_approve=True)
    tokens = close_with_tokens(queries)
    app = app_of(queries, version="1")
    transport = httpx.ASGITransport(app=app)
    found = {}
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:

        async def ask(who: str, path: str = EXPORT, **asked: str) -> httpx.Response:
            headers = {"authorization": f"Bearer {tokens[who, 'everything']}"}
            return await client.get(path, params=asked, headers=headers)

        for tab in ("stops", "corrections"):
            asked = {"tab": tab, "format": "csv", **({} if tab == "corrections" else DAYS)}
            for who in ("operator", "officer"):
                answer = await ask(who, **asked)
                assert answer.status_code == 200, answer.text
                found[tab, who] = answer.text
        for tab, table in (("day", "states"), ("quality", "measurement-weight")):
            asked = {"tab": tab, "format": "csv", "table": table, **DAYS}
            assert (await ask("officer", **asked)).status_code == 422
            chart = asked | {"format": "svg", "chart": table}
            assert (await ask("officer", **chart)).status_code == 422
    for mark in ("Secret reason", "Cleaning", "Chan-Siu-Ming", "'=NOTE"):
        told = {who for (_, who), text in found.items() if mark in text}
        assert told == {"operator"}, mark
    await app.state.services.close()
