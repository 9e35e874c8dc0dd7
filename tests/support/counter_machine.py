"""A machine on a real asyncua server: one counter and one state, and the truth of both."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from typing import Any

from asyncua import ua
from asyncua.common.node import Node
from peers import free_port
from quick_server import quick_server

from domain.samples import Span

PARAMETERS = {
    "total_count": "urn:vendor:Counters/Total",
    "state": "urn:vendor:Counters/State",
    "state_codes": "0=stopped, 1=producing",
}


def wired(url: str, **parameters: str) -> dict[str, Any]:
    """How the machine at `url` is read, as a plant and an agent's configuration name it."""
    return {
        "profile": "generic/opcua-counters",
        "connection": {"url": url, "security": "none", "publishing_interval_ms": "100"},
        "parameters": PARAMETERS | parameters,
    }


def plant_text(machines: Mapping[str, Mapping[str, Any]], roles: Mapping[str, str]) -> str:
    """A plant.yaml of one line, press-1, with these machines."""
    line = {
        "name": {"en": "Press"},
        "ideal_cycle_time_s": 1.0,
        "machines": dict(machines),
        "roles": dict(roles),
    }
    plant = {
        "plant": "works",
        "timezone": "Asia/Hong_Kong",
        "company": {"name": {"en": "Works"}, "business_registration": "12345678"},
        "lines": {"press-1": line},
    }
    return json.dumps(plant)  # which is YAML


class CounterMachine:
    """`truth`: what each signal was set to, with the source time given to it, in order."""

    def __init__(self, port: int, nodes: dict[str, tuple[Node, ua.VariantType]]) -> None:
        self.port = port
        self._nodes = nodes
        self.truth: dict[str, list[tuple[datetime, float]]] = {name: [] for name in nodes}

    @property
    def url(self) -> str:
        return f"opc.tcp://127.0.0.1:{self.port}"

    def config(self, **changes: Any) -> dict[str, Any]:
        """This machine as an agent's configuration names it."""
        return {"line": "line-1", "machine": "filler", **wired(self.url), **changes}

    async def write(self, signal: str, value: int) -> None:
        node, kind = self._nodes[signal]
        now = datetime.now(UTC)
        self.truth[signal].append((now, float(value)))
        await node.write_value(ua.DataValue(ua.Variant(value, kind), SourceTimestamp=now))

    async def count_on(self, pause_s: float) -> None:
        """Count one up after the other until cancelled."""
        while True:
            await self.write("total_count", len(self.truth["total_count"]) + 1)
            await asyncio.sleep(pause_s)

    def vouched_for(
        self, spans: list[Span], *, slack_s: float = 0.5
    ) -> set[tuple[datetime, float]]:
        """The counts whose time lies well inside a span: these must all have arrived.

        `slack_s`: a change on its way when the last answer came belongs to the next one.
        """
        return {
            (at, value)
            for at, value in self.truth["total_count"]
            for span in spans
            if span.start <= at and (span.end - at).total_seconds() > slack_s
        }


@contextlib.asynccontextmanager
async def counter_machine(port: int | None = None) -> AsyncIterator[CounterMachine]:
    server = await quick_server()
    port = port or free_port()
    server.set_endpoint(f"opc.tcp://127.0.0.1:{port}/")
    server.set_security_policy([ua.SecurityPolicyType.NoSecurity])
    await server.register_namespace("urn:other")  # so that the vendor's index is not the first
    index = await server.register_namespace("urn:vendor")
    parent = await server.nodes.objects.add_object(index, "Counters")
    total = await parent.add_variable(index, "Total", 0, ua.VariantType.UInt32)
    state = await parent.add_variable(index, "State", 0, ua.VariantType.Int32)
    async with server:
        machine = CounterMachine(
            port,
            {
                "total_count": (total, ua.VariantType.UInt32),
                "state": (state, ua.VariantType.Int32),
            },
        )
        await machine.write("total_count", 1)
        await machine.write("state", 0)
        yield machine
