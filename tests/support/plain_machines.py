"""Machines with plain variables on one node-opcua server (tests/peers/plain_machines.cjs)."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from subprocess import PIPE, Popen

from peers import NODE_PEERS, free_port, require, running, wait_until


class PlainMachines:
    """`write` gives a variable a value; when `settle` returns all of them are at the server."""

    def __init__(self, port: int, process: Popen[bytes], log: Path) -> None:
        self.port = port
        self._process = process
        self._log = log
        self._written = 0

    def write(self, name: str, value: float, time: datetime, *, bad: bool = False) -> None:
        said = {"name": name, "value": value, "time_ms": time.timestamp() * 1000, "bad": bad}
        assert self._process.stdin is not None
        self._process.stdin.write(f"{json.dumps(said)}\n".encode())
        self._process.stdin.flush()
        self._written += 1

    def settle(self) -> None:
        done = f'{{"written":{self._written}}}'
        wait_until(lambda: done in self._log.read_text(), "all values to be written")


@contextlib.contextmanager
def plain_machines(folder: Path, names: Sequence[str], *, kept: int = 0) -> Iterator[PlainMachines]:
    """The server for the length of the block, without security; `kept`: values of the history of
    each variable."""
    node = require(program="node")
    require(path=NODE_PEERS / "node_modules" / "node-opcua")
    port, log = free_port(), folder / "plain-machines.log"
    settings = json.dumps({"port": port, "names": list(names), "kept": kept})
    command: list[str | Path] = [node, NODE_PEERS / "plain_machines.cjs", settings]
    with running(command, ready=lambda: "ready" in log.read_text(), log=log, stdin=PIPE) as process:
        yield PlainMachines(port, process, log)
