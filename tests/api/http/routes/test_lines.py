"""Lines over HTTP: the list, and what each does now."""

from __future__ import annotations

import re

import httpx
import pytest
from web_plant import KPI_KEYS

SHIFT = {"start": "2026-03-25T07:00", "end": "2026-03-25T14:05"}


async def test_lines_are_listed_by_pages(client: httpx.AsyncClient) -> None:
    first = await client.get("/api/v1/lines", params={"limit": 3})
    assert [row["line"] for row in first.json()] == ["filler-1", "filler-2", "packer-1"]
    link = re.fullmatch(r'<([^>]+)>; rel="next"', first.headers["link"])
    assert link, "RFC 8288"
    second = await client.get(link.group(1))
    assert [row["line"] for row in second.json()] == ["press-1"]
    assert "link" not in second.headers


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
