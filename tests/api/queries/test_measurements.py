"""Control charts over HTTP and on the line's page, from a store to the reader's language."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from telemetry import batch
from web_plant import NOW, PLANT, Clock, app_of, sample_frame, spans

from api.queries.lines import Queries
from store.archive.sealed_batches import Archive
from store.files.plant import read_plant
from store.registry.registry import Registry
from store.telemetry.duckdb.store import DuckDBStore

MEASURED = """
    measurements:
      fill:
        name: {en: Fill weight, zh-Hant: 灌裝重量}
        machine: meter
        unit: g
        lower_limit: 324
        upper_limit: 336
        target: 330
        subgroup_size: 3
      torque: {name: {en: Cap torque}, machine: filler, unit: Nm, lower_limit: 1}
"""
ROLES = "    roles: {state: filler, total_count: filler, good_count: filler, energy: meter}\n"
CHART = "/api/v1/lines/filler-1/measurements/fill/chart"
DAY = {"start": "2026-03-25", "end": "2026-03-26"}
FIRST = NOW - timedelta(hours=2)
STEADY = [330.0, 331.5, 329.5, 330.5, 329.0, 331.0, 330.0]


def weighed(values: list[float], since: datetime, quality: int = 0) -> list[dict[str, object]]:
    """A value every minute."""
    return [
        {
            "signal": "measurement.fill",
            "time": (since + timedelta(minutes=at)).astimezone(UTC),
            "value": value,
            "quality": quality,
        }
        for at, value in enumerate(values)
    ]


@pytest.fixture(scope="module")
def queries(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Queries]:
    """An hour of steady weights, then a gap of five minutes, then six heavy ones; one bad."""
    folder = tmp_path_factory.mktemp("measured")
    text = PLANT.replace(ROLES, ROLES + MEASURED.lstrip("\n"))
    store = DuckDBStore(folder / "telemetry.duckdb", memory_limit="200MB")
    registry = Registry(folder / "registry.sqlite", folder / "documents")
    registry.apply.plant(text, read_plant(text, "plant.yaml"), NOW)
    late = FIRST + timedelta(minutes=70)
    rows = [
        *weighed((STEADY * 9)[:61], FIRST),
        *weighed([999.0], FIRST + timedelta(minutes=61), quality=2),
        *weighed([341.0, 340.0, 342.0, 341.5, 340.5, 341.0], late),
    ]
    known = spans(
        ("filler-1", "meter", FIRST, FIRST + timedelta(minutes=65)),
        ("filler-1", "meter", late, NOW),
        ("filler-1", "filler", FIRST, NOW),
    )
    store.append([batch(1, sample_frame("filler-1", "meter", rows), known)])
    found = Queries(store, registry, Clock(), Archive(folder / "archive"))
    yield found
    store.close()
    registry.close()


@pytest.fixture
async def client(queries: Queries) -> AsyncIterator[httpx.AsyncClient]:
    app = app_of(queries, version="1.2.3", live_interval_s=0.1)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield client
    await app.state.services.close()


async def chart(client: httpx.AsyncClient, **query: str) -> Any:
    answer = await client.get(CHART, params=DAY | query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_the_measurements_of_a_line(client: httpx.AsyncClient) -> None:
    rows = (await client.get("/api/v1/lines/filler-1/measurements")).json()
    assert [row["measurement"] for row in rows] == ["fill", "torque"]
    assert (rows[0]["lower_limit"], rows[0]["upper_limit"], rows[0]["unit"]) == (324, 336, "g")
    assert (rows[1]["upper_limit"], rows[1]["subgroup_size"]) == (None, 5)
    assert (await client.get("/api/v1/lines/packer-1/measurements")).json() == []


async def test_the_chart(client: httpx.AsyncClient) -> None:
    document = await chart(client)
    assert document["values"] == {
        "used": 67,
        "bad_quality": 1,
        "uncertain_quality": 0,
        "without_value": 0,
    }
    sizes = [(row["n"], row["complete"]) for row in document["subgroups"]]
    assert sizes == [(3, True)] * 20 + [(1, False)] + [(3, True)] * 2, "not across the gap"
    assert document["start"] == "2026-03-25T00:00:00+08:00"
    assert document["subgroups"][0]["product"] == "juice-330"
    beyond = [found["subgroup"] for found in document["violations"] if found["rule"] == "nelson-1"]
    assert beyond == [22, 23]
    assert "Values that are left out for their bad quality: 1." in document["notes"]


async def test_limits_from_a_baseline(client: httpx.AsyncClient) -> None:
    """Those of the steady hour alone do not know the heavy ones."""
    before = {
        "baseline_start": FIRST.isoformat(),
        "baseline_end": (FIRST + timedelta(minutes=61)).isoformat(),
    }
    own, steady = (await chart(client))["limits"], (await chart(client, **before))["limits"]
    assert steady["subgroups"] == 20
    assert steady["baseline"]["start"] == FIRST.isoformat()
    assert steady["location"]["upper"] < own["location"]["upper"]


async def test_the_same_sentences_in_another_language(client: httpx.AsyncClient) -> None:
    english, chinese = await chart(client), await chart(client, lang="zh-Hant")
    assert "1 個品質不良的數值未計算在內。" in chinese["notes"]
    assert len(chinese["notes"]) == len(english["notes"])
    said = {found["rule"]: found["sentence"] for found in chinese["violations"]}
    assert said["nelson-1"] == "有一點超出控制界限。"
    assert chinese["capability"]["cp"] == english["capability"]["cp"]


@pytest.mark.parametrize(
    ("query", "status", "says"),
    [
        ({"chart": "cusum"}, 422, "xbar-r, xbar-s, individuals"),
        ({"rules": "westgard"}, 422, "western-electric, nelson"),
        ({"lang": "de"}, 422, "zh-Hant"),
        ({"baseline_start": "2026-03-24"}, 422, "Give both, or neither"),
        ({"baseline_start": "x", "baseline_end": "2026-03-24"}, 422, "baseline_start: 'x'"),
        ({"chart": "xbar-r", "interval_s": "600"}, 422, "xbar-s"),
        ({"interval_s": "inf"}, 422, "interval_s: inf"),
        ({"interval_s": "1e300"}, 422, "interval_s: 1e+300"),
        ({"interval_s": "1e-9"}, 422, "interval_s: 1e-09"),
        ({"end": "2026-03-24"}, 422, "not after its start"),
    ],
)
async def test_what_cannot_be_drawn_is_refused(
    client: httpx.AsyncClient, query: dict[str, str], status: int, says: str
) -> None:
    answer = await client.get(CHART, params={**DAY, **query})
    assert answer.status_code == status
    assert says in answer.json()["detail"]


async def test_an_unknown_measurement_is_named_with_those_that_exist(
    client: httpx.AsyncClient,
) -> None:
    answer = await client.get(CHART.replace("fill/", "weight/"), params=DAY)
    assert answer.status_code == 404
    assert "fill, torque" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("tag", "title", "missing"),
    [
        ("en", "Fill weight", "There is no measured value in this time."),
        ("zh-Hant", "灌裝重量", "這段期間沒有量度值。"),
        ("zh-Hans", "Fill weight", "这段期间没有测量值。"),
    ],
)
async def test_the_page_of_the_line(
    client: httpx.AsyncClient, tag: str, title: str, missing: str
) -> None:
    page = (await client.get("/lines/filler-1", params={"lang": tag, "tab": "quality"})).text
    assert page.count('<svg class="control"') == 2, "torque was never told: no chart of it"
    last_day = await chart(client, start=(NOW - timedelta(days=1)).isoformat())
    marked = {(found["panel"], found["subgroup"]) for found in last_day["violations"]}
    assert page.count('class="violated"') == len(marked) > 2
    assert f"<h3>{title} (g)" in page
    assert missing in page
    assert '<svg class="control"' not in (await client.get("/lines/packer-1?tab=quality")).text


async def test_a_chart_that_nobody_could_read_is_refused(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.queries.measurements.SUBGROUPS_MAX", 22)
    answer = await client.get(CHART, params=DAY)
    assert answer.status_code == 422
    assert "23 points" in answer.json()["detail"]


async def test_the_kpi_rows_tell_the_capability_of_the_chart(client: httpx.AsyncClient) -> None:
    """SysOEE#35: one KPI, two values on two screens."""
    (row,) = (await client.get("/api/v1/lines/filler-1/kpis", params=DAY)).json()
    found = (await chart(client))["capability"]
    assert row["characteristic"] == "fill"
    assert row["process_capability_index"] == found["cp"]
    assert row["critical_process_performance_index"] == found["ppk"]
