"""Takes live frames in: what agents tell before they seal it, for the live board alone.

A frame is believed by the rules of a batch: its form, the agent's key, the digest and the columns
of what it holds. What comes of it goes to memory (store.telemetry.unsealed) and nowhere else: not
to the archive, not to the telemetry store, so to no stored fact and no verdict. A frame whose batch
is stored already is past: it is told so and changes nothing, whoever sends it, and however often.
What is refused is kept, counted and bounded as refused batches are.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import structlog

from collector.intake.chains import AGENTS_MAX
from collector.intake.decisions import Outcome, authenticate
from collector.intake.metrics import IntakeMetrics
from collector.intake.payload import PayloadError, decode
from collector.intake.receipts import detail_of
from collector.intake.row_rules import AHEAD_MAX
from collector.intake.signatures import AgentKeys, verify
from domain.batch_header import GENESIS
from domain.errors import InputError
from domain.live_frames import LiveFrame, parse_live_frame
from domain.panics import panics_as_errors
from store.archive.quarantine import Quarantine
from store.telemetry.protocol import BatchContent, TelemetryReader
from store.telemetry.unsealed import Unsealed

_BROKEN_CHAIN = "The frame does not follow the last batch that is stored."
_GAP = "Frames are missing before this one: send those again."
_NO_ROOM = "Too much is told and not sealed: seal it."
_log = structlog.get_logger(__name__)


class LiveOutcome(StrEnum):
    """What became of a frame that was not refused. The names are sent and counted."""

    SHOWN = "shown"
    PAST = "past"  # its batch is stored
    GAP = "gap"  # frames before it are missing: they are to be sent again
    BROKEN_CHAIN = "broken_chain"  # the right number, but it follows another batch
    NO_ROOM = "no_room"  # too much is unsealed; it comes with the batch


@dataclass(frozen=True, slots=True)
class LiveAnswer:
    """`expected`: the sequence that comes next."""

    outcome: LiveOutcome | Outcome
    expected: int | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class _Stored:
    """The agent's last batch that is stored."""

    number: int = 0
    digest: str = GENESIS


class LiveIntake:
    """Into `unsealed`. `telemetry` and `keep_refused` are those of the batches. Thread-safe."""

    def __init__(
        self,
        unsealed: Unsealed,
        telemetry: TelemetryReader,
        keys: AgentKeys,
        now: Callable[[], datetime],
        quarantine: Quarantine,
        metrics: IntakeMetrics,
    ) -> None:
        self._unsealed = unsealed
        self._telemetry = telemetry
        self._keys = keys
        self._now = now
        self._quarantine = quarantine
        self._metrics = metrics
        self._lock = threading.Lock()
        self._stored: dict[str, _Stored] = {}

    def receive(self, data: bytes) -> LiveAnswer:
        """Take one frame. Raises StorageError when a store cannot be asked."""
        with panics_as_errors():
            answer = self._received(data)
        if isinstance(answer.outcome, Outcome):
            kept = self._quarantine.keep_of_stranger(data, answer.outcome.value)
            self._metrics.refused(kept=kept)
            _log.warning("live frame refused", outcome=answer.outcome.value, kept=kept)
        self._metrics.told_live(answer.outcome.value)
        return answer

    def stored(self, agent: str, number: int, digest: str) -> None:
        """That batch of the agent is stored: what was told of it is past."""
        with self._lock:
            if agent in self._stored:
                self._stored[agent] = _Stored(number, digest)
        self._unsealed.sealed(agent, number)

    def _received(self, data: bytes) -> LiveAnswer:
        try:
            frame = parse_live_frame(data)
        except InputError as error:
            return LiveAnswer(Outcome.MALFORMED, detail=str(error))
        header = frame.header
        keys = self._keys.keys_of(header.agent, header.sealed_at)
        refused = authenticate(frame.content, keys, verify, frame.signed_bytes)
        if refused is None and self._keys.is_revoked(header.agent):
            refused = Outcome.REVOKED_AGENT
        if refused is not None:
            return LiveAnswer(refused, detail=detail_of(refused))
        last = self._last(header.agent)
        if header.number <= last.number:
            return LiveAnswer(LiveOutcome.PAST)
        if header.number == last.number + 1 and header.previous != last.digest:
            return LiveAnswer(LiveOutcome.BROKEN_CHAIN, detail=_BROKEN_CHAIN)
        try:
            content = decode(frame.content, self._now() + AHEAD_MAX)
        except PayloadError as error:
            return LiveAnswer(Outcome.BAD_PAYLOAD, detail=f"The frame cannot be used: {error}.")
        return self._shown(frame, content)

    def _shown(self, frame: LiveFrame, content: BatchContent) -> LiveAnswer:
        header, sequence = frame.header, frame.sequence
        expected = self._unsealed.add(header.agent, header.number, sequence, content)
        if expected is None:
            return LiveAnswer(LiveOutcome.NO_ROOM, detail=_NO_ROOM)
        # Its batch may have been stored meanwhile; what is stored before `add` is past by now.
        last = self._last(header.agent)
        if header.number <= last.number:
            self._unsealed.sealed(header.agent, last.number)
            return LiveAnswer(LiveOutcome.PAST)
        outcome = LiveOutcome.SHOWN if expected > sequence else LiveOutcome.GAP
        return LiveAnswer(outcome, expected, _GAP if outcome is LiveOutcome.GAP else "")

    def _last(self, agent: str) -> _Stored:
        with self._lock:
            known = self._stored.get(agent)
        if known is not None:
            return known
        record = self._telemetry.last_batch(agent)
        found = _Stored() if record is None else _Stored(record.number, record.digest)
        with self._lock:
            if len(self._stored) >= AGENTS_MAX:
                self._stored.clear()
            return self._stored.setdefault(agent, found)
