"""A collector on loopback as a process of its own, to be killed."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from sender import Sender

from collector.intake.collector import Collector
from collector.intake.http import router
from store.node.opening import open_stores


def main(folder: Path, port: int, *agents: str) -> None:
    with open_stores(folder) as stores:
        now = datetime.now(UTC)
        for agent in agents:
            stores.registry.agents.enrol(agent, Sender(agent).public_key, now)
        collector = Collector(
            stores.telemetry, stores.archive, stores.registry.agents, lambda: datetime.now(UTC)
        )
        app = FastAPI()
        app.include_router(router(collector))
        uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning")
        collector.close()
