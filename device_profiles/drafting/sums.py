"""Counters of which one is always the sum of two others: all items, good ones and rejects. Pure.

That tells more than any name, in every language; which part is which, the names say, or else that
rejects are few.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, pairwise

from device_profiles.drafting.candidates import MOVES, Candidate, Looked
from device_profiles.drafting.naming import is_no_result, signals_named
from device_profiles.drafting.seen import Place
from device_profiles.drafting.words import LIKELY
from domain.texts import one_line

IS_SUM = 4  # what it adds
_COUNTERS_MAX = 300  # that are held against each other
_HOLDS = 0.8  # of the time: values are not read, or sent, at one instant
_REJECTS_MAX = 0.25  # of all, where no name says which part is which


@dataclass(frozen=True, slots=True)
class SummedCounts:
    """`total` is `good` + `rejects`."""

    total: Looked
    good: Looked
    rejects: Looked


def with_sums(looked: Sequence[Looked], found: Sequence[Candidate]) -> list[Candidate]:
    """The candidates, those surer that make a sum, and such as no name had made one."""
    told: dict[tuple[str, Place], str] = {}
    for it in sums(looked):
        total, good, rejects = (_last_name(one) for one in (it.total, it.good, it.rejects))
        told["total_count", it.total.value.place] = f"is always {good} + {rejects}"
        told["good_count", it.good.value.place] = f"with {rejects} is always {total}"
        told["reject_count", it.rejects.value.place] = f"with {good} is always {total}"
    made = []
    for known in found:
        reason = told.pop((known.signal, known.looked.value.place), "")
        reasons = (*known.reasons, reason) if reason else known.reasons
        score = known.score + (IS_SUM if reason else 0)
        made.append(replace(known, score=score, reasons=reasons))
    by_place = {it.value.place: it for it in looked}
    for (signal, place), reason in told.items():
        one = by_place[place]
        reasons = (reason, one.type, one.moved.told)
        made.append(Candidate(signal, one, LIKELY + MOVES + IS_SUM, reasons))
    return made


def sums(looked: Sequence[Looked]) -> Iterator[SummedCounts]:
    """Those among the values that only rose or stood still while the sum held."""
    counters = [it for it in looked if _may_count(it)][:_COUNTERS_MAX]
    by_last: dict[float, list[Looked]] = {}
    for it in counters:
        if it.moved.counts:
            by_last.setdefault(_last(it), []).append(it)
    for one, other in combinations(counters, 2):
        for total in by_last.get(_last(one) + _last(other), ()):
            parts = _good_and_rejects(one, other, _last(total))
            if parts is not None and _holds(total, one, other):
                yield SummedCounts(total, *parts)


def _may_count(it: Looked) -> bool:
    moved = it.moved
    if moved.numbers is None or isinstance(it.value.last, bool) or is_no_result(it.words):
        return False
    if len(moved.numbers) != len(it.value.moments):  # some were no finite numbers
        return False
    is_count = moved.counts or (moved.is_whole and not moved.changes)
    return is_count and moved.numbers[0] >= 0 and moved.numbers[-1] > 0


def _last(it: Looked) -> float:
    return it.moved.numbers[-1] if it.moved.numbers else 0.0


def _good_and_rejects(one: Looked, other: Looked, total: float) -> tuple[Looked, Looked] | None:
    """Which of the two is which; None where nobody can say."""
    more, fewer = (one, other) if _last(one) >= _last(other) else (other, one)
    for good, rejects in ((more, fewer), (fewer, more)):
        if "reject_count" in _named(rejects) and "reject_count" not in _named(good):
            return good, rejects
        if "good_count" in _named(good) and "good_count" not in _named(rejects):
            return good, rejects
    both_move = one.moved.counts and other.moved.counts
    return (more, fewer) if both_move and _last(fewer) <= _REJECTS_MAX * total else None


def _named(it: Looked) -> dict[str, tuple[int, str]]:
    return signals_named(it.words, it.above)


def _holds(total: Looked, one: Looked, other: Looked) -> bool:
    """Whether it is the sum for most of the time in which all three had values."""
    three = (total, one, other)
    start = max(it.value.moments[0][0] for it in three)
    changes = {second for it in three for second, _ in it.value.moments if second > start}
    seconds = [start, *sorted(changes)]
    held = sum(
        after - before for before, after in pairwise(seconds) if _is_sum(before, total, one, other)
    )
    return len(seconds) > 1 and held >= _HOLDS * (seconds[-1] - start)


def _is_sum(second: float, total: Looked, one: Looked, other: Looked) -> bool:
    return _at(total, second) == _at(one, second) + _at(other, second)


def _at(it: Looked, second: float) -> float:
    numbers = it.moved.numbers or (0.0,)
    return numbers[bisect_right(it.value.moments, second, key=lambda moment: moment[0]) - 1]


def _last_name(it: Looked) -> str:
    return one_line(it.value.place.names[-1])
