"""By how much a machine's clock is off, told once every value of some time agrees on it. Pure.

The difference between source time and receipt of one value says little: the value may be old, or
it may have waited in a buffer. So values are looked at in slots of SLOT, of each of which the one
with the smallest difference counts, and the clock is off when that of SLOTS slots in a row is
beyond the tolerance and (nearly) the same. A full or half hour is most likely a time zone that was
taken for another one.

Only values that moved the source time on count. The first one of an address does not: it may have
stood unchanged for long.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.time import zone_hours

TOLERANCE = timedelta(seconds=5)  # two clocks that are kept, and the way between them
SLOT = timedelta(seconds=5)
SLOTS = 5
_SPREAD = 0.05  # of the difference: how far the slots may lie apart beyond the tolerance


@dataclass(frozen=True, slots=True)
class ClockError:
    """`ahead_s`: source time minus receipt, negative when the machine's clock is behind."""

    ahead_s: float

    @property
    def zone_hours(self) -> float | None:
        """The full and half hours of a probable zone error (as 8.0 or -5.5); None: no such."""
        return zone_hours(self.ahead_s)

    @property
    def amount(self) -> str:
        """As in `8 h 0 min` or `2 min 5 s`."""
        seconds = round(abs(self.ahead_s))
        if seconds < 3600:
            return f"{seconds // 60} min {seconds % 60} s"
        minutes = round(seconds / 60)
        return f"{minutes // 60} h {minutes % 60} min"


class ClockWatch:
    """The clock of one machine, by the values that come from it."""

    def __init__(self) -> None:
        self._slots: deque[tuple[datetime, float]] = deque(maxlen=SLOTS)  # begin, seconds ahead
        self.error: ClockError | None = None  # None: right, or not known yet

    def seen(self, source: datetime, received: datetime, *, is_first: bool = False) -> None:
        """A value with its source time; `is_first`: of its address."""
        if is_first:
            return
        ahead_s = (source - received).total_seconds()
        if self._slots and timedelta() <= received - self._slots[-1][0] < SLOT:
            begin, other_s = self._slots[-1]
            if abs(ahead_s) >= abs(other_s):
                return
            self._slots[-1] = (begin, ahead_s)
        else:
            self._slots.append((received, ahead_s))
        self.error = self._judged()

    def _judged(self) -> ClockError | None:
        if len(self._slots) < SLOTS:
            return None
        amounts = [ahead_s for _, ahead_s in self._slots]
        middle = sorted(amounts)[SLOTS // 2]
        allowed = TOLERANCE.total_seconds() + _SPREAD * abs(middle)
        if min(map(abs, amounts)) <= TOLERANCE.total_seconds():
            return None
        if max(amounts) - min(amounts) > allowed:
            return None
        return ClockError(middle)
