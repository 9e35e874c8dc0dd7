"""The one clock of the program."""

from __future__ import annotations

from datetime import timedelta

from lineproof.clock import utc_now


def test_it_tells_utc_and_says_so() -> None:
    assert utc_now().utcoffset() == timedelta(0)
