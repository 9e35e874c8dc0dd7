"""An asyncua server that tells what it holds for its clients: a process for a benchmark.

    python benchmarks/reconnects_server.py PORT

Each line on the standard input is answered by one: `sessions subscriptions`. Before that, the line
`expire` ends every session whose connection is gone, as its timeout would.
"""

from __future__ import annotations

import asyncio
import logging
import sys

from opcua_server import opcua_server

NAMES = tuple(f"V{number}" for number in range(20))


async def serve(port: int) -> None:
    async with opcua_server(port=port) as server:
        for name in NAMES:
            await server.add(name, 0)
        print("ready", flush=True)
        reader = asyncio.StreamReader()
        protocol = asyncio.StreamReaderProtocol(reader)
        await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, sys.stdin)
        counting = asyncio.create_task(_count_on(server.write))
        while line := await reader.readline():
            sessions = server.server.iserver._external_sessions
            if line.strip() == b"expire":
                for session in list(sessions.values()):
                    await session.close_session(True)
            print(len(sessions), server.subscriptions, flush=True)
        counting.cancel()


async def _count_on(write: object) -> None:
    number = 0
    assert callable(write)
    while True:
        number += 1
        for name in NAMES:
            await write(name, number)
        await asyncio.sleep(0.05)


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    asyncio.run(serve(int(sys.argv[1])))
