"""Facts of the DuckDB file: of each line under one specification, which is a derivation.

A row names its derivation by a number, so that finding and adding up a line's facts compares
integers; and by another its kind: the combination of all that sums tell apart. Which ones there
are is kept in memory, because the file has one owner. Knows nothing of samples or of what makes
facts dirty.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from datetime import datetime

import duckdb
import polars as pl

from domain.frames import FACT_SUMS, FACTS, check
from domain.time import Window
from store.content import FACT_KEYS
from store.duckdb_file import DuckDBFile, insert
from store.duckdb_schema import STORED_FACTS
from store.fact_sums import TOLD_APART, finished, sums_query
from store.protocol import Period

_KINDS = pl.Schema({"id": pl.Int32(), **{name: FACT_SUMS[name] for name in TOLD_APART}})
_TOLD_APART = ("plan", "mode", (pl.col("order") != "").alias("has_order"), "reason_kind")


class DuckDBFacts:
    """Thread-safe."""

    def __init__(self, file: DuckDBFile) -> None:
        self._file = file
        self._replacing = threading.Lock()  # until what was committed is known here
        rows = file.rows("SELECT id, line, spec FROM derivations")
        self._known: dict[tuple[str, str], int] = {(line, spec): it for it, line, spec in rows}
        self._last = max(self._known.values(), default=0)
        self._kinds = file.frame("SELECT * FROM kinds").cast(_KINDS)

    def replace(
        self, line: str, spec: str, windows: Sequence[Window], facts: pl.DataFrame, clear: int
    ) -> None:
        """See the protocol; `facts` lie inside the windows."""
        with self._replacing:
            others = [key for key in self._known if key[0] == line and key[1] != spec]
            number = self._known.get((line, spec), self._last + 1)
            new = self._new_kinds(facts)
            kinds = pl.concat([self._kinds, new])
            with self._file.transaction() as cursor:
                if number > self._last:
                    cursor.execute("INSERT INTO derivations VALUES (?, ?, ?)", [number, line, spec])
                for key in others:
                    cursor.execute("DELETE FROM facts WHERE derivation = ?", [self._known[key]])
                    cursor.execute("DELETE FROM derivations WHERE id = ?", [self._known[key]])
                for window in windows:
                    _delete_inside(cursor, number, window)
                insert(cursor, "kinds", new)
                insert(cursor, "facts", _numbered(facts, number, kinds))
                cursor.execute(
                    "INSERT INTO cleared VALUES (?, ?) "
                    "ON CONFLICT (line) DO UPDATE SET mark = greatest(mark, excluded.mark)",
                    [line, clear],
                )
            self._kinds = kinds
            self._last = max(self._last, number)
            known = {key: it for key, it in self._known.items() if key not in others}
            self._known = known | {(line, spec): number}

    def read(self, line: str, spec: str, start: datetime, end: datetime) -> pl.DataFrame:
        number = self._known.get((line, spec))
        if number is None:
            return FACTS.to_frame()
        columns = ", ".join(f'"{name}"' for name in STORED_FACTS.names())
        frame = self._file.frame(
            f'SELECT {columns} FROM facts WHERE derivation = ? AND "start" >= ? AND "end" <= ?',
            number,
            start,
            end,
        )
        named = frame.select(pl.lit(line).alias("line"), pl.all())
        return check(named, FACTS, "facts").sort(FACT_KEYS)

    def sums(
        self, specs: Mapping[str, str], start: datetime, end: datetime, period: Period
    ) -> pl.DataFrame:
        known = self._known
        lines = {known[it]: it[0] for it in specs.items() if it in known}
        if not lines:
            return FACT_SUMS.to_frame()
        condition = '"start" >= ? AND "end" <= ?'
        if len(lines) < len(known):  # else all that there are
            condition += f" AND derivation IN ({', '.join(map(str, lines))})"
        grouped = sums_query(period, "derivation, kind", condition)
        sums = self._file.frame(
            f"SELECT * FROM ({grouped}) AS sums JOIN kinds ON kinds.id = sums.kind", start, end
        )
        # One that came since is not asked for.
        asked = sums.filter(pl.col("derivation").is_in(list(lines)))
        line = pl.col("derivation").replace_strict(lines, return_dtype=pl.String)
        return finished(asked.with_columns(line.alias("line")))

    def _new_kinds(self, facts: pl.DataFrame) -> pl.DataFrame:
        """The combinations in the facts that the file does not have yet, numbered on."""
        there = facts.select(*_TOLD_APART).unique(maintain_order=True)
        new = there.join(self._kinds, on=TOLD_APART, how="anti", nulls_equal=True)
        return new.with_row_index("id", offset=self._kinds.height + 1).cast(_KINDS)


def _numbered(facts: pl.DataFrame, derivation: int, kinds: pl.DataFrame) -> pl.DataFrame:
    """FACTS as they are kept."""
    named = facts.with_columns(_TOLD_APART[2])
    kind = named.join(kinds, on=TOLD_APART, how="left", nulls_equal=True, maintain_order="left")
    return kind.select(
        pl.lit(derivation, dtype=pl.Int32).alias("derivation"),
        pl.col("id").alias("kind"),
        *STORED_FACTS.names(),
    )


def _delete_inside(cursor: duckdb.DuckDBPyConnection, number: int, window: Window) -> None:
    """Bounded on both sides of both columns, so that DuckDB skips what lies before and behind."""
    cursor.execute(
        'DELETE FROM facts WHERE derivation = ? AND "start" >= ? AND "start" < ? '
        'AND "end" > ? AND "end" <= ?',
        [number, window.start, window.end, window.start, window.end],
    )
