"""A network between a browser and a server that a test holds, cuts and mends: tcp_proxy in a thread
of its own."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterator

from peers import PATIENCE_S
from tcp_proxy import TcpProxy


class BadNetwork:
    """`url`: where the server is reached through it."""

    def __init__(self, loop: asyncio.AbstractEventLoop, proxy: TcpProxy) -> None:
        self._loop, self._proxy = loop, proxy
        self.url = f"http://127.0.0.1:{proxy.port}"

    def hold(self) -> None:
        """Nothing comes through from now on, and nothing says so: connections stay as they are."""
        self._do(self._proxy.flowing.clear, self._proxy.answering.clear)

    def cut(self) -> None:
        """Every connection is broken, and every new one."""
        self._do(lambda: setattr(self._proxy, "accepting", False), self._proxy.cut)

    def mend(self) -> None:
        self._do(
            lambda: setattr(self._proxy, "accepting", True),
            self._proxy.flowing.set,
            self._proxy.answering.set,
        )

    def _do(self, *acts: Callable[[], None]) -> None:
        async def done() -> None:
            for act in acts:
                act()

        asyncio.run_coroutine_threadsafe(done(), self._loop).result(PATIENCE_S)


@contextlib.contextmanager
def bad_network(server_url: str) -> Iterator[BadNetwork]:
    """Good until it is told otherwise."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    proxy = TcpProxy(int(server_url.rsplit(":", 1)[1]))
    asyncio.run_coroutine_threadsafe(proxy.start(), loop).result(PATIENCE_S)
    try:
        yield BadNetwork(loop, proxy)
    finally:
        asyncio.run_coroutine_threadsafe(_end(proxy), loop).result(PATIENCE_S)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(PATIENCE_S)
        loop.close()


async def _end(proxy: TcpProxy) -> None:
    await proxy.stop()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
