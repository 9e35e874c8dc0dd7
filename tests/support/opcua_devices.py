"""Machines for packaged profiles on one node-opcua server (tests/peers/opcua_devices.cjs)."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from subprocess import PIPE, Popen
from typing import Any

from peers import NODE_PEERS, answered, free_port, require, running

Names = dict[str, list[str]]


class OpcUaDevices:
    """`names`: the variables of each machine."""

    def __init__(self, port: int, process: Popen[bytes], log: Path) -> None:
        self.url = f"opc.tcp://127.0.0.1:{port}"
        self.names: Names = answered(log, '{"ready":')["names"]
        self._process = process
        self._log = log
        self._lines = 0

    def write(self, values: Mapping[str, Mapping[str, Any]]) -> Names:
        """Values by machine and name, all with one source time; the names of those that changed."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{json.dumps(values)}\n".encode())
        self._process.stdin.flush()
        self._lines += 1
        changed: Names = answered(self._log, f'{{"done":{self._lines},')["changed"]
        return changed


@contextlib.contextmanager
def opcua_devices(folder: Path) -> Iterator[OpcUaDevices]:
    """The server for the length of the block, without security."""
    node = require(program="node")
    require(path=NODE_PEERS / "node_modules" / "node-opcua")
    port, log = free_port(), folder / "opcua-devices.log"
    command: list[str | Path] = [node, NODE_PEERS / "opcua_devices.cjs", json.dumps({"port": port})]
    with running(command, ready=lambda: '"ready"' in log.read_text(), log=log, stdin=PIPE) as it:
        yield OpcUaDevices(port, it, log)
