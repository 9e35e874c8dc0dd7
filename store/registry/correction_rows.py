"""Corrections as the registry keeps them: rows that are only ever added.

Stored facts follow the corrections with a delay. How far they do is remembered as the number of
a line's last correction that they contain; what came after it makes the facts of its time stale
until somebody has computed them again and said so. A crash between the two repeats the work.
Knows nothing of what a correction means or whether it makes sense.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, insert, select

from domain.corrections import Correction, CorrectionKind, LineCorrections, in_force
from store.registry.erased_rows import last_erasure
from store.registry.record import insert_recorded
from store.registry.tables import corrected_facts
from store.registry.tables import corrections as table

CorrectionCheck = Callable[[Sequence[Correction]], None]
CheckedCorrection = tuple[Correction, CorrectionCheck]

_FIELDS = ("id", "line", "start", "end", "author", "recorded_at", "reason", "element", "amount",
           "withdraws", "comment", "device", "needs_approval", "decides",
           "until_stop_ends", "order", "product")  # fmt: skip


class CorrectionRows:
    """Every correction of a line. Rows are only ever added, so each is read once; but all of them
    again after a person's name was erased from them."""

    def __init__(self) -> None:
        self._erasure = 0  # the last one before what was read
        self._read: dict[str, tuple[Correction, ...]] = {}
        self._holding: dict[str, tuple[int, tuple[Correction, ...]]] = {}

    def of(self, connection: Connection, line: str) -> tuple[Correction, ...]:
        """In the order of recording, withdrawals and withdrawn ones too."""
        erasure = last_erasure(connection)
        if erasure != self._erasure:
            self._erasure, self._read, self._holding = erasure, {}, {}
        kept = self._read  # of whoever reads meanwhile it stays what it was
        read = kept.get(line, ())
        # A line's numbers have no gaps, so they are the places of the rows.
        wanted = (
            select(table)
            .where(table.c.line == line, table.c.number > len(read))
            .order_by(table.c.number)
        )
        new = [_correction(row) for row in connection.execute(wanted).mappings()]
        if new:
            read = kept[line] = (*read, *new)
        return read

    def in_force(self, connection: Connection, line: str) -> tuple[Correction, ...]:
        kept = self._holding
        rows = self.of(connection, line)
        count, holding = kept.get(line, (0, ()))
        if count != len(rows):
            holding = in_force(rows)
            kept[line] = (len(rows), holding)
        return holding


def add_corrections(
    connection: Connection, rows: CorrectionRows, checked: Sequence[CheckedCorrection]
) -> None:
    """New rows of a line behind its last one, if the check of each lets it pass beside all before
    it, those that are added with it too."""
    if not checked:
        return
    earlier = rows.of(connection, checked[0][0].line)
    for correction, check in checked:
        check(earlier)
        values: dict[str, Any] = {name: getattr(correction, name) for name in _FIELDS}
        # The number behind those that were checked: if somebody was quicker, it is taken.
        insert_recorded(
            connection, table, **values, kind=correction.kind.value, number=len(earlier) + 1
        )
        earlier = (*earlier, correction)


def corrected_lines(connection: Connection) -> frozenset[str]:
    return frozenset(connection.execute(select(table.c.line).distinct()).scalars())


def correction_by_id(connection: Connection, identity: str) -> Correction | None:
    row = connection.execute(select(table).where(table.c.id == identity)).mappings().first()
    return None if row is None else _correction(row)


def of_line(connection: Connection, rows: CorrectionRows, line: str) -> LineCorrections:
    every = rows.of(connection, line)
    if not every:
        return LineCorrections()
    followed = connection.execute(
        select(corrected_facts.c.number).where(corrected_facts.c.line == line)
    ).scalar()
    return LineCorrections(rows.in_force(connection, line), every[followed or 0 :], len(every))


def mark_applied(connection: Connection, line: str, number: int) -> None:
    """The line's stored facts contain every correction up to that number."""
    connection.execute(delete(corrected_facts).where(corrected_facts.c.line == line))
    connection.execute(insert(corrected_facts).values(line=line, number=number))


def _correction(row: RowMapping) -> Correction:
    values = {name: row[name] for name in _FIELDS}
    return Correction(**values, kind=CorrectionKind(row["kind"]))
