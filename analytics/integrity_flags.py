"""Integrity flags: what lowers the trust in a figure without changing it.

FACTS.flags is a bit set of these. Bits are permanent, because facts are stored: a new flag takes
the next bit, and no bit ever changes its meaning. A flag is defined here only once some code sets
it.
"""

from __future__ import annotations

from collections.abc import Iterable

from domain.errors import InputError

GAP = 1 << 0  # time in which the state is unknown
COUNTER_RESET = 1 << 1  # a counter went backwards and was no rollover
GOOD_EXCEEDS_TOTAL = 1 << 2  # more good items than items
COUNT_MISSING = 1 << 3  # produced while a counter that the line has gave nothing
UNPLANNED_PRODUCTION = 1 << 4  # items were counted outside the planned busy time
IMPLAUSIBLE_COUNT = 1 << 5  # a counter rose by more than the machine can make
COUNTER_JITTER = 1 << 6  # a counter stepped back a little
UNDEFINED_PRODUCT = 1 << 7  # a product was made that the plant does not define
CONTRADICTION = 1 << 8  # a signal said several new things at one instant
UNUSABLE_VALUE = 1 << 9  # an order, a product or a reason that nobody knows
CLOCK_WRONG = 1 << 10  # a machine's clock was wrong while it told something
COUNTER_OUT_OF_LINE = 1 << 11  # a counter's reading fitted neither neighbour: not believed

_NAMES: dict[int, str] = {
    GAP: "gap",
    COUNTER_RESET: "counter_reset",
    GOOD_EXCEEDS_TOTAL: "good_exceeds_total",
    COUNT_MISSING: "count_missing",
    UNPLANNED_PRODUCTION: "unplanned_production",
    IMPLAUSIBLE_COUNT: "implausible_count",
    COUNTER_JITTER: "counter_jitter",
    UNDEFINED_PRODUCT: "undefined_product",
    CONTRADICTION: "contradiction",
    UNUSABLE_VALUE: "unusable_value",
    CLOCK_WRONG: "clock_wrong",
    COUNTER_OUT_OF_LINE: "counter_out_of_line",
}
_BITS = {name: bit for bit, name in _NAMES.items()}


# A gap of at most this share of the planned time is told (unknown time, coverage, bounds) and not
# warned of: it moves no share of time by more than a tenth of a per cent, the last digit that
# people are shown.
GAP_SHARE_TOLERATED = 0.001
_ROUNDING = 1e-9


def names(bits: int) -> tuple[str, ...]:
    """The names of the flags that are set, in the order of their bits.

    Bits that this version does not know (facts of a later one) are left out.
    """
    return tuple(name for bit, name in _NAMES.items() if bits & bit)


def is_gap_tolerated(coverage: float) -> bool:
    """Whether so little of the planned time is unknown that nobody needs to be warned.

    >>> is_gap_tolerated(0.999), is_gap_tolerated(0.9989)
    (True, False)
    """
    return coverage >= 1 - GAP_SHARE_TOLERATED - _ROUNDING


def bits_of(flags: Iterable[str]) -> int:
    """The bit set of flags by name. Raises InputError for a name that is none."""
    bits = 0
    for flag in flags:
        if flag not in _BITS:
            raise InputError(
                f"unknown integrity flag '{flag}'", todo=f"Use one of {', '.join(_BITS)}."
            )
        bits |= _BITS[flag]
    return bits


def union(flags: Iterable[int]) -> int:
    """Every bit that is set in any of them."""
    bits = 0
    for one in flags:
        bits |= one
    return bits
