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
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path

import structlog

from collector.intake.decisions import Outcome, Position, authenticate, place
from collector.intake.group_writer import batch_record
from collector.intake.payload import PayloadError, decode
from collector.intake.row_rules import AHEAD_MAX
from collector.intake.signatures import AgentKeys, verify
from collector.replay.index import Place, ReplayIndex
from domain.batches import parse_batch
from domain.errors import InputError, StorageError
from store.archive.protocol import BatchArchive
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


@dataclass(frozen=True, slots=True)
class Arrived:
    """A batch that counts under its number. `received`, `latest`: see store.archive.arrivals;
    `is_undated`: nobody noted them."""

    place: Place
    received: datetime
    latest: datetime
    is_undated: bool


@dataclass(frozen=True, slots=True)
class Examined:
    """What a batch tells by itself. `outcome`: ACCEPTED, or why it cannot be believed; `content`:
    what it holds then, or raises PayloadError."""

    outcome: Outcome
    content: Callable[[], BatchContent]


# What each of the batches tells, in their order; StorageError where it cannot be read.
Examinations = Iterator[tuple[Arrived, Examined | StorageError]]
Examine = Callable[[Iterator[Arrived]], Examinations]


def replay(
    archive: BatchArchive,
    keys: AgentKeys,
    telemetry: TelemetryStore,
    index_file: Path,
    progress: BatchProgress | None = None,
    examine: Examine | None = None,
) -> Replayed:
    """Store every archived batch that verifies. `index_file` must not be there yet. `examine`: who
    looks at the batches, else this process does, one by one.

    Raises StorageError when the archive cannot be read or the store does not take it.
    """
    done = Replayed()
    with ReplayIndex(index_file, archive) as index, closing(index.places()) as places:
        done.unreadable += index.unreadable
        for digest in index.malformed:
            _refuse(archive, done, digest, Outcome.MALFORMED)
        total = len(index)
        group: list[tuple[BatchRecord, BatchContent]] = []
        arrived = (_arrived(archive, it) for it in places)
        examined = (examine or partial(_in_turn, archive, keys))(arrived)
        for record, content in _verified(archive, examined, done):
            group.append((record, content))
            if len(group) == GROUP_BATCHES or _rows(group) >= GROUP_ROWS:
                _store(telemetry, group, done)
            if progress is not None:
                progress(done.batches, total)
        _store(telemetry, group, done)
        # Behind the end of a chain there is no gap: only arrivals tell that it was longer.
        done.missing = max(done.missing, index.lost())
    return done


def examine_here(archive: BatchArchive, keys: AgentKeys, it: Arrived) -> Examined | StorageError:
    """What the batch tells, read from the archive by this process."""
    entry = it.place.meant
    try:
        data = archive.get(entry.digest)
    except StorageError as error:
        return error
    except InputError:
        return Examined(Outcome.MALFORMED, _nothing)
    return examine_bytes(data, it.latest, partial(keys.keys_of, entry.agent))


def examine_bytes(
    data: bytes, latest: datetime, keys_at: Callable[[int], Sequence[bytes]]
) -> Examined:
    """What the sealed bytes tell. `keys_at`: the raw keys by which their agent is believed at a
    time in microseconds. Pure."""
    try:
        batch = parse_batch(data)
    except InputError:
        return Examined(Outcome.MALFORMED, _nothing)
    refused = authenticate(batch, keys_at(batch.header.sealed_at), verify)
    if refused is not None:
        return Examined(refused, _nothing)
    return Examined(Outcome.ACCEPTED, partial(decode, batch, latest))


def _nothing() -> BatchContent:
    raise PayloadError("it cannot be believed")


def _arrived(archive: BatchArchive, at: Place) -> Arrived:
    received, latest = at.meant.received, at.meant.latest
    if received is not None and latest is not None:
        return Arrived(at, received, latest, is_undated=False)
    received = archive.written_at(at.meant.digest)
    return Arrived(at, received, received + AHEAD_MAX, is_undated=True)


def _in_turn(archive: BatchArchive, keys: AgentKeys, arrived: Iterator[Arrived]) -> Examinations:
    return ((it, examine_here(archive, keys, it)) for it in arrived)


def _verified(
    archive: BatchArchive, examined: Examinations, done: Replayed
) -> Iterator[tuple[BatchRecord, BatchContent]]:
    """The batches that verify, each agent's in the order of its chain."""
    agent, last = "", Position()
    for it, found in examined:
        meant = it.place.meant
        if meant.agent != agent:
            agent, last = meant.agent, Position()
        for other in it.place.others:
            _refuse(archive, done, other.digest, Outcome.CONFLICT)
        if isinstance(found, StorageError):
            _skip(done, found)
            continue
        outcome = found.outcome
        if outcome is Outcome.ACCEPTED:
            outcome = place(meant, last, None).outcome
        if outcome not in (Outcome.ACCEPTED, Outcome.GAP):
            _refuse(archive, done, meant.digest, outcome)
            continue
        done.undated += it.is_undated
        try:
            content = found.content()
        except PayloadError:
            _refuse(archive, done, meant.digest, Outcome.BAD_PAYLOAD)
            continue
        done.batches += 1
        done.samples += content.samples.height
        done.rejections += content.rejections.height
        done.missing += meant.number - last.expected
        last = Position(meant.number, meant.digest)
        yield batch_record(meant, meant.digest, content, it.received), content


def _rows(group: list[tuple[BatchRecord, BatchContent]]) -> int:
    return sum(record.samples for record, _ in group)


def _store(
    telemetry: TelemetryStore, group: list[tuple[BatchRecord, BatchContent]], done: Replayed
) -> None:
    done.stored += sum(telemetry.append(group))
    group.clear()


def _refuse(archive: BatchArchive, done: Replayed, digest: str, outcome: Outcome) -> None:
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
