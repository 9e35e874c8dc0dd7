"""Outages filled from the history of an asyncua server: what a source hands over of them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from asyncua import ua
from opcua_server import KeptHistory, OpcUaServer, counter, opcua_server
from read_again import ReadAgain
from recording_sink import RecordingSink, running_source, until, utc_now
from taking_over import link_of
from tcp_proxy import tcp_proxy

import edge.sources.opcua.history as history_module
import edge.sources.opcua.source as source_module
from edge.sources.opcua.client import KnownAs
from edge.sources.opcua.settings import opcua_settings
from edge.sources.opcua.source import OpcUaLink
from edge.sources.opcua.told_until import ToldUntil
from edge.sources.reporter import Reporter
from edge.sources.runner import LinkSource

pytestmark = pytest.mark.asyncio(loop_scope="module")  # one server for all
STATE, TOTAL = counter("State"), counter("Total")


@dataclass
class Watched(ReadAgain):
    server: OpcUaServer
    history: KeptHistory
    made: list[tuple[int, datetime]] = field(default_factory=list)

    async def count(self, numbers: range) -> None:
        for number in numbers:
            self.made.append((number, await self.server.write("Total", number)))
            await asyncio.sleep(0.005)

    async def recorded(self) -> None:
        """The server records a moment after a value was written."""
        records, (_, last) = self.history.of("Total"), self.made[-1]
        await until(lambda: records[-1].SourceTimestamp == last, "the last record")

    @property
    def counted(self) -> list[tuple[float, datetime | None]]:
        """What the history gave of the counter."""
        return self.told(TOTAL.key)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def recorded() -> AsyncIterator[tuple[OpcUaServer, KeptHistory]]:
    history, now = KeptHistory(max_history_data_response_size=7), utc_now()
    variables = {"State": (1, now), "Total": (0, now)}
    async with opcua_server(variables=variables, history=history) as server:
        await server.add("Plain", 1)
        yield server, history


@pytest.fixture(autouse=True)
def no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sessions are never taken up again, and histories are looked at at once."""
    monkeypatch.setattr(source_module, "SESSION_TIMEOUT_S", 0.0)
    monkeypatch.setattr(history_module, "ATTEMPTS", 3)
    monkeypatch.setattr(history_module, "SETTLE_S", 0.02)


@contextlib.asynccontextmanager
async def watched(
    recorded: tuple[OpcUaServer, KeptHistory],
    *names: str,
    told: ToldUntil | None = None,
    **connection: str,
) -> AsyncIterator[Watched]:
    """The machine has told its first values and one more."""
    server, history = recorded
    async with tcp_proxy(server.port) as proxy:
        url = f"opc.tcp://127.0.0.1:{proxy.port}"
        given = {"url": url, "security": "none", "publishing_interval_ms": "20", **connection}
        reporter, sink = Reporter("l", "m", utc_now), RecordingSink()
        addresses = [counter(name) for name in names or ("State", "Total")]
        known_as = KnownAs("tester", "tester", Path("unused"))
        settings = opcua_settings(given, "test")
        link = OpcUaLink(settings, addresses, reporter, known_as, told=told)
        source = LinkSource(link, reporter)
        await server.write("State", 1)
        await server.write("Total", 0)
        async with running_source(source, sink):
            await until(lambda: len(sink.readings()) == len(addresses), "the first values")
            told = await server.write("Total", 1)
            await until(lambda: sink.readings(TOTAL.key)[-1].source_time == told, "one more")
            yield Watched(proxy, source, sink, server, history)


