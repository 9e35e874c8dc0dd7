"""One machine of an agent: its source, its decoder, its liveness, and the sink between them.

The readings of one hand-over are decoded together, since a machine that changes several
variables at once changed once; they gather in the outbox. What was heard and lost becomes
spans there. A source that fails does not disturb the others: the failure is reported and logged,
and the source is started again unless its configuration can never work.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from device_profiles.decoding.column_decoder import ColumnDecoder
from device_profiles.decoding.totals import KeptTotals
from device_profiles.files.catalogue import load
from domain.columns import ReadingColumns
from domain.errors import InputError
from domain.panics import panics_as_errors
from domain.samples import Quality, Reading, Rejection, Sample, Span
from domain.source_faults import Cause, FaultCode, SourceFault
from domain.source_identity import SourceIdentity
from edge.clock_log import ClockLog
from edge.collector_clock import AgentClock
from edge.config import MachineConfig
from edge.known_clocks import REMEMBER, KnownClocks, is_clock_right
from edge.last_minute import LastMinute
from edge.liveness import Liveness
from edge.machine_faults import (
    RIGHT,
    BadValue,
    Known,
    Rejected,
    clock_now,
    faults_of,
    never_read,
)
from edge.machine_history import MachineHistory, is_history_believed, without_between
from edge.machine_status import MachineStatus
from edge.source_report import SourceReport
from edge.sources.base import MisconfiguredError, Now, Source
from edge.sources.factory import make_source
from edge.sources.history import HistoryPart
from edge.sources.mqtt.known_messages import KnownMessages
from edge.spool.kept import Kept
from edge.spool.outbox import Outbox
from edge.spool.rows import Row, count
from edge.unreadable import Unreadable

_log = structlog.get_logger(__name__)

RESTART_S = 5.0
TELL_FAULTS_S = 1.0
_SAID_OF_IT = ("url", "topic", "group", "node", "device")  # of a connection


class EdgeMachine:
    """Reads one machine for as long as `run` runs; a `Sink` for its source. `agent_clock`: what is
    known of the agent's own clock; `folder`: its data folder.

    Raises InputError when the profile or the connection cannot work as configured.
    """

    def __init__(
        self,
        config: MachineConfig,
        agent: str,
        now: Now,
        clocks: KnownClocks,
        agent_clock: Callable[[], AgentClock],
        folder: Path,
    ) -> None:
        self._config = config
        self._agent = agent
        self._now = now
        self._agent_clock = agent_clock
        self._profile = load(config.profile, config.parameters)
        self._clocks = clocks
        named = config.line, config.machine
        self._decoder = ColumnDecoder(
            self._profile,
            *named,
            is_clock_right=is_clock_right(clocks.is_right(self.key), self._profile),
            pause_max=timedelta(seconds=config.stale_after_s),
            remembered=clocks.remembered(self.key),
        )
        self._liveness = Liveness(*named, config.stale_after_s)
        self._history = MachineHistory(self._profile, *named, config.stale_after_s)
        self._folder = folder
        self._known_messages = KnownMessages()
        self._source = self._new_source()
        self._outbox: Outbox | None = None
        self._handed_over: list[Reading | ReadingColumns] = []  # and not decoded yet
        self._samples = 0
        self._rejections = 0
        self._problem = self._problem_where = self._cause = ""
        self._clock = ClockLog(self.key)
        self._report = SourceReport(config.line, config.machine)
        self._started = now()
        self._read: set[str] = set()  # addresses
        self._rejected = Rejected()
        self._bad: dict[str, BadValue] = {}  # by address
        self._offline: datetime | None = None  # since when the machine says so
        self._begins_anew = False  # nothing was heard since it was subscribed to again
        self._unreadable = Unreadable(config.stale_after_s)
        self._last_minute = LastMinute(time.monotonic())
        self._newest: Reading | None = None  # since the last look, with a time of the source
        self._values = 0  # that came, of all sources that it had

    @property
    def key(self) -> str:
        """What the batch headers call it."""
        return f"{self._config.line}/{self._config.machine}"

    @property
    def profile_digest(self) -> str:
        return self._profile.digest

    @property
    def _address(self) -> str:
        connection = self._config.connection
        return " ".join(connection[it] for it in _SAID_OF_IT if it in connection)

    @property
    def _identity(self) -> SourceIdentity:
        return SourceIdentity(self._agent, self._config.profile, self.profile_digest, self._address)

    @property
    def status(self) -> MachineStatus:
        known, at = self._known, self._now()
        return MachineStatus(
            line=self._config.line,
            machine=self._config.machine,
            profile=self._config.profile,
            profile_digest=self._profile.digest,
            address=self._address,
            alive=self._liveness.alive,
            samples=self._samples,
            rejections=self._rejections,
            rejected=self._rejected.counts,
            problem=self._problem,
            source=known.source,
            pace=self._last_minute.pace,
            clock_error=self._decoder.clock_error,
            time_doubts=tuple(sorted(self._decoder.time_doubts.items())),
            faults=tuple(faults_of(known, at, self._config.stale_after_s)),
        )

    @property
    def _known(self) -> Known:
        return Known(
            self._started,
            self._problem,
            self._source.status,
            self._offline,
            self._bad,
            never_read(self._profile, self._read),
            self._rejected,
            self._decoder.doubted,
            self._decoder.clock_error,
            self._config.connection.get("url", ""),
            self._agent_clock(),
            self._problem_where,
            self._cause,
            self._decoder.beats.still_since,
        )

    def take_spans(self) -> list[Span]:
        """Spans confirmed since the last call."""
        return self._liveness.take()

    async def run(self, outbox: Outbox) -> None:
        """Read into `outbox` until cancelled, or for good when the machine refuses for good."""
        self._outbox = outbox
        kept = outbox.kept(self.key)
        self._decoder.totals.go_on_from(KeptTotals.of_text(kept.totals))
        self._known_messages.add(*kept.messages)
        self._started = self._now()
        self._tell_connection(self._started, stands=False)  # an agent before us may have said else
        self._tell(self._report.identity(self._started, self._identity.to_text()))
        telling = asyncio.create_task(self._tell_faults())
        try:
            await self._read_on()
            await telling  # what refuses for good is told for as long as the agent runs
        finally:
            telling.cancel()
            at = self._now()
            self._tell_connection(at, stands=False)
            self._clocks.learn(self.key, self._decoder.is_clock_right)
            self._clocks.remember(self.key, self._decoder.remembered)
            if not self._agent_clock().ahead_s:  # that may go on; of the machine's nothing is known
                self._tell_clock(RIGHT, at)
            self._tell(self._report.faults(at, [SourceFault(FaultCode.AGENT_STOPPED, at)]))

    async def _read_on(self) -> None:
        while True:
            try:
                with panics_as_errors():
                    await self._source.run(self)
            except InputError as error:
                cause = error.cause if isinstance(error, MisconfiguredError) else ""
                self._fail(str(error), error.where, cause)
                return
            except Exception as error:  # one failing source never ends the others
                _log.exception("a source ended", machine=self.key)
                why = f"its source failed unexpectedly ({error!r}) and starts anew"
                self._fail(why, "", Cause.SOURCE_FAILED)
            finally:
                self._decode()
            await asyncio.sleep(RESTART_S)
            self._source = self._new_source()
            self._problem = ""

    def _new_source(self) -> Source:
        return make_source(
            self._config,
            self._decoder.addresses,
            self._now,
            agent=self._agent,
            folder=self._folder,
            known=self._known_messages,
            profile=self._profile,
        )

    def _fail(self, problem: str, where: str, cause: str) -> None:
        self._problem, self._problem_where, self._cause = problem, where, cause
        self._liveness.lost(self._now())
        self._tell_connection(self._now(), stands=False)
        _log.error("machine not read", machine=self.key, problem=problem)

    # the sink: any call but `reading`, `rejection` and
    # `unreadable` completes what was handed over before it

    def reading(self, reading: Reading) -> None:
        self._handed_over.append(reading)
        self._values += not reading.unchanged
        if reading.source_time is not None and reading.address in self._read:
            self._newest = reading  # not the first one, which may have stood for long
        self._unreadable.read(reading.address)
        self._read.add(reading.address)
        self._look_at_quality(reading)

    def columns(self, columns: ReadingColumns) -> None:
        self._handed_over.append(columns)
        self._values += len(columns)
        if columns.addresses[-1] in self._read:
            self._newest = columns.reading(len(columns) - 1)
        self._unreadable.read_all(columns.addresses)
        self._read.update(columns.addresses)
        if self._bad or columns.others:
            for reading in columns.readings():
                self._look_at_quality(reading)

    def _look_at_quality(self, reading: Reading) -> None:
        if reading.quality is Quality.BAD:
            before = self._bad.get(reading.address)
            since = reading.received if before is None else before.since
            self._bad[reading.address] = BadValue(since, reading.status)
        else:
            self._bad.pop(reading.address, None)

    def rejection(self, rejection: Rejection) -> None:
        self._add(rejection)

    def heard(self, machine: str, at: datetime) -> None:
        self._decode()
        self._begins_anew = False
        if self._decoder.beats.confirm_anew():
            self._decoder.heard(at)
            self._liveness.heard(at)

    def bridged(self, machine: str, at: datetime) -> None:
        self._decode()
        if self._decoder.beats.confirm_anew():
            self._liveness.bridged(at)

    def anew(self, machine: str) -> None:
        self._decode()
        self._begins_anew = True

    def history(self, machine: str, part: HistoryPart) -> bool:
        self._decode()
        if not is_history_believed(self._decoder, self._known, self._now()):
            return False
        for row in self._history.rows(part):
            self._add(row)
        self._liveness.known(self._history.known(part))
        return True

    def came(self, machine: str, at: datetime, until: datetime) -> bool:
        self._decode()
        is_gone = self._decoder.beats.last_gone == at  # as the machine says itself
        if is_gone:
            self._offline = self._offline or at
            self._liveness.lost(at)
            self._tell_lost(at)
        elif self._decoder.last_usable == at:
            self._liveness.heard(until)
            if self._offline is not None:
                self._offline = None
                self._tell_connection(at, stands=True)
        return not is_gone and self._decoder.last_usable == at

    def taken(self, machine: str, message: str) -> None:
        self._decode(message)

    def unreadable(self, machine: str, address: str, at: datetime) -> None:
        since = self._unreadable.failed(address, at)
        if since is not None:
            self._handed_over.append(Reading(machine, address, None, None, since, Quality.BAD))

    def connected(self, machine: str, at: datetime) -> None:
        self._decode()
        self._tell_connection(at, stands=self._offline is None)  # gone by its own word

    def lost(self, machine: str, at: datetime, why: str) -> None:
        self._decode()
        self._liveness.lost(at)
        if not self._source.status.connected:  # else changes were lost, and the connection stands
            self._tell_lost(at)

    async def ready(self) -> None:
        self._decode()
        await self._running_outbox.ready()

    async def flushed(self) -> None:
        self._decode()
        await self._running_outbox.flushed()

    def _decode(self, message: str = "") -> None:
        """What was handed over; `message`: all of it is of that one."""
        if not self._handed_over:
            return
        handed_over, self._handed_over = self._handed_over, []
        rows = self._decoder.decode_handed_over(handed_over)
        totals = self._decoder.totals
        if totals.inputs:
            # Before the samples: what is counted on disk is never counted again.
            counted = (message,) if message and totals.incremented else ()
            self._running_outbox.add(Kept(self.key, totals.kept.model_dump_json(), counted))
        if self._begins_anew:
            rows = without_between(rows, handed_over, self._profile)
        for row in rows:
            self._add(row)
        self._clock.tell(self._decoder.clock_error)

    def _tell_lost(self, at: datetime) -> None:
        """With the reason, before anybody else says no more than that nothing is heard."""
        self._tell(self._report.faults(at, faults_of(self._known, at, self._config.stale_after_s)))
        self._tell_connection(at, stands=False)

    def _tell_connection(self, at: datetime, *, stands: bool) -> None:
        self._tell(self._report.connection(at, stands=stands))

    async def _tell_faults(self) -> None:
        kept = self._started
        while True:
            at, known = self._now(), self._known
            self._look()
            self._clocks.learn(self.key, self._decoder.is_clock_right)
            if at - kept >= REMEMBER:
                kept = at
                self._clocks.remember(self.key, self._decoder.remembered)
            self._tell_clock(*clock_now(known, at))
            self._tell(self._report.faults(at, faults_of(known, at, self._config.stale_after_s)))
            await asyncio.sleep(TELL_FAULTS_S)

    def _look(self) -> None:
        """At what came since the last look."""
        newest, self._newest = self._newest, None
        lag_s = None
        if newest is not None and newest.source_time is not None:
            lag_s = (newest.received - newest.source_time).total_seconds()
        self._last_minute.look(time.monotonic(), self._values, lag_s)

    def _tell_clock(self, said: str, since: datetime) -> None:
        self._tell(self._report.clock(said, since, is_compared=self._agent_clock().is_compared))

    def _tell(self, samples: Sequence[Sample]) -> None:
        for sample in samples:
            self._running_outbox.add(sample)

    def _add(self, row: Row) -> None:
        if isinstance(row, Rejection):
            self._rejections += 1
            self._rejected.add(row.reason, row.received)
        else:
            self._samples += count((row,))
        self._running_outbox.add(row)

    @property
    def _running_outbox(self) -> Outbox:
        if self._outbox is None:
            raise RuntimeError("a machine takes readings only while it runs")
        return self._outbox
