"""The machines of `odd_morning`, alive: one OPC UA server and one MQTT broker, read by real agents.

Their clock, which the agents share, goes on only when all that was told has been read. So a morning
lasts some seconds, and every value has the source time that the history gives it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from asyncua import ua
from mqtt_broker import MqttBroker, mqtt_broker, publish_all
from mqtt_machine import PROFILE
from odd_morning import LINES, SIGNALS, START, TEXTS, Row, plant_text
from opcua_server import VENDOR, OpcUaServer, opcua_server
from recording_sink import until

from edge.agent import Agent

_OPCUA, _MQTT = "opcua", "mqtt"
_COUNTED = ("total_count", "reject_count", "energy")


@dataclass
class Clock:
    """The time of the machines and their agents."""

    now: datetime = START

    def __call__(self) -> datetime:
        return self.now


@dataclass
class TellingMachines:
    """`plant`: the file of their plant."""

    plant: Path
    clock: Clock
    _server: OpcUaServer
    _broker: MqttBroker
    _told: dict[str, int] = field(default_factory=dict)  # samples that must come, by machine

    async def tell(self, rows: Sequence[Row], agents: Sequence[Agent]) -> AsyncIterator[datetime]:
        """The whole morning; gives the time after each step, when the agents have read it."""
        machines = [it for agent in agents for it in agent.status().machines]
        assert len(machines) == len(LINES) * len(SIGNALS)
        times = {it.at for it in rows} | {it.at + it.late for it in rows}
        for self.clock.now in sorted(times):
            messages: list[tuple[str, str | bytes]] = []
            for line, protocols in LINES.items():
                for machine, protocol in zip(SIGNALS, protocols, strict=True):
                    mine = [it for it in rows if it.machine == machine]
                    messages += await self._tell(line, machine, protocol, mine)
            await asyncio.to_thread(publish_all, self._broker.port, messages)
            await until(lambda: self._is_read(agents), f"all that was told at {self.clock.now}")
            yield self.clock.now

    async def _tell(
        self, line: str, machine: str, protocol: str, rows: list[Row]
    ) -> list[tuple[str, str]]:
        """Tells what comes now, and no sooner; gives what is to be published of it."""
        now = self.clock.now
        late = 1 if protocol == _MQTT else 0  # a server tells every change at once
        due = [it for it in rows if it.at + late * it.late == now]
        key = f"{line}/{machine}"
        self._told[key] = self._told.get(key, 0) + _samples(due, protocol)
        if protocol == _MQTT:
            return [(f"{key}/main", it) for it in _messages(due)]
        for it in due:
            if it.at > START:  # what was there before anybody connected is not written again
                await self._write(f"{line}{machine}{it.signal}", it)
        return []

    async def _write(self, name: str, row: Row) -> None:
        garbled = row.garbled and row.signal not in TEXTS
        status = ua.StatusCodes.BadSensorFailure if row.bad or garbled else 0
        value = "garbled" if row.garbled and not garbled else row.value
        await self._server.write(name, value, row.at, status=status)

    def _is_read(self, agents: Sequence[Agent]) -> bool:
        read = {
            f"{it.line}/{it.machine}": it.samples
            for agent in agents
            for it in agent.status().machines
        }
        return all(read[key] == count for key, count in self._told.items())


def _samples(rows: list[Row], protocol: str) -> int:
    """How many samples they make. A server tells no repetition; of what is said at one instant and
    comes together the last one counts, but for counters."""
    if protocol == _MQTT:
        together = {(it.signal, it.at) for it in rows if not it.apart and it.signal not in _COUNTED}
        return len(together) + sum(it.apart or it.signal in _COUNTED for it in rows)
    return sum(not it.repeats for it in rows)


def _messages(rows: list[Row]) -> list[str]:
    """A list of timed values, unless one comes apart."""
    lists: list[list[Row]] = [[]]
    for it in rows:
        if it.apart:
            lists += [[it], []]
        else:
            lists[-1].append(it)
    return [json.dumps([_element(it) for it in one]) for one in lists if one]


def _element(row: Row) -> dict[str, object]:
    value = None if row.bad else "garbled" if row.garbled else row.value
    return {row.signal: value, "t": row.at.isoformat()}


def _profile(machine: str) -> str:
    """Of a machine that sends its values as lists of timed ones."""
    how = "topic: main, each: '', time: /t, time_unit: iso, optional: true"
    inputs = "".join(f"  {it}: {{sources: [{{{how}, field: /{it}}}]}}\n" for it in SIGNALS[machine])
    signals = "".join(f"  {it}: {{input: {it}}}\n" for it in SIGNALS[machine])
    return f"{PROFILE}inputs:\n{inputs}signals:\n{signals}"


@contextlib.asynccontextmanager
async def telling_machines(folder: Path, rows: Sequence[Row]) -> AsyncIterator[TellingMachines]:
    """The machines for the length of the block; what they begin with can be read."""
    first = {
        f"{line}{it.machine}{it.signal}": (it.value, it.at)
        for line, protocols in LINES.items()
        for machine, protocol in zip(SIGNALS, protocols, strict=True)
        for it in rows
        if protocol == _OPCUA and it.machine == machine and it.at == START
    }
    with mqtt_broker(folder) as broker:
        async with opcua_server(variables=first) as server:
            machines: dict[tuple[str, str], str] = {}
            for line, protocols in LINES.items():
                for machine, protocol in zip(SIGNALS, protocols, strict=True):
                    given = (
                        _over_opcua(line, machine, server)
                        if protocol == _OPCUA
                        else _over_mqtt(line, machine, broker, folder)
                    )
                    machines[line, protocol] = json.dumps(given)  # which is YAML
            plant = folder / "plant.yaml"
            plant.write_text(plant_text(machines), encoding="utf-8")
            yield TellingMachines(plant, Clock(), server, broker)


def _over_opcua(line: str, machine: str, server: OpcUaServer) -> dict[str, object]:
    connection = {"url": server.url, "security": "none", "publishing_interval_ms": "50"}
    parameters = {it: f"{VENDOR}:Counters/{line}{machine}{it}" for it in SIGNALS[machine]}
    return {
        "profile": "generic/opcua-counters",
        "connection": connection,
        "parameters": parameters,
    }


def _over_mqtt(line: str, machine: str, broker: MqttBroker, folder: Path) -> dict[str, object]:
    profile = folder / machine / "profile.yaml"
    profile.parent.mkdir()
    profile.write_text(_profile(machine), encoding="utf-8")
    connection = {"url": broker.url, "topic": f"{line}/{machine}"}
    return {"profile": str(profile), "connection": connection}
