"""Counters: nothing lost after a reset, nothing negative, shares that sum to the whole."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
from counter_oracle import counted, leaps, missed, not_believed
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.facts.counters.increments import Increments, increments
from analytics.facts.counters.pace import rate_of
from domain.plant import CounterRule
from domain.signals import reach_of


def read(
    *values: float, rule: CounterRule | None = None, cycle_s: float | None = None
) -> Increments:
    """Of samples a minute apart."""
    rule = rule or CounterRule()
    times = np.arange(len(values), dtype=np.int64) * 60_000_000
    return increments(times, np.array(values, dtype=float), rule, rate_of(rule, cycle_s))


def amounts(*values: float, rollover: float | None = None) -> list[float]:
    return read(*values, rule=CounterRule(rollover=rollover)).amounts.tolist()


def test_a_reset_keeps_what_was_counted_before_and_after() -> None:
    """influxdata/flux#4098, influxdata/influxdb#7076: `increase` lost it, last − first is wrong."""
    counted = read(100.0, 140.0, 15.0, 20.0)
    assert counted.amounts.tolist() == [40, 15, 5]
    assert counted.resets.tolist() == [1]


@pytest.mark.parametrize(("shown", "counted"), [(100.0, 100.0), (101.0, 0.0)])
def test_a_counter_of_which_nothing_else_is_known_was_reset_if_it_shows_a_tenth(
    shown: float, counted: float
) -> None:
    found = read(1000.0, shown)
    assert found.amounts.tolist() == [counted]
    assert found.missed is not None
    assert found.missed.tolist() == [shown - counted]
    assert found.resets.tolist() == [0]


def test_a_counter_set_to_a_value_counts_nothing_that_cannot_have_been_made() -> None:
    """Planned is an item a second: 400 cannot have been made since a reset a minute ago."""
    counted = read(1000.0, 400.0, 410.0, cycle_s=1.0)
    assert counted.amounts.tolist() == [0, 10]
    assert counted.missed.tolist() == [240, 0]  # two a second for two minutes
    assert counted.resets.tolist() == [0]


def test_the_reset_of_a_job_counter_is_nothing_to_flag() -> None:
    counted = read(5.0, 7.0, 1.0, 3.0, rule=CounterRule(job=True))
    assert counted.amounts.tolist() == [2, 1, 2]
    assert not len(counted.resets) + len(counted.jitters)


def test_backward_jitter_counts_nothing_and_loses_nothing() -> None:
    counted = read(1000.0, 1004.0, 1003.0, 1006.0)
    assert counted.amounts.tolist() == [4, 0, 2]
    assert counted.jitters.tolist() == [1]
    assert not len(counted.resets)


def test_a_small_step_back_that_stays_is_no_reset_to_zero() -> None:
    found = read(1000.0, 990.0, 991.0, cycle_s=1.0)
    assert found.amounts.tolist() == [0, 1]
    assert found.missed is not None
    # It may have come back with what it had saved: two items a second for a minute at most.
    assert found.missed.tolist() == [120, 0]
    assert found.jitters.tolist() == [0]


def test_behind_a_long_silence_a_small_step_back_may_have_been_a_reset() -> None:
    """In ten hours 990 items can have been made since a reset; in one minute they cannot."""
    times = np.array([0, 60, 36_060, 36_120]) * 1_000_000
    values = np.array([998.0, 1000.0, 990.0, 991.0])
    found = increments(times, values, CounterRule(), rate_of(CounterRule(), 1.0))
    assert found.amounts.tolist() == [2, 0, 1]
    assert found.missed is not None
    assert found.missed.tolist() == [0, 990, 0]
    assert (found.resets.tolist(), found.jitters.tolist()) == ([1], [])


def test_a_spike_is_taken_back() -> None:
    counted = read(1000.0, 999_999.0, 1020.0, 1030.0, cycle_s=1.0)
    assert counted.amounts.tolist() == [0, 20, 10]
    assert (counted.out_of_line.tolist(), counted.jumps.tolist()) == ([0], [])


def test_two_counters_under_one_name_give_nothing_that_nobody_made() -> None:
    """Values of two sources in turn: what lies between two that agree is out of line."""
    counted = read(100.0, 9000.0, 101.0, 9001.0, 102.0, cycle_s=1.0)
    assert counted.amounts.tolist() == [0, 0, 0, 2]


