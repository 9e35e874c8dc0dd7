"""When a message is tried again."""

from __future__ import annotations

from datetime import timedelta

from lineproof.reminders.delivery import TRY_AGAIN_MAX, try_again_after


def test_each_time_it_takes_longer_up_to_an_hour() -> None:
    waits = [try_again_after(it) for it in range(12)]
    assert waits[0] == timedelta(minutes=1)
    assert waits == sorted(waits)
    assert waits[-1] == TRY_AGAIN_MAX == try_again_after(10**6)
