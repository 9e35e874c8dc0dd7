"""What is kept is what Babel writes."""

from __future__ import annotations

import math
from datetime import time

import pytest
from babel import Locale
from babel.dates import format_time
from babel.numbers import format_percent
from hypothesis import example, given
from hypothesis import strategies as st

from api import kept_formats

LOCALES = ("en_HK", "zh_Hant_HK", "zh_Hans_CN")
locales = st.sampled_from(LOCALES).map(Locale.parse)
PATTERNS = ("#,##0%", "#,##0.0%", "#,##0.00%")


@given(locales, st.floats(-2, 1e6).filter(lambda it: abs(it) > 0.01), st.integers(0, 2))
@example(Locale("en"), 0.0125, 1)  # half to even, by what it is written as
@example(Locale("en"), 0.1235, 1)
@example(Locale("en"), math.inf, 1)
@example(Locale("en"), math.nan, 1)
def test_a_share_is_written_as_by_babel(locale: Locale, share: float, digits: int) -> None:
    written = format_percent(share, format=PATTERNS[digits], locale=locale)
    assert kept_formats.percent(locale, share, digits) == written


@pytest.mark.parametrize("share", [-0.0, -0.00001, 0.0])
def test_nothing_has_no_sign(share: float) -> None:
    assert kept_formats.percent(Locale("en"), share, 1) == "0.0%"


@given(locales, st.times(), st.booleans())
def test_a_time_of_day_is_written_as_by_babel(locale: Locale, at: time, seconds: bool) -> None:
    written = format_time(at, "HH:mm:ss" if seconds else "HH:mm", locale=locale)
    assert kept_formats.time_of_day(locale, at, seconds=seconds) == written
