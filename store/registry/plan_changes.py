"""Exceptions of calendars that were entered at the node: rows that are only ever added.

Knows nothing of what an exception means or whether it makes sense.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy import Connection, RowMapping, func, select

from domain.plan_changes import PlanChange
from domain.plant import CalendarException
from store.registry.record import insert_recorded
from store.registry.tables import plan_changes as table

PlanCheck = Callable[[Sequence[PlanChange]], None]


def plan_changes_of(connection: Connection, line: str | None = None) -> list[PlanChange]:
    """Those of the line (None: of all), withdrawals and withdrawn ones too, in the order of
    recording."""
    wanted = select(table).order_by(table.c.id)
    if line is not None:
        wanted = wanted.where(table.c.line == line)
    return [_change(row) for row in connection.execute(wanted).mappings()]


def last_plan_change(connection: Connection) -> int:
    """The number of the last one; 0 without one."""
    last: int = connection.execute(select(func.coalesce(func.max(table.c.id), 0))).scalar_one()
    return last


def add_plan_change(connection: Connection, change: PlanChange, check: PlanCheck) -> None:
    """A new row, if `check` lets it pass beside the line's earlier ones."""
    earlier = plan_changes_of(connection, change.line)
    check(earlier)
    it = change.exception
    insert_recorded(
        connection,
        table,
        identity=change.id,
        line=change.line,
        number=len(earlier) + 1,  # if somebody was quicker, it is taken
        author=change.author,
        recorded_at=change.recorded_at,
        start=it.start if it else None,
        end=it.end if it else None,
        kind=it.kind if it else None,
        reason=it.reason if it else change.comment,
        withdraws=change.withdraws,
    )


def _change(row: RowMapping) -> PlanChange:
    author, recorded_at = row["author"], row["recorded_at"]
    exception = None
    if row["withdraws"] is None:
        exception = CalendarException(row["start"], row["end"], row["kind"], row["reason"], author)
    comment = "" if exception else row["reason"]
    return PlanChange(
        row["identity"], row["line"], author, recorded_at, exception, row["withdraws"], comment
    )
