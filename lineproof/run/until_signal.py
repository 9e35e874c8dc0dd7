"""The life of a part: it serves until somebody ends it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from fastapi import FastAPI

from lineproof.run.listening import Listening
from lineproof.run.web_server import WebServer
from lineproof.stopping import stop_on_signals


async def until_signal(
    app: FastAPI, here: Listening, closing: Callable[[], Awaitable[None]]
) -> None:
    """Serve the application until a signal; then `closing`, and what was asked is answered."""
    stop = asyncio.Event()
    stop_on_signals(stop)
    server = WebServer(app, here.bound, here.serving)
    await server.start()
    try:
        await stop.wait()
    finally:
        await closing()
        await server.stop()
