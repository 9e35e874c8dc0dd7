"""An agent for tests: seals what it is given and keeps its own chain; sends nothing itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import polars as pl
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from domain.batch_header import GENESIS
from domain.batches import SealedBatch
from domain.frames import REJECTIONS, SAMPLES
from domain.samples import Span
from edge.spool.sealing import live_frame, seal


class Sender:
    """The same name always has the same key, so a process of its own can enrol it."""

    def __init__(self, name: str = "agent-1") -> None:
        self.name = name
        self.key = Ed25519PrivateKey.from_private_bytes(name.encode().ljust(32, b".")[:32])
        self.public_key = self.key.public_key().public_bytes_raw()
        self.number = 1
        self.previous = GENESIS

    def seal(
        self,
        samples: pl.DataFrame | None = None,
        rejections: pl.DataFrame | None = None,
        spans: Sequence[Span] = (),
    ) -> SealedBatch:
        """The next batch of the chain."""
        batch = seal(
            self.key,
            agent=self.name,
            number=self.number,
            previous=self.previous,
            sealed_at=datetime.now(UTC),
            samples=SAMPLES.to_frame() if samples is None else samples,
            rejections=REJECTIONS.to_frame() if rejections is None else rejections,
            spans=spans,
            profiles={},
        )
        self.number += 1
        self.previous = batch.header.digest
        return batch

    def tell(
        self,
        sequence: int,
        samples: pl.DataFrame | None = None,
        spans: Sequence[Span] = (),
        *,
        key: Ed25519PrivateKey | None = None,
    ) -> bytes:
        """A live frame of what will be sealed next."""
        return live_frame(
            key or self.key,
            agent=self.name,
            number=self.number,
            previous=self.previous,
            sequence=sequence,
            told_at=datetime.now(UTC),
            samples=SAMPLES.to_frame() if samples is None else samples,
            spans=spans,
        ).to_bytes()


def counts(number: int, rows: int = 10, *, machine: str = "filler") -> pl.DataFrame:
    """SAMPLES of one counter; every batch `number` has times and values of its own."""
    first = number * rows
    start = datetime(2026, 3, 2, tzinfo=UTC)
    at = pl.lit(start) + pl.duration(seconds=pl.int_range(first, first + rows))
    return pl.select(
        line=pl.lit("filler-1"),
        machine=pl.lit(machine),
        signal=pl.lit("total_count"),
        time=at,
        received=at,
        value=pl.int_range(first, first + rows).cast(pl.Float64),
        text=pl.lit(None, pl.String),
        quality=pl.lit(0, pl.UInt8),
        raw=pl.lit(None, pl.String),
    ).cast(SAMPLES)
