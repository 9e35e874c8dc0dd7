"""When a counter was not heard, in the plainest Python. For tests alone.

Written from the words of docs/decisions/0009, not from the core. What is heard is asked stretch by
stretch: a stretch is time in which nothing changes that facts are kept by.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

TOLERATED_S = 60  # as long as a machine may be silent, on a line that is not slow


@dataclass(frozen=True)
class Counter:
    """Seconds from the first one on at which a counter told something, and of those at which it
    was reset since the one before: their places."""

    at: Sequence[int]
    resets: Sequence[int]
    may_stand_still: bool
    broken_at: int | None = None  # when it could no longer be heard, first behind its last second


@dataclass(frozen=True)
class Silent:
    """Seconds in which a counter told nothing: `unheard`, for too long; `quiet`, so briefly that
    it is tolerated. It may have counted something in both."""

    unheard: set[int]
    quiet: set[int]


def silent(
    stretches: Sequence[range], may_count: Sequence[bool], produced: Sequence[bool], it: Counter
) -> Silent:
    """The seconds in which it told nothing. `may_count`: in which seconds something may have been
    counted; `produced`: in which its machine is known to have produced."""
    unheard: set[int] = set()
    quiet: set[int] = set()
    if not it.at:
        return Silent({i for i, may in enumerate(may_count) if may}, quiet)
    first, last = it.at[0], it.at[-1]
    for stretch in stretches:
        begin, end = stretch.start, stretch.stop
        before = {i for i in stretch if i < first}
        is_soon_told = begin <= first < end and first - begin <= _tolerated(it.at[:2])
        (quiet if is_soon_told else unheard).update(before)
        after = {i for i in stretch if i >= last and not (it.may_stand_still and produced[i])}
        (unheard if end > last + _tolerated(it.at[-2:]) else quiet).update(after)
    if it.may_stand_still and it.broken_at and it.broken_at - last <= _tolerated(it.at[-2:]):
        # It may not have come to tell that it did not stand still.
        quiet |= {i for i in range(last, min(it.broken_at, len(produced))) if produced[i]}
    for place in it.resets:
        begin, end = it.at[place - 1], it.at[place]
        beside = [it.at[n] - it.at[n - 1] for n in (place - 1, place + 1) if 0 < n < len(it.at)]
        is_long = end - begin > max([TOLERATED_S, *(2 * length for length in beside)])
        # What it had counted until then is lost.
        (unheard if is_long else quiet).update(range(begin, end))
    return Silent(*({i for i in it if may_count[i]} for it in (unheard, quiet)))


def untold(
    stretches: Sequence[range],
    made: Sequence[float],
    is_open: Sequence[bool],
    confirmed: Sequence[tuple[datetime, datetime]],
    begin_at: datetime,
    it: Counter,
) -> set[int]:
    """The seconds of stretches in which nobody knew the state, something was `made`, and a counter
    that may stand still told nothing: it told nothing yet, or it could not be heard any more."""
    found: set[int] = set()
    last = it.at[-1] if it.at else 0
    spans = [int((at - begin_at).total_seconds()) for span in sorted(confirmed) for at in span]
    cuts = [-(10**9), *spans, 10**9]
    lost = [
        (begin, end)
        for begin, end in zip(cuts[::2], cuts[1::2], strict=True)
        if end - begin > TOLERATED_S and end > last
    ]
    for stretch in stretches:
        begin, end = stretch.start, stretch.stop
        if not is_open[begin] or sum(made[i] for i in stretch) <= 0:
            continue
        is_gone = any(end > max(lost_at, last) and begin < back for lost_at, back in lost)
        is_behind = it.at and begin >= last and end > last + _tolerated(it.at[-2:])
        if not it.at or it.at[0] >= end or (is_behind and is_gone):
            found |= {*stretch}
    return found


def _tolerated(two: Sequence[int]) -> int:
    """A counter that is read seldom may be silent for longer."""
    return max(TOLERATED_S, 2 * (two[-1] - two[0]))


def broken_at(
    spans: Sequence[tuple[datetime, datetime]],
    counts: Sequence[tuple[datetime, float]],
    begin: datetime,
) -> int | None:
    """The second since `begin` at which a confirmed span ends, first behind the last reading."""
    ends = sorted(end for _, end in spans if counts and end > counts[-1][0])
    return int((ends[0] - begin).total_seconds()) if ends else None


def is_known(spans: Sequence[tuple[datetime, datetime]], at: datetime) -> bool:
    return any(start <= at < end for start, end in spans)


def is_silent(
    spans: Sequence[tuple[datetime, datetime]], at: datetime, stale_after_s: float
) -> bool:
    """Whether nobody confirms the machine for longer than it may be silent."""
    if is_known(spans, at):
        return False
    since = max((end for _, end in spans if end <= at), default=None)
    until = min((start for start, _ in spans if start > at), default=None)
    if since is None or until is None:
        return True
    return (until - since).total_seconds() > stale_after_s
