"""One HTTP server inside an event loop that also does other things.

The port is bound before anything else is started, so that a busy one is reported at once and
nothing has been changed; the signals belong to the program, not to the server.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import signal
import socket
from collections.abc import Iterator

import uvicorn
from fastapi import FastAPI

from domain.errors import BusyError, InputError
from lineproof.output import note

LOOPBACK = "127.0.0.1"
_LOOPBACK_NAMES = (LOOPBACK, "::1", "localhost")
_BACKLOG = 256
_GRACE_S = 1  # how long a slow client may still read or send


def bind(host: str, port: int, *, option: str = "--port") -> socket.socket:
    """A bound socket. Raises BusyError with what to do when the port is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Told that it is TCP, asyncio sends at once what is written: head and body of an answer are
    # two writes, and the second would wait 40 ms for the client's acknowledgement of the first.
    taken = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind((host, port))
        taken.listen(_BACKLOG)
    except OverflowError:
        raise InputError(f"{port} is not a port", todo=f"Give {option} 1 to 65535.") from None
    except OSError as error:
        taken.close()
        if error.errno == errno.EADDRINUSE:
            raise BusyError(
                f"port {port} on {host} is in use by another program",
                todo=f"Stop that one, or choose another port with {option}.",
            ) from None
        raise InputError(
            f"cannot listen on {host}, port {port} ({error.strerror or error})",
            todo=f"Choose an address of this machine, and a port with {option}.",
        ) from None
    return taken


@contextlib.contextmanager
def listening(host: str, port: int, *, consent: bool) -> Iterator[socket.socket]:
    """A bound socket for the length of the block.

    There is no sign-in yet: an address besides loopback raises InputError without the user's
    `consent`, and warns with it. Raises BusyError when the port is taken.
    """
    outside = host not in _LOOPBACK_NAMES
    if outside and not consent:
        raise InputError(
            f"listening on {host} would let everybody there read and write, because there is no "
            "sign-in yet",
            where="--listen",
            todo="Listen on 127.0.0.1, or add --i-know-there-is-no-sign-in.",
        )
    with contextlib.closing(bind(host, port)) as bound:
        if outside:
            note(
                f"Warning: everybody who reaches {host}, port {port}, can read and write here: "
                "there is no sign-in yet."
            )
        yield bound


def own_url(bound: socket.socket) -> str:
    """Where programs on this machine reach the socket."""
    host, port = bound.getsockname()[:2]
    if host in ("0.0.0.0", "::"):
        host = LOOPBACK
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class WebServer:
    """Serves `app` on a bound socket until `stop` is awaited."""

    def __init__(self, app: FastAPI, bound: socket.socket) -> None:
        self._socket = bound
        self._server = _Server(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                timeout_graceful_shutdown=_GRACE_S,
                server_header=False,
            )
        )
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Returns once requests are answered. Raises what kept the server from starting."""
        self._task = asyncio.create_task(self._server.serve([self._socket]), name="http")
        while not self._server.started:
            if self._task.done():
                await self._task
                raise RuntimeError("the HTTP server ended at once")
            await asyncio.sleep(0.01)

    async def stop(self) -> None:
        """Let open requests end, then close."""
        self._server.should_exit = True
        if self._task is not None:
            await self._task
        self._socket.close()


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield  # the program decides what a signal means


def stop_on_signals(stop: asyncio.Event) -> None:
    """SIGINT and SIGTERM set the event; a second one ends the program at once."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, _asked, loop, stop)


def _asked(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    stop.set()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.remove_signal_handler(number)
