"""The demo while it runs: machines, node and pages in one process, and what a visitor is told.

The history goes through the same intake as live batches; a last short file of each line brings it
up to the moment at which the live machines take over.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import time
import webbrowser
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from socket import socket

from edge.config import AgentConfig
from lineproof import output
from lineproof.clock import utc_now
from lineproof.demo.history import write_tail
from lineproof.demo.model.lines import CRACKER, NOODLE_1, NOODLE_2
from lineproof.demo.people import PEOPLE, add_people
from lineproof.demo.servers.broker import DemoBroker
from lineproof.demo.servers.line_server import LineServer
from lineproof.demo.servers.meter import Meter
from lineproof.demo.servers.sparkplug_machines import Bagger, Labeller
from lineproof.demo.story import Story
from lineproof.demo.texts import METER_TOPIC
from lineproof.demo.told_history import TellingHistory
from lineproof.history_import.importer import import_files
from lineproof.run.node import Node, live_agents
from lineproof.stopping import stop_on_signals
from lineproof.upkeep.apply import start_with_files
from store.node.opening import open_stores

_TICK_S = 0.5  # how often the OPC UA machines write what they do; changes have their own times


@dataclass(frozen=True, slots=True)
class Play:
    """What is played. `telling`: the history of a new folder; `seconds`: how long to run, counted
    from when the pages answer."""

    story: Story
    folder: Path
    files: Sequence[Path]
    telling: TellingHistory | None
    browser: bool
    seconds: float | None


def now_us() -> int:
    """The clock of the simulated machines."""
    return time.time_ns() // 1000


async def play(what: Play, bound: socket) -> None:
    """Machines first, then the node, once the history is told; until a signal or the end of the
    seconds. The addresses are printed once the pages answer."""
    async with _machines(what.story) as machines:
        told_us = await asyncio.to_thread(what.telling.until_us) if what.telling else None
        machines.play()
        stop = asyncio.Event()
        stop_on_signals(stop)
        with open_stores(what.folder / "node") as stores:
            if told_us is None:
                start_with_files(stores.registry, what.files, utc_now())
            add_people(stores.registry, utc_now())
            with contextlib.closing(Node(stores, bound, demo_people=PEOPLE)) as node:
                if told_us is not None:
                    _import_tails(node, what, told_us)
                await _serve(node, what, stop)


async def _serve(node: Node, what: Play, stop: asyncio.Event) -> None:
    def wanted() -> list[AgentConfig]:
        return live_agents(node.stores, what.folder, node.url)

    try:
        await node.start(wanted(), wanted)
        _print_addresses(node.url, what.folder)
        if what.browser:
            _open_browser(f"{node.url}/floor")
        if what.seconds is not None:
            asyncio.get_running_loop().call_later(what.seconds, stop.set)
        await node.wait(stop)
    finally:
        await node.stop()


class _Machines:
    """Broker, the lines' machines and the meter: there from `start` on, and playing the story in
    real time from `play` on."""

    def __init__(self, story: Story) -> None:
        noodle_1, noodle_2 = (story.lines[it].model for it in (NOODLE_1, NOODLE_2))
        self._broker = DemoBroker(story.mqtt_port)
        self._hall = LineServer(
            noodle_1, now_us, others=[noodle_2], port=story.opcua_port, tick_s=_TICK_S
        )
        url = self._broker.url
        self._meter = Meter(noodle_1, now_us, url, METER_TOPIC)
        self._snacks = Bagger(story.lines[CRACKER].model, now_us, url), Labeller(now_us, url)
        self._playing: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        await self._broker.start()
        await self._hall.start()

    def play(self) -> None:
        speaking = (self._meter, *self._snacks)
        for machine in speaking:
            machine.start()
        self._playing = [asyncio.create_task(it.run()) for it in (self._hall, *speaking)]

    async def stop(self) -> None:
        for task in self._playing:
            task.cancel()
        await asyncio.gather(*self._playing, return_exceptions=True)
        if self._playing:
            for machine in (self._meter, *self._snacks):
                machine.stop()
        await self._hall.stop()
        await self._broker.stop()


@contextlib.asynccontextmanager
async def _machines(story: Story) -> AsyncIterator[_Machines]:
    machines = _Machines(story)
    await machines.start()
    try:
        yield machines
    finally:
        await machines.stop()


def _import_tails(node: Node, what: Play, told_us: int) -> None:
    """The seconds that went by meanwhile, once the machines play: the agents begin next."""
    for line in what.story.lines.values():
        tail = write_tail(what.folder, line, told_us, now_us())
        if tail:
            import_files(node.stores, node.collector, line.id, tail, now=utc_now())


def _print_addresses(url: str, folder: Path) -> None:
    output.say(
        "\n".join(
            (
                "The demo plant is running. Everything in it is simulated, on this machine alone.",
                "Its pages let you be one of three people by a click: operator, grant officer or "
                "integrator.",
                f"  Floor   {url}/floor",
                f"  Line    {url}/lines/{NOODLE_1}",
                f"  Grants  {url}/grants",
                f"  API     {url}/api/v1/openapi.json",
                f"  Files   {folder}",
                "Stop it with Ctrl-C.",
            )
        )
    )
    sys.stdout.flush()


def _open_browser(address: str) -> None:
    """Only where there is a display: a text browser would take over the terminal."""
    if sys.platform == "darwin" or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        webbrowser.open(address)
