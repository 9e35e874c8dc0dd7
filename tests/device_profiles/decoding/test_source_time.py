"""Which source times are believed, and where a value stands whose time is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from device_profiles.decoding.address_times import Doubt, Judged
from device_profiles.decoding.source_time import TOLERANCE, SourceTimes
from domain.samples import Quality, Reading

START = datetime(2026, 3, 2, 7, tzinfo=UTC)
HOUR = 3600.0
AHEAD, BEHIND, STILL = Doubt.AHEAD, Doubt.BEHIND, Doubt.STILL


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def reading(
    received_s: float,
    source_s: float | None,
    value: Any = None,
    *,
    not_before_s: float | None = None,
    address: str = "a",
) -> Reading:
    """The value is another one with each receipt, unless it is given."""
    return Reading(
        "m",
        address,
        received_s if value is None else value,
        None if source_s is None else at(source_s),
        at(received_s),
        Quality.GOOD,
        not_before=None if not_before_s is None else at(not_before_s),
    )


def judged(*readings: Reading, times: SourceTimes | None = None) -> list[Judged]:
    times = times or SourceTimes()
    return [times.judge(one) for one in readings]


def places(*readings: Reading) -> list[tuple[float, Doubt | None]]:
    """Seconds after START, and the doubt."""
    return [((it.time - START).total_seconds(), it.doubt) for it in judged(*readings)]


def test_a_time_ahead_of_its_receipt_holds_nothing_back() -> None:
    told = places(reading(0, 0), reading(8, 8 + HOUR), reading(16, 16), reading(17, 17.5))
    assert told == [(0, None), (8, AHEAD), (16, None), (17.5, None)]


def test_each_address_is_judged_by_itself() -> None:
    told = places(
        reading(0, 2 * HOUR, address="a"), reading(1, 1, address="b"), reading(2, 2, address="a")
    )
    assert told == [(0, AHEAD), (1, None), (2, None)]


def test_a_clock_that_is_a_little_fast_is_believed_and_the_later_value_holds() -> None:
    told = places(reading(0, 4.9), reading(2, 8), reading(3, None), reading(6, 6))
    assert told == [(4.9, None), (4.9, AHEAD), (4.9, None), (6, None)]


def test_a_time_that_stands_still_while_values_change_is_not_believed() -> None:
    frozen = [reading(600 * n, -600, value) for n, value in enumerate([1, 1, 2, 2, 1])]
    told = places(*frozen)
    assert told == [(-600, None), (-600, None), (1200, STILL), (1800, STILL), (2400, STILL)]


def test_values_of_one_tick_of_a_coarse_clock_are_believed() -> None:
    told = places(*(reading(n / 10, 0, n) for n in range(10)))
    assert told == [(0, None)] * 10


def test_what_lies_before_a_hearing_is_not_believed() -> None:
    """A machine hours behind: only its first value may have stood for so long."""
    first, second = reading(0, -8 * HOUR), reading(10, 10 - 8 * HOUR, not_before_s=9)
    third = reading(20, 18, not_before_s=19)
    assert places(first, second, third) == [(-8 * HOUR, None), (10, BEHIND), (18, None)]


@pytest.mark.parametrize("back_s", [0.5, 3, HOUR])
def test_a_source_that_keeps_the_order_never_goes_back(back_s: float) -> None:
    first = reading(0, 0, not_before_s=-1)
    assert places(first, reading(1, -back_s, not_before_s=-1))[1] == (1, BEHIND)


def test_what_a_gateway_had_buffered_keeps_its_time() -> None:
    backlog = [reading(HOUR + n / 100, n * 10) for n in range(100)]
    late = [reading(HOUR + 2, 1995), reading(HOUR + 2.1, 1997)]
    live = reading(HOUR + 2, HOUR + 2)
    told = places(*backlog, live, *late)
    assert [doubt for _, doubt in told] == [None] * 103
    assert told[-1][0] == 1997


def test_a_clock_set_back_is_known_by_its_pace() -> None:
    """Without the word of the source: late values that go on as fast as time itself."""
    right = [reading(n, n) for n in range(10)]
    back = [reading(n, n - HOUR) for n in range(10, 30)]
    doubts = [doubt for _, doubt in places(*right, *back)]
    assert doubts == [None] * 16 + [BEHIND] * 14


def test_a_value_without_time_is_not_overtaken_by_an_older_one() -> None:
    assert places(reading(300, None), reading(301, 4)) == [(300, None), (301, BEHIND)]


@pytest.mark.parametrize("year", [1601, 1970, 2000])
def test_a_clock_that_was_never_set_is_none(year: int) -> None:
    source = datetime(year, 1, 1, 3, tzinfo=UTC)
    (it,) = judged(replace(reading(5, 0), source_time=source))
    assert (it.time, it.doubt) == (at(5), Doubt.NEVER_SET)


def test_by_receipt_no_source_time_counts() -> None:
    times = SourceTimes(by_receipt=True)
    told = judged(reading(5, 2 * HOUR), reading(6, None), reading(7, 1), times=times)
    assert told == [Judged(at(n), timed=False, is_certain=True) for n in (5, 6, 7)]


def test_doubts_are_counted_by_reason_and_told_once_an_hour() -> None:
    times = SourceTimes()
    judged(*(reading(n, n + HOUR) for n in range(100)), reading(200, 0, 1), times=times)
    assert {it: doubted.count for it, doubted in times.doubted.items()} == {AHEAD: 100, BEHIND: 1}
    news = [times.is_news("a", AHEAD, at(n)) for n in (0, 1, 3599, 3600, 3601)]
    assert news == [True, False, False, True, False]


# Whatever comes

STAMPS = st.none() | st.integers(-20, 30).map(float) | st.sampled_from([-HOUR, HOUR, 2 * HOUR])
STEPS = st.lists(st.tuples(st.integers(0, 8), STAMPS, st.integers(0, 2)), max_size=25)


# What comes of one address (receipt, source time, value), what was known of the clock before, and
# where it stands: nothing here may stand hours before its receipt.
OLD = -2 * HOUR
FIRSTS: dict[str, tuple[bool | None, list[tuple[float, float, int]], list[float]]] = {
    "old, the clock is known to be right": (True, [(0, OLD, 1)], [OLD]),
    "old, nothing is known of the clock": (None, [(0, OLD, 1)], [0]),
    "old, the clock was wrong before": (False, [(0, OLD, 1)], [0]),
    "a little old, nothing is known": (None, [(0, -100, 1)], [-100]),
    "old and said again": (None, [(0, OLD, 1), (9, OLD, 1), (99, OLD, 1)], [0, 0, 0]),
    "old, then right": (None, [(0, OLD, 1), (9, 8.5, 2)], [0, 8.5]),
    "old, and so are the next": (
        None, [(0, OLD, 1), (9, OLD + 9, 2), (18, OLD + 18, 3)], [0, 9, 18],
    ),
    "all of them as old, and the clock was right": (
        True,
        [(0, OLD, 1), (9, OLD + 9, 2), (18, OLD + 18, 3), (27, OLD + 27, 4)],
        [OLD, 9, 18, 27],
    ),
    "old, and then the clock is set": (
        None, [(0, OLD, 1), (9, OLD + 9, 2), (18, 18, 3)], [0, 9, 18],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", FIRSTS)
def test_a_first_value_is_taken_to_its_old_time_only_of_a_clock_that_is_right(case: str) -> None:
    known, steps, stands = FIRSTS[case]
    times = SourceTimes(is_clock_right=known)
    found = judged(*(reading(*step) for step in steps), times=times)
    assert [(it.time - START).total_seconds() for it in found] == stands
    assert found[0].is_certain
    assert found[0].doubt is None, "nothing is known to be wrong"


def test_another_address_shows_that_the_clock_is_right() -> None:
    times = SourceTimes(is_clock_right=None)
    fresh, old = reading(0, -1), reading(0, OLD, address="b")
    assert [it.time for it in judged(old, times=SourceTimes(is_clock_right=None))] == [at(0)]
    assert [it.time for it in judged(fresh, old, times=times)] == [at(-1), at(OLD)]
    assert times.is_clock_right


@pytest.mark.parametrize(
    ("second", "is_right"), [((9, 9), True), ((9, OLD + 9), False), ((9, HOUR), False)]
)
def test_what_is_known_of_the_clock(second: tuple[float, float], is_right: bool) -> None:
    times = SourceTimes(is_clock_right=None)
    judged(reading(0, OLD), times=times)
    assert times.is_clock_right is None, "it may have held for so long"
    judged(reading(*second), times=times)
    assert times.is_clock_right is is_right


def stream(steps: list[tuple[int, float | None, int]], *, in_order: bool) -> list[Reading]:
    """Readings whose stamp lies that far from the receipt; each is followed by a hearing."""
    readings, now, heard = [], 0.0, None
    for passed, off, value in steps:
        now += passed
        source = None if off is None else now + off
        readings.append(reading(now, source, value, not_before_s=heard))
        heard = now if in_order else None
    return readings


@settings(deadline=None)
@given(STEPS, st.booleans())
def test_nothing_stands_later_than_receipt_and_tolerance(steps: Any, in_order: bool) -> None:
    readings = stream(steps, in_order=in_order)
    for one, it in zip(readings, judged(*readings), strict=True):
        assert it.time <= one.received + TOLERANCE
        assert it.timed == (one.source_time is not None and it.doubt is None)
        assert not it.timed or it.time == one.source_time


@settings(deadline=None)
@given(STEPS)
def test_of_a_source_in_order_nothing_goes_back_or_before_what_was_heard(steps: Any) -> None:
    readings = stream(steps, in_order=True)
    told = judged(*readings)
    for before, after in pairwise(told):
        assert after.time >= before.time
    for one, it in zip(readings[1:], told[1:], strict=True):
        assert one.not_before is not None
        assert it.time >= one.not_before - TOLERANCE


@settings(deadline=None)
@given(STEPS, STEPS)
def test_no_address_moves_another(mine: Any, other: Any) -> None:
    """But for a first value that is old: whether the machine's clock is right, all of them tell."""
    assume(not mine or mine[0][1] is None or mine[0][1] > -110)
    alone = stream(mine, in_order=True)
    others = [reading(n, off, value, address="b") for n, off, value in other]
    times, out = SourceTimes(), []
    for index, one in enumerate(alone):
        for stranger in others[index : index + 1]:
            times.judge(stranger)
        out.append(times.judge(one))
    assert out == judged(*alone)
