"""What the system says of a connection has a name."""

from __future__ import annotations

import asyncio
import socket
import ssl

import pytest

from domain.source_faults import Cause
from edge.sources.system_errors import system_status

BOTH = OSError(
    "Multiple exceptions: [Errno 111] Connect call failed ('::1', 9, 0, 0), [Errno 113] x"
)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (ConnectionRefusedError(111, "Connect call failed"), "ECONNREFUSED"),
        (OSError(113, "No route to host"), "EHOSTUNREACH"),
        (BOTH, "ECONNREFUSED"),
        (TimeoutError(), Cause.NO_ANSWER),
        (TimeoutError(110, "Connection timed out"), Cause.NO_ANSWER),
        (ConnectionError("Connection is closed"), Cause.CLOSED),
        (ConnectionResetError(104, "Connection reset by peer"), "ECONNRESET"),
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), "EAI_NONAME"),
        (OSError("something"), ""),
        (ssl.SSLError(1, "handshake"), ""),
        (ValueError("no error of the system"), ""),
    ],
)
def test_its_name(error: BaseException, status: str) -> None:
    assert system_status(error) == status


async def test_a_closed_port_and_a_name_that_nobody_knows() -> None:
    with pytest.raises(OSError, match="Connect call failed") as closed:
        await asyncio.open_connection("127.0.0.1", 9)
    with pytest.raises(socket.gaierror) as unknown:
        await asyncio.open_connection("no-such-computer.invalid", 9)
    assert system_status(closed.value) == "ECONNREFUSED"
    assert system_status(unknown.value) in ("EAI_NONAME", "EAI_AGAIN")
