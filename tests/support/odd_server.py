"""An HTTP server on loopback that answers whatever a test tells it, byte by byte if need be."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from peers import PATIENCE_S

Say = Callable[[bytes, socket.socket], bytes | None]  # the request's body; None: it said it itself


@dataclass
class OddServer:
    """`asked`: the bodies that came, in their order."""

    address: str
    asked: list[bytes] = field(default_factory=list)


def response(
    status: int, body: bytes = b"", kind: str = "text/plain", more: tuple[str, ...] = ()
) -> bytes:
    """The bytes of an answer that is well made, whatever it says."""
    head = (f"HTTP/1.1 {status} Said", f"Content-Type: {kind}", f"Content-Length: {len(body)}",
            "Connection: close", *more)  # fmt: skip
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


@contextlib.contextmanager
def odd_server(say: Say) -> Iterator[OddServer]:
    """For the length of the block; a thread for each connection."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = OddServer(f"http://127.0.0.1:{listening.getsockname()[1]}")

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = listening.accept()
                    threading.Thread(target=_answer, args=(connection, say, server)).start()

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield server
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            thread.join(PATIENCE_S)


def _answer(connection: socket.socket, say: Say, server: OddServer) -> None:
    with connection, contextlib.suppress(OSError):
        connection.settimeout(PATIENCE_S)
        data = b""
        while b"\r\n\r\n" not in data:
            data += connection.recv(65536)
        head, _, body = data.partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
        while len(body) < length:
            body += connection.recv(65536)
        server.asked.append(body)
        said = say(body, connection)
        if said is not None:
            connection.sendall(said)
