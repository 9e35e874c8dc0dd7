"""Readings that fit neither neighbour add nothing, whatever they are, to any counter."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.facts.counters.increments import Increments, increments
from analytics.facts.counters.out_of_line import find_out_of_line
from analytics.facts.counters.pace import rate_of
from domain.plant import CounterRule

METER = (1254.1, 1254.6, 1255.2, 1255.7, 1256.1, 1256.6, 1257.0, 1257.5, 1258.0, 1258.6, 1259.0)


def read(
    values: tuple[float, ...],
    *,
    every_s: int = 600,
    cycle_s: float | None = None,
    rule: CounterRule | None = None,
) -> Increments:
    rule = rule or CounterRule()
    times = np.arange(len(values), dtype=np.int64) * every_s * 1_000_000
    return increments(times, np.array(values, dtype=float), rule, rate_of(rule, cycle_s))


@pytest.mark.parametrize(
    "wrong",
    [
        (0.0,),  # home-assistant/core#124420: the gateway was not ready
        (65535.0,),
        (2.0**31 - 1,),
        (2.0**32 - 1,),
        (-1.0,),
        (125.6,),  # a digit lost
        (12556.0,),  # the decimal point lost
        (1255.7 + 65536,),  # the high word of a register is new, the low one old
        (0.0, 0.0),
        (0.0, 0.0, 0.0),
        (0.0, 65535.0, 12.0),
        (0.0, 3.0, 700.0),  # it comes back by and by
    ],
)
@pytest.mark.parametrize("place", [1, 4, 7])
@pytest.mark.parametrize("cycle_s", [None, 1.0])
def test_wrong_readings_in_a_row_add_nothing_and_lose_nothing(
    wrong: tuple[float, ...], place: int, cycle_s: float | None
) -> None:
    values = (*METER[:place], *wrong, *METER[place + len(wrong) :])
    counted = read(values, cycle_s=cycle_s)
    assert counted.amounts.sum() == pytest.approx(METER[-1] - METER[0])
    assert counted.out_of_line.tolist() == [place - 1 + i for i in range(len(wrong))]
    assert not len(counted.resets) + len(counted.jumps)


@pytest.mark.parametrize("wrong", [0.0, 2.0**31 - 1, 12590.0])
def test_the_first_and_the_last_reading_add_no_whole_reading(wrong: float) -> None:
    assert read((*METER[:-1], wrong)).amounts.sum() == pytest.approx(METER[-2] - METER[0])
    assert read((wrong, *METER[1:])).amounts.sum() == pytest.approx(METER[-1] - METER[1])


def test_a_leap_of_the_last_reading_is_believed_once_the_next_one_bears_it_out() -> None:
    assert read((*METER, 5000.0)).amounts[-1] == 0.0
    assert read((*METER, 5000.0, 5000.5)).amounts[-2:].tolist() == [5000.0 - METER[-1], 0.5]


def test_two_wrong_readings_with_a_good_one_between_them() -> None:
    values = (*METER[:3], 0.0, METER[4], 0.0, *METER[6:])
    assert read(values).amounts.sum() == pytest.approx(METER[-1] - METER[0])


@pytest.mark.parametrize(
    ("values", "counted"),
    [
        ((1.0, 2, 3, 0, 5, 6, 7), 6),
        ((5.0, 6, 0, 7, 8), 3),
        ((480.0, 480, 0, 480, 480), 0),  # nothing is made
        ((1254.0, 0, 1256), 2),  # nothing else is known
        ((1254.0, 70000, 1256), 2),
        ((131060.0, 131068, 65540, 131080, 131085), 25),  # the low word old, the high one new
    ],
)
def test_small_counters_and_short_ones(values: tuple[float, ...], counted: float) -> None:
    assert read(values, every_s=1).amounts.sum() == counted


@pytest.mark.parametrize("role_cycle_s", [None, 1.0, 30.0])
def test_more_zeros_than_the_limit_are_a_reset_but_the_way_back_is_none(
    role_cycle_s: float | None,
) -> None:
    values = (*METER[:3], *[0.0] * 20, *METER[3:])
    counted = read(values, every_s=60, cycle_s=role_cycle_s)
    assert counted.amounts.sum() < METER[-1] - METER[0]
    assert (len(counted.resets), len(counted.jumps)) == (1, 1)


@pytest.mark.parametrize("older", [18.1, 25.7, 0.8])
@pytest.mark.parametrize("zeros", [0, 1, 2])
def test_a_restart_from_an_older_total_adds_nothing(older: float, zeros: int) -> None:
    """arendst/Tasmota-firmware#7; 0.8 could have been used since a reset: it may be either."""
    grown = tuple(older + step for step in (0, 0.3, 0.8, 1.2))
    values = (25.3, 25.8, 26.2, *[0.0] * zeros, *grown)
    assert 2.1 - 1e-9 <= read(values).amounts.sum() <= 2.1 + 0.8 + 1e-9


def test_a_restart_of_items_that_a_plan_would_allow() -> None:
    """A hundred items in a minute fit the plan, but the counter makes one a second."""
    counted = read((200.0, 201, 202, 100, 101, 102), every_s=1, cycle_s=1.0)
    assert counted.amounts.sum() == 4
    assert counted.missed.sum() == 100
    assert counted.resets.tolist() == [2]


@pytest.mark.parametrize(
    ("values", "counted"),
    [
        ((100.0, 140, 180, 0, 35, 80, 120), 200),
        ((100.0, 140, 180, 15, 55, 95), 175),
        ((0.0, 480, 0, 500, 0, 510), 1490),  # read at the ends of shifts
        ((0.0, 50, 100, 0, 52, 105, 0, 51, 98), 303),  # jobs, which nobody named so
        ((0.0, 3, 6, 0, 3, 6, 0, 3, 6), 18),
        ((0.0, 11, 12, 13), 13),
        ((0.0, 0, 0, 0, 350, 700, 1050), 1050),  # the morning
    ],
)
def test_true_resets_count_what_was_made(values: tuple[float, ...], counted: float) -> None:
    found = read(values)
    assert found.amounts.sum() == counted
    assert not len(found.out_of_line) + len(found.jumps)


def test_a_job_counter_may_fall_to_zero_but_not_come_back_at_once() -> None:
    rule = CounterRule(job=True)
    assert read((500.0, 501, 502, 0, 504, 505), rule=rule).amounts.sum() == 5
    assert read((500.0, 501, 502, 0, 1, 2), rule=rule).amounts.sum() == 4


def test_a_zero_next_to_the_limit_is_no_rollover() -> None:
    assert read((65510.0, 65520, 65530, 0, 65533, 65534)).amounts.sum() == 24
    assert read((65510.0, 65520, 65530, 0, 6, 16)).amounts.sum() == 42


def test_of_no_samples_none_is_out_of_line() -> None:
    none = np.empty(0)
    assert not len(find_out_of_line(none.astype(np.int64), none, CounterRule(), None).readings)
