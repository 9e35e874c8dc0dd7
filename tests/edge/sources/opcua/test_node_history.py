"""Outages filled from the history of a node-opcua server: a historian that nobody here wrote.

It answers in pages with continuation points, gives what lies before a time by turning the times of
the request round, keeps milliseconds, and forgets the oldest values.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
import pytest_asyncio
from opcua_source import source_of
from plain_machines import PlainMachines, plain_machines
from read_again import ReadAgain
from recording_sink import RecordingSink, running_source, until, utc_now
from tcp_proxy import tcp_proxy

import edge.sources.opcua.history as history_module
import edge.sources.opcua.history_read as history_read
import edge.sources.opcua.source as source_module
from device_profiles.model.addresses import OpcUaAddress, OpcUaStart

pytestmark = pytest.mark.asyncio(loop_scope="module")  # one server for all
KEPT, PAGE = 400, 40
MILLISECOND = timedelta(milliseconds=1)


def counter(name: str) -> OpcUaAddress:
    return OpcUaAddress(OpcUaStart(), (("urn:vendor", "Counters"), ("urn:vendor", name)))


STATE, TOTAL = counter("State"), counter("Total")


@dataclass
class Machine:
    """Its clock goes on by a millisecond with each item, which is not waited for."""

    server: PlainMachines
    at: datetime = field(default_factory=lambda: utc_now().replace(microsecond=0))
    made: list[tuple[float, datetime]] = field(default_factory=list)

    def count(self, items: int) -> None:
        for _ in range(items):
            self.at += MILLISECOND
            self.made.append((len(self.made) + 1.0, self.at))
            self.server.write("Total", *self.made[-1])
        self.server.write("State", len(self.made), self.at)
        self.server.settle()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def machine(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Machine]:
    names, folder = ("State", "Total"), tmp_path_factory.mktemp("machine")
    with plain_machines(folder, names, kept=KEPT) as server:
        yield Machine(server)


@contextlib.asynccontextmanager
async def watched(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ReadAgain]:
    """The machine has told its last count. No session is taken up again."""
    monkeypatch.setattr(source_module, "SESSION_TIMEOUT_S", 0.0)
    monkeypatch.setattr(history_module, "ATTEMPTS", 2)
    monkeypatch.setattr(history_module, "SETTLE_S", 0.02)
    monkeypatch.setattr(history_read, "PAGE_VALUES", PAGE)
    machine.count(1)
    async with tcp_proxy(machine.server.port) as proxy:
        source, sink = source_of(f"opc.tcp://127.0.0.1:{proxy.port}", STATE, TOTAL), RecordingSink()
        async with running_source(source, sink):
            await until(lambda: len(sink.of("heard")) > 1, "the first values, and that they hold")
            yield ReadAgain(proxy, source, sink)


async def test_all_that_changed_comes_in_order_and_once(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In eight pages, whose ends are followed."""
    async with watched(machine, monkeypatch) as it:
        before, heard = len(machine.made), it.sink.of("heard")[-1]
        await it.leave()
        machine.count(7 * PAGE)
        machine.count(PAGE)
        await it.come_back()
        await it.settle()
        assert it.sink.of("rejection") == []
    assert it.told(TOTAL.key) == machine.made[before:]
    assert [value for value, _ in it.told(STATE.key)] == [before + 7 * PAGE, before + 8 * PAGE]
    (part,) = it.parts
    assert part.known is not None
    assert part.known[0] <= heard
    assert part.known[1] in it.sink.of("heard")


async def test_what_the_server_has_forgotten_is_unknown(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with watched(machine, monkeypatch) as it:
        await it.leave()
        machine.count(KEPT + 1)
        await it.come_back()
        await it.settle()
        assert "does not hold what was told live" in it.why
    assert it.parts == []
