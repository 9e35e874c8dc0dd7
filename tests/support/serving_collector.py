"""A real collector over HTTP, in a thread of the test."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

import uvicorn
from fastapi import FastAPI
from peers import wait_until

from collector.intake.collector import Collector
from collector.intake.http import router
from edge.agent import clock
from store.node.opening import Stores


@contextlib.contextmanager
def serving(stores: Stores, port: int) -> Iterator[None]:
    """The collector of these stores for the length of the block."""
    collector = Collector(stores.telemetry, stores.archive, stores.registry.agents, clock)
    app = FastAPI()
    app.include_router(router(collector))
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="critical"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        wait_until(lambda: server.started, "the collector to start")
        yield
    finally:
        server.should_exit = True
        thread.join()
        collector.close()
