"""What `doctor` finds of the agents and their chains: every batch of the batch ledger is archived
as it was sealed, with a key that the registry has, and follows the one before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from collector.intake.decisions import Outcome, authenticate
from collector.intake.signatures import verify
from domain.batch_header import GENESIS
from domain.batches import parse_batch
from domain.errors import InputError, NotFoundError, StorageError
from lineproof.upkeep.findings import Finding
from store.node.opening import Stores
from store.telemetry.protocol import BatchRecord

BatchesSeen = Callable[[int], None]  # batches that were looked at


def agents(stores: Stores, records: list[BatchRecord]) -> Iterator[Finding]:
    """Those enrolled, and those whose batches are there without being enrolled."""
    enrolled = {agent.name: agent for agent in stores.registry.agents.all()}
    sent = {record.agent for record in records}
    for name in sorted(enrolled.keys() | sent):
        subject = f"agent {name}"
        if name not in enrolled:
            yield Finding(
                subject,
                "problem",
                "batches of it are here, but it is not enrolled",
                "Enrol it again, or the batches that it sends now are refused.",
            )
        elif revoked := enrolled[name].revoked_at:
            yield Finding(subject, "ok", f"revoked at {revoked:%Y-%m-%d %H:%M} UTC")
        elif name not in sent:
            yield Finding(
                subject,
                "warning",
                "enrolled, but nothing came from it yet",
                "Check that it runs and reaches this collector.",
            )
        else:
            count = sum(record.agent == name for record in records)
            yield Finding(subject, "ok", f"{count} batches")


def chains(
    stores: Stores, records: list[BatchRecord], progress: BatchesSeen | None = None
) -> Iterator[Finding]:
    """Every batch of every agent is archived as it was sealed and follows the one before."""
    broken: dict[str, str] = {}
    last: dict[str, tuple[int, str]] = {}
    for done, record in enumerate(records, start=1):
        number, digest = last.get(record.agent, (0, GENESIS))
        what = _link_fault(stores, record, number, digest)
        if what:
            broken.setdefault(record.agent, what)
        last[record.agent] = (record.number, record.digest)
        if progress is not None:
            progress(done)
    for agent, (number, _) in last.items():
        if agent in broken:
            yield Finding(
                f"chain {agent}",
                "problem",
                broken[agent],
                "Put the archive back from a backup; what is missing can prove nothing.",
            )
        else:
            yield Finding(f"chain {agent}", "ok", f"whole from batch 1 to batch {number}")


def _link_fault(stores: Stores, record: BatchRecord, number: int, digest: str) -> str:
    """Why the batch does not follow batch `number` with that digest; empty when it does."""
    if record.number != number + 1:
        return f"batch {number + 1} is missing in the batch ledger"
    try:
        batch = parse_batch(stores.archive.get(record.digest))
    except NotFoundError:
        return f"batch {record.number} is missing in the archive"
    except InputError:
        return f"batch {record.number} in the archive is damaged"
    except StorageError as error:
        return f"batch {record.number} in the archive cannot be read: {error.what}"
    header = batch.header
    sealed_by = stores.registry.agents.keys_of(record.agent, header.sealed_at)
    refused = authenticate(batch, sealed_by, verify)
    if header.digest != record.digest or refused is Outcome.BAD_PAYLOAD:
        return f"batch {record.number} in the archive is not the one that was accepted"
    if sealed_by and refused is not None:
        return f"batch {record.number} is not sealed with a key that the registry has of it"
    if header.previous != digest:
        return f"batch {record.number} does not follow batch {number}"
    return ""
