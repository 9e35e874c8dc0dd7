"""Stops over HTTP."""

from __future__ import annotations

import httpx

SHIFT = {"start": "2026-03-25T07:00", "end": "2026-03-25T14:05"}


async def test_stops(client: httpx.AsyncClient) -> None:
    document = (await client.get("/api/v1/lines/filler-1/stops", params=SHIFT)).json()
    assert document["pareto"][0]["cause"] == "Jam at the infeed"
    assert document["pareto"][0]["duration_s"] == 25 * 60
