"""What a counter counted, in the plainest Python: one reading after the other. For tests alone.

Written from the rules in words (docs/decisions/0005), not from the core. For a counter without any
rule of its own; `cycle_time_s`: the planned one, None where nobody gave one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

Counts = Sequence[tuple[datetime, float]]
RUN_MAX, CONTEXT = 3, 3
RESETS = ("reset", "set to a value", "small step back in a silence")
LIMITS = [2**bits for bits in (15, 16, 23, 24, 31, 32)] + [10**digits for digits in range(3, 13)]


def counted(counts: Counts, cycle_time_s: float | None) -> list[float]:
    """What was counted between each reading and the next."""
    return [it.amount for it in _Oracle(counts, cycle_time_s).read()]


def missed(counts: Counts, cycle_time_s: float | None) -> list[float]:
    """What may have been counted besides, between each reading and the next."""
    found = [0.0] * (len(counts) - 1)
    for index, it in enumerate(_Oracle(counts, cycle_time_s).read()):
        first, second = it.since, index + 1
        lasted = (counts[second][0] - counts[first][0]).total_seconds()
        if it.why == "jump" or second - first == 1 or lasted == 0:
            found[index] += it.besides
            continue
        for step in range(first, second):  # some between them are not believed: nobody knows when
            part = (counts[step + 1][0] - counts[step][0]).total_seconds() / lasted
            found[step] += it.besides * part
    return found


def resets(counts: Counts, cycle_time_s: float | None) -> list[int]:
    """The places of readings before which it began anew, or came back with another total."""
    steps = _Oracle(counts, cycle_time_s).read()
    return [index + 1 for index, it in enumerate(steps) if it.why in RESETS]


def leaps(counts: Counts, cycle_time_s: float | None) -> list[bool]:
    """Whether the counter leapt from each reading to the next."""
    return [it.why == "jump" for it in _Oracle(counts, cycle_time_s).read()]


def not_believed(counts: Counts, cycle_time_s: float | None) -> list[int]:
    oracle = _Oracle(counts, cycle_time_s)
    return [index for index in range(len(counts)) if oracle.is_out_of_line(index)]


@dataclass(frozen=True)
class Step:
    """What was counted up to a reading since the last one that is believed, and why so much;
    `besides`: as much may have been counted and is not; `since`: where that other reading is."""

    amount: float
    why: str
    besides: float
    since: int


class _Oracle:
    def __init__(self, counts: Counts, cycle_time_s: float | None) -> None:
        self.at = [at.timestamp() for at, _ in counts]
        self.values = [value for _, value in counts]
        self.cycle_s = cycle_time_s

    def read(self) -> list[Step]:
        believed = [not self.is_out_of_line(index) for index in range(len(self.values))]
        found = []
        for index in range(1, len(self.values)):
            if not believed[index]:
                found.append(Step(0.0, "out of line", 0.0, index))
                continue
            near = [i for i in range(max(index - 1 - RUN_MAX, 0), index) if believed[i]]
            if not near:
                found.append(Step(0.0, "nothing near", 0.0, index))
                continue
            amount, why = self._pair(near[-1], index)
            found.append(Step(amount, why, self._besides(near[-1], index, why), near[-1]))
        return found

    # What the counter does.

    def _rises(self, first: int, second: int) -> tuple[list[float], list[float], bool]:
        """Amounts and rates of the rises around, sorted; whether it stood still on both sides."""
        before = range(max(first - CONTEXT, 0), first)
        behind = range(second, min(second + CONTEXT, len(self.values) - 1))
        steps = [*before, *behind]
        amounts = {i: self.values[i + 1] - self.values[i] for i in steps}
        rises = [i for i in steps if amounts[i] > 0]
        lasted = {i: self.at[i + 1] - self.at[i] for i in rises}  # nothing at one instant
        rates = [amounts[i] / lasted[i] if lasted[i] else 0.0 for i in rises]
        flat = [any(amounts[i] == 0 for i in side) for side in (before, behind)]
        return sorted(amounts[i] for i in rises), sorted(rates), all(flat) and not rises

    def _does(self, first: int, second: int, rank: str, lasted: float) -> float | None:
        amounts, rates, _ = self._rises(first, second)
        if not amounts:
            return None
        places = {"typical": (len(amounts) - 1) // 2, "usual": len(amounts) // 2, "most": -1}
        return max(amounts[places[rank]], rates[places[rank]] * lasted)

    def _plan(self, times: float, lasted: float) -> float:
        """So many times the planned rate, and a minute's worth besides."""
        return float("inf") if self.cycle_s is None else self._planned(times, lasted + 60)

    def _planned(self, times: float, lasted: float) -> float:
        """Rounded as one who counts in microseconds rounds: a tie must fall to the same side."""
        return 0.0 if self.cycle_s is None else times / self.cycle_s / 1e6 * (lasted * 1e6)

    # Readings that are not believed.

    def is_out_of_line(self, index: int) -> bool:
        return any(index in self._explanation(fall) for fall in range(len(self.values) - 1))

    def _explanation(self, fall: int) -> set[int]:
        """The readings that explain why the counter fell behind that one: as few as do so."""
        if self.values[fall + 1] >= self.values[fall]:
            return set()
        for count in range(1, RUN_MAX + 1):
            found: set[int] = set()
            for first in range(max(fall - count, 0), fall + 1):
                second = first + count + 1
                if second < len(self.values) and self._is_refused(first, second):
                    found |= set(range(first + 1, second))
            if found:
                return found
        return set()

    def _is_refused(self, first: int, second: int) -> bool:
        """Whether the two agree, and nothing between them can be believed."""
        values, low, high = self.values, self.values[first], self.values[second]
        between = range(first + 1, second)
        ends = sorted([low, high])
        if high < low and not _is_small_step(low, high):
            return False
        if not all(values[i] < ends[0] or values[i] > ends[1] for i in between):
            return False
        if len(between) == 1 and high >= low and _is_small_step(low, values[first + 1]):
            return True
        little = max(0.1 * abs(low), 1.0)
        lasted = self.at[second] - self.at[first]
        most = self._does(first, second, "most", lasted)
        agrees = high - low <= (little if most is None else 10 * most)
        if self.cycle_s is not None:
            agrees = agrees or high - low <= self._plan(2, lasted)
        return agrees and any(
            self._is_none_of_its(step, first, second, little)
            for step in pairwise(range(first, second + 1))
        )

    def _is_none_of_its(
        self, step: tuple[int, int], first: int, second: int, little: float
    ) -> bool:
        """Whether a step between the two is a rise that the counter does not make."""
        rise = self.values[step[1]] - self.values[step[0]]
        lasted = self.at[step[1]] - self.at[step[0]]
        if rise <= 0:
            return False
        if rise > self._plan(10, lasted):
            return True
        typical = self._does(first, second, "typical", lasted)
        low, high = self.values[first], self.values[second]
        if typical is not None:
            return rise > 2 * typical
        if self._rises(first, second)[2]:  # stood still: a plan may explain zero to zero
            return low > 0 or self.cycle_s is None or rise > self._planned(2, lasted)
        return low > 0 and 0 <= high - low <= little and rise > little

    # Two readings that are believed.

    def _pair(self, first: int, second: int) -> tuple[float, str]:
        before, after = self.values[first], self.values[second]
        lasted = self.at[second] - self.at[first]
        usual = self._does(first, second, "usual", lasted)
        rise = after - before
        if rise >= 0:
            last = second == len(self.values) - 1
            earlier = self.values[max(first - CONTEXT, 0) : first + 1]
            times = 10 if any(b < a for a, b in pairwise(earlier)) else 100
            leaps = usual is not None and (
                (before <= 0.01 * after and rise > times * usual)
                or (last and rise > 0.1 * abs(before) and rise > 100 * usual)
            )
            planned = self.cycle_s is not None and rise <= self._planned(2, lasted)
            leaps = leaps and rise > 0 and not planned
            return (0.0, "jump") if leaps or rise > self._plan(10, lasted) else (rise, "")
        for limit in LIMITS:
            over = limit - before + after
            near = 0.999 * limit <= before < limit and 0 <= after <= 0.001 * limit
            fits = usual is None or over <= 10 * usual
            if near and fits and over <= self._plan(10, lasted):
                return over, "rolled over"
        if _is_small_step(before, after):
            silent = self._could_return(after, lasted, usual) and self._is_silence(first, second)
            return 0.0, "small step back in a silence" if silent else "small step back"
        after = max(after, 0.0)
        if after > self._plan(2, lasted):
            return 0.0, "set to a value"
        if usual is not None:
            return (after, "reset") if after <= 3 * usual else (0.0, "set to a value")
        known = self.cycle_s is not None or after <= 0.1 * before
        return (after, "reset") if known else (0.0, "set to a value")

    def _besides(self, first: int, second: int, why: str) -> float:
        """What the counter may have counted besides: never more than it shows (or rose by), nor
        than it can do in the time."""
        lasted = self.at[second] - self.at[first]
        rise, shows = self.values[second] - self.values[first], max(self.values[second], 0.0)
        usual = self._does(first, second, "usual", lasted)
        could = 3 * (usual or 0.0)
        if why == "jump":
            return min(rise, could if self.cycle_s is None else self._plan(10, lasted))
        if why == "small step back":
            return min(shows, max(could, self._planned(2, lasted)))
        return min(shows, self._most(shows, lasted, usual)) if why in RESETS[1:] else 0.0

    def _most(self, shows: float, lasted: float, usual: float | None) -> float:
        """As much as it can have counted since a reset."""
        if self.cycle_s is not None:
            return self._plan(2, lasted)
        return shows if usual is None else 3 * usual

    def _could_return(self, shows: float, lasted: float, usual: float | None) -> bool:
        return shows <= self._most(shows, lasted, usual)

    def _is_silence(self, first: int, second: int) -> bool:
        """Whether the two are further apart than is usual beside them."""
        steps = [(first - 1, first)] * (first > 0)
        steps += [(second, second + 1)] * (second + 1 < len(self.at))
        longest = max((self.at[after] - self.at[before] for before, after in steps), default=0.0)
        return longest > 0 and self.at[second] - self.at[first] > max(60, 2 * longest)


def _is_small_step(before: float, after: float) -> bool:
    return after > 0 and 0 < before - after <= max(0.1 * before, 1.0)


def what_a_counter_shows(counts: Sequence[tuple[datetime, float]]) -> list[tuple[datetime, float]]:
    """All that it showed, rising at one instant; the count begins with the largest of the first."""
    rising = sorted(set(counts))
    return [
        it
        for n, it in enumerate(rising)
        if rising[n + 1 : n + 2] == [] or rising[n + 1][0] != rising[0][0]
    ]
