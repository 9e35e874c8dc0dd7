"""Dirty marks of the DuckDB file: which of them facts do not follow yet.

A live line has few at a time, so they are kept in memory, because the file has one owner; of a
line with many, and of the time before the file was opened, the file is asked. Rules: a mark is
known here after it is committed; how far a line's marks are cleared is written down in `cleared`.
Knows nothing of samples or facts.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import duckdb

from store.telemetry.duckdb.file import DuckDBFile
from store.telemetry.protocol import SPAN, DirtyMark

_KEPT = 500  # marks of a line that are dirty
_RECENT = 256  # marks of a line that came last


@dataclass(frozen=True, slots=True)
class Last:
    """Ids of a line's last marks: of samples, and of confirmed spans; 0 for none."""

    samples: int = 0
    spans: int = 0

    @property
    def any(self) -> int:
        return max(self.samples, self.spans)

    def followed_by(self, mark: DirtyMark) -> Last:
        if mark.signal == SPAN:
            return Last(self.samples, mark.id)
        return Last(mark.id, self.spans)


class _Recent:
    """The last marks of a line: all with an id above `base`."""

    def __init__(self, base: int) -> None:
        self._base = base
        self._marks: deque[DirtyMark] = deque()

    def add(self, mark: DirtyMark) -> None:
        self._marks.append(mark)
        if len(self._marks) > _RECENT:
            self._base = self._marks.popleft().id

    def since(self, mark: int) -> list[DirtyMark] | None:
        if mark < self._base:
            return None
        return [it for it in self._marks if it.id > mark]


class DirtyMarks:
    """The dirty marks of every line. Thread-safe."""

    def __init__(self, file: DuckDBFile) -> None:
        self._file = file
        self._lock = threading.Lock()
        last = file.rows(
            "SELECT line, coalesce(max(id) FILTER (signal <> ''), 0), "
            "coalesce(max(id) FILTER (signal = ''), 0) FROM marks GROUP BY line"
        )
        self._last: dict[str, Last] = {line: Last(*ids) for line, *ids in last}
        self._recent: dict[str, _Recent] = {}
        self._cleared: dict[str, int] = dict(file.rows("SELECT line, mark FROM cleared"))
        # Of each line that has some its marks, or the id from which on they are in the file.
        self._dirty: dict[str, list[DirtyMark] | int] = {
            line: self._cleared.get(line, 0) + 1
            for line, last in self._last.items()
            if last.any > self._cleared.get(line, 0)
        }

    def of(self, lines: tuple[str, ...]) -> list[DirtyMark]:
        """Those of the lines, of all without any; by id."""
        with self._lock:
            dirty = {
                line: self._dirty[line] for line in lines or self._dirty if line in self._dirty
            }
            last = max((self._last[line].any for line in dirty), default=0)
        marks = [mark for kept in dirty.values() if isinstance(kept, list) for mark in kept]
        first = {line: since for line, since in dirty.items() if isinstance(since, int)}
        if first:
            marks += self._read(first, last)
        return sorted(marks, key=lambda mark: mark.id)

    def _read(self, first: Mapping[str, int], last: int) -> Iterator[DirtyMark]:
        """The lines' marks, each from its `first` id on, all up to `last`."""
        # The lowest number that matters, so that DuckDB skips the marks of the years before.
        rows = self._file.rows(
            'SELECT id, line, machine, signal, "start", "end" FROM marks WHERE id >= ? AND id <= ?',
            min(first.values()),
            last,
        )
        return (DirtyMark(*row) for row in rows if row[0] >= first.get(row[1], last + 1))

    def added(self, marks: Iterator[DirtyMark]) -> None:
        """These were committed."""
        with self._lock:
            for mark in marks:
                last = self._last.get(mark.line, Last())
                self._last[mark.line] = last.followed_by(mark)
                self._recent.setdefault(mark.line, _Recent(last.any)).add(mark)
                kept = self._dirty.setdefault(mark.line, [])
                if isinstance(kept, int):
                    continue
                kept = [*kept, mark]
                self._dirty[mark.line] = kept if len(kept) <= _KEPT else kept[0].id

    def since(self, line: str, mark: int) -> list[DirtyMark] | None:
        """Those of the line with a greater id, cleared or not; None where they are not in memory
        any more."""
        with self._lock:
            recent = self._recent.get(line)
            if recent is None:
                return [] if mark >= self._last.get(line, Last()).any else None
            return recent.since(mark)

    def last(self) -> dict[str, Last]:
        """The ids of each line's last marks, dirty or not."""
        with self._lock:
            return dict(self._last)

    def clear(self, cursor: duckdb.DuckDBPyConnection, up_to: Mapping[str, int]) -> dict[str, int]:
        """Write down that the lines' marks are cleared up to these ids, where that is more than
        before: what `cleared` must be told after the commit."""
        more = {line: mark for line, mark in up_to.items() if mark > self._cleared.get(line, 0)}
        known = [line for line in more if line in self._cleared]
        new = [line for line in more if line not in self._cleared]
        if known:
            cases = " ".join(["WHEN ? THEN ?"] * len(known))
            cursor.execute(
                f"UPDATE cleared SET mark = CASE line {cases} END "
                f"WHERE line IN ({', '.join('?' * len(known))})",
                [*(value for line in known for value in (line, more[line])), *known],
            )
        if new:
            cursor.execute(
                f"INSERT INTO cleared VALUES {', '.join(['(?, ?)'] * len(new))}",
                [value for line in new for value in (line, more[line])],
            )
        return more

    def cleared(self, up_to: Mapping[str, int]) -> None:
        """That was committed."""
        with self._lock:
            for line, cleared in up_to.items():
                self._cleared[line] = cleared
                kept = self._dirty.pop(line, [])
                left: list[DirtyMark] | int
                if isinstance(kept, int):
                    left = max(kept, cleared + 1) if self._last[line].any > cleared else []
                else:
                    left = [mark for mark in kept if mark.id > cleared]
                if left:
                    self._dirty[line] = left