def test_a_jump_over_the_possible_rate_is_kept_out_and_told() -> None:
    """Ten times what is planned, for the minute and one more, is possible: 1200 items."""
    counted = read(1000.0, 51_000.0, 51_050.0, cycle_s=1.0)
    assert counted.amounts.tolist() == [0, 50]
    assert counted.missed.tolist() == [1200, 0]
    assert counted.jumps.tolist() == [0]


def test_a_rate_that_the_rule_names_is_the_limit() -> None:
    rule = CounterRule(max_rate_per_s=2.0)
    assert read(0.0, 240.0, rule=rule).amounts.tolist() == [240]
    assert read(0.0, 241.0, rule=rule).amounts.tolist() == [0]


def test_counts_that_are_told_late_all_at_once_are_counted() -> None:
    """Messages that waited in a broker for ten minutes and came within a second."""
    times = np.arange(10, dtype=np.int64) * 100_000
    values = np.arange(10) * 55.0
    found = increments(times, values, CounterRule(), rate_of(CounterRule(), 1.0))
    assert found.amounts.sum() == 9 * 55


_COUNTS = st.one_of(st.integers(0, 3000), st.integers(500, 530), st.sampled_from([0, 65535]))


@settings(deadline=None)
@given(st.lists(_COUNTS, min_size=2, max_size=40), st.booleans(), st.booleans())
def test_increments_are_never_negative_and_a_part_reads_as_the_whole(
    values: list[int], job: bool, planned: bool
) -> None:
    rule, reach = CounterRule(job=job), reach_of("total_count")
    whole = read(*values, rule=rule, cycle_s=1.0 if planned else None)
    assert (whole.amounts >= 0).all()
    for index in range(len(values) - 1):
        low = max(index + 1 - reach.before, 0)
        part = read(
            *values[low : index + 1 + reach.after], rule=rule, cycle_s=1.0 if planned else None
        )
        assert part.amounts[index - low] == whole.amounts[index]
        for odd in ("resets", "jitters", "out_of_line", "jumps"):
            assert (index - low in getattr(part, odd)) == (index in getattr(whole, odd))


@pytest.mark.parametrize(
    ("before", "after", "counted"),
    [
        (2**23 - 3, 4, 7),  # DrozmotiX/ioBroker.sourceanalytix#594: went negative
        (2**31 - 1, -(2**31), 1),  # PackML's Int32 counts in two's complement
        (2**31 - 2, 3, 5),
        (2**16 - 1, 0, 1),
    ],
)
def test_rollover_at_the_limits_that_counters_have(
    before: float, after: float, counted: float
) -> None:
    assert amounts(before, after) == [counted]


def test_rollover_at_a_given_width() -> None:
    assert amounts(990, 20, rollover=1000) == [30]
    assert amounts(200, 20, rollover=1000) == [20]  # from the lower half: a reset


def test_a_job_counter_far_from_any_limit_is_reset_not_rolled_over() -> None:
    assert amounts(60_000, 0) == [0]


def test_fractions_are_counted() -> None:
    """united-manufacturing-hub#48: continuous products."""
    assert sum(amounts(0.25, 0.5, 1.125)) == pytest.approx(0.875)


@settings(deadline=None)
@given(
    st.lists(_COUNTS, min_size=2, max_size=20),
    st.lists(st.sampled_from([1, 10, 60, 600, 3600]), min_size=20, max_size=20),
    st.sampled_from([None, 1.0, 30.0]),
)
def test_a_counter_reads_as_a_loop_over_its_readings_says(
    values: list[int], gaps: list[int], cycle_s: float | None
) -> None:
    seconds = np.cumsum(gaps)[: len(values)]
    counts = [
        (datetime.fromtimestamp(at, UTC), float(value))
        for at, value in zip(seconds.tolist(), values, strict=True)
    ]
    rule = CounterRule()
    found = increments(
        seconds * 1_000_000, np.array(values, dtype=float), rule, rate_of(rule, cycle_s)
    )
    assert found.amounts.tolist() == counted(counts, cycle_s)
    besides = np.zeros(len(values) - 1) if found.missed is None else found.missed
    assert besides.tolist() == pytest.approx(missed(counts, cycle_s))
    assert found.jumps.tolist() == np.flatnonzero(leaps(counts, cycle_s)).tolist()
    refused = np.union1d(found.out_of_line, found.jitters).tolist()
    assert {index - 1 for index in not_believed(counts, cycle_s)} <= set(refused)
