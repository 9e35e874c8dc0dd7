"""What the collector has is kept for a while, and handed over again where it lacks it."""

from __future__ import annotations

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from edge_samples import AGENT, append, seal_next

from edge.spool.spool import Spool, StoredBatch

KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
LIMIT = 64 << 20


def handed_over(folder: Path, numbers: int, keep_bytes: int) -> Spool:
    """A spool whose batches, of ten samples each, the collector has."""
    spool = Spool(folder, AGENT, limit_bytes=LIMIT, keep_bytes=keep_bytes)
    for number in range(1, numbers + 1):
        append(spool, range(number * 10, number * 10 + 10))
        seal_next(spool, KEY)
        spool.acknowledge(number)
    return spool


def waiting(spool: Spool) -> list[int]:
    found = []
    while (batch := spool.oldest()) is not None:
        found.append(batch.number)
        spool.acknowledge(batch.number)
    return found


def test_what_a_collector_lost_is_handed_over_again(tmp_path: Path) -> None:
    spool = handed_over(tmp_path, 9, keep_bytes=LIMIT)
    assert (spool.oldest(), spool.depth.bytes) == (None, 0)
    assert spool.go_back(8)
    assert (spool.depth.sealed_batches, spool.depth.sealed_rows) == (2, 20)
    spool.close()
    spool = Spool(tmp_path, AGENT, limit_bytes=LIMIT, keep_bytes=LIMIT)  # also after a restart
    append(spool, [1])
    assert seal_next(spool, KEY) == 10
    assert waiting(spool) == [8, 9, 10]
    assert spool.go_back(1)
    assert waiting(spool) == [*range(1, 11)]
    assert not spool.go_back(11), "nobody has lost what was never sealed"
    assert not spool.go_back(0)
    spool.close()


def test_the_oldest_that_is_kept_goes_first(tmp_path: Path) -> None:
    spool = handed_over(tmp_path, 40, keep_bytes=20_000)
    (size,) = {len(it.data) for it in [_again(spool, 40)]}
    kept = next(it for it in range(1, 41) if spool.go_back(it))
    assert 20_000 // size - 2 <= 41 - kept <= 20_000 // size + 18  # some wait for the next sealing
    assert waiting(spool) == [*range(kept, 41)]
    spool.close()
    spool = Spool(tmp_path, AGENT, limit_bytes=LIMIT)  # none is to be kept any more
    append(spool, [1])
    seal_next(spool, KEY)
    assert not any(spool.go_back(it) for it in range(1, 41))
    assert waiting(spool) == [41]
    spool.close()


def _again(spool: Spool, number: int) -> StoredBatch:
    assert spool.go_back(number)
    batch = spool.oldest()
    assert batch is not None
    spool.acknowledge(number)
    return batch
