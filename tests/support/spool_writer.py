"""A process that fills a spool as fast as it can, until it is killed or the disk is full.

    python spool_writer.py FOLDER FIRST_NUMBER [PADDING_BYTES]

Appends chunks, seals, and hands batches over to FOLDER/collector, one file each, before it
acknowledges them. Every chunk that the spool took is a line "first last" on standard output,
written right after `append` returned. When the disk refuses, the sentence goes to standard
error and it ends.
"""

from __future__ import annotations

import itertools
import os
import sys
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from edge_samples import AGENT, append, seal_next

from domain.errors import StorageError
from edge.spool.spool import Spool

KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
ROWS = 50


def hand_over(spool: Spool, collector: Path) -> None:
    batch = spool.oldest()
    if batch is None:
        return
    aside = collector / "new"
    aside.write_bytes(batch.data)
    aside.rename(collector / f"{batch.number:06}")
    spool.acknowledge(batch.number)


def main(folder: Path, first: int, padding_bytes: int = 0) -> None:
    collector = folder / "collector"
    collector.mkdir(exist_ok=True)
    spool = Spool(folder, AGENT, limit_bytes=1 << 30)
    try:
        for turn in itertools.count():
            append(spool, range(first, first + ROWS), padding_bytes=padding_bytes)
            os.write(1, f"{first} {first + ROWS - 1}\n".encode())
            first += ROWS
            if turn % 3 == 2:
                seal_next(spool, KEY)
            if turn % 5 == 4:
                hand_over(spool, collector)
    except StorageError as error:
        print(error, file=sys.stderr)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:]))
