"""When a counter was not heard: never, not yet, no longer; and when its silence is none."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import polars as pl
import pytest
from plants import Row, history, local, plant

from analytics import integrity_flags
from analytics.facts.line_facts import line_facts
from domain.frames import LineHistory

START = local("2026-03-02 08:00")
END = START + timedelta(hours=3)
ROLES = ("state", "total_count", "reject_count", "energy")


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def counted(signal: str, first: float, last: float, every: float = 10.0) -> list[Row]:
    rows, moment = [], first
    while moment <= last:
        rows.append((signal, at(moment), 60.0 * moment))
        moment += every
    return rows


def hours(
    told: LineHistory, *, roles: tuple[str, ...] = ROLES, cycle_s: float = 1.0
) -> list[dict[str, Any]]:
    where = plant(None, roles=roles, cycle_time_s=cycle_s)
    return line_facts(where, "l1", told, START, END).to_dicts()


RUNS = [("state", START, "producing")]


def test_a_count_that_was_never_heard_is_unknown_and_not_zero() -> None:
    for row in hours(history(RUNS, START, END)):
        for name in ("total_count", "good_count", "reject_count", "energy_kwh", "ideal_s"):
            assert row[name] is None, name
        for name in ("total", "good", "reject", "energy"):
            assert row[f"{name}_unheard_s"] == 3600.0, name
        assert row["flags"] == integrity_flags.COUNT_MISSING
        assert row["possible_count"] == 3600.0


def test_a_line_without_the_role_has_nothing_that_could_be_heard() -> None:
    for row in hours(history(RUNS, START, END), roles=("state",)):
        assert row["total_count"] is None
        assert row["total_unheard_s"] is None
        assert row["flags"] == 0


def test_of_any_two_counts_the_third_is_heard() -> None:
    told = history([*RUNS, *counted("total_count", 0, 180)], START, END)
    first = hours(told, roles=("state", "total_count", "good_count", "reject_count"))[0]
    assert (first["total_count"], first["good_count"]) == (3600.0, None)
    assert (first["total_unheard_s"], first["good_unheard_s"]) == (0.0, 3600.0)
    assert first["total_count_unjudged"] == 3600.0
    both = [*RUNS, *counted("total_count", 0, 180), ("reject_count", at(0), 0.0)]
    judged = hours(
        history(both, START, END), roles=("state", "total_count", "good_count", "reject_count")
    )
    assert [row["good_unheard_s"] for row in judged] == [0.0, 0.0, 0.0]
    assert [row["good_count"] for row in judged] == [3600.0, 3600.0, 3600.0]


def test_what_came_before_the_first_count_and_after_the_last_one_is_unknown() -> None:
    """The example of the module: heard from 08:30 to 09:59:30."""
    rows = [
        *RUNS,
        *counted("total_count", 30, 119.5, 0.5),
        *counted("reject_count", 30, 119.5, 0.5),
    ]
    found = hours(history(rows, START, END), roles=("state", "total_count", "reject_count"))
    assert [row["total_unheard_s"] for row in found] == [1800.0, 0.0, 3600.0]
    assert [row["total_quiet_s"] for row in found] == [0.0, 30.0, 0.0]
    assert [row["total_count"] for row in found] == [1800.0, 3570.0, None]
    assert [row["total_missing_s"] for row in found] == [0.0, 0.0, 3600.0]
    missing = [bool(row["flags"] & integrity_flags.COUNT_MISSING) for row in found]
    assert missing == [True, False, True]


def test_a_moment_without_a_count_is_no_silence_even_across_an_hour() -> None:
    rows = [*RUNS, *counted("total_count", 0, 59.5, 0.5)]
    told = history(rows, START, at(60.5), [(START, at(60.5))])
    where = plant(None, roles=("state", "total_count"))
    soon = line_facts(where, "l1", told, START, at(60.4))
    assert soon["total_unheard_s"].to_list() == [0.0, 0.0]
    assert soon["total_count"].to_list() == [3570.0, 0.0]
    late = history(rows, START, END)
    assert hours(late, roles=("state", "total_count"))[1]["total_unheard_s"] == 3600.0


def test_a_counter_that_is_read_seldom_may_be_silent_for_twice_as_long() -> None:
    rows = [*RUNS, *counted("total_count", 0, 140, 20)]
    found = hours(history(rows, START, END), roles=("state", "total_count"))
    assert [row["total_unheard_s"] for row in found] == [0.0, 0.0, 0.0]
    rows = [*RUNS, *counted("total_count", 0, 120, 20)]
    found = hours(history(rows, START, END), roles=("state", "total_count"))
    assert [row["total_unheard_s"] for row in found] == [0.0, 0.0, 3600.0]


@pytest.mark.parametrize(("cycle_s", "silent"), [(1.0, 300.0), (200.0, 0.0)])
def test_a_slow_line_is_silent_for_longer(cycle_s: float, silent: float) -> None:
    rows = [*RUNS, *counted("total_count", 0, 175, 1)]
    found = hours(history(rows, START, END), roles=("state", "total_count"), cycle_s=cycle_s)
    assert found[2]["total_unheard_s"] == silent


def test_rejects_stand_still_for_as_long_as_their_machine_is_confirmed() -> None:
    """A counter that a server tells on change alone: no reject, nothing told."""
    rows = [*RUNS, *counted("total_count", 0, 180, 1), ("reject_count", at(0), 3.0)]
    found = hours(history(rows, START, END), roles=("state", "total_count", "reject_count"))
    assert [row["reject_count"] for row in found] == [0.0, 0.0, 0.0]
    assert [row["flags"] for row in found] == [0, 0, 0]


def test_rejects_are_unknown_after_a_sample_that_cannot_be_used() -> None:
    rows = [*RUNS, *counted("total_count", 0, 180, 1)]
    rows += [("reject_count", at(0), 3.0), ("reject_count", at(90.3), 3.0)]
    told = history(rows, START, END, bad=[at(90.3)])
    found = hours(told, roles=("state", "total_count", "reject_count"))
    assert [row["reject_unheard_s"] for row in found] == [0.0, 1782.0, 3600.0]
    assert found[2]["good_count"] is None


def test_a_meter_stands_still_while_nothing_is_produced_and_it_is_confirmed() -> None:
    rows = [("state", START, "producing"), ("state", at(60), "stopped"), ("energy", at(0), 1.0)]
    rows += [("energy", at(59), 4.9), ("energy", at(60), 5.0)]
    found = hours(history(rows, START, END), roles=("state", "energy"))
    assert [row["energy_unheard_s"] for row in found] == [0.0, 0.0, 0.0]
    gone = history(rows, START, END, [(START, at(60))])
    found = hours(gone, roles=("state", "energy"))
    assert [row["energy_unheard_s"] for row in found] == [0.0, 3600.0, 3600.0]
    assert found[2]["energy_kwh"] is None


def test_what_a_counter_had_counted_before_a_reset_in_a_silence_is_lost() -> None:
    rows = [*RUNS, *counted("total_count", 0, 60, 1)]
    rows += [("total_count", at(90 + it), 60.0 * it) for it in range(91)]
    found = hours(history(rows, START, END), roles=("state", "total_count"))
    assert [row["total_unheard_s"] for row in found] == [0.0, 1800.0, 0.0]
    assert [row["total_count"] for row in found] == [3600.0, 1800.0, 3600.0]
    soon = [*RUNS, *counted("total_count", 0, 60, 0.5)]
    soon += [("total_count", at(60.5 + it / 2), 30.0 * it) for it in range(240)]
    quick = hours(history(soon, START, END), roles=("state", "total_count"))
    assert [row["total_unheard_s"] for row in quick] == [0.0, 0.0, 0.0]
    assert [row["total_quiet_s"] for row in quick] == [0.0, 30.0, 0.0]


def test_in_unknown_time_of_the_plan_nothing_is_unheard_because_all_of_it_is_hidden() -> None:
    told = history(RUNS, START, END, [(START, at(60))])
    found = hours(told, roles=("state", "total_count"))
    assert [row["total_unheard_s"] for row in found] == [3600.0, 0.0, 0.0]
    assert [row["possible_count"] for row in found] == [3600.0, 3600.0, 3600.0]


def test_facts_of_an_hour_do_not_depend_on_how_much_more_is_known() -> None:
    rows = [*RUNS, *counted("total_count", 30, 95, 0.7), *counted("reject_count", 12, 50, 9)]
    told = history(rows, START, END)
    where = plant(None, roles=("state", "total_count", "reject_count"))
    whole = line_facts(where, "l1", told, START, END)
    for hour in range(3):
        start, end = at(60 * hour), at(60 * hour + 60)
        alone = line_facts(where, "l1", replace(told), start, end)
        assert alone.equals(whole.filter(pl.col("start") == start))


@pytest.mark.parametrize(
    ("rows", "roles", "unsure"),
    [
        # Rejects, told every ten minutes, told nothing that can be used at the half hour.
        ([*counted("reject_count", 0, 29), ("reject_count", at(30), None)],
         ("state", "total_count", "reject_count"), 2400.0),
        # Nor did anybody know the state: of the items of that half hour none is judged at all.
        ([*counted("reject_count", 0, 29), ("reject_count", at(30), None), ("state", at(30), None)],
         ("state", "total_count", "reject_count"), 600.0),
        # They were told first, or for the last time, while nobody knew the state.
        ([("state", at(0), None), *counted("reject_count", 20, 180)],
         ("state", "total_count", "reject_count"), 1200.0),
        ([("state", at(0), None), *counted("reject_count", 0, 55, 5)],
         ("state", "total_count", "reject_count"), 300.0),
        # Rejects that follow from good items have these in them.
        ([("good_count", at(0), 0.0), ("good_count", at(40), 2400.0),
          ("good_count", at(45), None)],
         ("state", "total_count", "good_count"), 1200.0),
        # These follow for the whole hour, because their own counter told nothing in it.
        ([("reject_count", at(0), 0.0), ("reject_count", at(1), None), ("good_count", at(0), 0.0),
          ("good_count", at(40), 2400.0), ("good_count", at(45), None)],
         ("state", "total_count", "good_count", "reject_count"), 1200.0),
        # A machine that is heard stands still.
        ([("reject_count", at(0), 0.0), ("reject_count", at(30), 0.0)],
         ("state", "total_count", "reject_count"), 0.0),
        # Where all three are counted none follows from the others.
        ([*counted("reject_count", 0, 29), ("reject_count", at(30), None),
          *counted("good_count", 0, 180)],
         ("state", "total_count", "good_count", "reject_count"), 0.0),
    ],
)  # fmt: skip
def test_what_is_judged_by_a_counter_that_is_not_heard_any_more_may_be_otherwise(
    rows: list[Row], roles: tuple[str, ...], unsure: float
) -> None:
    told = sorted([*RUNS, *counted("total_count", 0, 180), *rows], key=lambda row: row[1])
    facts = line_facts(
        plant(None, roles=roles, cycle_time_s=1.0), "l1", history(told, START, END), START, at(60)
    )
    assert facts["unsure_judged_count"].sum() == pytest.approx(unsure)


@pytest.mark.parametrize(
    ("rejects", "good", "unjudged"), [([], None, 3600.0), (["reject_count"], 3600.0 - 60.0, 0.0)]
)
def test_good_items_that_nobody_told_of_in_unknown_time_are_not_none(
    rejects: list[str], good: float | None, unjudged: float
) -> None:
    """The state and the good items are told until 09:00, all items until 11:00: an item a second,
    and a reject a minute."""
    roles = ("state", "total_count", "good_count", *rejects)
    rows = [*RUNS, *counted("total_count", 0, 180, 1), *counted("good_count", 0, 60, 1)]
    rows += [(name, at(minute), 1.0 * minute) for name in rejects for minute in range(181)]
    told = history(sorted(rows, key=lambda row: row[1]), START, END, [(START, at(60))])
    second = hours(told, roles=roles)[1]
    assert second["total_count"] == 3600.0
    assert second["good_count"] == good
    assert second["total_count_unjudged"] == unjudged


def test_rejects_of_a_gap_may_be_of_the_hour_whose_items_are_known() -> None:
    """All items are told until 09:00, and then not until 11:00. 90 rejects were counted from 08:30
    to 10:00: 30 are shared out to the first hour, but all may be of it."""
    rows = [*RUNS, *counted("total_count", 0, 60, 1), ("total_count", at(60.5), None)]
    rows += [("reject_count", at(0), 0.0), ("reject_count", at(30), 0.0)]
    rows += [("reject_count", at(31), None), ("reject_count", at(120), 90.0)]
    told = history(sorted(rows, key=lambda row: row[1]), START, END)
    first, second, _ = hours(told, roles=("state", "total_count", "reject_count"))
    assert (first["reject_count"], second["total_count"]) == (30.0, None)
    assert first["unsure_judged_count"] == 60.0


def test_what_may_have_been_counted_in_a_moment_is_open_and_no_hour_is_flagged_for_it() -> None:
    """Heard first 40 s after 08:00, and last 40 s before 10:00; from then on the line stands."""
    rows = [*RUNS, ("state", at(120), "stopped"), ("reject_count", at(0), 0.0)]
    rows += [("total_count", at(2 / 3 + it / 2), 30.0 * it) for it in range(238)]
    rows += [("energy", at(2 / 3 + it / 2), 0.1 * it) for it in range(238)]
    told = history(sorted(rows, key=lambda row: row[1]), START, END)
    found = hours(told)
    assert [row["total_unheard_s"] for row in found] == [0.0, 0.0, 0.0]
    assert [row["total_quiet_s"] for row in found] == pytest.approx([40.0, 50.0, 0.0], abs=1e-5)
    assert [row["reject_quiet_s"] for row in found] == [0.0, 0.0, 0.0]
    assert [row["good_quiet_s"] for row in found] == [None] * 3, "it has no counter of its own"
    # No more power than between any two readings.
    open_kwh = [row["energy_implausible_kwh"] for row in found]
    assert open_kwh == pytest.approx([40 / 300, 50 / 300, 0.0], abs=1e-6)
    assert [row["possible_count"] for row in found] == pytest.approx([40.0, 50.0, 0.0], abs=1e-5)
    assert [row["flags"] for row in found] == [0, 0, 0]


def test_a_meter_that_told_one_reading_says_nothing_of_the_moment_beside_it() -> None:
    rows = [*RUNS, ("energy", at(0.5), 1.0)]
    found = hours(history(rows, START, END), roles=("state", "energy"))
    assert [row["energy_unheard_s"] for row in found] == [3600.0, 3600.0, 3600.0]


@pytest.mark.parametrize(("lost_at", "quiet", "unjudged_s"), [(30.25, 15, 1785), (33.0, 0, 1620)])
def test_a_counter_that_could_not_be_heard_any_more_may_not_have_come_to_tell(
    lost_at: float, quiet: float, unjudged_s: float
) -> None:
    """Rejects are read every half minute until 08:30. Later than a minute they stand still, for as
    long as their machine is heard; all items are told for longer."""
    rows = [*RUNS, *counted("total_count", 0, 180, 0.5)]
    rows += [("reject_count", at(it / 2), 3.0 * it) for it in range(61)]
    told = history(sorted(rows, key=lambda row: row[1]), START, END, [(START, at(lost_at))])
    first = hours(told, roles=("state", "total_count", "reject_count"))[0]
    assert first["reject_quiet_s"] == quiet
    assert first["reject_unheard_s"] == unjudged_s
    assert first["total_count_unjudged"] == pytest.approx(unjudged_s)


@pytest.mark.parametrize(
    ("roles", "quiet"),
    [
        # Good items are items too; and the total that follows from the others is silent with each.
        (("state", "total_count", "good_count"), 20.0),
        (("state", "good_count", "reject_count"), 30.0),
        (("state", "total_count", "good_count", "reject_count"), 20.0),
    ],
)
def test_what_follows_is_as_silent_as_what_it_follows_from(
    roles: tuple[str, ...], quiet: float
) -> None:
    last = {"total_count": 59.9, "good_count": 60 - 1 / 3, "reject_count": 60 - 1 / 6}
    rows = list(RUNS)
    for name in roles[1:]:
        rows += [(name, at(last[name] - it / 2), 3000.0 - 20 * it) for it in range(119)]
        rows += [(name, at(0), 0.0)]
    told = history(sorted(rows, key=lambda row: row[1]), START, at(60), [(START, at(60))])
    where = plant(None, roles=roles, cycle_time_s=1.0)
    row = line_facts(where, "l1", told, START, at(60)).to_dicts()[0]
    assert row["total_quiet_s"] == pytest.approx(quiet, abs=1e-5)
