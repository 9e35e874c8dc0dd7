"""Metrics name the route, never the path."""

from __future__ import annotations

import httpx

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
