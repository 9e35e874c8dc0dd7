"""Frozen periods: the facts of a line as an officer accepted them, kept for ever.

The facts are Arrow IPC bytes known by their SHA-256; a row says of which line and time they are
and who froze them when. Rows are only ever added. Knows nothing of what the facts mean.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

import polars as pl
from sqlalchemy import Connection, select

from domain.errors import StorageError
from domain.frames import FACTS, check
from domain.time import Window
from store.registry.record import insert_recorded
from store.registry.tables import frozen as table


@dataclass(frozen=True, slots=True)
class FrozenPeriod:
    """`digest`: SHA-256 of the accepted facts as bytes."""

    line: str
    start: datetime
    end: datetime
    author: str
    frozen_at: datetime
    digest: str

    @property
    def window(self) -> Window:
        return Window(self.start, self.end)


FrozenCheck = Callable[[Sequence[FrozenPeriod]], None]


def facts_bytes(facts: pl.DataFrame) -> bytes:
    """FACTS as Arrow IPC, uncompressed: the same rows give the same bytes."""
    buffer = BytesIO()
    check(facts, FACTS, "facts").rechunk().write_ipc(buffer, compression="uncompressed")
    return buffer.getvalue()


def facts_of_bytes(data: bytes, digest: str) -> pl.DataFrame:
    """FACTS from those bytes; columns that facts did not have yet when they were accepted are
    null. Raises StorageError where they are not the accepted ones."""
    if hashlib.sha256(data).hexdigest() != digest:
        raise StorageError(
            f"the frozen facts {digest} were changed after they were accepted",
            todo="Put the folder of documents back from a backup.",
        )
    kept = pl.read_ipc(BytesIO(data))
    later = {name: kind for name, kind in FACTS.items() if name not in kept.columns}
    kept = kept.with_columns(pl.lit(None, dtype=kind).alias(name) for name, kind in later.items())
    return check(kept, FACTS, "frozen facts")


def period_of(line: str, window: Window, data: bytes, author: str, now: datetime) -> FrozenPeriod:
    """Of accepted facts as bytes (`facts_bytes`)."""
    digest = hashlib.sha256(data).hexdigest()
    return FrozenPeriod(line, window.start, window.end, author, now, digest)


def add_frozen(connection: Connection, period: FrozenPeriod, check_beside: FrozenCheck) -> None:
    """A new row behind the line's last one, if the check lets it pass beside the earlier ones."""
    earlier = frozen_rows(connection, period.line)
    check_beside(earlier)
    insert_recorded(
        connection,
        table,
        line=period.line,
        number=len(earlier) + 1,  # taken, if somebody was quicker
        start=period.start,
        end=period.end,
        author=period.author,
        frozen_at=period.frozen_at,
        digest=period.digest,
    )


def frozen_rows(
    connection: Connection, line: str, known_at: datetime | None = None
) -> list[FrozenPeriod]:
    """The line's frozen periods, those frozen up to `known_at`, by start."""
    columns = (table.c.line, table.c.start, table.c.end, table.c.author, table.c.frozen_at,
               table.c.digest)  # fmt: skip
    wanted = select(*columns).where(table.c.line == line).order_by(table.c.start)
    if known_at is not None:
        wanted = wanted.where(table.c.frozen_at <= known_at)
    return [FrozenPeriod(*row) for row in connection.execute(wanted)]


def frozen_lines(connection: Connection) -> frozenset[str]:
    return frozenset(connection.execute(select(table.c.line).distinct()).scalars())
