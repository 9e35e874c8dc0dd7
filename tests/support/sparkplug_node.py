"""An edge node on npm's sparkplug-client (tests/peers/sparkplug_node.cjs)."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from subprocess import PIPE, Popen
from typing import Any

from peers import NODE_PEERS, require, running, wait_until

GROUP, NODE = "plant", "line-1"


class SparkplugNode:
    """`say` tells it to publish; it has done so when it returns."""

    def __init__(self, process: Popen[bytes], log: Path) -> None:
        self._process = process
        self._log = log
        self._said = 0

    def say(self, do: str, *metrics: dict[str, Any], device: str = "", **more: Any) -> None:
        line = {"do": do, "device": device, "metrics": list(metrics), **more}
        assert self._process.stdin is not None
        self._process.stdin.write(f"{json.dumps(line)}\n".encode())
        self._process.stdin.flush()
        self._said += 1
        done = f'{{"done":{self._said}}}\n'
        wait_until(lambda: done in self._log.read_text(), f"the node to {do}")

    def vectors(self, payloads: Sequence[dict[str, Any]]) -> list[bytes]:
        """The payloads as npm's sparkplug-payload encodes them."""
        self.say("vectors", payloads=list(payloads))
        lines = [it for it in self._log.read_text().splitlines() if it.startswith('{"vectors"')]
        return [bytes.fromhex(it) for it in json.loads(lines[-1])["vectors"]]

    @property
    def requests(self) -> int:
        """How many rebirths it was asked for."""
        return self._log.read_text().count('{"rebirth":')

    def kill(self) -> None:
        """Its connection ends without a goodbye."""
        self._process.kill()
        self._process.wait()


def int32(name: str, value: int | None, **more: Any) -> dict[str, Any]:
    return {"name": name, "type": "Int32", "value": value, **more}


@contextlib.contextmanager
def sparkplug_node(folder: Path, port: int | None = None) -> Iterator[SparkplugNode]:
    """The node for the length of the block; `port` None: it is connected to nothing."""
    node = require(program="node")
    require(path=NODE_PEERS / "node_modules" / "sparkplug-client")
    settings: dict[str, Any] = {"group": GROUP, "node": NODE}
    if port is not None:
        settings["port"] = port
    log = folder / "sparkplug-node.log"
    log.write_text("")
    command: list[str | Path] = [node, NODE_PEERS / "sparkplug_node.cjs", json.dumps(settings)]
    with running(command, ready=lambda: "ready" in log.read_text(), log=log, stdin=PIPE) as process:
        yield SparkplugNode(process, log)
