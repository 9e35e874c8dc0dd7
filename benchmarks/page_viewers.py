"""People who look: event streams that stay open.

The viewers live in a process of their own, so that reading what they are sent counts for nobody
but them.
"""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.sharedctypes import Synchronized
from multiprocessing.synchronize import Event

_BEGIN_S = 120
_POLL_S = 0.1
_CHUNK = 1 << 16


@contextmanager
def viewers(port: int, paths: Sequence[str]) -> Iterator[Callable[[], int]]:
    """Open an event stream for each path, for the length of the block, which begins when all
    were sent something. The function says how many bytes were sent so far. Raises TimeoutError
    when they are not all sent something within two minutes."""
    context = multiprocessing.get_context("spawn")
    stop, ready = context.Event(), context.Event()
    received: Synchronized[int] = context.Value("q", 0)
    process = context.Process(
        target=_view, args=(port, list(paths), ready, stop, received), daemon=True
    )
    process.start()
    try:
        if not ready.wait(_BEGIN_S):
            raise TimeoutError("the event streams did not all begin")
        yield lambda: received.value
    finally:
        stop.set()
        process.join(30)


def _view(
    port: int, paths: list[str], ready: Event, stop: Event, received: Synchronized[int]
) -> None:
    asyncio.run(_view_all(port, paths, ready, stop, received))


async def _view_all(
    port: int, paths: list[str], ready: Event, stop: Event, received: Synchronized[int]
) -> None:
    begun = 0

    async def one(path: str) -> None:
        nonlocal begun
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n\r\n".encode()
        )
        head = await reader.readuntil(b"\r\n\r\n")
        if b" 200 " not in head.split(b"\r\n", 1)[0]:
            raise SystemExit(f"{path}: {head.decode()}")
        await reader.readuntil(b"data:")
        begun += 1
        while chunk := await reader.read(_CHUNK):
            received.value += len(chunk)

    streams = [asyncio.create_task(one(path)) for path in paths]
    while not stop.is_set():
        if begun == len(paths):
            ready.set()
        for stream in streams:
            if stream.done():
                stream.result()
                raise SystemExit("an event stream ended")
        await asyncio.sleep(_POLL_S)
    for stream in streams:
        stream.cancel()
