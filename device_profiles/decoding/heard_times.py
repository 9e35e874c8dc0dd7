"""When a machine was heard at once: what it did then would have been told then. Pure.

A source that keeps no order (MQTT) hands over late what a gateway had kept, and that is told by a
clock that was set back just so. They differ in where the late times lie. A gateway keeps what it
could not send, so its times are of a while in which nothing came. A clock that was set back gives
times of a while in which the machine's values came as soon as they were true.

Whatever comes within a moment counts as one hand-over, and does not bear on itself: a device may
send what it gathered one topic after the other.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from datetime import datetime, timedelta

MOMENT = timedelta(seconds=5)
_SPELLS_MAX = 200  # with pauses between them; older ones are forgotten


class HeardTimes:
    """Of one machine. `pause_max`: a longer one is time in which it was not heard. `before`: begins
    and ends of when it was heard by somebody before us; since then it was not."""

    def __init__(
        self, pause_max: timedelta, before: Sequence[tuple[datetime, datetime]] = ()
    ) -> None:
        self._pause_max = pause_max
        self._before = tuple(before)
        self._spells: deque[tuple[datetime, datetime]] = deque(maxlen=_SPELLS_MAX)
        self._now: tuple[datetime, datetime] | None = None  # of the last moment

    def heard(self, at: datetime) -> None:
        """Something came at once."""
        self._settle(at)
        begin = self._now[0] if self._now is not None else at
        self._now = (begin, max(begin, at))

    def was_heard(self, time: datetime, now: datetime) -> bool:
        """Whether it was heard all around `time`, by what came before this moment."""
        self._settle(now)
        return any(begin <= time < end for begin, end in (*self._before, *self._spells))

    @property
    def spells(self) -> tuple[tuple[datetime, datetime], ...]:
        """Begins and ends of when it was heard, up to now; the last ones."""
        now = () if self._now is None else (self._now,)
        return (*self._before, *self._spells, *now)[-_SPELLS_MAX:]

    def _settle(self, now: datetime) -> None:
        if self._now is None or abs(now - self._now[0]) <= MOMENT:
            return
        (begin, end), self._now = self._now, None
        if self._spells and timedelta() <= begin - self._spells[-1][1] <= self._pause_max:
            begin = self._spells.pop()[0]
        self._spells.append((begin, end))
