"""How a value moved in the seconds in which it was looked at, and what that says of it. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from device_profiles.drafting.seen import Plain
from device_profiles.model.values import Unusable, number, symbol

DIFFERENT_MIN, DIFFERENT_MAX = 2, 12  # different small whole numbers that look like codes
_CODE_MAX = 9_999
_CLOCK_RATES = (1, 10, 1_000, 1_000_000)  # that clocks count in a second
_CLOCK_EXACT = 0.03
_CLOCK_SECONDS_MIN = 3.0
_WRITTEN_NUMBER = re.compile(r"[+-]?[0-9]{1,18}(?:(?P<mark>[.,])[0-9]{1,18})?", re.ASCII)
_WHOLE_MAX = 2**53


@dataclass(frozen=True, slots=True)
class Movement:
    """`numbers`: None where the value is none. `is_whole`: all of them are. `mark`: they are
    written as a text, with this decimal mark. `told`: how it moved, as half a sentence."""

    numbers: tuple[float, ...] | None
    mark: str | None
    is_whole: bool
    changes: int
    only_rises: bool
    falls: int
    like_clock: bool
    symbols: tuple[str, ...]
    told: str

    @property
    def counts(self) -> bool:
        """It only rose, in whole steps."""
        return self.is_whole and self.only_rises

    @property
    def looks_like_codes(self) -> bool:
        """A few different small whole numbers, which went up and down."""
        return (
            self.numbers is not None
            and self.is_whole
            and not self.only_rises
            and DIFFERENT_MIN <= len(self.symbols) <= DIFFERENT_MAX
            and all(0 <= it <= _CODE_MAX for it in self.numbers)
        )


def movement(moments: Sequence[tuple[float, Plain]]) -> Movement:
    """Of the values that it took, each with its second; at least one.

    >>> movement([(0, 5), (1, 6), (4, 9)]).told
    'only rises, in whole steps (from 5 to 9)'
    """
    values = [value for _, value in moments]
    numbers, mark = _numbers(values)
    symbols = {text for text in map(symbol, values) if not isinstance(text, Unusable)}
    steps = [b - a for a, b in pairwise(numbers or ())]
    is_whole = numbers is not None and all(abs(it) < _WHOLE_MAX and it == int(it) for it in numbers)
    rises = bool(steps) and all(it > 0 for it in steps)
    return Movement(
        numbers=numbers,
        mark=mark,
        is_whole=is_whole,
        changes=len(values) - 1,
        only_rises=rises,
        falls=sum(it < 0 for it in steps),
        like_clock=rises and _like_clock(moments[-1][0] - moments[0][0], sum(steps)),
        symbols=tuple(sorted(symbols, key=lambda it: (len(it), it))),
        told=_told(values, numbers, steps, is_whole),
    )


def _numbers(values: Sequence[Plain]) -> tuple[tuple[float, ...] | None, str | None]:
    if all(isinstance(it, int | float) and not isinstance(it, bool) for it in values):
        finite = [it for it in map(number, values) if not isinstance(it, Unusable)]
        return (tuple(finite) or None), None
    written = [_WRITTEN_NUMBER.fullmatch(it) if isinstance(it, str) else None for it in values]
    marks = {it["mark"] for it in written if it is not None} - {None}
    if None in written or len(marks) > 1:
        return None, None
    texts = [str(it).replace(",", ".") for it in values]
    return tuple(float(it) for it in texts), marks.pop() if marks else "."


def _like_clock(seconds: float, risen: float) -> bool:
    if seconds < _CLOCK_SECONDS_MIN:
        return False
    return any(abs(risen / seconds / it - 1) < _CLOCK_EXACT for it in _CLOCK_RATES)


def _told(
    values: Sequence[Plain], numbers: Sequence[float] | None, steps: Sequence[float], is_whole: bool
) -> str:
    if len(values) == 1:
        return "did not change meanwhile"
    if numbers is None or not steps:
        times = len(values) - 1
        return "changed once" if times == 1 else f"changed {times} times"
    span = f"(from {numbers[0]:.15g} to {numbers[-1]:.15g})"
    if all(it > 0 for it in steps):
        return f"only rises, in {'whole steps' if is_whole else 'fractions'} {span}"
    return (
        "falls now and then" if sum(it < 0 for it in steps) * 4 < len(steps) else "goes up and down"
    )
