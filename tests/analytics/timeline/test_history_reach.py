"""A history that is too short is refused, by what each signal needs; one that is enough is not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from plants import Row, history, local, plant

from analytics.facts.line_facts import line_facts
from analytics.timeline.history_reach import check_reach
from analytics.timeline.state_intervals import state_intervals
from domain.frames import LineHistory
from domain.signals import REACH_MARGIN, REACHES
from domain.time import MICROSECOND

START, END = local("2026-03-02 10:00"), local("2026-03-02 11:00")
MINUTE = timedelta(minutes=1)
WEEK = timedelta(days=7)


def known(
    rows: Sequence[Row], start: datetime, end: datetime, **bad: Sequence[datetime]
) -> LineHistory:
    return replace(history(rows, START, END, **bad), start=start, end=end)


def is_enough(told: LineHistory) -> bool:
    try:
        check_reach(told, START, END)
    except ValueError:
        return False
    return True


def test_the_margin_is_needed_on_both_sides_to_the_microsecond() -> None:
    rows: list[Row] = [("state", START, "producing")]
    first, last = START - REACH_MARGIN, END + REACH_MARGIN
    assert is_enough(known(rows, first, last))
    assert not is_enough(known(rows, first + MICROSECOND, last))
    assert not is_enough(known(rows, first, last - MICROSECOND))


@pytest.mark.parametrize("derive", [line_facts, state_intervals])
def test_facts_and_intervals_refuse_it_with_what_is_lacking(
    derive: Callable[..., object],
) -> None:
    told = known([], START - REACH_MARGIN + MICROSECOND, END + REACH_MARGIN)
    with pytest.raises(
        ValueError, match=r"history of line 'l1' .* needs 0:02:00 more on each side"
    ):
        derive(plant(), "l1", told, START, END)


@pytest.mark.parametrize("signal", [name for name, it in REACHES.items() if it.increments])
def test_an_increment_across_a_border_is_needed_whole(signal: str) -> None:
    before, after = START - 8 * MINUTE, END + 7 * MINUTE
    rows: list[Row] = [(signal, at, 1.0) for at in (START - 50 * MINUTE, before, after)]
    rows.append((signal, START + MINUTE, 1.0))
    assert is_enough(known(rows, before, after + MICROSECOND))
    assert not is_enough(known(rows, before + MICROSECOND, after + MICROSECOND))
    assert not is_enough(known(rows, before, after))
    # A bad sample is no end of an increment.
    rows += [(signal, at, 1.0) for at in (START - MINUTE, END + MINUTE)]
    bad = (START - MINUTE, END + MINUTE)
    assert is_enough(known(rows, before, after + MICROSECOND, bad=bad))
    assert not is_enough(known(rows, before + MICROSECOND, after + MICROSECOND, bad=bad))


def test_what_was_counted_before_matters_only_to_an_increment() -> None:
    rows: list[Row] = [("total_count", at, 1.0) for at in (START - 50 * MINUTE, START - 8 * MINUTE)]
    assert is_enough(known(rows, START - REACH_MARGIN, END + REACH_MARGIN))


def test_a_reason_is_needed_with_what_came_after_it_unless_it_holds_no_more() -> None:
    held, expired = START - WEEK, START - WEEK - MICROSECOND
    last = END + REACH_MARGIN
    assert is_enough(known([("stop_reason", held, "jam")], held, last))
    assert not is_enough(known([("stop_reason", held, "jam")], held + MICROSECOND, last))
    assert is_enough(known([("stop_reason", expired, "jam")], START - REACH_MARGIN, last))


@pytest.mark.parametrize("signal", ["product", "order", "alarm"])
def test_a_text_is_needed_alone(signal: str) -> None:
    rows: list[Row] = [(signal, START - WEEK, "tea")]
    assert is_enough(known(rows, START - REACH_MARGIN, END + REACH_MARGIN))
