"""What `doctor` finds of those outside who see the ledger: who answers, who does not and why."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from lineproof.upkeep.findings import Finding
from lineproof.witnesses.outsiders import Outsider, outsiders_of
from store.node.opening import Stores

_SLACK = timedelta(days=1)  # beyond the time within which it is asked


def witnesses(stores: Stores, now: datetime) -> Iterator[Finding]:
    """One of each witness and time stamp authority that the data folder's files name, and of each
    file that cannot be used."""
    cosigning, stamping, troubles = outsiders_of(stores.folder, stores.ledger)
    for error in troubles:
        yield Finding("witnesses", "problem", f"{error.where}: {error.what}", error.todo)
    for outsider in (*cosigning, *stamping):
        yield _finding(stores, outsider, now)


def _finding(stores: Stores, outsider: Outsider, now: datetime) -> Finding:
    subject = outsider.title
    standing = stores.ledger.others.standing(outsider.standing_name)
    if standing is None:
        return Finding(
            subject, "warning", "it was not asked yet", "A running node asks it within seconds."
        )
    last = f"it never {outsider.does}"
    if standing.done_at is not None:
        at = standing.done_at.isoformat(timespec="seconds")
        last = f"it {outsider.does} {standing.size} leaves at {at}"
    if standing.is_grave:
        return Finding(subject, "problem", f"{standing.says}; {last}", standing.todo)
    if standing.says:
        return Finding(subject, "warning", f"{standing.says}; {last}", standing.todo)
    if standing.done_at is not None and now - standing.done_at > outsider.asked_every + _SLACK:
        return Finding(
            subject, "warning", f"{last}, and nothing since", "A running node asks it by itself."
        )
    return Finding(subject, "ok", last)
