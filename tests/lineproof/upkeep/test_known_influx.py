"""Earlier views by the command line where telemetry lies in InfluxDB: the same as in DuckDB."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from command_line import answer, lineproof, node
from influx import InfluxServer, influx_server
from peers import ROOT

EXAMPLES = ROOT / "docs" / "examples"
PLANT, GRANT = EXAMPLES / "plant.yaml", EXAMPLES / "grant.yaml"
LINE = ("--line", "press-1")
DAY = (*LINE, "--start", "2026-03-02T00:00", "--end", "2026-03-03T00:00")
LATE = """\
time,machine,signal,value
2026-03-02T07:00:00,press,state,producing
2026-03-02T07:00:00,press,total_count,0
2026-03-02T11:00:00,press,state,stopped
2026-03-02T12:00:00,press,state,producing
2026-03-02T15:00:00,press,total_count,19300
2026-03-02T15:00:00,press,reject_count,423
"""
Moments = tuple[str, str]  # before any import, and between the two


@pytest.fixture(scope="module")
def influx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InfluxServer]:
    with influx_server(tmp_path_factory.mktemp("influx")) as server:
        yield server


def in_new_bucket(data: Path, influx: InfluxServer) -> None:
    """From now on the folder's telemetry is in a bucket of its own."""
    (data / "store.yaml").write_text(
        f"kind: influxdb\nurl: {influx.url}\norg: {influx.org}\n"
        f"bucket: {influx.new_bucket()}\ntoken: {influx.token}\n"
    )


def imported(data: Path) -> Moments:
    """Two imports, of which the second repeats some of the first one's samples."""
    lineproof("apply", "-f", PLANT, "-f", GRANT, "--data", data)
    before = datetime.now(UTC).isoformat()
    lineproof("import", "--data", data, *LINE, EXAMPLES / "history.csv")
    between = datetime.now(UTC).isoformat()
    late = data / "late.csv"
    late.write_text(LATE)
    lineproof("import", "--data", data, *LINE, late)
    return before, between


def answers(moments: Moments, *of: str | Path) -> list[Any]:
    """What is known now, between the imports (figures and stops) and before them."""
    before, between = (("--as-known-at", moment) for moment in moments)
    return [
        answer("kpi", *DAY, *of),
        answer("kpi", *DAY, *of, *between),
        answer("stops", *DAY, *of, *between),
        answer("kpi", *DAY, *of, *before),
    ]


def test_a_rebuild_into_influxdb_tells_the_same_earlier_views(
    tmp_path: Path, influx: InfluxServer
) -> None:
    data = tmp_path / "node"
    moments = imported(data)
    in_duckdb = answers(moments, "--data", data)
    in_new_bucket(data, influx)
    lineproof("rebuild", "--data", data)
    in_influxdb = answers(moments, "--data", data)
    assert in_influxdb == in_duckdb
    now, between, _, before = in_influxdb
    assert now[0]["total_count"] == 19300
    assert between[0]["total_count"] == 19271
    assert before[0]["oee"] is None
    assert before[0]["unknown_time_s"] == 25200
    lineproof("rebuild", "--data", data)  # of batches that the bucket has
    assert answers(moments, "--data", data) == in_duckdb


def test_what_was_imported_into_influxdb_counts_from_then(
    tmp_path: Path, influx: InfluxServer
) -> None:
    data = tmp_path / "node"
    data.mkdir()
    in_new_bucket(data, influx)
    moments = imported(data)
    local = answers(moments, "--data", data)
    assert [rows[0]["total_count"] for rows in local[:2]] == [19300, 19271]
    assert local[3][0]["oee"] is None
    with node(data, PLANT, GRANT) as running:
        assert answers(moments, "--url", running.url) == local
