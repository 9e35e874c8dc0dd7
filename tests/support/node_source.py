"""A source that reads a node-opcua PackML machine, held against what the machine did."""

from __future__ import annotations

import contextlib
import itertools
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from node_machine import NodeMachine, packml, state_address
from recording_sink import RecordingSink, running_source, until, utc_now

from device_profiles.model.addresses import OpcUaAddress, OpcUaFolder, OpcUaStart
from edge.config import MachineConfig
from edge.sources.base import Source
from edge.sources.factory import make_source

TOTAL = packml("Admin", "ProdProcessedCount")
MODE = packml("Status", "UnitModeCurrent")
SPEED = packml("Status", "CurMachSpeed")
EXECUTE = state_address("BaseStateMachine", "MachineState", "ExecuteState")
REASON = packml("Admin", "StopReason")
PRESS = OpcUaAddress(OpcUaStart(), (("urn:press", "Press"), ("urn:press", "Counters")))


def source_of(
    url: str,
    *addresses: OpcUaAddress | OpcUaFolder,
    stale_after_s: float = 60,
    folder: Path = Path("unused"),
    **connection: Any,
) -> Source:
    settings = {"url": url, "security": "none", "publishing_interval_ms": 200, **connection}
    machine = MachineConfig(
        line="filler-1",
        machine="filler",
        profile="packml/opcua",
        connection=settings,
        stale_after_s=stale_after_s,
    )
    return make_source(machine, addresses, utc_now, agent="tester", folder=folder)


@contextlib.asynccontextmanager
async def watching(
    machine: NodeMachine, source: Source, sink: RecordingSink
) -> AsyncIterator[None]:
    """The source runs, and the machine's timeline begins once the source has heard it."""
    async with running_source(source, sink):
        await until(lambda: bool(sink.of("heard")), "the first values")
        machine.process.send_signal(signal.SIGUSR2)
        yield


def without_repeats(states: list[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    return [next(group) for _, group in itertools.groupby(states, lambda it: it[0])]


def counts(sink: RecordingSink) -> list[tuple[int, Any]]:
    return [(it.value[0]["AccCount"], it.source_time) for it in sink.readings(TOTAL.key)]


def true_counts(machine: NodeMachine) -> list[tuple[int, Any]]:
    return [(it.value, it.time) for it in machine.truth("total")]
