"""Notes and signatures of shift handovers: rows that are only ever added.

Whether one may be added is the caller's to check, within the transaction that adds it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, Table, select

from domain.handovers import (
    HandedShift,
    Handover,
    HandoverNote,
    HandoverSignature,
    ShiftFigures,
    Side,
)
from domain.time import Window
from store.registry.database import RegistryDatabase
from store.registry.line_work.tables import handover_notes, handover_signatures
from store.registry.record import insert_recorded

HandoverCheck = Callable[[Handover], None]


def figures_bytes(figures: ShiftFigures) -> bytes:
    """As they are kept and digested: JSON with sorted keys."""
    return orjson.dumps(figures, option=orjson.OPT_SORT_KEYS)


def figures_digest(figures: ShiftFigures) -> str:
    """SHA-256 of `figures_bytes`."""
    return hashlib.sha256(figures_bytes(figures)).hexdigest()


class Handovers:
    def __init__(self, database: RegistryDatabase) -> None:
        self._database = database

    def of_shift(self, shift: HandedShift) -> Handover:
        """All that people said of it; once both have signed, the shift as it was then."""
        with self._database.reading() as connection:
            return _handover(connection, shift)

    def shifts(self, line: str, window: Window) -> list[HandedShift]:
        """Those that begin in the window and of which people said something, as they were then; in
        the order of time."""
        found: dict[datetime, HandedShift] = {}
        with self._database.reading() as connection:
            for table in (handover_notes, handover_signatures):
                c = table.c
                mine = (c.line == line) & (c.start >= window.start) & (c.start < window.end)
                rows = select(c.shift, c.start, c.end).where(mine).order_by(c.id)
                for name, start, end in connection.execute(rows):
                    found[start] = HandedShift(line, name, Window(start, end))
        return [found[it] for it in sorted(found)]

    def write(self, shift: HandedShift, new: HandoverNote, check: HandoverCheck) -> Handover:
        """Add the note under the shift's next number, whatever its own, if `check` does not raise;
        the handover with it. Raises BusyError where somebody else was as quick."""
        with self._database.writing() as connection:
            found = _handover(connection, shift)
            check(found)
            kept = replace(new, number=len(found.notes) + 1)
            insert_recorded(
                connection,
                handover_notes,
                **_of_shift(found.shift),
                number=kept.number,
                author=kept.author,
                device=kept.device,
                written_at=kept.written_at,
                note=kept.text,
            )
        return replace(found, notes=(*found.notes, kept))

    def sign(self, shift: HandedShift, new: HandoverSignature, check: HandoverCheck) -> Handover:
        """Add the signature, if `check` does not raise. Raises as `write`."""
        with self._database.writing() as connection:
            found = _handover(connection, shift)
            check(found)
            insert_recorded(
                connection,
                handover_signatures,
                **_of_shift(found.shift),
                side=new.side.value,
                author=new.author,
                device=new.device,
                signed_at=new.signed_at,
                notes=len(found.notes),
                figures=figures_bytes(new.figures).decode(),
                digest=new.digest,
            )
        return replace(found, signatures=(*found.signatures, new))


def _of_shift(shift: HandedShift) -> dict[str, Any]:
    window = shift.window
    return {"line": shift.line, "start": window.start, "end": window.end, "shift": shift.name}


def _handover(connection: Connection, shift: HandedShift) -> Handover:
    notes = _rows(connection, handover_notes, shift)
    signatures = _rows(connection, handover_signatures, shift)
    if len(signatures) == len(Side):
        row = signatures[-1]
        shift = HandedShift(shift.line, row["shift"], Window(row["start"], row["end"]))
    return Handover(
        shift,
        tuple(
            HandoverNote(it["number"], it["author"], it["written_at"], it["note"], it["device"])
            for it in notes
        ),
        tuple(
            HandoverSignature(
                Side(it["side"]),
                it["author"],
                it["signed_at"],
                orjson.loads(it["figures"]),
                it["digest"],
                it["device"],
            )
            for it in signatures
        ),
    )


def _rows(connection: Connection, table: Table, shift: HandedShift) -> list[Any]:
    mine = (table.c.line == shift.line) & (table.c.start == shift.window.start)
    return list(connection.execute(select(table).where(mine).order_by(table.c.id)).mappings())
