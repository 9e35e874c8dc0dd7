"""A real collector over HTTP, in a thread of the test."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime
from email.utils import format_datetime

import uvicorn
from fastapi import FastAPI, Request, Response
from peers import wait_until

from collector.intake.collector import Collector
from collector.intake.http import router
from edge.agent import clock
from store.node.opening import Stores
from store.telemetry.unsealed import Unsealed


@contextlib.contextmanager
def serving(
    stores: Stores,
    port: int,
    now: Callable[[], datetime] | None = None,
    unsealed: Unsealed | None = None,
) -> Iterator[None]:
    """The collector of these stores for the length of the block. `now`: the clock that its answers
    show, if it is not that of the wall; `unsealed`: what is told to it live goes there."""
    keys = stores.registry.agents
    collector = Collector(stores.telemetry, stores.archive, keys, clock, unsealed=unsealed)
    app = FastAPI()
    app.include_router(router(collector))
    if now is not None:

        @app.middleware("http")
        async def dated(
            request: Request, go_on: Callable[[Request], Awaitable[Response]]
        ) -> Response:
            response = await go_on(request)
            response.headers["Date"] = format_datetime(now(), usegmt=True)
            return response

    config = uvicorn.Config(app, port=port, log_level="critical", date_header=now is None)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        wait_until(lambda: server.started, "the collector to start")
        yield
    finally:
        server.should_exit = True
        thread.join()
        collector.close()
