"""Dirty marks of the DuckDB file: which of them facts do not follow yet.

How far each line's marks are cleared is kept in memory too, because the file has one owner.
Knows nothing of samples or facts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import duckdb

from store.duckdb_file import DuckDBFile
from store.protocol import DirtyMark


class ClearedMarks:
    """Up to which id the marks of each line are cleared. Changes come one after the other."""

    def __init__(self, file: DuckDBFile) -> None:
        self._file = file
        self._cleared: dict[str, int] = dict(file.rows("SELECT line, mark FROM cleared"))

    def dirty(self, lines: Sequence[str], known: int) -> list[DirtyMark]:
        """The marks of the lines up to the id `known` that are not cleared, by id."""
        cleared = self._cleared
        # The lowest number that matters, so that DuckDB skips the marks of the years before.
        lowest = min((cleared.get(name, 0) for name in lines), default=known)
        if lowest >= known:
            return []
        asked = set(lines)
        rows = self._file.rows(
            'SELECT id, line, machine, signal, "start", "end" FROM marks '
            "WHERE id > ? AND id <= ? ORDER BY id",
            lowest,
            known,
        )
        return [
            DirtyMark(*row) for row in rows if row[1] in asked and row[0] > cleared.get(row[1], 0)
        ]

    def clear(self, cursor: duckdb.DuckDBPyConnection, up_to: Mapping[str, int]) -> dict[str, int]:
        """Write down that the lines' marks are cleared up to these ids, where that is more than
        before: what `committed` must be told."""
        more = {line: mark for line, mark in up_to.items() if mark > self._cleared.get(line, 0)}
        for statement, lines in (
            ("UPDATE cleared SET mark = new.mark FROM (VALUES {}) AS new (line, mark) "
             "WHERE cleared.line = new.line", [it for it in more if it in self._cleared]),
            ("INSERT INTO cleared VALUES {}", [it for it in more if it not in self._cleared]),
        ):  # fmt: skip
            if lines:
                rows = ", ".join(["(?, ?)"] * len(lines))
                cursor.execute(
                    statement.format(rows), [value for it in lines for value in (it, more[it])]
                )
        return more

    def committed(self, cleared: Mapping[str, int]) -> None:
        self._cleared = {**self._cleared, **cleared}
