"""Integrity flags: bits are permanent, names are closed."""

from __future__ import annotations

import pytest

from analytics import flags
from domain.errors import InputError


def test_bits_are_permanent_because_facts_are_stored() -> None:
    assert (flags.GAP, flags.COUNTER_RESET) == (1, 2)
    assert (flags.GOOD_EXCEEDS_TOTAL, flags.COUNT_MISSING) == (4, 8)
    assert (flags.UNPLANNED_PRODUCTION, flags.IMPLAUSIBLE_COUNT) == (16, 32)


def test_names_come_in_the_order_of_their_bits_and_back_again() -> None:
    bits = flags.COUNT_MISSING | flags.GAP
    assert flags.names(bits) == ("gap", "count_missing")
    assert flags.bits_of(["count_missing", "gap"]) == bits
    assert flags.names(0) == ()


def test_a_flag_of_a_later_version_is_left_out() -> None:
    assert flags.names(1 << 40 | flags.COUNTER_RESET) == ("counter_reset",)


def test_union_is_every_bit_of_any() -> None:
    assert flags.union([flags.GAP, flags.COUNTER_RESET, flags.GAP]) == 3
    assert flags.union([]) == 0


def test_an_unknown_name_is_told_with_the_list() -> None:
    with pytest.raises(InputError, match=r"unknown integrity flag 'gaps'\. Use one of gap, "):
        flags.bits_of(["gaps"])
