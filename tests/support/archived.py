"""Batches for an archive, archives as they were before there were segments, and what lies where."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from domain.time import micros
from store.archive import former_layout
from store.archive.blobs import Blobs
from store.archive.sealed_batches import Archive
from store.archive.segment_appending import IncomingBatch
from store.archive.segment_format import RECORD_HEAD_BYTES
from store.archive.segment_scan import SegmentScan

CAME = datetime(2026, 3, 2, 8, 0, 0, 7, UTC)


@dataclass(frozen=True)
class LyingBatch:
    """Where the bytes of an archived batch lie; its head is before them."""

    segment: Path
    agent: str
    digest: str
    start: int
    length: int

    @property
    def head(self) -> int:
        return self.start - RECORD_HEAD_BYTES

    @property
    def end(self) -> int:
        return self.start + self.length


def incoming(
    data: bytes,
    *,
    agent: str = "agent-1",
    digest: str = "",
    received: datetime = CAME,
    latest: datetime | None = None,
) -> IncomingBatch:
    """To an archive any bytes are a batch."""
    named = digest or hashlib.sha256(data).hexdigest()
    return IncomingBatch(agent, named, data, received, latest)


def lying(archive: Path, digest: str | None = None) -> list[LyingBatch]:
    """The batches of the archive's segments, in the order in which they lie; or one of them."""
    found = []
    for path in sorted((archive / "segments").rglob("*.segment")):
        with path.open("rb") as file:
            scan = SegmentScan(file.fileno())
            agent = scan.head.agent if scan.head else ""
            found += [
                LyingBatch(
                    path, agent, it.head.digest, it.offset + RECORD_HEAD_BYTES, it.head.length
                )
                for it in scan
                if not it.head.is_again and digest in (None, it.head.digest)
            ]
    return found


def flip(path: Path, place: int) -> None:
    """Change a bit of a file."""
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(bytes(data))


def rewrite(archive: Path, changes: Mapping[str, bytes | None]) -> None:
    """Make the segments anew, as who knows how they are made can: other bytes under the digests, or
    none."""
    opened = Archive(archive)
    arrivals = {it.digest: it for it in opened.arrivals()}
    kept = []
    for it in lying(archive):
        data = changes.get(it.digest, b"")
        if data is not None:
            noted = arrivals.get(it.digest)
            kept.append(
                IncomingBatch(
                    it.agent,
                    it.digest,
                    data or opened.get(it.digest),
                    noted.received if noted else opened.written_at(it.digest),
                    noted.latest if noted else None,
                )
            )
    opened.close()
    shutil.rmtree(archive / "segments")
    anew = Archive(archive)
    anew.put_all(kept)
    anew.close()


def put_in_a_file(archive: Path, digest: str, data: bytes) -> Path:
    """As before there were segments."""
    (path,) = Blobs(archive / "batches", ".batch").put_all([(digest, data)])
    return path


def in_former_layout(archive: Path, *, with_arrivals: bool = True) -> None:
    """Every batch in a file of its own, arrivals in files of their months."""
    opened = Archive(archive)
    for digest in opened.digests():
        put_in_a_file(archive, digest, opened.get(digest))
    lines: dict[str, list[str]] = {}
    for it in opened.arrivals():
        fields = {
            "digest": it.digest,
            "received": micros(it.received),
            "latest": micros(it.latest),
        }
        lines.setdefault(f"{it.received:%Y-%m}", []).append(json.dumps(fields))
    opened.close()
    shutil.rmtree(archive / "segments")
    if with_arrivals:
        (archive / "arrivals").mkdir(exist_ok=True)
        for month, those in lines.items():
            (archive / "arrivals" / f"{month}.jsonl").write_text("\n".join(those) + "\n")


def pack(archive: Path, together: int) -> None:
    """Into segments, so many batches at a time: for a process of its own."""
    former_layout.TOGETHER_BATCHES = together
    Archive(archive).take_over()


def keep_putting(archive: Path, told: Path, agents: int) -> None:
    """Small groups of batches without end, each digest told once its batch is said to last: for a
    process of its own, to be killed."""
    opened = Archive(archive)
    first = len(told.read_text().split()) if told.exists() else 0
    with told.open("a") as file:
        for number in itertools.count(first + 1000 * os.getpid()):
            group = [
                incoming(f"{number} {which}".encode() * 50, agent=f"agent-{which}", latest=CAME)
                for which in range(agents)
            ]
            opened.put_all(group)
            file.write("".join(f"{it.digest}\n" for it in group))
            file.flush()
