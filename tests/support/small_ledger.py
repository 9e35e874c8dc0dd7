"""A ledger of a few leaves that follow no registry, and one that goes on from a copy of it."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

from domain.ledger.checkpoints import Checkpoint
from domain.ledger.leaves import ChainHeadLeaf, Leaf, RecordLeaf
from domain.ledger.signed_notes import SignedNote, parse_note
from store.ledger.ledger import Ledger

AT = datetime(2026, 3, 2, tzinfo=UTC)


def row(number: int, of: str = "corrections") -> RecordLeaf:
    return RecordLeaf(AT, number, of, f"{number:064x}", f"{number + 1:064x}")


def head(number: int, agent: str = "hall-2") -> ChainHeadLeaf:
    return ChainHeadLeaf(AT, agent, number, f"{number:064x}")


def begun(folder: Path, *leaves: Leaf) -> Ledger:
    """With these leaves, or with three."""
    ledger = Ledger(folder / "ledger")
    ledger.begin("tko-foods")
    ledger.append(leaves or [row(1), row(2), row(3)])
    return ledger


def copied(ledger: Ledger, folder: Path) -> Ledger:
    """The same ledger as it is now, key and all, in another folder."""
    ledger.close()
    shutil.copytree(ledger.folder, folder / "ledger")
    return Ledger(folder / "ledger")


def newest(ledger: Ledger) -> tuple[SignedNote, Checkpoint]:
    return parse_note(ledger.checkpoint_note()), ledger.checkpoint()
