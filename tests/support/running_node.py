"""A whole node in a thread, as `lineproof up` runs it: pages, collector, and agents that follow the
plant file."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from pathlib import Path

from peers import PATIENCE_S

from edge.config import AgentConfig
from lineproof.clock import utc_now
from lineproof.machine_networks import Network
from lineproof.run.node import Node, live_agents
from lineproof.run.web_server import LOOPBACK, bind
from lineproof.upkeep.apply import apply_files
from store.node.opening import Stores, open_stores


@contextlib.contextmanager
def running_node(
    folder: Path,
    plant: str,
    networks: Sequence[Network],
    prepare: Callable[[Stores], None] = lambda stores: None,
) -> Iterator[Node]:
    """With that plant file, over the folder; it seals at once. `prepare`: what is done before it
    starts."""
    file = folder / "plant.yaml"
    file.write_text(plant, encoding="utf-8")
    with open_stores(folder / "node") as stores, bind(LOOPBACK, 0) as bound:
        apply_files(stores.registry, [file], utc_now())
        prepare(stores)
        node = Node(stores, bound, networks=networks)
        loop, stop, started = asyncio.new_event_loop(), asyncio.Event(), Future[None]()

        def wanted() -> list[AgentConfig]:
            return live_agents(stores, folder / "node", node.url, seal_after_s=0)

        async def run() -> None:
            try:
                await node.start(wanted(), wanted)
                started.set_result(None)
                await node.wait(stop)
            finally:
                await node.stop()

        thread = threading.Thread(target=lambda: loop.run_until_complete(run()))
        thread.start()
        try:
            started.result(PATIENCE_S)
            yield node
        finally:
            loop.call_soon_threadsafe(stop.set)
            thread.join(PATIENCE_S)
            node.close()
            loop.close()
            assert not thread.is_alive(), "the node did not stop"
