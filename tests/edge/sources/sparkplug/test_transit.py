"""Up to when a message shows that nothing is missing: when it was said, by the agent's clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from edge.sources.sparkplug.transit import AT_ONCE, CLOCK_AFTER, Transit

START = datetime(2026, 3, 2, 10, tzinfo=UTC)


def at(second: float) -> datetime:
    return START + timedelta(seconds=second)


def ms(second: float) -> int:
    return round(at(second).timestamp() * 1000)


@pytest.mark.parametrize("behind_s", [0.0, 7.0, -3600.0])
def test_what_was_held_up_shows_no_more_than_when_it_was_said(behind_s: float) -> None:
    """Whatever the node's clock says."""
    transit = Transit()

    def shows(said_s: float, came_s: float) -> datetime:
        return transit.shows_until(ms(said_s - behind_s), at(came_s))

    assert shows(0, 0.1) == at(0.1)
    assert shows(1, 1.5) == at(1.5)  # a little late is at once
    assert shows(2, 5.1) == at(2.1)
    assert shows(5, 5.2) == at(5.2)


def test_a_backlog_stays_one_until_it_is_through() -> None:
    """A minute that was held up comes within a few seconds, and no moment of it is believed."""
    transit = Transit()
    assert transit.shows_until(ms(0), at(0)) == at(0)
    for second in range(1, 59):
        assert transit.shows_until(ms(second), at(60 + second / 10)) == at(second)
    assert transit.shows_until(ms(66), at(66)) == at(66)


def test_a_clock_that_was_set_back_is_no_backlog() -> None:
    transit = Transit()
    transit.shows_until(ms(0), at(0))
    set_back_s = 600
    said = [transit.shows_until(ms(it - set_back_s), at(it)) for it in range(1, 20)]
    shown = [it == at(second) for second, it in enumerate(said, start=1)]
    wrong_s = CLOCK_AFTER.total_seconds() + 1
    assert shown == [second > wrong_s for second in range(1, 20)]
    assert max(said[: int(wrong_s)]) < at(0)  # not known, rather than wrongly so


def test_a_clock_that_was_set_forward_is_believed_at_once() -> None:
    transit = Transit()
    transit.shows_until(ms(0), at(0))
    assert transit.shows_until(ms(3601), at(1)) == at(1)
    assert transit.shows_until(ms(3602), at(5)) == at(5) - timedelta(seconds=3)


@pytest.mark.parametrize("said_ms", [0, 2**64 - 1])
def test_no_time_and_rubbish_show_what_came(said_ms: int) -> None:
    transit = Transit()
    assert transit.shows_until(said_ms, at(0)) == at(0)
    assert transit.shows_until(said_ms, at(0) + AT_ONCE / 2) == at(0) + AT_ONCE / 2
