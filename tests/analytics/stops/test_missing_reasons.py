"""Which stops ask for a reason, and how many of them have none."""

from __future__ import annotations

import pytest
from stop_intervals import Piece, busy, intervals, stop_list

from analytics.stops.missing_reasons import MissingReasons, missing_reasons


def missing(*pieces: Piece) -> MissingReasons:
    return missing_reasons(stop_list(intervals(*pieces), minor_stop_s=120))


RUN = busy(10, "producing")


@pytest.mark.parametrize("state", ["idle", "stopped", "fault", "off"])
def test_a_long_stop_asks_whatever_it_was_and_a_reason_answers(state: str) -> None:
    given, none = busy(5, state, "jam"), busy(5, state)
    assert missing(RUN, given, RUN, none, RUN) == MissingReasons(1, 2)


def test_what_is_short_or_says_itself_why_it_stood_does_not_ask() -> None:
    others = [busy(5, it) for it in ("starved", "blocked", "setup", "maintenance", "unknown")]
    stops = [piece for it in (*others, busy(1.9, "fault")) for piece in (RUN, it)]
    assert missing(*stops, RUN) == MissingReasons(0, 0)
    assert missing(*stops, RUN).share is None
    assert not missing(*stops, RUN).is_doubtful


def test_a_stop_that_a_break_cuts_is_one() -> None:
    pause: Piece = (30, "fault", None, "planned_down", "A")
    assert missing(RUN, busy(5, "fault"), pause, busy(5, "fault"), RUN) == MissingReasons(1, 1)


def test_above_four_in_a_hundred_is_doubtful() -> None:
    assert not MissingReasons(1, 25).is_doubtful
    assert MissingReasons(1, 24).is_doubtful
