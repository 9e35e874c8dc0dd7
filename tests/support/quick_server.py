"""An asyncua server that starts quickly: with the demo's choice of the standard's nodes, which are
made once in a process and copied for each server after that."""

from __future__ import annotations

import pickle
from pathlib import Path

from asyncua import Server
from asyncua.server.internal_server import InternalServer

from lineproof.demo.servers.standard_nodes import StandardNodes

_made: list[bytes] = []  # all nodes, once there are some


async def quick_server(*, whole: bool = False) -> Server:
    """Initialised; `whole`: with all 6,174 nodes, which takes its time."""
    if not whole and not _made:
        first = StandardNodes()
        await first.load_standard_address_space()
        _made.append(pickle.dumps(first.aspace._nodes, pickle.HIGHEST_PROTOCOL))
    server = Server(iserver=None if whole else _RememberedNodes())
    await server.init()
    return server


class _RememberedNodes(InternalServer):
    async def load_standard_address_space(self, shelf_file: Path | None = None) -> None:
        self.aspace._nodes.update(pickle.loads(_made[0]))
