"""When a counter was not heard, in the plainest Python. For tests alone.

Written from the words of docs/decisions/0009, not from the core. What is heard is asked stretch by
stretch: a stretch is time in which nothing changes that facts are kept by.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

TOLERATED_S = 60  # as long as a machine may be silent, on a line that is not slow


@dataclass(frozen=True)
class Counter:
    """Seconds from the first one on at which a counter told something, and of those at which it
    was reset since the one before: their places."""

    at: Sequence[int]
    resets: Sequence[int]
    may_stand_still: bool


def unheard(
    stretches: Sequence[range], may_count: Sequence[bool], produced: Sequence[bool], it: Counter
) -> set[int]:
    """The seconds in which it was not heard. `may_count`: in which seconds something may have been
    counted; `produced`: in which its machine is known to have produced."""
    found: set[int] = set()
    if not it.at:
        return {i for i, may in enumerate(may_count) if may}
    first, last = it.at[0], it.at[-1]
    for stretch in stretches:
        begin, end = stretch.start, stretch.stop
        soon_told = begin <= first < end and first - begin <= _tolerated(it.at[:2])
        if not soon_told:
            found |= {i for i in stretch if i < first}
        if end > last + _tolerated(it.at[-2:]):
            found |= {i for i in stretch if i >= last and not (it.may_stand_still and produced[i])}
    for place in it.resets:
        begin, end = it.at[place - 1], it.at[place]
        beside = [it.at[n] - it.at[n - 1] for n in (place - 1, place + 1) if 0 < n < len(it.at)]
        if end - begin > max([TOLERATED_S, *(2 * length for length in beside)]):
            found |= set(range(begin, end))  # what it had counted until then is lost
    return {i for i in found if may_count[i]}


def _tolerated(two: Sequence[int]) -> int:
    """A counter that is read seldom may be silent for longer."""
    return max(TOLERATED_S, 2 * (two[-1] - two[0]))
