"""Rows on their way into the spool: samples, many in columns, rejections, and what is kept with
them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from domain.columns import SampleColumns
from domain.samples import Rejection, Sample
from edge.spool.kept import Kept

Samples = Sample | SampleColumns
Row = Samples | Rejection
RowOrKept = Row | Kept


def count(rows: Iterable[RowOrKept]) -> int:
    """How many rows there are, those in columns one by one."""
    return sum(_size(it) for it in rows)


class GatheredRows:
    """Rows in the order in which they were added."""

    def __init__(self) -> None:
        self._rows: list[RowOrKept] = []
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, row: RowOrKept) -> None:
        self._rows.append(row)
        self._count += _size(row)

    def take(self, most: int) -> Sequence[RowOrKept]:
        """The oldest, at most so many; they are not here any more."""
        if self._count <= most:
            taken, self._rows, self._count = self._rows, [], 0
            return taken
        end = left = 0
        while left + _size(self._rows[end]) <= most:
            left += _size(self._rows[end])
            end += 1
        taken, self._rows = self._rows[:end], self._rows[end:]
        first = self._rows[0]
        if isinstance(first, SampleColumns) and left < most:
            before, self._rows[0] = first.split(most - left)
            taken.append(before)
        self._count -= count(taken)
        return taken


def _size(row: RowOrKept) -> int:
    return len(row) if isinstance(row, SampleColumns) else 1
