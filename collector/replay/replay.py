"""Telemetry made again from the archive: every batch is verified as at the intake, then stored.

Rules: signature, payload and place in the chain decide as they did when the batch came in, and
rows that were impossible then (see store.archive.arrivals) are rejected again, so that the same
samples come out. What does not verify goes to quarantine and is counted; what cannot even be read
is named; the rest goes on without either. A missing batch breaks
the chain: it is counted (also one behind the end of a chain), and the chain goes on with the next
one, which its agent signed too. Memory does not grow with the archive.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from collector.intake.decisions import Outcome, Position, authenticate, place
from collector.intake.group_writer import batch_record
from collector.intake.payload import PayloadError, decode
from collector.intake.row_rules import AHEAD_MAX
from collector.intake.signatures import AgentKeys, verify
from collector.replay.index import Entry, ReplayIndex
from domain.batches import SealedBatch, parse_batch
from domain.errors import InputError, StorageError
from store.archive.sealed_batches import Archive
from store.telemetry.protocol import BatchContent, BatchRecord, TelemetryStore

# As many as live batches would be of one commit: the marks of a commit say where its samples
# lie, and the closer they do, the less is read to find a neighbour.
GROUP_BATCHES = 64
GROUP_ROWS = 50_000

BatchProgress = Callable[[int, int], None]  # batches done, batches in all
_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Replayed:
    """What became of the archived batches. `stored`: new to the store (it may hold some);
    `missing`: how many there must have been that are not there, by the gaps in the chains or by
    the arrivals that were noted, whichever is more; `undated`: batches whose arrival was not noted,
    so that the time of their file is used; `quarantine`: how many were refused, by
    outcome; `unreadable`: paths of what lies in the archive and cannot be read as a file of it."""

    batches: int = 0
    stored: int = 0
    samples: int = 0
    rejections: int = 0
    missing: int = 0
    undated: int = 0
    quarantine: Counter[str] = field(default_factory=Counter)
    unreadable: list[str] = field(default_factory=list)

    @property
    def quarantined(self) -> int:
        return self.quarantine.total()


def replay(
    archive: Archive,
    keys: AgentKeys,
    telemetry: TelemetryStore,
    index_file: Path,
    progress: BatchProgress | None = None,
) -> Replayed:
    """Store every archived batch that verifies. `index_file` must not be there yet.

    Raises StorageError when the archive cannot be read or the store does not take it.
    """
    done = Replayed()
    with ReplayIndex(index_file, archive) as index:
        done.unreadable += index.unreadable
        for digest in index.malformed:
            _refuse(archive, done, digest, Outcome.MALFORMED)
        total = len(index)
        group: list[tuple[BatchRecord, BatchContent]] = []
        for record, content in _verified(archive, keys, index, done):
            group.append((record, content))
            if len(group) == GROUP_BATCHES or _rows(group) >= GROUP_ROWS:
                _store(telemetry, group, done)
            if progress is not None:
                progress(done.batches, total)
        _store(telemetry, group, done)
        # Behind the end of a chain there is no gap: only arrivals tell that it was longer.
        done.missing = max(done.missing, index.lost())
    return done


def _verified(
    archive: Archive, keys: AgentKeys, index: ReplayIndex, done: Replayed
) -> Iterator[tuple[BatchRecord, BatchContent]]:
    """The batches that verify, each agent's in the order of its chain."""
    agent, last = "", Position()
    for at in index.places():
        if at.meant.agent != agent:
            agent, last = at.meant.agent, Position()
        for other in at.others:
            _refuse(archive, done, other.digest, Outcome.CONFLICT)
        try:
            batch, outcome = _believed(archive, keys, at.meant)
        except StorageError as error:
            _skip(done, error)
            continue
        if batch is not None:
            outcome = place(batch.header, last, None).outcome
        if batch is None or outcome not in (Outcome.ACCEPTED, Outcome.GAP):
            _refuse(archive, done, at.meant.digest, outcome)
            continue
        try:
            verified = _decoded(archive, at.meant, batch, done)
        except PayloadError:
            _refuse(archive, done, at.meant.digest, Outcome.BAD_PAYLOAD)
            continue
        done.missing += at.meant.number - last.expected
        last = Position(at.meant.number, at.meant.digest)
        yield verified


def _believed(
    archive: Archive, keys: AgentKeys, entry: Entry
) -> tuple[SealedBatch | None, Outcome]:
    """The batch, or None and why it cannot be believed."""
    try:
        batch = parse_batch(archive.get(entry.digest))
    except InputError:
        return None, Outcome.MALFORMED
    sealed_by = keys.keys_of(entry.agent, batch.header.sealed_at)
    refused = authenticate(batch, sealed_by, verify)
    return (batch, Outcome.ACCEPTED) if refused is None else (None, refused)


def _decoded(
    archive: Archive, entry: Entry, batch: SealedBatch, done: Replayed
) -> tuple[BatchRecord, BatchContent]:
    received, latest = entry.received, entry.latest
    if received is None or latest is None:
        received = archive.written_at(entry.digest)
        latest = received + AHEAD_MAX
        done.undated += 1
    content = decode(batch, latest)
    done.batches += 1
    done.samples += content.samples.height
    done.rejections += content.rejections.height
    return batch_record(batch.header, entry.digest, content, received), content


def _rows(group: list[tuple[BatchRecord, BatchContent]]) -> int:
    return sum(record.samples for record, _ in group)


def _store(
    telemetry: TelemetryStore, group: list[tuple[BatchRecord, BatchContent]], done: Replayed
) -> None:
    done.stored += sum(telemetry.append(group))
    group.clear()


def _refuse(archive: Archive, done: Replayed, digest: str, outcome: Outcome) -> None:
    _log.warning("archived batch does not verify", outcome=outcome.value, digest=digest)
    try:
        archive.quarantine.keep(archive.get(digest), outcome.value)
    except StorageError as error:
        _skip(done, error)
    else:
        done.quarantine[outcome.value] += 1


def _skip(done: Replayed, error: StorageError) -> None:
    _log.warning("archived batch cannot be read", error=str(error))
    done.unreadable.append(error.where)
