"""Whose turn it is where more lines change than can be looked at in time.

A look at a line takes some milliseconds of computing, so a thousand lines that are read every few
seconds change faster than they are looked at. What somebody waits for comes first:

    watched   lines that somebody looks at
    events    lines of which more came in than counts and measured values (a state, a reason, an
              order …), or of which somebody said something; those that fall silent, or are heard
              again
    others    all that are due besides, the one that waits longest first

Each time, those that are watched are looked at; events, as far as EVENTS_S of computing go; and
the others with what is left of OTHERS_S, but some of them always, so that none waits for ever.
Their figures are those of some seconds ago, and say of when they are. Right after a start there is
more for the others (NEW_S), until each was looked at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from time import thread_time
from typing import Generic, TypeVar

from domain.signals import SignalKind, signal_kind
from store.telemetry.protocol import SPAN, DirtyMark

TOGETHER = 32  # lines that are read, and published, in one go
EVENTS_S = 2.0
OTHERS_S = 0.5
NEW_S = 2.0
_AMOUNTS = (SignalKind.COUNTER, SignalKind.GAUGE)

OneOf = TypeVar("OneOf")


@dataclass
class LookTurns(Generic[OneOf]):
    """`are_new`: some of the others were never looked at; `share`: of the computing that is named
    above."""

    watched: list[OneOf] = field(default_factory=list)
    events: list[OneOf] = field(default_factory=list)
    others: list[OneOf] = field(default_factory=list)
    are_new: bool = False
    share: float = 1.0

    def __iter__(self) -> Iterator[Sequence[OneOf]]:
        """Those to look at together, one group after the other."""
        begun_s = thread_time()
        yield from _groups(self.watched)
        for some in _groups(self.events):
            yield some
            if thread_time() - begun_s > EVENTS_S * self.share:
                break
        for some in _groups(self.others):
            yield some
            if thread_time() - begun_s > (NEW_S if self.are_new else OTHERS_S) * self.share:
                break


def tell_amounts_alone(marks: Sequence[DirtyMark] | None) -> bool:
    """Whether these are marks of counts, measured values and of machines that were heard on, and
    of nothing else. None: of what they are is not known."""
    return marks is not None and all(
        it.signal == SPAN or signal_kind(it.signal) in _AMOUNTS for it in marks
    )


def _groups(lines: Sequence[OneOf]) -> Iterator[Sequence[OneOf]]:
    return (lines[at : at + TOGETHER] for at in range(0, len(lines), TOGETHER))
