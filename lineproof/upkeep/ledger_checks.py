"""What `doctor` finds of the ledger: its leaves against its signed checkpoints, against the
registry's record, and against the batch ledger.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from domain.ledger.leaves import ChainHeadLeaf, Leaf, RecordLeaf, parse_leaf
from lineproof.upkeep.findings import BACKUP, REBUILD, Finding
from store.ledger.ledger import LEDGER_BACKUP
from store.node.ledger_keeper import misfits
from store.node.opening import Stores
from store.telemetry.protocol import BatchRecord

_TOLD = 5
_NOT_THERE = "What the archive does not have must come back from a backup."
_PAGE = 1000  # rows of the record


def ledger(
    stores: Stores, records: Sequence[BatchRecord], *, is_running: bool = False
) -> Iterator[Finding]:
    """`records`: the whole batch ledger. A node that `is_running` adds what is not there yet."""
    wrong = list(islice(misfits(stores.ledger, stores.registry), _TOLD))
    if stores.ledger.is_begun and not wrong:
        wrong = list(islice(stores.ledger.faults(), _TOLD))
    if wrong:
        yield Finding(
            "ledger", "problem", f"it is not as it was written: {'; '.join(wrong)}", LEDGER_BACKUP
        )
        return
    if not stores.ledger.is_begun:
        yield Finding("ledger", "ok", "not begun yet; a node begins it when it runs")
        return
    size = stores.ledger.size
    said = list(_registry_faults(stores))
    if said:
        yield _told("ledger and registry", said, BACKUP)
    said = list(_head_faults(stores, records))
    if said:
        yield _told(
            "ledger and batches",
            said,
            f"{REBUILD} {_NOT_THERE}",
        )
    last = stores.ledger.last_record()
    waiting = stores.registry.recorded.count() - (last.number if last else 0)
    if waiting > 0 and not is_running:
        yield Finding(
            "ledger",
            "warning",
            f"{size} leaves are as they were signed; {waiting} rows of the record are not in it",
            "A running node adds them.",
        )
    else:
        origin = stores.ledger.verifier_key().name
        yield Finding("ledger", "ok", f"{size} leaves of {origin} are as they were signed")


def _told(subject: str, said: list[str], todo: str) -> Finding:
    more = f" and {len(said) - _TOLD} more" if len(said) > _TOLD else ""
    return Finding(subject, "problem", f"{'; '.join(said[:_TOLD])}{more}", todo)


def _registry_faults(stores: Stores) -> Iterator[str]:
    """Rows of the record that differ from their leaves, or have none between those that do."""
    rows = _record_rows(stores)
    for index, leaf in _leaves(stores):
        if isinstance(leaf, RecordLeaf):
            number, of, content, digest = next(rows, (0, "", "", ""))
            if (number, of, content, digest) != (leaf.number, leaf.of, leaf.content, leaf.digest):
                yield f"row {leaf.number} of the record is not what leaf {index} says of it"


def _record_rows(stores: Stores) -> Iterator[tuple[int, str, str, str]]:
    after = 0
    while page := stores.registry.recorded.entries(after, _PAGE):
        yield from ((it.number, it.of, it.content, it.digest) for it in page)
        after = page[-1].number


def _head_faults(stores: Stores, records: Sequence[BatchRecord]) -> Iterator[str]:
    digests = {(it.agent, it.number): it.digest for it in records}
    for index, leaf in _leaves(stores):
        if isinstance(leaf, ChainHeadLeaf):
            digest = digests.get((leaf.agent, leaf.number))
            if digest is None:  # of a running node it may have come in since
                page = stores.telemetry.batches(after=(leaf.agent, leaf.number - 1), limit=1)
                digest = next((it.digest for it in page if _is_of(it, leaf)), None)
            if digest != leaf.digest:
                how = "missing in the batch ledger" if digest is None else "another one"
                yield f"batch {leaf.number} of {leaf.agent}, which leaf {index} tells, is {how}"


def _is_of(batch: BatchRecord, leaf: ChainHeadLeaf) -> bool:
    return (batch.agent, batch.number) == (leaf.agent, leaf.number)


def _leaves(stores: Stores) -> Iterator[tuple[int, Leaf]]:
    return ((index, parse_leaf(leaf)) for index, leaf in stores.ledger.all_leaves())
