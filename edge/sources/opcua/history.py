"""Fills outages from the history that a server keeps, beside the live values.

An outage begins where all changes had been told last, and ends when every address of a new
subscription has been heard again. It is filled from its oldest part on, in the background: what is
live is never kept waiting, and a server is never busy with us for more than half of its time. A
connection that breaks meanwhile costs nothing: what is filled stays, and the rest comes later. What
cannot be believed stays unknown, and the reason is told once for each outage
(`history_window` has the rules).

So is the time in which the agent itself did not run, from where all is on its disk (`told_until`).
What it was told before that is not known any more: what held then is taken from the history, too.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog
from asyncua import ua
from asyncua.client.client import Client
from asyncua.ua.uaerrors import UaError

from domain.samples import Reading
from edge.sources.history import HistoryPart
from edge.sources.opcua.errors import reason
from edge.sources.opcua.history_read import HistoryReader, TooManyError
from edge.sources.opcua.history_window import (
    CLOCKS_APART,
    Coverage,
    HistoryDoubtError,
    LastValue,
    Outage,
    Recorded,
)
from edge.sources.opcua.items import Items
from edge.sources.opcua.told_until import ToldUntil
from edge.sources.reporter import Reporter

_log = structlog.get_logger(__name__)

SETTLE_S = 5.0  # a server may record what it told a moment later
LOOK_BEFORE = CLOCKS_APART  # by a clock that is behind ours some of it had not been told
KEEP_S = 10.0  # how often it is kept until when all is on disk
ATTEMPTS = 5  # to find what was told live in the history, each time after a longer wait
PART_MAX = timedelta(minutes=10)
PART_MIN = timedelta(seconds=1)
PART_VALUES_MAX = 5_000  # what can be decoded at once without keeping live values waiting
OUTAGE_VALUES_MAX = 5_000_000
OUTAGES_MAX = 20  # that wait to be filled
_NONE_KEPT = "the server keeps none of values that changed"


class _NotYetError(Exception):
    """The history does not hold yet what was told live."""


@dataclass(slots=True)
class _Filling:
    """An outage on its way: what is not filled yet begins at `outage.start`. `ran_since`: when the
    server was started, as it said before the outage, and `runs_since` after it; None: not known.
    `is_of_run_before`: nothing is known of what was told before it."""

    outage: Outage
    ran_since: datetime | None
    is_of_run_before: bool = False
    runs_since: datetime | None = None
    attempts: int = 0
    values: int = 0
    coverage: Coverage | None = None
    changed: frozenset[str] = frozenset()  # addresses
    keys: tuple[str, ...] = ()  # of which a history is kept


@dataclass(frozen=True, slots=True)
class _Open:
    """An outage that has not ended; None is what a run before did not leave."""

    start: datetime
    before: Mapping[str, LastValue] | None
    ran_since: datetime | None


class HistoryFill:
    """For one machine, over all its connections, and with `told` over the agent's restarts."""

    def __init__(self, items: Items, reporter: Reporter, told: ToldUntil | None) -> None:
        self._items = items
        self._reporter = reporter
        self._told = told
        self._open: _Open | None = None
        self._runs_since: datetime | None = None  # as the server said last
        self._fillings: deque[_Filling] = deque()
        self._work = asyncio.Event()

    def subscribes(self) -> None:
        """Everything is to be watched anew: what changed since the last hearing may never come."""
        heard = self._reporter.last_heard
        if heard is None:
            self._go_on_from_run_before()
        elif self._open is None:
            self._open = _Open(heard, self._items.held(), self._runs_since)
        if self._open is not None:
            self._reporter.anew()

    def _go_on_from_run_before(self) -> None:
        until = self._told.read() if self._told is not None else None
        if until is not None and until < self._reporter.now():
            self._open = _Open(until - LOOK_BEFORE, None, None)

    def heard(self, at: datetime) -> None:
        """All changes are told again from then on, once every address has been heard."""
        if self._open is None or not self._items.all_began:
            return
        was, self._open = self._open, None
        if at <= was.start:
            return
        outage = Outage(was.start, at, was.before or {}, self._items.held(), None)
        self._fillings.append(_Filling(outage, was.ran_since, was.before is None))
        if len(self._fillings) > OUTAGES_MAX:
            self._give_up(self._fillings.popleft(), "too many outages wait to be filled")
        self._work.set()

    async def run(self, client: Client) -> None:
        """Fill what waits, until cancelled or the connection breaks."""
        keeping = asyncio.create_task(self._keep_on())
        try:
            await self._fill_on(HistoryReader(client, self._items.plain))
        finally:
            keeping.cancel()

    async def _keep_on(self) -> None:
        """Until when all is on disk, for the next run."""
        kept = None
        while self._told is not None:
            until = self._told_until
            if until is not None and until != kept:
                await self._reporter.sink.flushed()
                await asyncio.to_thread(self._told.write, until)
                kept = until
            await asyncio.sleep(KEEP_S)

    @property
    def _told_until(self) -> datetime | None:
        """What changed up to then has been handed over, or never will."""
        if self._fillings:
            return self._fillings[0].outage.start
        return self._open.start if self._open is not None else self._reporter.last_heard

    async def _fill_on(self, reader: HistoryReader) -> None:
        try:
            self._runs_since = await self._started(reader)
            while True:
                self._work.clear()
                for it in self._fillings:
                    it.runs_since = it.runs_since or self._runs_since
                if self._fillings:
                    await asyncio.sleep(SETTLE_S * 2 ** self._fillings[0].attempts)
                    await self._fill_first(reader)
                else:
                    await self._work.wait()
        except (OSError, UaError) as error:
            _log.info("history not read on", machine=self._reporter.machine, why=reason(error))
        except Exception:  # a library's surprise costs an outage's history, not the live values
            _log.exception("history not read", machine=self._reporter.machine)
            if self._fillings:
                self._give_up(self._fillings.popleft(), "it cannot be read")

    async def _started(self, reader: HistoryReader) -> datetime | None:
        """When the server was started; None where it does not say, or its clock is not right."""
        try:
            started, now = await reader.clock()
        except HistoryDoubtError:
            return None
        return started if abs(now - self._reporter.now()) <= CLOCKS_APART else None

    async def _fill_first(self, reader: HistoryReader) -> None:
        filling = self._fillings[0]
        try:
            await self._fill(filling, reader)
        except _NotYetError:
            filling.attempts += 1
            if filling.attempts < ATTEMPTS:
                return
            why = "it does not hold what was told live"
        except HistoryDoubtError as error:
            why = str(error)
        except TooManyError:
            why = "it holds more values than can be read"
        else:
            why = ""
        self._fillings.remove(filling)
        if why:
            self._give_up(filling, why)
        else:
            self._reporter.filled()

    def _give_up(self, filling: _Filling, why: str) -> None:
        """What is not filled stays unknown; a server without history is no news."""
        outage = filling.outage
        if why == _NONE_KEPT:
            _log.info("no history", machine=self._reporter.machine)
            return
        self._reporter.rejection(
            "history",
            f"{outage.start.isoformat()} to {outage.end.isoformat()}",
            outage.start,
            self._reporter.now(),
            f"the server's history of an outage is not used: {why}",
        )

    async def _fill(self, filling: _Filling, reader: HistoryReader) -> None:
        if filling.coverage is None:
            await self._begin(filling, reader)
        length = PART_MAX
        while filling.outage.start < filling.outage.end:
            begun = asyncio.get_running_loop().time()
            try:
                count = await self._fill_part(filling, reader, length)
            except TooManyError:
                length /= 2
                if length < PART_MIN:
                    raise
            else:
                if count < PART_VALUES_MAX / 4:
                    length = min(2 * length, PART_MAX)
                if filling.values > OUTAGE_VALUES_MAX:
                    raise TooManyError
            await asyncio.sleep(asyncio.get_running_loop().time() - begun)

    async def _begin(self, filling: _Filling, reader: HistoryReader) -> None:
        """Hold the history against what was told live, before anything of it is believed."""
        outage, started = filling.outage, filling.runs_since
        if started is None or (filling.ran_since is None and not filling.is_of_run_before):
            raise HistoryDoubtError("it is not known by a right clock since when the server runs")
        is_after, is_another = started > outage.start, started != filling.ran_since
        if is_after if filling.is_of_run_before else is_another:
            if not is_after:
                raise HistoryDoubtError("the server's clock was set")
            outage = replace(outage, restarted=min(started, outage.end))
        keys = [it for it in outage.after if await reader.is_kept(self._node(it))]
        if filling.is_of_run_before:
            outage = replace(outage, before=await self._held_then(outage, keys, reader))
        changed = outage.changed
        if not keys or not set(changed) <= set(keys):
            raise HistoryDoubtError(_NONE_KEPT)
        for key in changed:
            for value in (outage.before[key], outage.after[key]):
                if not await self._is_recorded(key, value, reader):
                    raise _NotYetError
        filling.outage, filling.changed, filling.keys = outage, frozenset(changed), tuple(keys)
        filling.coverage = Coverage(outage, keys)

    async def _held_then(
        self, outage: Outage, keys: Sequence[str], reader: HistoryReader
    ) -> dict[str, LastValue]:
        """The value of each address when the outage began."""
        held = {}
        for key, after in outage.after.items():
            if after.time is not None and after.time <= outage.start:
                held[key] = after
                continue
            if key not in keys:
                raise HistoryDoubtError(_NONE_KEPT)
            newest = await reader.newest(self._node(key), outage.start)
            if newest is None:
                raise HistoryDoubtError("it does not reach back to where the agent stopped")
            held[key] = LastValue(newest.time, newest.quality, newest.value)
        return held

    async def _is_recorded(self, key: str, value: LastValue, reader: HistoryReader) -> bool:
        assert value.time is not None  # see Outage.changed
        newest = await reader.newest(self._node(key), value.time)
        return newest is not None and newest.time <= value.time and newest.says(value)

    async def _fill_part(self, filling: _Filling, reader: HistoryReader, length: timedelta) -> int:
        """The next part, of that length or less; gives the number of its values."""
        outage = filling.outage
        end = min(outage.start + length, outage.end)
        if outage.restarted is not None and outage.start < outage.restarted:
            end = min(end, outage.restarted)
        found: list[tuple[str, Recorded]] = []
        for key in filling.keys:
            most = PART_VALUES_MAX - len(found)
            found += [(key, it) for it in await self._later(key, filling, end, most, reader)]
        found.sort(key=lambda it: it[1].time)  # of one time in the order of the server
        assert filling.coverage is not None
        known = filling.coverage.known(outage.start, end, found)
        await self._reporter.sink.ready()
        now = self._reporter.now()
        held = sorted((it.time or now, key) for key, it in outage.before.items())
        part = HistoryPart(
            [self._reading(key, outage.before[key], now) for _, key in held],
            [self._reading(key, it, now, it.status) for key, it in found],
            known,
        )
        if not self._reporter.history(part):
            raise HistoryDoubtError("the machine's clock, or the agent's, is not known to be right")
        before = dict(outage.before)
        before.update((key, LastValue(it.time, it.quality, it.value)) for key, it in found)
        filling.outage = replace(outage, start=end, before=before)
        filling.values += len(found)
        return len(found)

    async def _later(
        self, key: str, filling: _Filling, end: datetime, most: int, reader: HistoryReader
    ) -> list[Recorded]:
        """The records of an address up to `end` that are newer than what was told of it."""
        outage = filling.outage
        told, told_again = outage.before[key].time, outage.after[key].time
        assert told is not None
        assert told_again is not None  # see Outage.changed
        begin = max(told, outage.start - CLOCKS_APART)
        if end == outage.end:
            end += CLOCKS_APART
        if key in filling.changed:  # and what is newer is told live
            end = min(end, told_again)
        if begin >= end:
            return []
        records = await reader.records(self._node(key), begin, end, most)
        return [it for it in records if it.time > told]

    def _node(self, key: str) -> ua.NodeId:
        node = self._items.nodes.get(key)
        if node is None:
            raise HistoryDoubtError("an address is no longer served")
        return node

    def _reading(
        self, key: str, it: LastValue | Recorded, now: datetime, status: str = ""
    ) -> Reading:
        machine = self._reporter.machine
        return Reading(machine, key, it.value, it.time, now, it.quality, status=status)
