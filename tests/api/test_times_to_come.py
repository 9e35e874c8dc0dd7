"""Nothing is known of times to come: whoever asks for them is told so, on every way."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest
from web_plant import NOW

BROWSER = {"accept": "text/html"}
MILESTONES = "/api/v1/projects/NIFS-2025-017/milestones"
LATER = (NOW + timedelta(seconds=1)).isoformat()
GRANT = "/grants/NIFS-2025-017"


@pytest.mark.parametrize("as_of", [LATER, "2026-03-25T14:06", "2027-03-25", "2999-12-31"])
async def test_no_verdict_as_of_a_time_to_come(client: httpx.AsyncClient, as_of: str) -> None:
    refused = await client.get(MILESTONES, params={"as_of": as_of})
    assert (refused.status_code, refused.json()["where"]) == (422, "as_of")
    assert "has not come yet" in refused.json()["detail"]
    now = await client.get(MILESTONES, params={"as_of": NOW.isoformat()})
    assert now.status_code == 200


@pytest.mark.parametrize("page", [GRANT, f"{GRANT}/M3"])
@pytest.mark.parametrize("until", ["2026-03-26", "2027-01-01", "9999-12-31"])
async def test_no_page_until_a_day_to_come(
    client: httpx.AsyncClient, page: str, until: str
) -> None:
    refused = await client.get(page, params={"until": until}, headers=BROWSER)
    assert refused.status_code == 422
    assert "has not come yet" in refused.text


async def test_until_today_is_until_now(client: httpx.AsyncClient) -> None:
    today = (await client.get(GRANT, params={"until": "2026-03-25"})).text
    assert "As of 25 Mar 2026 14:05" in today
    yesterday = (await client.get(GRANT, params={"until": "2026-03-24"})).text
    assert "As of 25 Mar 2026 00:00" in yesterday


@pytest.mark.parametrize("what", ["kpis", "states", "stops"])
async def test_a_window_may_end_in_time_to_come_but_not_begin_there(
    client: httpx.AsyncClient, what: str
) -> None:
    path = f"/api/v1/lines/filler-1/{what}"
    days = {"start": "2026-03-25", "end": "2026-03-26"}
    assert (await client.get(path, params=days)).status_code == 200
    for start in (LATER, "2026-03-26", "2027-03-25"):
        refused = await client.get(path, params={"start": start, "end": "2027-03-26"})
        assert (refused.status_code, refused.json()["where"]) == (422, "start")
