"""What `doctor` finds of the ledger's witnesses: who cosigns, who does not and why."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from lineproof.upkeep.findings import Finding
from lineproof.witnesses.keeper import standing_name
from store.node.opening import Stores
from store.node.witness_settings import Witness, read_witness_policy, witnesses_of

_OLD = timedelta(days=1)  # nobody cosigned for so long: what is handed out rests on less


def witnesses(stores: Stores, now: datetime) -> Iterator[Finding]:
    """One of each that the settings name; nothing where they name none."""
    for witness in witnesses_of(read_witness_policy(stores.folder.witnesses)):
        yield _finding(stores, witness, now)


def _finding(stores: Stores, witness: Witness, now: datetime) -> Finding:
    subject = f"witness {witness.name}"
    standing = stores.ledger.others.standing(standing_name(witness))
    if standing is None:
        return Finding(
            subject, "warning", "it was not asked yet", "A running node asks it within seconds."
        )
    last = "it never cosigned"
    if standing.done_at is not None:
        at = standing.done_at.isoformat(timespec="seconds")
        last = f"it cosigned {standing.size} leaves at {at}"
    if standing.is_grave:
        return Finding(subject, "problem", f"{standing.says}; {last}", standing.todo)
    if standing.says:
        return Finding(subject, "warning", f"{standing.says}; {last}", standing.todo)
    if standing.done_at is not None and now - standing.done_at > _OLD:
        return Finding(
            subject, "warning", f"{last}, and nothing since", "A running node asks it every hour."
        )
    return Finding(subject, "ok", last)
