"""When each archived batch arrived: what the sealed bytes cannot say, in files beside them.

One line of JSON for each batch, in the file of its month (`2026-11.jsonl`), written before the
batch is acknowledged and never changed. A batch that was sent again, because it could not be
stored at first, has several lines: the last one holds. A line that a crash cut off belongs to
a batch that was not acknowledged, so it is passed over.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from domain.time import instant, micros
from store.archive.blobs import storage_errors, sync_folder, write_all


@dataclass(frozen=True, slots=True)
class Arrival:
    """`received`: when the batch was taken in. `latest`: samples of a later time were refused
    as impossible, whatever the clock says when it is looked at again."""

    digest: str
    received: datetime
    latest: datetime

    def to_line(self) -> bytes:
        """Times are microseconds since the epoch."""
        fields = {
            "digest": self.digest,
            "received": micros(self.received),
            "latest": micros(self.latest),
        }
        return json.dumps(fields, separators=(",", ":")).encode() + b"\n"


class Arrivals:
    """The folder, made when the first batch arrives."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, arrivals: Sequence[Arrival]) -> None:
        """Make them last. Raises StorageError: then some may be there, which is harmless."""
        months: dict[str, list[bytes]] = {}
        for arrival in arrivals:
            months.setdefault(f"{arrival.received:%Y-%m}", []).append(arrival.to_line())
        with storage_errors(self._folder):
            for month, lines in months.items():
                self._append(self._folder / f"{month}.jsonl", b"".join(lines))

    def read(self) -> Iterator[Arrival]:
        """All of them, in the order in which they came. Raises StorageError."""
        with storage_errors(self._folder):
            for path in sorted(self._folder.glob("????-??.jsonl")):
                with path.open("rb") as file:
                    for line in file:
                        arrival = _arrival(line)
                        if arrival is not None:
                            yield arrival

    def _append(self, path: Path, lines: bytes) -> None:
        is_new = not path.exists()
        if is_new:
            self._folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o640)
        try:
            size = os.fstat(descriptor).st_size
            if size and os.pread(descriptor, 1, size - 1) != b"\n":  # cut off by a crash
                lines = b"\n" + lines
            write_all(descriptor, lines)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if is_new:
            sync_folder(self._folder)
            sync_folder(self._folder.parent)


def _arrival(line: bytes) -> Arrival | None:
    """None for a line that a crash cut off, or that is damaged."""
    try:
        fields = json.loads(line)
        digest, received, latest = fields["digest"], fields["received"], fields["latest"]
        if not isinstance(digest, str) or type(received) is not int or type(latest) is not int:
            return None
        return Arrival(digest, instant(received), instant(latest))
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
        return None
