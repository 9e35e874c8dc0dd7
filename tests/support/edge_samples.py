"""Samples for tests of the edge: numbered, so that a lost or doubled one can be told."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from domain.batch_header import GENESIS
from domain.batches import SealedBatch, parse_batch, payload_digest
from domain.samples import Quality, Rejection, Sample, Span
from domain.time import instant
from edge.spool.kept import Kept
from edge.spool.sealing import merge_spans, rejections_frame, samples_frame, seal
from edge.spool.spool import Cut, Spool

START = datetime(2026, 3, 2, tzinfo=UTC)
AGENT = "agent-1"
_THROWAWAY_KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))


def sample(number: int, **changes: object) -> Sample:
    """Sample `number`: its value is its number, its time that many milliseconds after START."""
    at = START + timedelta(milliseconds=number)
    fields: dict[str, Any] = {
        "line": "line-1",
        "machine": "filler",
        "signal": "total_count",
        "time": at,
        "received": at,
        "value": float(number),
        "text": None,
        "quality": Quality.GOOD,
    }
    return Sample(**{**fields, **changes})


def rejection(number: int) -> Rejection:
    at = START + timedelta(milliseconds=number)
    return Rejection("line-1", "filler", "Counter", str(number), at, at, "not a number")


def span(first: int, last: int, machine: str = "filler") -> Span:
    """A span between two instants in milliseconds after START."""
    return Span(
        "line-1",
        machine,
        START + timedelta(milliseconds=first),
        START + timedelta(milliseconds=last),
    )


def append(
    spool: Spool,
    numbers: Iterable[int],
    *,
    profile: str = "p1",
    padding_bytes: int = 0,
    kept: Sequence[Kept] = (),
    is_synced: bool = True,
) -> None:
    """One chunk of those samples, each made so much longer that cannot be compressed away."""
    samples = [
        sample(it, raw=secrets.token_hex(padding_bytes) if padding_bytes else None)
        for it in numbers
    ]
    profiles = {"line-1/filler": profile}
    nothing = rejections_frame([])
    spool.append(samples_frame(samples), nothing, [], profiles, kept=kept, is_synced=is_synced)


def seal_cut(key: Ed25519PrivateKey, cut: Cut) -> SealedBatch:
    return seal(
        key,
        agent=AGENT,
        number=cut.number,
        previous=cut.previous,
        sealed_at=START,
        samples=cut.samples,
        rejections=cut.rejections,
        spans=cut.spans,
        profiles=cut.profiles,
    )


def seal_next(spool: Spool, key: Ed25519PrivateKey, max_rows: int = 10_000) -> int | None:
    """Seal the next batch of the spool; its number."""
    cut = spool.cut(max_rows)
    if cut is None:
        return None
    spool.store(cut, seal_cut(key, cut))
    return cut.number


def numbers_in(batch: SealedBatch) -> list[int]:
    values = pl.read_ipc_stream(batch.samples_bytes)["value"].drop_nulls()
    return [int(it) for it in values]  # without what an agent tells of its sources


def is_signed_by(key: Ed25519PrivateKey, batch: SealedBatch) -> bool:
    """Whether signature and payload digest hold."""
    try:
        key.public_key().verify(batch.signature, batch.header.signed_bytes)
    except InvalidSignature:
        return False
    return payload_digest(batch.payload) == batch.header.payload_digest


def check_chain(batches: Sequence[bytes], key: Ed25519PrivateKey) -> list[int]:
    """The sample numbers in these batches; asserts that they are 1, 2, 3 … of one chain."""
    previous, numbers = GENESIS, []
    for place, data in enumerate(batches, start=1):
        batch = parse_batch(data)
        assert batch.header.number == place
        assert batch.header.previous == previous
        assert is_signed_by(key, batch)
        previous = batch.header.digest
        numbers += numbers_in(batch)
    return numbers


def contents(folder: Path) -> tuple[list[bytes], list[int]]:
    """What a crash at this moment would leave: sealed batches in order, pending numbers.

    Reads a copy of the spool's files as they lie on disk, and leaves the originals alone.
    """
    with TemporaryDirectory() as copy:
        for file in (*folder.glob("spool.sqlite*"), *folder.glob("spool.journal")):
            shutil.copy(file, copy)
        spool = Spool(Path(copy), AGENT, limit_bytes=1 << 40)
        batches = []
        while (batch := spool.oldest()) is not None:
            batches.append(batch.data)
            spool.acknowledge(batch.number)
        pending: list[int] = []
        while (cut := spool.cut(1 << 40)) is not None:
            pending += [int(it) for it in cut.samples["value"]]
            spool.store(cut, seal_cut(_THROWAWAY_KEY, cut))
        spool.close()
    return batches, pending


def close_below(path: Path) -> None:
    """Close the file of this process under whoever uses it: the system then refuses."""
    for file in Path("/proc/self/fd").iterdir():
        if file.resolve() == path:
            os.close(int(file.name))


def samples_of(batches: Iterable[bytes], signal: str) -> list[tuple[datetime, float]]:
    """Time and value of every sample of that signal, as often as it is there."""
    return [
        (time, value)
        for data in batches
        for name, time, value in pl.read_ipc_stream(parse_batch(data).samples_bytes)
        .select("signal", "time", "value")
        .iter_rows()
        if name == signal
    ]


def changes_of(samples: Iterable[tuple[datetime, float]]) -> list[tuple[datetime, float]]:
    """Without the samples that only say that a count still stood where it was."""
    kept: list[tuple[datetime, float]] = []
    for time, value in samples:
        if not kept or value != kept[-1][1] or time == kept[-1][0]:
            kept.append((time, value))
    return kept


def spans_of(batches: Iterable[bytes]) -> list[Span]:
    """The spans of all batches, merged."""
    return merge_spans(
        [
            Span(line, machine, instant(start), instant(end))
            for data in batches
            for line, machine, start, end in parse_batch(data).header.spans
        ]
    )
