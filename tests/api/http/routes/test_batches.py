"""What the archive and the intake hold, over HTTP."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

import httpx
from telemetry import batch, rejections
from web_plant import NOW, Clock, app_of, store_of

from api.queries.lines import Queries
from store.archive.sealed_batches import Archive


async def test_profiles_batches_rejections_and_quarantine(
    own_plant: tuple[Queries, Clock], tmp_path: Path
) -> None:
    queries, _ = own_plant
    archive = Archive(tmp_path / "archive")
    bad = rejections({"received": NOW, "reason": "no number"})
    store_of(queries).append([batch(2, rejections=bad), batch(3)])
    archive.quarantine.keep(b"rubbish", "malformed")
    app = app_of(queries, version="1")
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        profiles = (await client.get("/api/v1/profiles")).json()
        assert "packml/opcua" in [it["profile"] for it in profiles]
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
