"""How much came in the last minute, and how late: looked at now and then, not at each value. Pure.

A source counts what comes; whoever runs it looks at the count about once a second, by a clock that
nobody sets (seconds, monotonic). So it costs nothing per value, however many there are.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from statistics import median

MINUTE_S = 60.0


@dataclass(frozen=True, slots=True)
class Pace:
    """`values_per_s`: over the last minute, or since the start if that is shorter. `lag_s`: from
    the time that the source gave to its receipt, of the newest values at each look: the middle one;
    `lag_max_s`: the largest of them. None: no value with a time of the source came. Negative: the
    source's clock is ahead."""

    values_per_s: float = 0.0
    lag_s: float | None = None
    lag_max_s: float | None = None


@dataclass(frozen=True, slots=True)
class _Look:
    at_s: float
    values: int
    lag_s: float | None


class LastMinute:
    """Begins at `at_s` with no values."""

    def __init__(self, at_s: float) -> None:
        self._looks = deque([_Look(at_s, 0, None)])

    def look(self, at_s: float, values: int, lag_s: float | None) -> None:
        """`values`: how many ever came; `lag_s`: of the newest one, None if none is newer than at
        the look before."""
        self._looks.append(_Look(at_s, values, lag_s))
        while len(self._looks) > 2 and self._looks[1].at_s <= at_s - MINUTE_S:
            self._looks.popleft()

    @property
    def pace(self) -> Pace:
        """As of the last look."""
        first, last = self._looks[0], self._looks[-1]
        passed_s = last.at_s - first.at_s
        rate = (last.values - first.values) / passed_s if passed_s > 0 else 0.0
        lags = [it.lag_s for it in self._looks if it.lag_s is not None and it is not first]
        return Pace(rate, median(lags), max(lags)) if lags else Pace(rate)
