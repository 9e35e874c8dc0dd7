"""What is kept of machines (edge.spool.kept) in the spool's file: of chunks that are sealed in a
table of its own, of those that wait in the chunks themselves."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable

from edge.spool.chunk_coding import StoredChunk
from edge.spool.kept import Kept, folded, kept_of


def all_kept(db: sqlite3.Connection, in_journal: Iterable[StoredChunk]) -> dict[str, Kept]:
    """By machine, what is known with all that the spool ever took."""
    waiting = _waiting(db, None) + _of_chunks(in_journal)
    return folded([*_in_table(db), *waiting])


def settle_kept(db: sqlite3.Connection, last: int, in_journal: Iterable[StoredChunk]) -> None:
    """Within a transaction: the chunks in the file up to id `last`, and these of the journal behind
    them, are about to go."""
    done = _waiting(db, last) + _of_chunks(in_journal)
    if not done:
        return
    after = folded([*_in_table(db), *done])
    changed = [after[machine] for machine in {it.machine for it in done}]
    rows = [(it.machine, it.totals, json.dumps(it.messages)) for it in changed]
    db.executemany("INSERT OR REPLACE INTO kept (machine, totals, messages) VALUES (?, ?, ?)", rows)


def _in_table(db: sqlite3.Connection) -> list[Kept]:
    rows = db.execute("SELECT machine, totals, messages FROM kept").fetchall()
    return [Kept(machine, totals, tuple(json.loads(ids))) for machine, totals, ids in rows]


def _waiting(db: sqlite3.Connection, last: int | None) -> list[Kept]:
    texts = db.execute(
        "SELECT kept FROM pending WHERE kept != '' AND id <= coalesce(?, id) ORDER BY id", (last,)
    ).fetchall()
    return [it for (text,) in texts for it in kept_of(text)]


def _of_chunks(chunks: Iterable[StoredChunk]) -> list[Kept]:
    return [it for chunk in chunks for it in kept_of(chunk.kept)]
