"""What was counted across gaps, and may belong to the other side of a border."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import polars as pl
import pytest
from plants import calendar, history, local, plant, shift

from analytics.facts.line_facts import line_facts
from domain.frames import HISTORY, LineHistory
from domain.plant import Calendar, Product

START = local("2026-03-02 08:00")
END = START + timedelta(hours=2)
PLAN = calendar(shift("A", "08:00", "10:00", ("08:20", "08:40")))


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def told(gap: tuple[float, float] | None, hidden: bool = False) -> LineHistory:
    """It produces; counted are 30 items a minute, but not inside the gap."""
    rows: list[tuple[str, datetime, float | str]] = [("state", START, "producing")]
    bad = []
    for minute in range(121):
        if gap is None or not gap[0] < minute < gap[1]:
            rows.append(("total_count", at(minute), 30.0 * minute))
    if gap and hidden:
        bad = [at(gap[0] + 0.5)]
        rows.append(("total_count", bad[0], 0.0))
    known = [(START, at(gap[0])), (at(gap[1]), END)] if gap and not hidden else [(START, END)]
    return history(rows, START, END, known, bad)


def column(name: str, of: LineHistory, plan: Calendar | None = None) -> list[float]:
    where = plant(plan, roles=("state", "total_count"))
    return [round(it, 6) for it in line_facts(where, "l1", of, START, END)[name].to_list()]


def test_without_a_gap_nothing_is_unsure() -> None:
    for name in ("unsure_plan_s", "unsure_start_s", "unsure_end_s"):
        assert column(name, told(None), PLAN) == [0.0, 0.0, 0.0, 0.0]


def test_a_gap_inside_an_hour_is_sure() -> None:
    assert column("unsure_start_s", told((10, 30))) == [0.0, 0.0]
    assert column("unsure_end_s", told((10, 30))) == [0.0, 0.0]


def test_across_an_hour_as_much_is_unsure_as_was_counted_and_as_fits() -> None:
    """600 items of 1 s from 08:50 to 09:10: 300 shared out to each side, and 600 s on each."""
    assert column("unsure_end_s", told((50, 70))) == [300.0, 0.0]
    assert column("unsure_start_s", told((50, 70))) == [0.0, 300.0]


def test_of_all_items_that_follow_from_the_parts_both_parts_are_unsure() -> None:
    """As before, 300 good and 300 rejected items of each side; and as many reworked ones."""
    every = told((50, 70))
    names = ("good_count", "reject_count", "rework_count")
    series = every.samples.filter(pl.col("signal") == "total_count")
    others = every.samples.filter(pl.col("signal") != "total_count")
    counts = [series.with_columns(signal=pl.lit(name)) for name in names]
    samples = pl.concat([others, *counts]).sort("machine", "signal", "time")
    where = plant(None, roles=("state", *names))
    facts = line_facts(where, "l1", replace(every, samples=samples), START, END)
    assert facts["unsure_end_count"].to_list() == [600.0, 0.0]
    assert facts["rework_unsure_end_count"].to_list() == [300.0, 0.0]
    assert facts["rework_unsure_start_count"].to_list() == [0.0, 300.0]


def test_a_counter_that_gave_an_unusable_sample_has_a_gap_where_the_state_is_known() -> None:
    assert column("unsure_end_s", told((50, 70), hidden=True)) == [300.0, 0.0]


def test_a_counter_that_tells_seldom_has_none() -> None:
    rows: list[tuple[str, datetime, float | str]] = [("state", START, "producing")]
    rows += [("total_count", at(minute), 30.0 * minute) for minute in (0, 50, 70, 120)]
    assert column("unsure_end_s", history(rows, START, END)) == [0.0, 0.0]


def test_items_of_a_gap_that_reaches_into_a_break_may_be_of_the_break() -> None:
    """600 items of 1 s from 08:10 to 08:30: all are shared out to the ten planned minutes, and
    the ten of the break hold as many."""
    found = column("unsure_plan_s", told((10, 30)), PLAN)
    assert found == [600.0, 0.0, 0.0, 0.0]
    assert column("total_count", told((10, 30)), PLAN)[:2] == [900.0, 300.0]


def test_energy_across_an_hour_may_all_be_of_either() -> None:
    rows: list[tuple[str, datetime, float | str]] = [("state", START, "producing")]
    rows += [("energy", at(minute), 1.0 * minute) for minute in (0, 50, 70, 120)]
    where = plant(None, roles=("state", "energy"))
    gone = history(rows, START, END, [(START, at(50)), (at(70), END)])
    facts = line_facts(where, "l1", gone, START, END)
    assert facts["energy_unsure_end_kwh"].to_list() == [10.0, 0.0]
    assert facts["energy_unsure_start_kwh"].to_list() == [0.0, 10.0]
    seldom = line_facts(where, "l1", history(rows, START, END), START, END)
    assert seldom["energy_unsure_end_kwh"].to_list() == [0.0, 0.0]


def changing(minute: float, of: LineHistory) -> LineHistory:
    """The same, with the product going from `a` to `b`."""
    told = [("a", START), ("b", at(minute))]
    rows = [("m", "product", moment, None, text, 0) for text, moment in told]
    samples = pl.concat([of.samples, pl.DataFrame(rows, schema=HISTORY, orient="row")])
    return replace(of, samples=samples.sort("machine", "signal", "time"))


def test_items_of_a_gap_in_which_the_product_changed_may_be_of_either() -> None:
    """600 items were counted from 08:10 to 08:30; at 08:20 the product changed from one of 2 s to
    one of 1 s, so their ideal time may be 600 s more or less."""
    items = (Product("a", {"en": "A"}, 2.0), Product("b", {"en": "B"}, 1.0))
    where = plant(None, roles=("state", "total_count"), products=items)
    facts = line_facts(where, "l1", changing(20, told((10, 30), hidden=True)), START, END)
    assert facts["unsure_plan_s"].sum() == pytest.approx(600.0)


def test_across_a_border_fit_items_of_the_product_that_is_there() -> None:
    """From 08:50 to 09:10 were counted 600 items; at 09:00 the product changed from one of 10 s to
    one of 1 s. Into the ten minutes behind fit 600 quick items, so all 300 that are shared out to
    the slow ones before, 3000 s, may belong there, where they are 300 s."""
    items = (Product("a", {"en": "A"}, 10.0), Product("b", {"en": "B"}, 1.0))
    where = plant(None, roles=("state", "total_count"), products=items)
    facts = line_facts(where, "l1", changing(60, told((50, 70), hidden=True)), START, END)
    assert facts["unsure_end_s"].to_list() == [3000.0, 0.0]
    assert facts["unsure_start_s"].to_list() == [0.0, 300.0]


def test_where_nobody_knows_the_product_as_many_fit_as_of_the_quickest() -> None:
    """Into the ten minutes behind 09:00 fit 60 items of `a`; of `b`, which nobody says it is not,
    as many as were counted."""
    items = (Product("a", {"en": "A"}, 10.0), Product("b", {"en": "B"}, 1.0))
    where = plant(None, roles=("state", "total_count"), products=items)
    facts = line_facts(where, "l1", changing(120, told((50, 70))), START, END)
    assert max(facts["unsure_end_count"]) == 300.0


def test_what_a_gap_counted_shows_how_fast_it_was() -> None:
    """Planned are 10 s an item, and 600 items were counted in 20 minutes, so 300 fit into ten."""
    where = plant(None, roles=("state", "total_count"), cycle_time_s=10.0)
    facts = line_facts(where, "l1", told((50, 70)), START, END)
    assert facts["unsure_end_s"].to_list() == [3000.0, 0.0]


def test_an_item_that_was_told_behind_a_gap_may_have_been_made_before_it() -> None:
    """It is counted whole when it is told, in the break at 08:30; the counter could not be heard
    from 08:10 on, ten minutes before the break."""
    rows: list[tuple[str, datetime, float | str]] = [("state", START, "producing")]
    rows += [("total_count", at(minute), value) for minute, value in ((0, 7.0), (10, 7.0))]
    rows += [
        ("total_count", at(10.5), 0.0),
        ("total_count", at(30), 8.0),
        ("total_count", at(120), 8.0),
    ]
    gone = history(rows, START, END, [(START, END)], [at(10.5)])
    assert column("total_count", gone, PLAN)[:2] == [0.0, 1.0]
    assert column("unsure_plan_s", gone, PLAN)[:2] == [1.0, 0.0]
