"""The real web server in a thread, and all that its event loop and its library call an error."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from peers import PATIENCE_S

from lineproof.run.web_server import LOOPBACK, WebServer


@dataclass
class Running:
    """A server; its open `connections`, and its `faults`."""

    port: int
    connections: set[Any]
    faults: list[object]

    def connect(self) -> socket.socket:
        """A client's socket, with little room for what it does not take."""
        made = socket.socket()
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        made.settimeout(PATIENCE_S)
        made.connect((LOOPBACK, self.port))
        return made


@contextlib.contextmanager
def running_server(
    app: FastAPI, bound: socket.socket, *, closing: Callable[[], Awaitable[None]] | None = None
) -> Iterator[Running]:
    """On the bound socket; `closing` is awaited before the server stops."""
    server, runner = WebServer(app, bound), asyncio.Runner()
    loop = runner.get_loop()
    found = Running(bound.getsockname()[1], set(), [])
    handler = _Faults(found.faults)
    loop.set_exception_handler(lambda _, fault: found.faults.append(fault))
    up, down = threading.Event(), asyncio.Event()

    async def serve() -> None:
        await server.start()
        found.connections = server._server.server_state.connections
        up.set()
        await down.wait()
        if closing is not None:
            await closing()
        await server.stop()

    thread = threading.Thread(target=lambda: runner.run(serve()))
    logging.getLogger("uvicorn.error").addHandler(handler)
    thread.start()
    try:
        assert up.wait(PATIENCE_S)
        yield found
    finally:
        loop.call_soon_threadsafe(down.set)
        thread.join(PATIENCE_S)
        runner.close()
        logging.getLogger("uvicorn.error").removeHandler(handler)


class _Faults(logging.Handler):
    def __init__(self, found: list[object]) -> None:
        super().__init__(logging.ERROR)
        self._found = found

    def emit(self, record: logging.LogRecord) -> None:
        self._found.append((record.getMessage(), record.exc_info))
