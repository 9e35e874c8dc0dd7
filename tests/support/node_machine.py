"""A node-opcua PackML machine (tests/peers/packml_machine.cjs) for the length of a block."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from subprocess import PIPE, Popen
from typing import Any

from peers import NODE_PEERS, free_port, require, running, wait_until

from device_profiles.model.addresses import OpcUaAddress, OpcUaStart

PACKML = "http://opcfoundation.org/UA/PackML/"
RESET, READY = '{"reset":true}', '{"ready":true}'
START = OpcUaStart((PACKML, "PackMLBaseObjectType"))


@dataclass(frozen=True)
class Truth:
    """A value that the machine took, and the source time that it gave."""

    signal: str
    value: Any
    time: datetime


@dataclass(frozen=True)
class NodeMachine:
    port: int
    process: Popen[bytes]
    log: Path

    @property
    def url(self) -> str:
        return f"opc.tcp://127.0.0.1:{self.port}"

    def begin(
        self, timeline: Sequence[Mapping[str, Any]] = (), initial: Mapping[str, Any] | None = None
    ) -> None:
        """Another timeline from initial values on; what the machine did before is forgotten."""
        given = {"timeline": list(timeline), "initial": dict(initial or {})}
        before = self._times_ready()
        assert self.process.stdin is not None
        self.process.stdin.write(f"{json.dumps(given)}\n".encode())
        self.process.stdin.flush()
        wait_until(lambda: self._times_ready() > before, "the machine's initial values")

    def _times_ready(self) -> int:
        return self.log.read_text().count(READY)

    def truth(self, signal: str) -> list[Truth]:
        """What the machine did so far in this timeline, in order."""
        return [
            Truth(record["signal"], record["value"], datetime.fromisoformat(record["time"]))
            for record in self._records()
            if record.get("signal") == signal
        ]

    @property
    def server_side(self) -> tuple[int, int]:
        """Sessions and subscriptions that the server holds, as of its last second."""
        counts = [record for record in self._records() if "sessions" in record]
        return (counts[-1]["sessions"], counts[-1]["subscriptions"]) if counts else (-1, -1)

    def _records(self) -> Iterator[dict[str, Any]]:
        for line in self.log.read_text().rpartition(RESET)[2].splitlines():
            if line.startswith("{") and line.endswith("}"):
                yield json.loads(line)


@contextlib.contextmanager
def node_machine(
    folder: Path,
    timeline: Sequence[Mapping[str, Any]] = (),
    *,
    port: int | None = None,
    initial: Mapping[str, Any] | None = None,
    **options: Any,
) -> Iterator[NodeMachine]:
    """Runs the machine; `folder` keeps its certificates over restarts. Ends it by SIGTERM."""
    node = require(program="node")
    require(path=NODE_PEERS / "node_modules" / "node-opcua")
    port = port or free_port()
    log = folder / f"machine-{port}-{len(list(folder.glob('machine-*.log')))}.log"
    settings = {
        "port": port,
        "pki": str(folder / "pki"),
        "timeline": list(timeline),
        "initial": dict(initial or {}),
        **options,
    }
    command = [node, NODE_PEERS / "packml_machine.cjs", json.dumps(settings)]

    def ready() -> bool:
        return READY in log.read_text()

    with running(command, ready=ready, log=log, stdin=PIPE) as process:
        yield NodeMachine(port, process, log)


def packml(*names: str) -> OpcUaAddress:
    """The address of a PackML node below the machine, as in packml("Status", "CurMachSpeed")."""
    return OpcUaAddress(START, tuple((PACKML, name) for name in names))


def state_address(*names: str) -> OpcUaAddress:
    """CurrentState of the nested state machines along `names`."""
    path = tuple((PACKML, name) for name in names)
    return OpcUaAddress(START, (*path, ("http://opcfoundation.org/UA/", "CurrentState")))
