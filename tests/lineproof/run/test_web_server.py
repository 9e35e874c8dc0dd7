"""The bound socket that the server is given."""

from __future__ import annotations

import asyncio
import socket

from lineproof.run.web_server import LOOPBACK, bind


async def test_what_is_written_is_sent_at_once() -> None:
    """An answer's body must not wait for the client's acknowledgement of its head."""
    seen = asyncio.get_running_loop().create_future()

    async def accepted(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = writer.get_extra_info("socket")
        seen.set_result(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        writer.close()

    bound = bind(LOOPBACK, 0)
    server = await asyncio.start_server(accepted, sock=bound)
    async with server:
        _, writer = await asyncio.open_connection(*bound.getsockname()[:2])
        assert await asyncio.wait_for(seen, 60)
        writer.close()
