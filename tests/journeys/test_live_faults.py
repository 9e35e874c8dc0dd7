"""A plant whose machines lie, each in its own way, while a node watches all of them.

Sixteen lines that do the same at the same time: stopped, producing, stopped, producing, stopped.
Half are variables of a node-opcua server whose clock, quality or counter is wrong, half are devices
that send JSON in eight styles to a mosquitto, with what cannot be read among what can. The test
knows what every machine did and when. Held against it: no line is ever shown producing while it
surely stood still, no item is counted too many, the bounds enclose the truth, and each lie is told;
and of a machine that does not lie nothing is.

A value that stands at its receipt is true from some moment between being sent and being shown.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from command_line import Node, node
from mqtt_broker import MqttBroker, mqtt_broker, publish_all
from peers import wait_until
from plain_machines import PlainMachines, plain_machines
from recording_sink import utc_now
from tcp_proxy import TcpProxy, tcp_proxy
from telling_devices import STYLES

from device_profiles.decoding.clock_error import TOLERANCE

HOUR = timedelta(hours=1)
PRODUCING, STOPPED = 1, 2
ITEMS, SET_BACK_AT = 10, 6
# What tells of each lie: flags of the row, codes of faults. Any of them will do.
OPCUA = {
    "honest": set[str](),
    "future": {"clock_wrong", "source_time_ahead"},
    "jump": {"clock_wrong", "source_time_ahead", "source_time_behind"},
    "old": {"clock_wrong", "source_time_behind"},
    "frozen": {"clock_wrong", "source_time_frozen"},
    "bad": {"bad_quality"},
    "reset": {"counter_reset"},
    "cut": {"connection_lost"},
}
LIES = OPCUA | {style: {"values_rejected"} for style in STYLES}


@dataclass
class Story:
    """What the machines did: when each change was sent, and when all lines showed it."""

    changes: list[tuple[int, datetime, datetime]] = field(default_factory=list)
    told: dict[str, set[str]] = field(default_factory=lambda: {line: set() for line in LIES})

    @property
    def window(self) -> tuple[datetime, datetime]:
        """From when all were shown stopped until they were so at the end."""
        return self.changes[0][2], self.changes[-1][2]

    @property
    def surely_stopped(self) -> list[tuple[datetime, datetime]]:
        return self._surely(STOPPED)

    def _surely(self, wanted: int) -> list[tuple[datetime, datetime]]:
        return [
            (shown, following[1])
            for (state, _, shown), following in zip(self.changes, self.changes[1:], strict=False)
            if state == wanted
        ]

    @property
    def producing_s(self) -> tuple[float, float]:
        """At least and at most."""
        least = sum((end - start).total_seconds() for start, end in self._surely(PRODUCING))
        most = sum(
            (following[2] - sent).total_seconds()
            for (state, sent, _), following in zip(self.changes, self.changes[1:], strict=False)
            if state == PRODUCING
        )
        return least, most


@dataclass
class Machines:
    """All of them; `say` lets each tell in its own way what is true."""

    server: PlainMachines
    broker: MqttBroker
    proxy: TcpProxy
    clocks: dict[str, Callable[[datetime], datetime]]
    bad: bool = False

    def say(self, state: int, total: int) -> datetime:
        """The state, and the count so far; when that was true."""
        at = utc_now()
        at = at.replace(microsecond=at.microsecond // 1000 * 1000)
        for line in OPCUA:
            stamp = self.clocks[line](at) if line in self.clocks else at
            is_bad = line == "bad" and self.bad
            counted = total
            if line == "reset" and total > SET_BACK_AT:  # by hand, after that item
                counted -= SET_BACK_AT
                if counted == 1:
                    self.server.write(f"{line}Total", 0, stamp)
            self.server.write(f"{line}Total", counted, stamp, bad=is_bad)
            self.server.write(f"{line}State", state, stamp, bad=is_bad)
        self.server.settle()
        said = [(f"{line}/main", style.say(state, total, at)) for line, style in STYLES.items()]
        publish_all(self.broker.port, said)
        return at

    def spoil(self, state: int, total: int) -> None:
        at = utc_now()
        said = [
            (f"{line}/main", message)
            for line, style in STYLES.items()
            for message in style.spoil(state, total, at)
        ]
        publish_all(self.broker.port, said)


def plant_file(folder: Path, machines: Machines) -> Path:
    lines = {}
    for line in OPCUA:
        port = machines.proxy.port if line == "cut" else machines.server.port
        lines[line] = {
            "profile": "generic/opcua-counters",
            "connection": {
                "url": f"opc.tcp://127.0.0.1:{port}",
                "security": "none",
                "publishing_interval_ms": "100",
            },
            "parameters": {
                "state": f"urn:vendor:Counters/{line}State",
                "total_count": f"urn:vendor:Counters/{line}Total",
                "state_codes": "1=producing, 2=stopped",
            },
        }
    for line, style in STYLES.items():
        profile = folder / line / "profile.yaml"
        profile.parent.mkdir()
        profile.write_text(style.profile, encoding="utf-8")
        connection = {"url": machines.broker.url, "topic": line}
        lines[line] = {"profile": str(profile), "connection": connection}
    plant = {
        "plant": "liars",
        "timezone": "Asia/Hong_Kong",
        "company": {"name": {"en": "Works"}, "business_registration": "1"},
        "lines": {
            line: {
                "name": {"en": line},
                "ideal_cycle_time_s": 0.01,
                "machines": {"m": machine},
                "roles": {"state": "m", "total_count": "m"},
            }
            for line, machine in lines.items()
        },
    }
    file = folder / "plant.yaml"
    file.write_text(json.dumps(plant), encoding="utf-8")  # which is YAML
    return file


def look(running: Node, line: str, story: Story) -> dict[str, Any]:
    found: dict[str, Any] = running.get(f"lines/{line}")
    story.told[line] |= {fault["code"] for fault in found["faults"]}
    return found


def becomes(running: Node, story: Story, line: str, state: str) -> None:
    wait_until(lambda: look(running, line, story)["state"] == state, f"{line} to be shown {state}")


def change(
    running: Node, machines: Machines, story: Story, state: int, total: int, *, but: str = ""
) -> None:
    """Every machine tells it, and every line shows it."""
    sent = machines.say(state, total)
    wanted = {PRODUCING: "producing", STOPPED: "stopped"}[state]
    for line in LIES:
        if line != but:
            becomes(running, story, line, wanted)
    story.changes.append((state, sent, utc_now()))


def play(running: Node, machines: Machines) -> Story:
    story, clocks = Story(), machines.clocks
    change(running, machines, story, STOPPED, 0)
    clocks["jump"] = lambda at: at + HOUR
    change(running, machines, story, PRODUCING, 0)
    stands = story.changes[-1][1]
    clocks["frozen"] = lambda at: stands
    time.sleep(TOLERANCE.total_seconds() + 0.5)  # so long a time may stand still
    machines.bad = True
    for count in range(1, 6):
        machines.spoil(PRODUCING, count)
        machines.say(PRODUCING, count)
    becomes(running, story, "bad", "unknown")
    wait_until(  # a fault is told once a second, the state at once
        lambda: bool(look(running, "bad", story)["faults"]), "the bad values to be told"
    )
    machines.bad = False
    machines.proxy.accepting = False
    machines.proxy.cut()
    becomes(running, story, "cut", "unknown")
    change(running, machines, story, STOPPED, 5, but="cut")
    machines.proxy.accepting = True
    clocks["jump"] = lambda at: at - HOUR
    machines.spoil(STOPPED, 5)
    becomes(running, story, "cut", "stopped")
    change(running, machines, story, STOPPED, 5)
    change(running, machines, story, PRODUCING, 5)
    for count in range(6, ITEMS + 1):
        machines.spoil(PRODUCING, count)
        machines.say(PRODUCING, count)
    del clocks["jump"]
    machines.spoil(STOPPED, ITEMS)
    change(running, machines, story, STOPPED, ITEMS)
    return story


def all_read(running: Node, machines: Machines) -> bool:
    """What is sent before an agent has subscribed is lost: it is sent until all lines show it."""
    machines.say(STOPPED, 0)
    time.sleep(1)
    return all(running.get(f"lines/{line}")["state"] == "stopped" for line in LIES)


@contextlib.contextmanager
def watched(
    folder: Path, server: PlainMachines, proxy: TcpProxy
) -> Iterator[tuple[Node, Machines]]:
    with mqtt_broker(folder) as broker:
        clocks = {"future": lambda at: at + HOUR, "old": lambda at: at - 3 * HOUR}
        machines = Machines(server, broker, proxy, clocks)
        machines.say(STOPPED, 0)
        with node(folder / "node", plant_file(folder, machines)) as running:
            wait_until(lambda: all_read(running, machines), "every machine to be read")
            yield running, machines


@dataclass(frozen=True)
class Shown:
    """What the node says of a line: of the story's window, and of all that is known."""

    row: dict[str, Any]
    states: list[dict[str, Any]]
    whole: dict[str, Any]


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> tuple[Story, dict[str, Shown]]:
    """The truth, and what the node says of each line."""
    folder = tmp_path_factory.mktemp("liars")
    names = [f"{line}{what}" for line in OPCUA for what in ("State", "Total")]

    async def live() -> tuple[Story, dict[str, Shown]]:
        with plain_machines(folder, names) as server:
            async with tcp_proxy(server.port) as proxy:
                return await asyncio.to_thread(watch, folder, server, proxy)

    return asyncio.run(live())


