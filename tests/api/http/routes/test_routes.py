"""Every JSON route: its answer, its errors, its pages."""

from __future__ import annotations

import itertools
import json
import re
from datetime import datetime
from pathlib import Path

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from telemetry import batch, rejections
from web_plant import NOW, Clock, app_of, store_of

from api.documents.kpi_rows import kpis_document
from api.queries.lines import Queries
from api.queries.times import window_of
from store.archive.sealed_batches import Archive
from store.registry.registry import Registry
from store.telemetry.duckdb.store import DuckDBStore

SHIFT = {"start": "2026-03-25T07:00", "end": "2026-03-25T14:05"}
# The contract's row; more may stand beside.
KPI_KEYS = frozenset(
    """
    line start end key method planned_busy_time_s production_time_s setup_time_s delay_time_s
    down_time_s unknown_time_s total_count good_count reject_count ideal_time_s energy_kwh
    availability effectiveness quality_ratio oee oee_low oee_high coverage flags not_computable
    """.split()  # noqa: SIM905  # names in lines read better
)
MILESTONE_KEYS = frozenset(
    """
    id clause due status decision value low high target op coverage window met_on reasons flags
    evidence
    """.split()  # noqa: SIM905  # as above
)


async def test_lines_are_listed_by_pages(client: httpx.AsyncClient) -> None:
    first = await client.get("/api/v1/lines", params={"limit": 3})
    assert [row["line"] for row in first.json()] == ["filler-1", "filler-2", "packer-1"]
    link = re.fullmatch(r'<([^>]+)>; rel="next"', first.headers["link"])
    assert link, "RFC 8288"
    second = await client.get(link.group(1))
    assert [row["line"] for row in second.json()] == ["press-1"]
    assert "link" not in second.headers


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


async def test_stops(client: httpx.AsyncClient) -> None:
    document = (await client.get("/api/v1/lines/filler-1/stops", params=SHIFT)).json()
    assert document["pareto"][0]["cause"] == "Jam at the infeed"
    assert document["pareto"][0]["duration_s"] == 25 * 60


async def test_live_state_of_a_line(client: httpx.AsyncClient) -> None:
    live = (await client.get("/api/v1/lines/filler-1")).json()
    assert live["state"] == "producing"
    assert live["since"] == "2026-03-25T12:40:00+08:00"
    assert live["at"] == "2026-03-25T14:05:00+08:00"
    assert live["shift"]["name"] == "A"
    assert live["kpis"]["oee"] == pytest.approx(0.728, abs=0.001)
    assert set(live["kpis"]) >= KPI_KEYS


async def test_a_silent_machine_is_unknown_from_its_last_confirmation_on(
    client: httpx.AsyncClient,
) -> None:
    live = (await client.get("/api/v1/lines/filler-2")).json()
    assert (live["state"], live["stale"]) == ("unknown", True)
    assert live["since"] == live["last_heard"] == "2026-03-25T13:05:00+08:00"
    assert live["reason"] is None


async def test_projects(client: httpx.AsyncClient) -> None:
    (row,) = (await client.get("/api/v1/projects")).json()
    assert row["project"] == "NIFS-2025-017"
    assert row["grant"]["grant_hkd"] == 15_000_000
    assert row["milestones"] == ["M1", "M2", "M3", "M4", "M5", "M6", "M7"]


