"""What differs between two texts, line by line, for pages. Pure.

Lines that both begin or end with are left aside first, so that a small change of a long text costs
little; where what remains is long all the same, it is shown as taken away and put in whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

AROUND = 3  # unchanged lines before and after a change
COMPARED_MAX = 4_000  # lines of both texts together that are held against each other
DIFFERENCE_MAX = 1_500

RowKind = Literal["same", "removed", "added", "left out"]


@dataclass(frozen=True, slots=True)
class DifferenceRow:
    """A line of the one text or of both: `old` and `new` are its numbers there, from 1. Of lines
    that are left out, `text` is empty and `count` says how many."""

    kind: RowKind
    old: int | None
    new: int | None
    text: str
    count: int = 0


@dataclass(frozen=True, slots=True)
class SideRow:
    """A line of each text side by side; None where one has no such line."""

    old: DifferenceRow | None
    new: DifferenceRow | None


def difference(old: str, new: str) -> list[DifferenceRow]:
    """The changed lines with some around them, in order; empty where the texts are the same.

    >>> [(it.kind, it.text) for it in difference("a\\nb\\n", "a\\nc\\n")]
    [('same', 'a'), ('removed', 'b'), ('added', 'c')]
    """
    before, after = old.splitlines(), new.splitlines()
    if before == after:
        return []
    rows = list(_left_out(list(_rows(before, after))))
    if len(rows) > DIFFERENCE_MAX:
        rest = len(rows) - DIFFERENCE_MAX
        return [*rows[:DIFFERENCE_MAX], DifferenceRow("left out", None, None, "", rest)]
    return rows


def side_by_side(rows: Sequence[DifferenceRow]) -> list[SideRow]:
    """The same rows with what was taken away beside what was put in its place."""
    found: list[SideRow] = []
    removed: list[DifferenceRow] = []
    added: list[DifferenceRow] = []

    def pair() -> None:
        for index in range(max(len(removed), len(added))):
            found.append(
                SideRow(
                    removed[index] if index < len(removed) else None,
                    added[index] if index < len(added) else None,
                )
            )
        removed.clear()
        added.clear()

    for row in rows:
        if row.kind == "removed":
            removed.append(row)
        elif row.kind == "added":
            added.append(row)
        else:
            pair()
            found.append(SideRow(row, row))
    pair()
    return found


def _rows(before: Sequence[str], after: Sequence[str]) -> Iterator[DifferenceRow]:
    head = _alike(before, after)
    tail = _alike(before[head:][::-1], after[head:][::-1])
    ends = len(before) - tail, len(after) - tail
    yield from _same(before, 0, 0, head)
    yield from _middle(before[head : ends[0]], after[head : ends[1]], head)
    yield from _same(before, ends[0], ends[1], tail)


def _alike(one: Sequence[str], other: Sequence[str]) -> int:
    """How many lines both begin with."""
    count = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        count += 1
    return count


def _middle(before: Sequence[str], after: Sequence[str], head: int) -> Iterator[DifferenceRow]:
    if len(before) + len(after) > COMPARED_MAX:
        codes = [("replace", 0, len(before), 0, len(after))]
    else:
        codes = list(SequenceMatcher(None, before, after).get_opcodes())
    for tag, a, b, c, d in codes:
        if tag == "equal":
            yield from _same(before[a:b], head + a, head + c, b - a, at=0)
            continue
        for index in range(a, b):
            yield DifferenceRow("removed", head + index + 1, None, before[index])
        for index in range(c, d):
            yield DifferenceRow("added", None, head + index + 1, after[index])


def _same(
    text: Sequence[str], old: int, new: int, count: int, at: int | None = None
) -> Iterator[DifferenceRow]:
    """So many lines that both have, of which the first is at `at` (None: `old`) of the text."""
    first = old if at is None else at
    for index in range(count):
        yield DifferenceRow("same", old + index + 1, new + index + 1, text[first + index])


def _left_out(rows: Sequence[DifferenceRow]) -> Iterator[DifferenceRow]:
    """Without the unchanged lines that are far from a change."""
    changed = [index for index, row in enumerate(rows) if row.kind != "same"]
    near: set[int] = set()
    for index in changed:
        near.update(range(max(0, index - AROUND), min(len(rows), index + AROUND + 1)))
    gap = 0
    for index, row in enumerate(rows):
        if index in near:
            if gap:
                yield DifferenceRow("left out", None, None, "", gap)
            gap = 0
            yield row
        else:
            gap += 1
    if gap:
        yield DifferenceRow("left out", None, None, "", gap)
