"""The state of each moment with all that holds beside it; equal neighbours are one row."""

from __future__ import annotations

from datetime import datetime, timedelta

from plants import calendar, history, local, plant, shift

from analytics.timeline.state_intervals import needed_until, state_intervals
from domain.frames import ORDER_LOST

START = local("2026-03-02 06:50")


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def test_a_row_ends_where_state_order_or_plan_changes() -> None:
    where = plant(calendar(shift("A", "07:00", "08:00")), roles=("state",))
    rows = [
        ("state", at(0), "producing"),
        ("state", at(5), "producing"),
        ("order", at(20), "4711"),
        ("state", at(30), "fault"),
    ]
    found = state_intervals(where, "l1", history(rows, at(0), at(40)), at(0), at(40))
    assert found.select("start", "end", "state", "order", "plan", "shift").rows() == [
        (at(0), at(10), "producing", None, "not_planned", ""),
        (at(10), at(20), "producing", None, "busy", "A"),
        (at(20), at(30), "producing", "4711", "busy", "A"),
        (at(30), at(40), "fault", "4711", "busy", "A"),
    ]
    assert found["shift_start"].to_list() == [None, at(10), at(10), at(10)]


def test_an_order_that_cannot_be_read_is_neither_an_order_nor_none() -> None:
    rows = [
        ("state", at(0), "stopped"),
        ("order", at(10), "4711"),
        ("order", at(20), None),
        ("order", at(30), ""),
    ]
    found = state_intervals(plant(), "l1", history(rows, at(0), at(40)), at(0), at(40))
    assert found["order"].to_list() == [None, "4711", ORDER_LOST, ""]


def test_a_history_reaches_to_now_while_the_line_may_still_be_heard() -> None:
    line = plant().lines["l1"]
    stale = timedelta(seconds=line.stale_after_s)
    assert needed_until(line, at(0), at(0) + stale) == at(0) + stale
    assert needed_until(line, at(0), at(1) + stale) == at(0)
    assert needed_until(line, at(0), at(-1)) == at(0)
