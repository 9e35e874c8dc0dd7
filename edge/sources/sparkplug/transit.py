"""How long a message was on its way, as far as the node's own times show it. Pure.

A message shows that nothing is missing up to when it was said, not up to when it came: what the
node said while it was held up may be held up behind it, and is gone if the connection breaks. The
clocks of node and agent need not agree, so the quickest message is taken as one that came at once,
and each other one as held up by as much longer as it took.

    said      came      took   held up
    10:00:00  10:00:07   7 s   -        (a clock that is 7 s behind)
    10:00:01  10:00:08   7 s   -
    10:00:02  10:00:12  10 s   3 s: shows nothing behind 10:00:09
    10:00:11  10:00:18   7 s   -

What was held up comes faster than it was said, so the time that it takes becomes shorter. Where it
stays the same for CLOCK_AFTER, it is a clock that was set, and counts anew from then on.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

AT_ONCE = timedelta(seconds=1)  # so much longer than the quickest
CLOCK_AFTER = timedelta(seconds=10)
_START = datetime(1970, 1, 1, tzinfo=UTC)


class Transit:
    """Of all messages of one node."""

    def __init__(self) -> None:
        self._quickest: timedelta | None = None
        self._late: tuple[datetime, timedelta] | None = None  # the first of those held up

    def shows_until(self, said_ms: int, came: datetime) -> datetime:
        """Up to when a message shows that nothing is missing, by the agent's clock. `said_ms`: the
        payload's timestamp, in ms since 1970 UTC; 0: it has none, and shows all up to `came`."""
        if not said_ms:
            return came
        took = came - _START - timedelta(milliseconds=min(said_ms, _LATEST_MS))
        if self._quickest is None or took <= self._quickest + AT_ONCE:
            self._quickest = took if self._quickest is None else min(took, self._quickest)
            self._late = None
            return came
        if self._late is None:
            self._late = came, took
        since, first = self._late
        if came - since > CLOCK_AFTER and took > first - (came - since) / 2:
            self._quickest, self._late = took, None
            return came
        return came - (took - self._quickest)


_LATEST_MS = 253_402_300_799_000  # the end of the year 9999: timestamps are 64 bits of anything
