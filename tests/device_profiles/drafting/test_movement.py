"""How values move: what counts, what is a code, what is a clock."""

from __future__ import annotations

import pytest
from seen_machines import moments

from device_profiles.drafting.movement import Movement, movement
from device_profiles.drafting.seen import Plain


def moved(*values: Plain) -> Movement:
    return movement(moments(values))


def test_a_counter_only_rises_in_whole_steps() -> None:
    it = moved(5, 5, 6, 8, 8, 9)
    assert (it.counts, it.changes, it.told) == (
        *(True, 3),
        "only rises, in whole steps (from 5 to 9)",
    )
    assert moved(5.0, 7.0).counts
    assert not moved(5.0, 7.5).counts
    assert not moved(5, 4, 6).counts
    assert not moved(5).counts


def test_energy_rises_in_fractions() -> None:
    it = moved(10.5, 10.75, 11.0)
    assert it.only_rises
    assert it.told == "only rises, in fractions (from 10.5 to 11)"


def test_codes_are_a_few_small_numbers_that_go_up_and_down() -> None:
    assert moved(3, 6, 3, 2).looks_like_codes
    assert moved(3, 6, 3, 2).symbols == ("2", "3", "6")
    for other in [
        (1, 2, 3, 4),
        (7,),
        (3, 70_000, 3),
        (1.5, 2.5, 1.5),
        (-1, 3, -1),
        tuple(range(14)) * 2,
    ]:
        assert not moved(*other).looks_like_codes, other


def test_what_rises_by_a_second_each_second_is_like_a_clock() -> None:
    assert moved(*(1_000 + number // 2 for number in range(20))).like_clock
    assert moved(*range(500, 10_500, 500)).like_clock  # in milliseconds
    assert not moved(*range(20)).like_clock  # two a second
    assert not moved(1, 2, 3).like_clock  # too short a look


@pytest.mark.parametrize(
    ("values", "mark", "last"),
    [
        (("12,5", "13,0"), ",", 13.0),
        (("12.5",), ".", 12.5),
        (("7", "8,5"), ",", 8.5),
        (("7",), ".", 7),
    ],
)
def test_numbers_that_are_texts(values: tuple[str, ...], mark: str, last: float) -> None:
    it = moved(*values)
    assert it.numbers is not None
    assert (it.mark, it.numbers[-1]) == (mark, last)


@pytest.mark.parametrize("values", [("run",), ("1,5", "1.5"), ("1.000,5",), (True,), ("",), ("٣",)])
def test_what_is_no_number(values: tuple[Plain, ...]) -> None:
    assert moved(*values).numbers is None


def test_numbers_that_no_number_should_be() -> None:
    assert moved(float("nan")).numbers is None
    assert moved(float("inf"), 1.0).numbers == (1.0,)
    assert not moved(10**300).counts
    assert not moved(10**300).is_whole
