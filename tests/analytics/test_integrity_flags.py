"""Integrity flags: bits are permanent, names are closed."""

from __future__ import annotations

import pytest

from analytics import integrity_flags
from domain.errors import InputError


def test_bits_are_permanent_because_facts_are_stored() -> None:
    assert (integrity_flags.GAP, integrity_flags.COUNTER_RESET) == (1, 2)
    assert (integrity_flags.GOOD_EXCEEDS_TOTAL, integrity_flags.COUNT_MISSING) == (4, 8)
    assert (integrity_flags.UNPLANNED_PRODUCTION, integrity_flags.IMPLAUSIBLE_COUNT) == (16, 32)


def test_names_come_in_the_order_of_their_bits_and_back_again() -> None:
    bits = integrity_flags.COUNT_MISSING | integrity_flags.GAP
    assert integrity_flags.names(bits) == ("gap", "count_missing")
    assert integrity_flags.bits_of(["count_missing", "gap"]) == bits
    assert integrity_flags.names(0) == ()


def test_a_flag_of_a_later_version_is_left_out() -> None:
    assert integrity_flags.names(1 << 40 | integrity_flags.COUNTER_RESET) == ("counter_reset",)


def test_union_is_every_bit_of_any() -> None:
    assert (
        integrity_flags.union(
            [integrity_flags.GAP, integrity_flags.COUNTER_RESET, integrity_flags.GAP]
        )
        == 3
    )
    assert integrity_flags.union([]) == 0


def test_an_unknown_name_is_told_with_the_list() -> None:
    with pytest.raises(InputError, match=r"unknown integrity flag 'gaps'\. Use one of gap, "):
        integrity_flags.bits_of(["gaps"])
