"""Rows of the audit from which a person's name was erased, and why they are believed all the same.

Such a row keeps its old digest, by which the next one follows it, and no longer has all that the
digest was made of. In its place the erasure is a row of the audit itself: it has the digest of what
the erased rows are from then on. So a row that is changed without an erasure, or after one, is
seen.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlalchemy import Connection, func, insert, select

from store.registry.tables import erased_rows, erasures


def entry_digest(row: Mapping[str, Any]) -> str:
    """SHA-256 of a row as it is (store.registry.audit.entry_json)."""
    return hashlib.sha256(orjson.dumps(dict(row), option=orjson.OPT_SORT_KEYS)).hexdigest()


def said(rows: Iterable[tuple[int, str]]) -> str:
    """How an erasure of these rows, by number and content, is told in its own row."""
    told = sorted(rows)
    digest = hashlib.sha256(orjson.dumps(told)).hexdigest()
    return f"erased, in {len(told)} rows of the audit, sha256 {digest}"


def note(connection: Connection, erasure: int, reference: str, rows: Mapping[int, str]) -> None:
    """The erasure with this number in the audit: what took the name's place, and the rows."""
    connection.execute(insert(erasures).values(number=erasure, reference=reference))
    values = [{"erasure": erasure, "number": it, "content": rows[it]} for it in rows]
    if values:
        connection.execute(insert(erased_rows), values)


def last_erasure(connection: Connection) -> int:
    """Grows with every erasure: what was read before may have names that are no more."""
    return connection.execute(select(func.max(erasures.c.number))).scalar() or 0


@dataclass
class ErasedRows:
    """Those of all erasures. Rows of the audit are shown to it from the newest on, so that an
    erasure comes before what it is of."""

    _of: Mapping[int, Mapping[int, str]]  # by erasure: the content of each row by number
    _believed: set[int] = field(default_factory=set)

    @classmethod
    def read(cls, connection: Connection) -> ErasedRows:
        found: defaultdict[int, dict[int, str]] = defaultdict(dict)
        for number in connection.execute(select(erasures.c.number)).scalars():
            found[number] = {}
        for row in connection.execute(select(erased_rows)):
            found[row.erasure][row.number] = row.content
        return cls(found)

    def last_of(self, number: int) -> int | None:
        """The last erasure that changed the row."""
        return max((it for it, rows in self._of.items() if number in rows), default=None)

    def is_as_erased(self, number: int, content: str) -> bool:
        """Whether a row whose digest is another one is what an erasure left of it."""
        erasure = self.last_of(number)
        return erasure in self._believed and self._of[erasure][number] == content

    def is_told(self, number: int, outcome: str) -> bool:
        """Whether the row of that number tells the erasure that it is; of any other row: yes."""
        if number not in self._of:
            return True
        if outcome != said(self._of[number].items()):
            return False
        self._believed.add(number)
        return True