def watch(folder: Path, server: PlainMachines, proxy: TcpProxy) -> tuple[Story, dict[str, Shown]]:
    began = utc_now()
    with watched(folder, server, proxy) as (running, machines):
        story = play(running, machines)
        start, end = story.window
        window = {"start": start.isoformat(), "end": end.isoformat()}
        for line in LIES:  # the newest is shown before it is sealed, and figures are of what is
            sealed = partial(_is_sealed, running, line, began, end)
            wait_until(sealed, f"all that {line} said to be sealed")
        shown = {}
        for line in LIES:
            [row] = running.get(f"lines/{line}/kpis", **window)
            whole = _whole(running, line, began, end)
            look(running, line, story)
            story.told[line] |= set(row["flags"])
            shown[line] = Shown(row, running.rows(f"lines/{line}/states", **window), whole)
    return story, shown


def _whole(running: Node, line: str, began: datetime, end: datetime) -> dict[str, Any]:
    """The figures of all that is known."""
    window = {"start": began.isoformat(), "end": end.isoformat()}
    found: dict[str, Any] = running.get(f"lines/{line}/kpis", **window)[0]
    return found


def _is_sealed(running: Node, line: str, began: datetime, end: datetime) -> bool:
    return bool(_whole(running, line, began, end)["total_count"] >= ITEMS - 1e-6)


@pytest.mark.parametrize("line", LIES)
def test_a_line_whose_machine_lies(lived: tuple[Story, dict[str, Shown]], line: str) -> None:
    story, shown = lived
    row, (least_s, most_s) = shown[line].row, story.producing_s
    for it in shown[line].states:
        start, end = datetime.fromisoformat(it["start"]), datetime.fromisoformat(it["end"])
        if it["state"] == "producing":
            assert not any(start < last and first < end for first, last in story.surely_stopped), it
    assert row["production_time_s"] <= most_s
    assert row["production_time_s"] + row["unknown_time_s"] >= least_s
    # Of a clock that stands still for less than TOLERANCE items may lie before their window.
    assert row["total_count"] <= ITEMS + 1e-6
    assert row["bounds"]["total_count"][0] <= ITEMS + 1e-6
    low, high = shown[line].whole["bounds"]["total_count"]
    assert shown[line].whole["total_count"] == pytest.approx(ITEMS, abs=1e-6)
    assert low - 1e-6 <= ITEMS <= high + 1e-6
    told = story.told[line]
    assert told & LIES[line] if LIES[line] else not told, told
