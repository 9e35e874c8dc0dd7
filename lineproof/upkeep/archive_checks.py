"""What `doctor` finds in the archive: things that are no sealed batches, and what was refused."""

from __future__ import annotations

from collections.abc import Iterator

from collector.replay.index import header_of
from domain.errors import StorageError
from lineproof.upkeep.findings import Finding
from store.archive.quarantine import Quarantine
from store.node.opening import Stores
from store.telemetry.protocol import BatchRecord

_NEARLY_FULL = 0.9  # of what strangers may leave


def archive(stores: Stores, records: list[BatchRecord]) -> Iterator[Finding]:
    """What lies in the archive beside the batches of the batch ledger. These themselves are read
    whole where the chains are checked."""
    known = {record.digest for record in records}
    bad = [*map(str, stores.archive.strange()), *map(str, stores.archive.damaged())]
    others = 0
    for digest in stores.archive.digests():
        if digest in known:
            continue
        try:
            stores.archive.get(digest)  # whether its bytes are those that were put
            header = header_of(stores.archive, digest)
        except StorageError as error:
            bad.append(error.where)
            continue
        if header is None:
            bad.append(digest)
        else:
            others += 1
    if bad:
        yield Finding(
            "archive",
            "problem",
            f"{len(bad)} things in it are no sealed batches, the first is {bad[0]}",
            "Put back from a backup what was damaged, and move away what does not belong there; "
            "'lineproof rebuild' passes them over and says so.",
        )
    if others:
        yield Finding(
            "archive",
            "problem" if not known else "warning",
            f"{others} batches are archived that the batch ledger does not know",
            "A batch that could not be stored at first is sent again and is known then. What stays "
            "so: 'lineproof rebuild' takes in what verifies and says what does not.",
        )
    if not bad and not others:
        yield Finding(
            "archive", "ok", f"holds the {len(known)} batches of the batch ledger and nothing else"
        )


def quarantine(kept: Quarantine) -> Finding:
    counts = kept.counts()
    if not counts:
        return Finding("quarantine", "ok", "no batch was refused")
    said = ", ".join(f"{count} {reason}" for reason, count in counts.items())
    return Finding(
        "quarantine",
        "problem",
        f"batches were refused: {said}{_room(kept)}",
        f"They are kept in {kept.folder}; find out who sent them, then remove them.",
    )


def _room(kept: Quarantine) -> str:
    """Told where what strangers left is nearly all that may be kept of them."""
    taken = kept.strangers_bytes()
    if taken < _NEARLY_FULL * kept.max_bytes:
        return ""
    return (
        f"; of what unknown senders left, {taken >> 10} of at most {kept.max_bytes >> 10} KiB are "
        "taken, and what comes on top is counted, not kept"
    )
