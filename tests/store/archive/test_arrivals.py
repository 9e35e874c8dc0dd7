"""When batches came, in their order."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path

from store.archive.arrivals import Arrival
from store.archive.sealed_batches import Archive


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def several(count: int) -> list[tuple[str, bytes]]:
    return [(digest(data), data) for data in (f"batch {n}".encode() for n in range(count))]


def test_arrivals_last_in_their_order_and_a_line_cut_off_is_passed_over(tmp_path: Path) -> None:
    """The bytes do not say when they came; what a crash cut off was not acknowledged."""
    months = [datetime(2026, month, 28, 1, 2, 3, 4, UTC) for month in (1, 2, 2, 12)]
    arrivals = [Arrival(f"{n:064x}", at, at.replace(year=2027)) for n, at in enumerate(months)]
    archive = Archive(tmp_path)
    for (name, data), arrival in zip(several(4), arrivals, strict=True):
        archive.put_all([(name, data)], [arrival])
    assert list(Archive(tmp_path).arrivals()) == arrivals
    file = tmp_path / "arrivals" / "2026-02.jsonl"
    file.write_bytes(file.read_bytes()[:-20])
    assert list(archive.arrivals()) == [arrivals[0], arrivals[1], arrivals[3]]
    archive.put_all(several(1), [arrivals[2], arrivals[1]])
    assert list(archive.arrivals()) == [*arrivals[:2], *arrivals[2:0:-1], arrivals[3]]
