"""One HTTP server inside an event loop that also does other things.

The port is bound before anything else is started, so that a busy one is reported at once and
nothing has been changed; the signals belong to the program, not to the server.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import socket
from collections.abc import Callable, Iterator

import structlog
import uvicorn
from fastapi import FastAPI

from api.http.forwarded import ForwardedHeaders
from domain.errors import BusyError, InputError, LineproofError
from lineproof.run.connection import Connection
from lineproof.tls.certificates import CertificateFiles, load_together
from lineproof.tls.serving import Serving

LOOPBACK = "127.0.0.1"
_BACKLOG = 256
RENEWAL_PERIOD_S = 60.0
_GRACE_S = 1  # how long a slow client may still read or send

_log = structlog.get_logger(__name__)


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


def own_url(bound: socket.socket, scheme: str = "http") -> str:
    """Where programs on this machine reach the socket."""
    host, port = bound.getsockname()[:2]
    if host in ("0.0.0.0", "::"):
        host = LOOPBACK
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


class WebServer:
    """Serves `app` on a bound socket until `stop` is awaited; with TLS where `serving` says so,
    also with a certificate that was renewed meanwhile."""

    def __init__(self, app: FastAPI, bound: socket.socket, serving: Serving | None = None) -> None:
        self._socket = bound
        self._serving = serving or Serving()
        files = self._serving.files
        self._config = uvicorn.Config(
            ForwardedHeaders(app, self._serving.proxies) if self._serving.proxies else app,
            http=Connection,
            ws="none",  # nothing here speaks WebSocket
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=_GRACE_S,
            server_header=False,
            proxy_headers=False,  # it would believe every program of this machine
            ssl_certfile=None if files is None else files.certificate,
            ssl_keyfile=None if files is None else files.key,
        )
        self._server = _Server(self._config)
        self._task: asyncio.Task[None] | None = None
        self._renewal: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Returns once requests are answered. Raises what kept the server from starting."""
        self._task = asyncio.create_task(self._server.serve([self._socket]), name="http")
        while not self._server.started:
            if self._task.done():
                await self._task
                raise RuntimeError("the HTTP server ended at once")
            await asyncio.sleep(0.01)
        if self._serving.renewed is not None:
            self._renewal = asyncio.create_task(self._renew(self._serving.renewed), name="tls")

    async def stop(self) -> None:
        """Let open requests end, then close."""
        self._server.should_exit = True
        if self._renewal is not None:
            self._renewal.cancel()
        if self._task is not None:
            await self._task
        self._socket.close()

    async def _renew(self, renewed: Callable[[], CertificateFiles]) -> None:
        """New connections get the certificate as it is now: renewed here, by a command, or put in
        its place by somebody."""
        told = ""
        while True:
            await asyncio.sleep(RENEWAL_PERIOD_S)
            try:
                files = await asyncio.to_thread(renewed)
                if self._config.ssl is not None:
                    load_together(self._config.ssl, files)
                told = ""
            except (LineproofError, OSError) as error:  # the one before serves on
                if str(error) != told:
                    _log.error("certificate not renewed", error=str(error))
                told = str(error)


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield  # the program decides what a signal means
