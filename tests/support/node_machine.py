"""A node-opcua PackML machine (tests/peers/packml_machine.cjs) for the length of a block."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from subprocess import Popen
from typing import Any

from peers import NODE_PEERS, free_port, require, running

from device_profiles.model.addresses import OpcUaAddress, OpcUaStart

PACKML = "http://opcfoundation.org/UA/PackML/"
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

    def truth(self, signal: str) -> list[Truth]:
        """What the machine did so far, in order."""
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
        for line in self.log.read_text().splitlines():
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
        return '{"ready":true}' in log.read_text()

    with running(command, ready=ready, log=log) as process:
        yield NodeMachine(port, process, log)


def packml(*names: str) -> OpcUaAddress:
    """The address of a PackML node below the machine, as in packml("Status", "CurMachSpeed")."""
    return OpcUaAddress(START, tuple((PACKML, name) for name in names))


def state_address(*names: str) -> OpcUaAddress:
    """CurrentState of the nested state machines along `names`."""
    path = tuple((PACKML, name) for name in names)
    return OpcUaAddress(START, (*path, ("http://opcfoundation.org/UA/", "CurrentState")))
