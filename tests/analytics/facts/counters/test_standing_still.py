"""A counter that tells nothing: it stands still, unless others say that it should have moved."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pytest
from plants import history, local, plant

from analytics import integrity_flags
from analytics.facts.counters.standing_still import stands_still
from analytics.facts.line_facts import line_facts

START = local("2026-03-02 08:00")
END = START + timedelta(hours=3)
ROLES = ("state", "total_count", "good_count", "reject_count")
Row = tuple[str, datetime, float | str]
RUNS: list[Row] = [("state", START, "producing")]


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def every_10(signal: str, per_minute: float) -> list[Row]:
    return [(signal, at(minute), per_minute * minute) for minute in range(0, 181, 10)]


def missing(rows: list[Row], *, roles: tuple[str, ...] = ROLES) -> list[bool]:
    """Of each hour, whether a count is missing."""
    where = plant(None, roles=roles, cycle_time_s=1.0)
    facts = line_facts(where, "l1", history(rows, START, END), START, END)
    return [bool(bits & integrity_flags.COUNT_MISSING) for bits in facts["flags"].to_list()]


ALL_GOOD = [*RUNS, *every_10("total_count", 10), *every_10("good_count", 10)]


def test_a_perfect_day_of_rejects_told_on_change_alone_has_no_flag() -> None:
    assert missing([*ALL_GOOD, ("reject_count", START, 0.0)]) == [False] * 3


def test_rejects_that_stand_still_while_good_items_lag_behind_the_total_are_doubted() -> None:
    rows = [*RUNS, *every_10("total_count", 10), *every_10("good_count", 8)]
    assert missing([*rows, ("reject_count", START, 0.0)]) == [True] * 3
    assert missing([*rows, *every_10("reject_count", 0)]) == [True] * 3, "told is not moved"
    assert missing([*rows, *every_10("reject_count", 2)]) == [False] * 3


def test_a_few_items_on_the_way_are_no_doubt() -> None:
    rows = [*RUNS, *every_10("total_count", 10), *every_10("good_count", 9.5)]
    assert missing([*rows, ("reject_count", START, 0.0)]) == [False] * 3


def test_good_items_that_are_told_and_never_move() -> None:
    rows = [*RUNS, *every_10("total_count", 10), *every_10("good_count", 0)]
    assert missing([*rows, *every_10("reject_count", 0)]) == [True] * 3
    assert missing([*rows, *every_10("reject_count", 10)]) == [False] * 3, "all were rejected"


def test_a_total_that_stands_still_while_good_items_are_made() -> None:
    rows = [*RUNS, *every_10("total_count", 0), *every_10("good_count", 10)]
    assert missing([*rows, *every_10("reject_count", 0)]) == [True] * 3


def test_without_a_third_counter_nobody_can_doubt() -> None:
    rows = [*RUNS, *every_10("total_count", 10), *every_10("good_count", 1)]
    assert missing(rows, roles=ROLES[:3]) == [False] * 3


@pytest.mark.parametrize(
    ("produced_s", "total", "doubted"), [(600, 100, True), (599, 100, False), (3600, 10, False)]
)
def test_how_much_is_by_far(produced_s: float, total: float, doubted: bool) -> None:
    amounts = {name: np.array([0.0]) for name in ("good_count", "reject_count")}
    found = stands_still({**amounts, "total_count": np.array([total])}, np.array([produced_s]))
    assert found.tolist() == [doubted]


def test_what_was_not_heard_is_not_doubted_besides() -> None:
    nothing = np.array([np.nan])
    amounts = {"total_count": np.array([900.0]), "good_count": nothing, "reject_count": nothing}
    assert stands_still(amounts, np.array([3600.0])).tolist() == [False]
