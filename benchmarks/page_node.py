"""The node that the page benchmarks measure, in a process of its own, with one route more.

    python benchmarks/page_node.py --data DIR --port N

`/trivial` is what FastAPI answers at the least, in the same process and through the same server:
what a page costs is told as a multiple of it. Agents of the plant's machines are not started;
the live feeder takes their place.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from processes import free_port

from api.http.access.permissions import PERMISSIONS
from lineproof.cli import logs
from lineproof.run.node import Node
from lineproof.run.web_server import LOOPBACK, bind
from lineproof.stopping import stop_on_signals
from store.node.opening import open_stores

TRIVIAL = "/trivial"
_READY = "ready"
_STOP_S = 60


@contextlib.contextmanager
def node_process(data: Path) -> Iterator[tuple[int, int]]:
    """Run the node on the folder for the length of the block: its process id and port."""
    port = free_port()
    command = [sys.executable, __file__, "--data", str(data), "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as node:
        try:
            assert node.stdout is not None
            if node.stdout.readline().strip() != _READY:
                raise SystemExit("the node did not start")
            yield node.pid, port
        finally:
            node.terminate()
            try:
                node.wait(_STOP_S)
            except subprocess.TimeoutExpired:  # it has far too much to answer
                node.kill()


async def _trivial() -> dict[str, str]:
    return {"status": "ok"}


async def _serve(node: Node) -> None:
    stop = asyncio.Event()
    stop_on_signals(stop)
    try:
        await node.start([])
        print(_READY, flush=True)
        await node.wait(stop)
    finally:
        await node.stop()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    options = parser.parse_args()
    logs.configure()
    with (
        bind(LOOPBACK, options.port) as bound,
        open_stores(options.data) as stores,
        contextlib.closing(Node(stores, bound)) as node,
    ):
        PERMISSIONS["GET", TRIVIAL] = None
        node.app.add_api_route(TRIVIAL, _trivial)
        # Found at once, and not only after all other routes were looked at.
        node.app.router.routes.insert(0, node.app.router.routes.pop())
        asyncio.run(_serve(node))


if __name__ == "__main__":
    main()
