"""Good units of each day: what may be wrong about their number."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import polars as pl
import pytest
from facts_frames import ZONE, facts, morning_of, oee_day, plant

from analytics.facts.line_facts import line_facts
from analytics.milestones.day_outputs import day_outputs
from analytics.milestones.evidence import Evidence, gather
from domain.frames import HISTORY, SPANS, LineHistory
from domain.grants import DayRange
from domain.plant import Product
from domain.signals import REACH_MARGIN
from domain.time import midnight

START = date(2026, 3, 2)
WEEK = DayRange(START, date(2026, 3, 8))
TWO_DAYS = facts(START, [oee_day(0.5), oee_day(0.7)])


def evidence(rows: pl.DataFrame, as_of: datetime) -> Evidence:
    return gather(("filler-1",), plant(), {"filler-1": rows}, as_of)


def test_what_counters_missed_is_told_of_each_day() -> None:
    busy = pl.when(pl.col("plan") == "busy")
    rows = TWO_DAYS.with_columns(
        total_count_missed=busy.then(50.0).otherwise(0.0),
        reject_count_missed=busy.then(20.0).otherwise(0.0),
    )
    found = day_outputs(evidence(rows, morning_of(START + timedelta(days=2))), WEEK)
    assert [(it.possible_units, it.overstated_units) for it in found] == [(50.0, 20.0)] * 2


def test_what_may_have_been_made_in_a_silence_of_seconds_is_told_of_each_day() -> None:
    """As many as fit at the shortest cycle time into what was produced in it."""
    busy = pl.when(pl.col("plan") == "busy")
    rows = TWO_DAYS.with_columns(total_quiet_s=busy.then(30.0).otherwise(3600.0))
    [cycle_s] = {line.ideal_cycle_time_s for line in plant().lines.values()}
    assert cycle_s is not None
    found = day_outputs(evidence(rows, morning_of(START + timedelta(days=2))), WEEK)
    assert [it.possible_units for it in found] == [pytest.approx(30.0 / cycle_s)] * 2


def test_a_day_of_a_product_that_nobody_told_may_be_of_the_quickest() -> None:
    """The machine was not heard on a day of ten planned hours. Its line makes an item a second, but
    another product of the plant takes half of that: 72,000 of it fit."""
    where = plant()
    quick = Product("quick", {"en": "Quick"}, 0.5)
    roles = {"state": "press", "total_count": "press", "reject_count": "press"}
    lines = {name: replace(line, roles=roles) for name, line in where.lines.items()}
    where = replace(where, products={"quick": quick}, lines=lines)
    start, end = midnight(START, ZONE), midnight(START + timedelta(days=1), ZONE)
    nothing = LineHistory(
        "filler-1",
        start - REACH_MARGIN,
        end + REACH_MARGIN,
        HISTORY.to_frame(),
        SPANS.to_frame().drop("line"),
    )
    rows = line_facts(where, "filler-1", nothing, start, end)
    found = gather(("filler-1",), where, {"filler-1": rows}, morning_of(START + timedelta(days=1)))
    [day] = day_outputs(found, DayRange(START, START))
    assert day.possible_units == pytest.approx(36_000 / 0.5)
