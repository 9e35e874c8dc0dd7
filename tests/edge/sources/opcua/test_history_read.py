"""Histories of single nodes, read from an asyncua server that pages as it likes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from asyncua import Client, ua
from asyncua.server.history import HistoryManager
from opcua_server import VENDOR, KeptHistory, opcua_server

import edge.sources.opcua.history_read as module
from domain.samples import Quality
from edge.sources.opcua.history_read import HistoryReader, TooManyError
from edge.sources.opcua.history_window import HistoryDoubtError

AT = datetime(2026, 3, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)
pytestmark = pytest.mark.asyncio(loop_scope="module")  # one server for all


class ScriptedHistory(KeptHistory):
    """Answers once what it is told to."""

    answer: tuple[list[ua.DataValue], datetime | None] | None = None

    async def read_node_history(
        self, node_id: ua.NodeId, start: datetime | None, end: datetime | None, nb_values: int
    ) -> tuple[list[ua.DataValue], datetime | None]:
        if isinstance(self.answer, tuple):
            return self.answer
        return await super().read_node_history(node_id, start, end, nb_values)


@dataclass
class Kept:
    reader: HistoryReader
    history: ScriptedHistory
    node: ua.NodeId
    unrecorded: ua.NodeId
    manager: HistoryManager

    def fill(self, *values: tuple[int, int]) -> None:
        """Records: after how many seconds, and what."""
        records = self.history.of("Total")
        records.clear()
        records += [value(AT + timedelta(seconds=second), it) for second, it in values]


def value(time: datetime | None, it: Any, status: int = 0) -> ua.DataValue:
    return ua.DataValue(ua.Variant(it), ua.StatusCode(status), SourceTimestamp=time)


async def plain(variant: ua.Variant | None) -> Any:
    if variant is not None and variant.Value == -1:
        return ValueError("a structure is not encoded as defined")
    return variant.Value if variant is not None else None


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running() -> AsyncIterator[Kept]:
    history = ScriptedHistory()
    async with opcua_server(variables={"Total": (0, AT)}, history=history) as server:
        await server.add("Plain", 1)
        index = await server.server.get_namespace_index(VENDOR)
        async with Client(server.url) as client:
            total, unrecorded = (ua.NodeId(name, index) for name in ("Total", "Plain"))
            manager = server.server.iserver.history_manager
            yield Kept(HistoryReader(client, plain), history, total, unrecorded, manager)


@pytest.fixture
def kept(running: Kept) -> Kept:
    running.history.answer = None
    running.history.max_history_data_response_size = 10
    return running


async def read(it: Kept, most: int = 10_000) -> list[tuple[float, Any]]:
    records = await it.reader.records(it.node, AT, AT + HOUR, most)
    return [((record.time - AT).total_seconds(), record.value) for record in records]


async def test_all_of_it_comes_once_however_it_is_paged(
    monkeypatch: pytest.MonkeyPatch, kept: Kept
) -> None:
    """By continuation points, by a limit that the server only cuts off at, and by both. asyncua's
    points are times, so values of one time come twice at the border of a page."""
    truth = [(second // 2, second) for second in range(100)]
    for ours, servers in ((1000, 7), (10, 1000), (8, 3), (1000, 1000)):
        monkeypatch.setattr(module, "PAGE_VALUES", ours)
        kept.history.max_history_data_response_size = servers
        kept.fill(*truth)
        assert await read(kept) == truth
        with pytest.raises(TooManyError):
            await read(kept, most=99)
    kept.fill()
    assert await read(kept) == []


async def test_what_the_server_says_of_itself_and_of_a_node(kept: Kept) -> None:
    kept.fill((1, 5), (2, 6), (9, 7))
    for second, last in ((0, None), (1, 5), (8, 6), (9, 7)):
        newest = await kept.reader.newest(kept.node, AT + timedelta(seconds=second))
        assert (newest and newest.value) == last
    started, now = await kept.reader.clock()
    assert started <= now
    assert abs(now - datetime.now(UTC)) < timedelta(seconds=60)
    assert await kept.reader.is_kept(kept.node)
    assert not await kept.reader.is_kept(kept.unrecorded)
    assert not await kept.reader.is_kept(ua.NodeId("Nobody", kept.node.NamespaceIndex))
    kept.history.answer = ([value(AT, None, ua.StatusCodes.BadDataLost)], None)
    (bad,) = await kept.reader.records(kept.node, AT, AT + HOUR, 10)
    assert (bad.quality, bad.status) == (Quality.BAD, "BadDataLost")


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (([value(AT + 2 * HOUR, 1)], None), "another time"),
        (([value(AT + HOUR, 1), value(AT, 2)], None), "order"),
        (([value(None, 1)], None), "no times"),
        (([value(AT, -1)], None), "cannot be read"),
        (([], AT), "empty page"),
    ],
)
async def test_an_answer_that_cannot_be_used(kept: Kept, answer: Any, why: str) -> None:
    kept.history.answer = answer
    with pytest.raises(HistoryDoubtError, match=why):
        await read(kept)


async def test_a_server_whose_pages_never_end(kept: Kept) -> None:
    """Always the same values with a continuation point: more than were to be read. The point is
    given back."""
    kept.history.answer = ([value(AT, 1)], AT)
    with pytest.raises(TooManyError):
        await read(kept, most=50)


async def test_more_values_of_one_time_than_a_page_has(
    monkeypatch: pytest.MonkeyPatch, kept: Kept
) -> None:
    monkeypatch.setattr(module, "PAGE_VALUES", 5)
    kept.fill(*((0, number) for number in range(9)))
    with pytest.raises(TooManyError):
        await read(kept)


async def test_a_refusal_is_told_by_its_name(monkeypatch: pytest.MonkeyPatch, kept: Kept) -> None:
    async def refuse(*_: object) -> ua.HistoryReadResult:
        return ua.HistoryReadResult(StatusCode=ua.StatusCode(status))

    monkeypatch.setattr(kept.manager, "_read_history", refuse)
    status = ua.StatusCodes.BadHistoryOperationUnsupported
    with pytest.raises(HistoryDoubtError, match="BadHistoryOperationUnsupported"):
        await read(kept)
    status = ua.StatusCodes.BadNoData
    assert await read(kept) == []
