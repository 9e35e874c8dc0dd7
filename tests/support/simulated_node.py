"""A node of a simulated plant: the real stores, two collectors over them, keepers of facts and of
the ledger. It dies with its data folder as it lies there and is opened again from that."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
from fastapi import FastAPI
from simulated_agent import START, SimulatedAgent
from simulated_disk import Drive, files_no_larger
from simulated_time import VirtualLoop, put_in_place

import collector.intake.http
from collector.facts.keeper import FactsKeeper
from collector.intake.collector import Collector
from collector.intake.http import router
from domain.errors import LineproofError
from store.files.plant import read_plant
from store.node.ledger_keeper import LedgerKeeper
from store.node.opening import Stores, open_stores

COLLECTORS = 2
_HEAD = """plant: p
timezone: Asia/Hong_Kong
company: {name: {en: P, zh-Hant: P, zh-Hans: P}}
calendars:
  day:
    holidays: none
    shifts: [{name: A, days: [mon, tue, wed, thu, fri], start: "07:00", end: "19:00"}]
lines:
"""
_LINE = """  LINE:
    name: {en: L, zh-Hant: L, zh-Hans: L}
    calendar: day
    ideal_cycle_time_s: 1.0
    machines: {LINE-a: {profile: import}, LINE-b: {profile: import}}
    roles: {state: LINE-a, total_count: LINE-b}
"""


async def _in_line(work: Callable[..., Any], *arguments: Any, **_limiter: Any) -> Any:
    """In the place of anyio's threads."""
    return work(*arguments)


@dataclass
class SimulatedNode:
    """`file_limit`: no file of it may grow larger."""

    folder: Path
    loop: VirtualLoop
    make_drive: Callable[[Path], Drive]
    clock_off: timedelta = timedelta(0)
    file_limit: int | None = None
    is_up: bool = False

    def now(self) -> datetime:
        return START + timedelta(seconds=self.loop.time()) + self.clock_off

    def prepare(self, agents: Sequence[SimulatedAgent]) -> None:
        """A plant, and those who may send."""
        lines = sorted({machine.line for agent in agents for machine in agent.machines})
        text = _HEAD + "".join(_LINE.replace("LINE", line) for line in lines)
        long_ago = START - timedelta(days=400)
        with open_stores(self.folder) as stores:
            stores.registry.apply.plant(text, read_plant(text, "p.yaml"), long_ago, file="p.yaml")
            for agent in agents:
                stores.registry.agents.enrol(agent.name, agent.public_key, long_ago)

    def begin(self) -> None:
        """Over the folder as it lies there."""
        self.drive = self.make_drive(self.folder)
        self.stores: Stores = open_stores(self.folder)
        stores = self.stores
        self.facts = FactsKeeper(stores.telemetry, stores.registry.facts_basis, self.now)
        self.ledger = LedgerKeeper(stores.ledger, stores.registry, stores.telemetry, self.now)
        self.collectors = [
            Collector(stores.telemetry, stores.archive, stores.registry.agents, self.now)
            for _ in range(COLLECTORS)
        ]
        self.transports = [httpx.ASGITransport(self._app(it)) for it in self.collectors]
        self.is_up = True

    def _app(self, collector: Collector) -> FastAPI:
        app = FastAPI()
        app.include_router(router(collector))
        return app

    async def answer(self, request: httpx.Request, which: int) -> httpx.Response:
        """What that collector answers. The dead answer nothing: a ConnectError."""
        if not self.is_up or self.drive.is_dead:
            raise httpx.ConnectError("Connection refused", request=request)
        drive, data = self.drive, request.read()
        anew = httpx.Request("POST", request.url, headers=request.headers, content=data)
        at_once = {(collector.intake.http, "to_thread"): SimpleNamespace(run_sync=_in_line)}
        with put_in_place(at_once), files_no_larger(self.file_limit):
            response = await self.transports[which].handle_async_request(anew)
            content = await response.aread()
        if drive.is_dead:
            raise httpx.ReadError("Connection reset by peer", request=request)
        return httpx.Response(
            response.status_code, headers=response.headers, content=content, request=request
        )

    def keep(self) -> None:
        """One round of the keepers. What the disk refuses waits for the next one."""
        if not self.is_up or self.drive.is_dead:
            return
        try:
            with files_no_larger(self.file_limit):
                self.facts.refresh()
                self.ledger.refresh()
        except LineproofError:
            assert self.file_limit is not None or self.drive.refuse_after is not None

    def kill(self, *, lost_power: bool) -> None:
        """With what lies on disk at this moment, or at that which its drive chose before."""
        self.drive.die(lost_power=lost_power)
        self._closed()
        image = self.drive.image
        assert image is not None
        self.folder = image.rename(self.folder.with_name(f"node-{self.loop.time():.6f}"))

    def stop(self) -> None:
        """In good order."""
        self._closed()

    def _closed(self) -> None:
        self.is_up = False
        for it in self.collectors:
            it.close()
        self.stores.close()

    def back_up(self, to: Path) -> None:
        """The folder as it is: nothing writes meanwhile."""
        shutil.rmtree(to, ignore_errors=True)
        shutil.copytree(self.folder, to)