async def test_all_that_changed_comes_in_order_and_once(
    recorded: tuple[OpcUaServer, KeptHistory], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In parts, of which each begins with what held then; together they make all of it known."""
    monkeypatch.setattr(history_module, "PART_VALUES_MAX", 8)
    monkeypatch.setattr(history_module, "PART_MIN", timedelta(microseconds=1))
    async with watched(recorded) as it:
        await it.leave()
        heard = it.sink.of("heard")[-1]
        await it.count(range(2, 20))
        await it.server.write("State", 2)
        await it.count(range(20, 40))
        await it.come_back()
        await it.settle()
        assert it.sink.of("rejection") == []
    assert it.counted == it.made
    assert len(it.parts) > 3
    assert it.parts[0].known is not None
    assert it.parts[0].known[0] == heard
    ends = [part.known for part in it.parts]
    for before, after in pairwise(ends):
        assert before is not None
        assert after is not None
        assert before[1] == after[0]
    assert ends[-1] is not None
    assert ends[-1][1] in it.sink.of("heard")
    for part in it.parts:
        held = {reading.address: reading.source_time for reading in part.held}
        assert all(reading.source_time > held[reading.address] for reading in part.readings)
    whole = [reading.source_time for part in it.parts for reading in part.readings]
    assert whole == sorted(whole)


async def test_a_server_that_keeps_nothing_of_what_changed(
    recorded: tuple[OpcUaServer, KeptHistory],
) -> None:
    """Nothing is told, and that is no news: the time between stays unknown."""
    async with watched(recorded, "Total", "Plain") as it:
        await it.leave()
        await it.server.write("Plain", 2)
        await it.come_back()
        fillings = link_of(it.source)._history._fillings
        await until(lambda: len(it.sink.of("heard")) > 2 and not fillings, "it was looked at")
    assert it.parts == it.sink.of("rejection") == []
    assert len(it.sink.of("anew")) == 1


async def test_nothing_is_asked_where_the_setting_says_so(
    recorded: tuple[OpcUaServer, KeptHistory], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def asked(*_: object) -> None:
        pytest.fail("the server was asked for its history")

    monkeypatch.setattr(history_module.HistoryFill, "run", asked)
    async with watched(recorded, history="unread") as it:
        await it.leave()
        await it.count(range(2, 4))
        await it.come_back()
        await until(lambda: it.sink.readings(TOTAL.key)[-1].value == 3, "what holds now")


def forget_first(records: list[ua.DataValue]) -> None:
    records.remove([it for it in records if it.Value.Value == 1][-1])


def forget_last(records: list[ua.DataValue]) -> None:
    records.pop()


def swap(records: list[ua.DataValue]) -> None:
    records[-3], records[-4] = records[-4], records[-3]


def double(records: list[ua.DataValue]) -> None:
    records[-3:-3] = records[-3:-2]


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (forget_first, "does not hold what was told live"),
        (forget_last, "does not hold what was told live"),
        (swap, "not in the order of their times"),
        (double, ""),
    ],
)
async def test_a_history_that_lies(
    recorded: tuple[OpcUaServer, KeptHistory],
    spoil: Callable[[list[ua.DataValue]], None],
    why: str,
) -> None:
    async with watched(recorded) as it:
        await it.leave()
        await it.count(range(2, 9))
        await it.recorded()
        spoil(it.history.of("Total"))
        await it.come_back()
        await it.settle()
        if why:
            assert why in it.why
            assert it.parts == []
        else:
            assert it.counted == it.made
    it.history.of("Total").clear()


async def test_a_machine_whose_clock_is_not_believed(
    recorded: tuple[OpcUaServer, KeptHistory],
) -> None:
    """The sink says so; the rest of the outage is not read."""
    async with watched(recorded) as it:
        it.sink.believes = False
        await it.leave()
        await it.count(range(2, 4))
        await it.come_back()
        await it.settle()
        assert "clock" in it.why
    assert len(it.parts) == 1


async def test_a_server_whose_own_clock_is_wrong(
    recorded: tuple[OpcUaServer, KeptHistory], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = history_module.HistoryReader.clock

    async def slow(self: history_module.HistoryReader) -> tuple[datetime, datetime]:
        started, now = await real(self)
        return started, now - timedelta(minutes=1)

    async with watched(recorded) as it:
        await it.leave()
        await it.count(range(2, 4))
        monkeypatch.setattr(history_module.HistoryReader, "clock", slow)
        await it.come_back()
        await it.settle()
        assert "right clock" in it.why
    assert it.parts == []


async def test_a_huge_history_is_given_up_and_live_values_go_on(
    recorded: tuple[OpcUaServer, KeptHistory], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history_module, "OUTAGE_VALUES_MAX", 10)
    async with watched(recorded) as it:
        await it.leave()
        await it.count(range(2, 30))
        await it.come_back()
        await it.settle()
        assert "more values than can be read" in it.why
        time = await it.server.write("Total", 99)
        await until(lambda: it.sink.readings()[-1].source_time == time, "what is live")


async def test_a_connection_that_breaks_meanwhile_costs_nothing(
    recorded: tuple[OpcUaServer, KeptHistory], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two outages; the second one begins while the first one is being filled."""
    monkeypatch.setattr(history_module, "PART_VALUES_MAX", 8)
    monkeypatch.setattr(history_module, "PART_MIN", timedelta(microseconds=1))
    real, gate = history_module.HistoryReader.records, asyncio.Event()

    async def halting(self: Any, *wanted: Any) -> Any:
        if it.parts:
            await gate.wait()
        return await real(self, *wanted)

    monkeypatch.setattr(history_module.HistoryReader, "records", halting)
    async with watched(recorded) as it:
        await it.leave()
        await it.count(range(2, 40))
        await it.come_back()
        await until(lambda: bool(it.parts), "the first part")
        await it.leave()
        gate.set()
        await it.count(range(40, 60))
        await it.come_back()
        await until(lambda: it.source.status.filled == 2, "both outages to be filled")
    live = [(reading.value, reading.source_time) for reading in it.sink.readings(TOTAL.key)]
    assert set(it.counted) | set(live[2:]) == set(it.made)
    assert len(set(it.counted)) == len(it.counted)


async def test_what_an_agent_missed_that_was_killed_meanwhile(
    recorded: tuple[OpcUaServer, KeptHistory], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """In the middle of filling an outage: the next run asks for the rest of it, and for all that
    changed while there was no agent."""
    monkeypatch.setattr(history_module, "PART_VALUES_MAX", 8)
    monkeypatch.setattr(history_module, "PART_MIN", timedelta(microseconds=1))
    monkeypatch.setattr(history_module, "KEEP_S", 0.01)
    monkeypatch.setattr(history_module, "LOOK_BEFORE", timedelta())
    real, gate = history_module.HistoryReader.records, asyncio.Event()

    async def halting(self: Any, *wanted: Any) -> Any:
        if len(it.parts) > 2:
            await gate.wait()
        return await real(self, *wanted)

    kept = ToldUntil(tmp_path / "told.json", "the server", "its profile")
    with monkeypatch.context() as halted:
        halted.setattr(history_module.HistoryReader, "records", halting)
        async with watched(recorded, told=kept) as it:
            await it.leave()
            await it.count(range(2, 60))
            await it.come_back()
            await until(lambda: len(it.parts) > 2, "the first parts")
            filled = it.parts[-1].known
            assert filled is not None
            await until(lambda: kept.read() == filled[1], "what is filled, on disk")
    rest = [one for one in it.made if one not in it.counted]
    assert len(rest) > 10
    async with watched(recorded, told=kept) as again:
        await again.settle()
        assert again.sink.of("rejection") == []
    told = [one for one in again.counted if one in rest]
    assert told == rest
    known = [part.known for part in again.parts if part.known is not None]
    assert known[0][0] == filled[1]
    assert [begin for begin, _ in known[1:]] == [end for _, end in known[:-1]]
    assert known[-1][1] in again.sink.of("heard")
    assert set(again.sink.of("anew")) == {"m"}


async def test_a_server_that_was_started_anew(tmp_path: Path) -> None:
    """Its history goes on over the restart; the time in which it stood still is in no part."""
    history, now = KeptHistory(), utc_now()
    variables = {"State": (1, now), "Total": (0, now)}
    async with opcua_server(variables=variables, history=history) as server:
        async with watched((server, history)) as it:
            await it.leave()
            await it.count(range(2, 9))
            await it.recorded()
            stopped = it.made[-1][1]
            last = {name: history.of(name)[-1] for name in variables}
            kept = {name: (one.Value.Value, one.SourceTimestamp) for name, one in last.items()}
            await server.server.stop()
            async with opcua_server(port=server.port, variables=kept, history=history) as again:
                started = utc_now()
                it.server = again
                await it.count(range(9, 15))
                await it.come_back()
                await it.settle()
                assert it.sink.of("rejection") == []
        await server.server.start()  # the outer block stops it once more
    assert it.counted == it.made
    known = [part.known for part in it.parts if part.known is not None]
    assert len(known) == 2
    assert abs(known[0][1] - stopped) < timedelta(seconds=0.2)
    assert stopped < known[1][0] <= started + timedelta(seconds=1)
    assert known[1][1] >= it.made[-1][1]
