"""Shares, counts of units and times of day as Babel writes them, each of them once.

A floor of a thousand lines shows ten thousand shares, again and again, but of those with one digit
behind the point there are a thousand. So what is written is rounded first, and then kept.
"""

from __future__ import annotations

from datetime import time
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from functools import lru_cache

from babel import Locale
from babel.dates import format_time
from babel.numbers import format_percent
from babel.units import format_unit

_KEPT = 10_000
_NOTHING = Decimal(0)  # without a sign


def percent(locale: Locale, share: float, digits: int) -> str:
    """A share in per cent, rounded as Babel does: half to even."""
    exact = Decimal(str(share))
    try:
        rounded = exact.quantize(Decimal(1).scaleb(-digits - 2), ROUND_HALF_EVEN) or _NOTHING
    except InvalidOperation:  # it is infinite
        rounded = exact
    return _percent(locale, rounded, digits)


@lru_cache(_KEPT)
def _percent(locale: Locale, share: Decimal, digits: int) -> str:
    pattern = "#,##0" + ("." + "0" * digits if digits else "") + "%"
    return str(format_percent(share, format=pattern, locale=locale))


@lru_cache(_KEPT)
def unit(locale: Locale, name: str, count: int) -> str:
    """So many of a unit of CLDR, in short."""
    return format_unit(count, name, length="short", locale=locale)


def time_of_day(locale: Locale, at: time, *, seconds: bool) -> str:
    at = at.replace(microsecond=0) if seconds else at.replace(second=0, microsecond=0)
    return _time_of_day(locale, at, seconds)


@lru_cache(_KEPT)
def _time_of_day(locale: Locale, at: time, seconds: bool) -> str:
    return str(format_time(at, "HH:mm:ss" if seconds else "HH:mm", locale=locale))
