"""A machine that runs beside a test: an OPC UA server in a thread of its own.

It counts on by itself while its state says so; the test turns it to other states.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future

from opcua_server import VENDOR, OpcUaServer, opcua_server
from peers import PATIENCE_S, wait_until

from domain.plant import DEFAULT_CHATTER_S

PRODUCING, STOPPED = 6, 2
STATE_CODES = f"{STOPPED}=stopped, {PRODUCING}=producing"
ITEM_S = 0.2
NO_CHATTER_S = 1.5 * DEFAULT_CHATTER_S  # what produces for less parts no stop from the next


class LiveMachine:
    """Objects/Counters with State, Total, Good and Reason; every tenth item is no good one."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, server: OpcUaServer, made: int, item_s: float
    ) -> None:
        self._loop = loop
        self._server = server
        self._state = PRODUCING
        self._item_s = item_s
        self._turned = time.monotonic()
        self.url = server.url
        self.made = made

    @property
    def addresses(self) -> dict[str, str]:
        """Signal → address, as plant files write it."""
        names = {"state": "State", "total_count": "Total", "good_count": "Good"}
        return {
            signal: f"{VENDOR}:Counters/{name}"
            for signal, name in {**names, "stop_reason": "Reason"}.items()
        }

    @property
    def in_plant(self) -> str:
        """What stands of it under `machines:`, by the packaged profile for plain counters."""
        parameters = {**self.addresses, "state_codes": STATE_CODES}
        connection = {"url": self.url, "security": "none"}
        profile = "generic/opcua-counters"
        # JSON is YAML on one line.
        return json.dumps({"profile": profile, "connection": connection, "parameters": parameters})

    @property
    def good(self) -> int:
        return self.made - self.made // 10

    def turn(self, state: int, reason: str = "") -> None:
        """The machine's state from now on, with the reason that its operator keyed in. What it
        produced before is no chatter: it is waited for until it lasted long enough."""

        async def turned() -> None:
            if self._state == PRODUCING != state:
                lasted_s = time.monotonic() - self._turned
                await asyncio.sleep(max(0.0, NO_CHATTER_S - lasted_s))
            if self._state != state:
                self._state, self._turned = state, time.monotonic()
            await self._server.write("Reason", reason)
            await self._server.write("State", state)

        asyncio.run_coroutine_threadsafe(turned(), self._loop).result(timeout=PATIENCE_S)

    async def live(self) -> None:
        first = {"State": self._state, "Total": self.made, "Good": self.good, "Reason": ""}
        for name, value in first.items():
            await self._server.add(name, value)
            await self._server.write(name, value)
        while True:
            await asyncio.sleep(self._item_s)
            if self._state == PRODUCING:
                self.made += 1
                await self._server.write("Total", self.made)
                await self._server.write("Good", self.good)


@contextlib.contextmanager
def live_machine(made: int = 0, item_s: float = ITEM_S) -> Iterator[LiveMachine]:
    """The machine for the length of the block. `made`: what its counter stands at first; `item_s`:
    how long an item takes."""
    ready: Future[LiveMachine] = Future()
    loop = asyncio.new_event_loop()

    async def run() -> None:
        async with opcua_server() as server:
            machine = LiveMachine(loop, server, made, item_s)
            ready.set_result(machine)
            await machine.live()

    task = loop.create_task(run())

    def thread() -> None:
        with contextlib.suppress(asyncio.CancelledError):
            loop.run_until_complete(task)
        loop.close()

    runner = threading.Thread(target=thread, name="live-machine")
    runner.start()
    wait_until(lambda: ready.done() or not runner.is_alive(), "the machine to start")
    try:
        yield ready.result(timeout=0)
    finally:
        loop.call_soon_threadsafe(task.cancel)
        runner.join(timeout=PATIENCE_S)
