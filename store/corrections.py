"""Corrections as the registry keeps them: rows that are only ever added.

Stored facts follow the corrections with a delay. How far they do is remembered as the number of
a line's last correction that they contain; what came after it makes the facts of its time stale
until somebody has computed them again and said so. A crash between the two repeats the work.
Knows nothing of what a correction means or whether it makes sense.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, insert, select

from domain.corrections import Correction, CorrectionKind, in_force
from store.registry_tables import corrected_facts
from store.registry_tables import corrections as table

Check = Callable[[Sequence[Correction]], None]

_FIELDS = ("id", "line", "start", "end", "author", "recorded_at", "reason", "element", "amount",
           "withdraws", "comment")  # fmt: skip


@dataclass(frozen=True, slots=True)
class LineCorrections:
    """What facts of a line must follow.

    `in_force`: those that hold. `unfollowed`: those, withdrawals too, that the line's stored
    facts do not contain yet. `last`: the number of the line's last correction, 0 without one.
    """

    in_force: tuple[Correction, ...] = ()
    unfollowed: tuple[Correction, ...] = ()
    last: int = 0


def add_correction(connection: Connection, correction: Correction, check: Check) -> None:
    """A new row behind the line's last one, if `check` lets it pass beside the earlier ones."""
    earlier = line_rows(connection, correction.line)
    check(earlier)
    values: dict[str, Any] = {name: getattr(correction, name) for name in _FIELDS}
    # The number behind those that were checked: if somebody was quicker, it is taken.
    connection.execute(
        insert(table).values(**values, kind=correction.kind.value, number=len(earlier) + 1)
    )


def line_rows(
    connection: Connection, line: str, known_at: datetime | None = None
) -> list[Correction]:
    """Every correction of the line recorded up to `known_at`, in the order of recording."""
    wanted = select(table).where(table.c.line == line).order_by(table.c.number)
    if known_at is not None:
        wanted = wanted.where(table.c.recorded_at <= known_at)
    return [_correction(row) for row in connection.execute(wanted).mappings()]


def correction_by_id(
    connection: Connection, identity: str, known_at: datetime | None = None
) -> Correction | None:
    wanted = select(table).where(table.c.id == identity)
    if known_at is not None:
        wanted = wanted.where(table.c.recorded_at <= known_at)
    row = connection.execute(wanted).mappings().first()
    return None if row is None else _correction(row)


def of_line(connection: Connection, line: str) -> LineCorrections:
    rows = line_rows(connection, line)
    if not rows:
        return LineCorrections()
    followed = connection.execute(
        select(corrected_facts.c.number).where(corrected_facts.c.line == line)
    ).scalar()
    # A line's numbers have no gaps, so they are the places of the rows.
    return LineCorrections(in_force(rows), tuple(rows[followed or 0 :]), len(rows))


def facts_follow(connection: Connection, line: str, number: int) -> None:
    """The line's stored facts contain every correction up to that number."""
    connection.execute(delete(corrected_facts).where(corrected_facts.c.line == line))
    connection.execute(insert(corrected_facts).values(line=line, number=number))


def _correction(row: RowMapping) -> Correction:
    values = {name: row[name] for name in _FIELDS}
    return Correction(**values, kind=CorrectionKind(row["kind"]))
