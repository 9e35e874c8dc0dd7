"""Whose turn it is where more lines change than can be looked at in time.

A look at a line takes some milliseconds of computing, so a thousand lines that are read every few
seconds change faster than they are looked at. What somebody waits for comes first:

    first   a line that was not looked at yet; one that somebody looks at; one of which more came in
            than counts and measured values (a state, a reason, an order …); one that the clock
            changes (it falls silent, its shift ends), or that waits for LATER_MAX
    later   all others, the one that waits longest first, as far as LATER_S of computing go each
            time. Its figures are those of some seconds ago, and say of when they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from time import thread_time
from typing import TypeVar

from domain.signals import SignalKind, signal_kind
from store.telemetry.protocol import SPAN, DirtyMark

TOGETHER = 32  # lines that are read, and published, in one go
LATER_S = 0.5
LATER_MAX = timedelta(seconds=60)
_AMOUNTS = (SignalKind.COUNTER, SignalKind.GAUGE)

OneOf = TypeVar("OneOf")


def in_turn(
    first: Sequence[OneOf], later: Sequence[OneOf], later_s: float
) -> Iterator[Sequence[OneOf]]:
    """Those to look at together, one group after the other: all of the first, and of the others
    as many as so much computing in this thread is enough for."""
    yield from _groups(first)
    spent_s = 0.0
    for some in _groups(later):
        if spent_s > later_s:
            return
        begun_s = thread_time()
        yield some
        spent_s += thread_time() - begun_s


def tell_amounts_alone(marks: Sequence[DirtyMark] | None) -> bool:
    """Whether these are marks of counts, measured values and of machines that were heard on, and
    of nothing else. None: of what they are is not known."""
    return marks is not None and all(
        it.signal == SPAN or signal_kind(it.signal) in _AMOUNTS for it in marks
    )


def _groups(lines: Sequence[OneOf]) -> Iterator[Sequence[OneOf]]:
    return (lines[at : at + TOGETHER] for at in range(0, len(lines), TOGETHER))
