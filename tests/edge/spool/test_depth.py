"""Rows that wait in sealed batches, and since when: while they come and go, and after a start."""

from __future__ import annotations

import contextlib
import sqlite3
from datetime import timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from edge_samples import AGENT, START, append, span

from edge.spool.depth import WaitingBatches
from edge.spool.sealing import rejections_frame, samples_frame, seal
from edge.spool.spool import SPOOL_FILE, Spool

KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))


def seal_at(spool: Spool, minute: int) -> None:
    cut = spool.cut(1_000)
    assert cut is not None
    batch = seal(
        KEY,
        agent=AGENT,
        number=cut.number,
        previous=cut.previous,
        sealed_at=START + timedelta(minutes=minute),
        samples=cut.samples,
        rejections=cut.rejections,
        spans=cut.spans,
        profiles=cut.profiles,
    )
    spool.store(cut, batch)


def test_rows_and_the_oldest_follow_what_is_sealed_and_let_go(tmp_path: Path) -> None:
    with contextlib.closing(Spool(tmp_path, AGENT, limit_bytes=1 << 30)) as spool:
        assert (spool.depth.sealed_rows, spool.depth.oldest_sealed) == (0, None)
        for minute in range(3):
            append(spool, range(10 * minute, 10 * minute + 10))
            seal_at(spool, minute)
        assert (spool.depth.sealed_rows, spool.depth.oldest_sealed) == (30, START)
        spool.acknowledge(1)
        spool.acknowledge(1)
        after = START + timedelta(minutes=1)
        assert (spool.depth.sealed_rows, spool.depth.oldest_sealed) == (20, after)
    with contextlib.closing(Spool(tmp_path, AGENT, limit_bytes=1 << 30)) as spool:
        assert (spool.depth.sealed_rows, spool.depth.oldest_sealed) == (20, after)
        spool.acknowledge(2)
        spool.acknowledge(3)
        assert (spool.depth.sealed_rows, spool.depth.oldest_sealed) == (0, None)


def test_a_header_longer_than_the_first_look_is_read_whole(tmp_path: Path) -> None:
    with contextlib.closing(Spool(tmp_path, AGENT, limit_bytes=1 << 30)) as spool:
        spans = [span(20 * it, 20 * it + 10) for it in range(300)]  # with breaks between them
        profiles = {"line-1/filler": "p1"}
        append(spool, range(5))
        spool.append(samples_frame([]), rejections_frame([]), spans, profiles)
        seal_at(spool, 1)
    with contextlib.closing(Spool(tmp_path, AGENT, limit_bytes=1 << 30)) as spool:
        assert spool.depth.sealed_rows == 5
        assert spool.depth.oldest_sealed == START + timedelta(minutes=1)


def test_a_batch_that_is_spoilt_does_not_keep_the_spool_from_opening(tmp_path: Path) -> None:
    with contextlib.closing(Spool(tmp_path, AGENT, limit_bytes=1 << 30)) as spool:
        append(spool, range(5))
        seal_at(spool, 1)
    with contextlib.closing(sqlite3.connect(tmp_path / SPOOL_FILE)) as db:
        db.execute("UPDATE sealed SET batch = zeroblob(100)")
        db.commit()
        assert WaitingBatches(db, 0).rows == 0
    with contextlib.closing(Spool(tmp_path, AGENT, limit_bytes=1 << 30)) as spool:
        assert (spool.depth.sealed_batches, spool.depth.oldest_sealed) == (1, None)
