"""Metrics name the route, never the path."""

from __future__ import annotations

import httpx

from api.http.metrics import rejections_told
from domain.rejection_reasons import OTHER, REASONS_MAX

SHIFT = {"start": "2026-03-25T07:00", "end": "2026-03-25T14:05"}


async def test_metrics_name_the_route_and_never_the_path(client: httpx.AsyncClient) -> None:
    await client.get(
        "/api/v1/lines/filler-1/kpis",
        params={"start": "2026-03-25T07:00", "end": "2026-03-25T14:05"},
    )
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


def test_what_machines_and_files_tell_makes_no_series_without_end() -> None:
    rows = [
        {"line": "l1", "machine": "m", "reason": f"unknown code '{code}'", "count": 2}
        for code in range(500)
    ]
    rows += [
        {"line": "l1", "machine": "m", "reason": "no number", "count": 90},
        {"line": "l1", "machine": "meter", "reason": "no number", "count": 1},
        {"line": "l1", "machine": "stranger", "reason": "no number", "count": 4},
        {"line": "nowhere", "machine": "m", "reason": "no number", "count": 5},
    ]
    told = list(rejections_told(rows, {("l1", "m"), ("l1", "meter")}))
    assert told[0] == (["l1", "m", "no number"], 90)
    assert len([labels for labels, _ in told if labels[1] == "m"]) == REASONS_MAX + 1
    assert (["l1", "m", OTHER], 1000 - 2 * (REASONS_MAX - 1)) in told
    assert told[-2:] == [(["l1", "meter", "no number"], 1), (["", "", OTHER], 9)]
    assert sum(count for _, count in told) == 1100
