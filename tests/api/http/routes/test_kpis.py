"""KPI rows and states over HTTP."""

from __future__ import annotations

import itertools
import json
import re
from datetime import datetime

import httpx
import pytest
from telemetry import batch
from web_plant import KPI_KEYS, ZONE, Clock, app_of, sample_frame, store_of

from api.documents.kpi_rows import kpis_document
from api.queries.lines import Queries
from api.queries.times import window_of
from domain.signals import CLOCK

SHIFT = {"start": "2026-03-25T07:00", "end": "2026-03-25T14:05"}


async def test_kpis_have_the_contract_s_fields(client: httpx.AsyncClient, filled: Queries) -> None:
    """SysOEE#35: one KPI, two values: the route gives what the queries give, to the digit."""
    answer = await client.get("/api/v1/lines/filler-1/kpis", params={**SHIFT, "by": "shift"})
    assert answer.status_code == 200
    (row,) = answer.json()
    assert set(row) >= KPI_KEYS
    assert (row["line"], row["key"], row["method"]) == ("filler-1", "A", "iso22400")
    assert row["start"] == "2026-03-25T07:00:00+08:00"
    # 7 h 05 less the break and the 25 min of fault and 20 of setup, out of 6 h 35.
    assert row["planned_busy_time_s"] == 395 * 60
    assert row["availability"] == pytest.approx(350 / 395)
    zone = filled.line("filler-1")[0].zone
    window = window_of(SHIFT["start"], SHIFT["end"], zone)
    again = kpis_document(filled, ["filler-1"], window, "shift", ["iso22400"])
    assert [row] == json.loads(json.dumps(again))


async def test_several_methods_stand_side_by_side(client: httpx.AsyncClient) -> None:
    """filler-1 was set up for 20 minutes of this shift."""
    both = {"method": ["iso22400", "planned-changeover-excluded"], **SHIFT}
    first, second = (await client.get("/api/v1/lines/filler-1/kpis", params=both)).json()
    assert [first["method"], second["method"]] == both["method"]
    moved = second["differs_from"]["moved"]
    assert moved == [{"from": "setup", "to": "planned_down", "seconds": 1200.0}]
    assert second["differs_from"]["kpis"]["oee"] == [first["oee"], second["oee"]]
    assert "differs_from" not in first
    unknown = {"method": ["iso22400", "magic"], **SHIFT}
    refused = await client.get("/api/v1/lines/filler-1/kpis", params=unknown)
    assert refused.status_code == 422
    assert "magic" in refused.json()["detail"]


async def test_a_plus_sign_that_was_not_escaped_is_still_an_offset(
    client: httpx.AsyncClient,
) -> None:
    """Every client that pastes an ISO time into a URL meets this."""
    raw = await client.get(
        "/api/v1/lines/filler-1/kpis?start=2026-03-24T23:00:00+00:00&end=2026-03-25T14:05"
    )
    escaped = await client.get("/api/v1/lines/filler-1/kpis", params=SHIFT)
    assert raw.status_code == 200
    assert raw.json() == escaped.json()


async def test_states_partition_the_window(client: httpx.AsyncClient) -> None:
    rows = (await client.get("/api/v1/lines/filler-1/states", params=SHIFT)).json()
    assert rows[0]["start"] == "2026-03-25T07:00:00+08:00"
    assert rows[-1]["end"] == "2026-03-25T14:05:00+08:00"
    for left, right in itertools.pairwise(rows):
        assert left["end"] == right["start"]
    fault = next(row for row in rows if row["state"] == "fault")
    assert (fault["reason"], fault["start"]) == ("Jam at the infeed", "2026-03-25T09:10:00+08:00")


async def test_states_are_paged(client: httpx.AsyncClient) -> None:
    whole = (await client.get("/api/v1/lines/filler-1/states", params=SHIFT)).json()
    rows, url = [], httpx.URL("/api/v1/lines/filler-1/states", params={**SHIFT, "limit": "2"})
    while True:
        answer = await client.get(url)
        rows += answer.json()
        link = re.match(r"<([^>]+)>", answer.headers.get("link", ""))
        if not link:
            break
        url = httpx.URL(link.group(1))
    assert rows == whole


async def test_a_clock_that_was_wrong_flags_the_hours_and_the_verdicts_over_them(
    own_plant: tuple[Queries, Clock],
) -> None:
    """The agent said so then; a window of the past knows it still."""
    queries, _ = own_plant
    said = [
        {"signal": CLOCK, "time": datetime(2026, 3, 18, 9, minute, tzinfo=ZONE), "text": text}
        for minute, text in ((10, "ahead"), (40, ""))
    ]
    told = sample_frame("filler-1", "filler", said)
    store_of(queries).append([batch(1, told, agent="agent-source")])
    app = app_of(queries, version="1")
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        hours = {"start": "2026-03-18T08:00", "end": "2026-03-18T11:00", "by": "hour"}
        rows = (await client.get("/api/v1/lines/filler-1/kpis", params=hours)).json()
        asked = await client.get("/api/v1/projects/NIFS-2025-017/milestones")
        page = (await client.get("/grants/NIFS-2025-017/M6?lang=zh-Hant")).text
    await app.state.services.close()
    assert ["clock_wrong" in row["flags"] for row in rows] == [False, True, False]
    flags = {it["id"]: it["flags"] for it in asked.json()["milestones"]}
    assert "clock_wrong" in flags["M6"]
    assert "clock_wrong" not in flags["M3"], "of the week before"
    assert "機器時鐘有誤" in page