async def test_milestones_have_the_contract_s_fields(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/v1/projects/NIFS-2025-017/milestones")
    document = answer.json()
    assert set(document) >= {"project", "as_of", "grant", "milestones"}
    assert document["grant"]["company_hkd"] == 39_000_000
    for milestone in document["milestones"]:
        assert set(milestone) >= MILESTONE_KEYS
        assert set(milestone["evidence"]) == {"terms_digest", "facts_digest", "checkpoint"}
    status = {each["id"]: each["status"] for each in document["milestones"]}
    assert status == {
        "M1": "met",
        "M2": "at_risk",
        "M3": "not_provable",
        "M4": "on_track",
        "M5": "on_track",
        "M6": "not_met",
        "M7": "pending",
    }


async def test_milestones_at_another_time_and_in_another_language(
    client: httpx.AsyncClient,
) -> None:
    early = await client.get(
        "/api/v1/projects/NIFS-2025-017/milestones",
        params={"as_of": "2026-03-03", "lang": "zh-Hant"},
    )
    document = early.json()
    assert document["as_of"] == "2026-03-03T00:00:00+08:00"
    third = next(each for each in document["milestones"] if each["id"] == "M3")
    assert third["status"] == "pending"
    assert third["reasons"] == ["評核期於 2026-03-09 開始。"]


async def test_profiles_batches_rejections_and_quarantine(
    own_plant: tuple[Queries, Clock], tmp_path: Path
) -> None:
    queries, _ = own_plant
    archive = Archive(tmp_path / "archive")
    bad = rejections({"received": NOW, "reason": "no number"})
    store_of(queries).append([batch(2, rejections=bad), batch(3)])
    archive.quarantine(b"rubbish", "malformed")
    app = app_of(queries, version="1")
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        profiles = (await client.get("/api/v1/profiles")).json()
        assert {"profile": "packml/opcua"} in profiles
        rows, url = [], httpx.URL("/api/v1/batches?limit=3")
        while url:
            answer = await client.get(url)
            rows += [(row["agent"], row["number"]) for row in answer.json()]
            link = re.match(r"<([^>]+)>", answer.headers.get("link", ""))
            url = link and httpx.URL(link.group(1))
        assert rows == [("agent-1", 1), ("agent-1", 2), ("agent-1", 3), ("agent-2", 1)]
        only = (await client.get("/api/v1/batches", params={"agent": "agent-2"})).json()
        assert [row["agent"] for row in only] == ["agent-2"]
        assert (await client.get("/api/v1/rejections")).json() == [
            {"line": "filler-1", "machine": "filler", "reason": "no number", "count": 1}
        ]
        (refused,) = (await client.get("/api/v1/quarantine")).json()
        assert (refused["reason"], refused["size"]) == ("malformed", 7)
        assert datetime.fromisoformat(refused["since"]).tzinfo is not None


async def test_health(client: httpx.AsyncClient) -> None:
    assert (await client.get("/api/v1/health/live")).json() == {"status": "ok"}
    assert (await client.get("/api/v1/health/ready")).json() == {"status": "ok"}


async def test_not_ready_when_the_store_is_gone(tmp_path: Path) -> None:
    store = DuckDBStore(tmp_path / "t.duckdb")
    queries = Queries(store, Registry(tmp_path / "r.sqlite", tmp_path / "d"), Clock())
    store.close()
    transport = httpx.ASGITransport(app=app_of(queries, version="1"), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        assert (await client.get("/api/v1/health/live")).status_code == 200
        ready = await client.get("/api/v1/health/ready")
        assert ready.status_code >= 500
        assert ready.headers["content-type"] == "application/problem+json"


async def test_metrics_name_the_route_and_never_the_path(client: httpx.AsyncClient) -> None:
    await client.get("/api/v1/lines/filler-1/kpis", params=SHIFT)
    await client.get("/api/v1/lines/nope")
    await client.get("/nowhere/at/all")
    text = (await client.get("/metrics")).text
    assert 'route="/api/v1/lines/{line}/kpis",status="200"} 1.0' in text
    assert 'route="/api/v1/lines/{line}",status="404"} 1.0' in text
    assert 'route="unmatched",status="404"} 1.0' in text
    assert "nowhere" not in text
    assert (
        'lineproof_machine_last_heard_timestamp_seconds{line="filler-2",machine="filler2"}' in text
    )
    assert 'lineproof_dirty_marks{line="press-1"} 0.0' in text


async def test_openapi_lists_every_route(client: httpx.AsyncClient) -> None:
    document = (await client.get("/api/v1/openapi.json")).json()
    assert document["info"]["version"] == "1.2.3"
    paths = set(document["paths"])
    assert paths >= {
        "/api/v1/lines",
        "/api/v1/lines/{line}",
        "/api/v1/lines/{line}/kpis",
        "/api/v1/lines/{line}/states",
        "/api/v1/lines/{line}/stops",
        "/api/v1/lines/{line}/live",
        "/api/v1/projects",
        "/api/v1/projects/{ref}/milestones",
        "/api/v1/profiles",
        "/api/v1/batches",
        "/api/v1/health/live",
        "/api/v1/health/ready",
        "/metrics",
    }
    assert not any(path.startswith(("/floor", "/grants")) for path in paths)


@pytest.mark.parametrize("path", ["/docs", "/redoc"])
async def test_no_page_that_loads_from_outside(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(path)).status_code == 404


async def test_routers_of_others_are_mounted(filled: Queries) -> None:
    router = APIRouter()

    @router.post("/api/v1/batches")
    async def take() -> dict[str, str]:
        return {"outcome": "accepted"}

    app: FastAPI = app_of(filled, version="1", extra_routers=[router])
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url="http://localhost"
    ) as client:
        assert (await client.post("/api/v1/batches")).json() == {"outcome": "accepted"}
        assert (await client.get("/api/v1/batches")).status_code == 200
