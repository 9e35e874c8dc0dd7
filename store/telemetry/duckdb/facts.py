"""Facts of the DuckDB file: of each line under one specification, which is a derivation.

A row names its derivation by a number, so that finding and adding up a line's facts compares
integers; and by another its kind: the combination of all that sums tell apart. Which ones there
are is kept in memory, because the file has one owner. Knows nothing of samples or of what makes
facts dirty.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping, Sequence
from datetime import datetime

import duckdb
import numpy as np
import polars as pl

from domain.condensing import order_is
from domain.frames import FACT_SUMS, FACTS, METHOD_KEYS, check
from domain.time import Window
from store.telemetry.duckdb.dirty_marks import DirtyMarks
from store.telemetry.duckdb.file import DuckDBFile, insert
from store.telemetry.duckdb.schema import STORED_FACTS
from store.telemetry.fact_sums import finished, sums_query
from store.telemetry.frames import FACT_KEYS
from store.telemetry.protocol import CalendarPeriod, LineFacts

_RECENT = 128  # windows of a line that were replaced last
_KINDS = pl.Schema({"id": pl.Int32(), **{name: FACT_SUMS[name] for name in METHOD_KEYS}})


class _Replaced:
    """How often facts of a line were replaced since the file was opened, and where: all the
    windows with a number above `base` are known."""

    def __init__(self) -> None:
        self.number = 0
        self._base = 0
        self._windows: deque[tuple[int, Window]] = deque()

    def add(self, windows: Sequence[Window]) -> None:
        self.number += 1
        self._windows.extend((self.number, window) for window in windows)
        while len(self._windows) > _RECENT:
            self._base, _ = self._windows.popleft()

    def add_everywhere(self) -> None:
        """Under another specification: not one is what it was."""
        self.number += 1
        self._base = self.number
        self._windows.clear()

    def since(self, number: int) -> list[Window] | None:
        if number < self._base:
            return None
        return [window for at, window in self._windows if at > number]


class DuckDBFacts:
    """Thread-safe."""

    def __init__(self, file: DuckDBFile, marks: DirtyMarks) -> None:
        self._file = file
        self._marks = marks
        self._replacing = threading.Lock()  # until what was committed is known here
        rows = file.rows("SELECT id, line, spec FROM derivations")
        self._known: dict[tuple[str, str], int] = {(line, spec): it for it, line, spec in rows}
        self._last = max(self._known.values(), default=0)
        self._kinds = file.frame("SELECT * FROM kinds").cast(_KINDS)
        self._replaced: dict[str, _Replaced] = {}

    def replace(self, made: Sequence[LineFacts]) -> None:
        """See the protocol; the facts lie inside their windows."""
        spec_of = {it.line: it.spec for it in made}
        with self._replacing:
            stale = {
                key: number
                for key, number in self._known.items()
                if spec_of.get(key[0], key[1]) != key[1]
            }
            absent = [key for key in spec_of.items() if key not in self._known]
            new = {key: number for number, key in enumerate(absent, self._last + 1)}
            known = self._known | new
            numbers = [known[it.line, it.spec] for it in made]
            rows, new_kinds = self._numbered(made, numbers)
            with self._file.transaction() as cursor:
                for (line, spec), number in new.items():
                    cursor.execute("INSERT INTO derivations VALUES (?, ?, ?)", [number, line, spec])
                for number in stale.values():
                    cursor.execute("DELETE FROM facts WHERE derivation = ?", [number])
                    cursor.execute("DELETE FROM derivations WHERE id = ?", [number])
                _delete_inside(cursor, made, numbers)
                insert(cursor, "kinds", new_kinds)
                insert(cursor, "facts", rows)
                cleared = self._marks.clear(cursor, {it.line: it.clear for it in made})
            self._marks.cleared(cleared)
            self._kinds = pl.concat([self._kinds, new_kinds])
            self._last += len(new)
            self._known = {key: it for key, it in known.items() if key not in stale}
            for it in made:
                if (it.line, it.spec) in new:
                    self._replaced.setdefault(it.line, _Replaced()).add_everywhere()
                elif it.windows:
                    self._replaced.setdefault(it.line, _Replaced()).add(it.windows)

    def replaced(self) -> dict[str, int]:
        """How often facts of each line were replaced since the file was opened."""
        with self._replacing:
            return {line: it.number for line, it in self._replaced.items()}

    def replaced_since(self, line: str, number: int) -> list[Window] | None:
        """See the protocol. Waits for a replacement that is being committed, so whatever was read
        before is told of."""
        with self._replacing:
            replaced = self._replaced.get(line)
            return [] if replaced is None else replaced.since(number)

    def read(
        self, specs: Mapping[str, str], start: datetime, end: datetime
    ) -> dict[str, pl.DataFrame]:
        """FACTS of each line made under its specification, of slices inside [start, end)."""
        numbers = {line: self._known.get((line, spec)) for line, spec in specs.items()}
        there = sorted(number for number in numbers.values() if number is not None)
        found: dict[int, pl.DataFrame] = {}
        if there:
            columns = ", ".join(f'"{name}"' for name in STORED_FACTS.names())
            frame = self._file.frame(
                f"SELECT derivation, {columns} FROM facts "
                f"WHERE derivation IN ({', '.join(map(str, there))}) "
                'AND "start" >= ? AND "end" <= ?',
                start,
                end,
            )
            for part in frame.partition_by("derivation"):
                found[part["derivation"][0]] = part
        return {
            line: _named(line, found.get(number if number is not None else 0))
            for line, number in numbers.items()
        }

    def sums(
        self, specs: Mapping[str, str], start: datetime, end: datetime, period: CalendarPeriod
    ) -> pl.DataFrame:
        known = self._known
        lines = {known[it]: it[0] for it in specs.items() if it in known}
        if not lines:
            return FACT_SUMS.to_frame()
        condition = '"start" >= ? AND "end" <= ?'
        if len(lines) < len(known):  # else all that there are
            condition += f" AND derivation IN ({', '.join(map(str, lines))})"
        grouped = sums_query(period, "derivation", "kind", condition)
        sums = self._file.frame(
            f"SELECT * FROM ({grouped}) AS sums JOIN kinds ON kinds.id = sums.kind", start, end
        )
        # One that came since is not asked for.
        asked = sums.filter(pl.col("derivation").is_in(list(lines)))
        line = pl.col("derivation").replace_strict(lines, return_dtype=pl.String)
        return finished(asked.with_columns(line.alias("line")))

    def _numbered(
        self, made: Sequence[LineFacts], numbers: Sequence[int]
    ) -> tuple[pl.DataFrame, pl.DataFrame]:
        """The facts as they are kept, and the kinds among them that the file does not have yet."""
        facts = pl.concat([it.facts for it in made])
        derivations = np.repeat(np.array(numbers, dtype=np.int32), [it.facts.height for it in made])
        facts = facts.with_columns(pl.Series("derivation", derivations), order_is())
        rows = _with_kinds(facts, self._kinds)
        new = _KINDS.to_frame()
        if rows["id"].has_nulls():
            unnamed = rows.filter(pl.col("id").is_null()).select(METHOD_KEYS)
            kinds = unnamed.unique(maintain_order=True)
            new = kinds.with_row_index("id", offset=self._kinds.height + 1).cast(_KINDS)
            rows = _with_kinds(facts, pl.concat([self._kinds, new]))
        return rows[["derivation", "id", *STORED_FACTS.names()]].rename({"id": "kind"}), new


def _named(line: str, stored: pl.DataFrame | None) -> pl.DataFrame:
    """Stored facts of one line as FACTS, sorted."""
    if stored is None:
        return FACTS.to_frame()
    named = stored.select(pl.lit(line).alias("line"), pl.exclude("derivation"))
    return check(named, FACTS, "facts").sort(FACT_KEYS)


def _with_kinds(facts: pl.DataFrame, kinds: pl.DataFrame) -> pl.DataFrame:
    return facts.join(
        kinds,
        on=METHOD_KEYS,
        how="left",
        nulls_equal=True,
        maintain_order="left",
    )


def _delete_inside(
    cursor: duckdb.DuckDBPyConnection, made: Sequence[LineFacts], numbers: Sequence[int]
) -> None:
    """Bounded on both sides of both columns, so that DuckDB skips what lies before and behind."""
    derivations: dict[Window, list[str]] = {}
    for it, number in zip(made, numbers, strict=True):
        for window in it.windows:
            derivations.setdefault(window, []).append(str(number))
    for window, of in derivations.items():
        cursor.execute(
            f"DELETE FROM facts WHERE derivation IN ({', '.join(of)}) "
            'AND "start" >= ? AND "start" < ? AND "end" > ? AND "end" <= ?',
            [window.start, window.end, window.start, window.end],
        )
