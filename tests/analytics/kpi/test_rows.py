"""Rows are computed as columns: a row among many is the row alone, to the bit."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from kpi_facts import facts_row, frame
from plants import plant

from analytics.kpi.aggregation import ROW
from analytics.kpi.evaluation import summed
from analytics.kpi.periods import Period, Periods, periods_of
from analytics.kpi.rows import ManualInputs, period_rows
from analytics.methods.registry import METHODS
from domain.frames import CONDENSED, QUANTITY_COLUMNS, STATE_COLUMNS
from domain.time import Window

PLANT = plant()
START = datetime(2026, 3, 2, tzinfo=UTC)
WINDOW = Window(START, START + timedelta(days=1))
FIGURES = st.dictionaries(
    st.sampled_from(["good_part_count", "inspected_part_count", "other_loss", "cpk"]),
    st.integers(0, 100).map(float),
)
CUTS = st.dictionaries(st.sampled_from(["consumed_material", "good_part_count"]), st.just("cut"))
PARTS = st.lists(
    st.tuples(st.lists(facts_row(), max_size=4), FIGURES, CUTS), min_size=2, max_size=6
)


def a_part(rows: list[dict[str, object]], number: int) -> Periods:
    found = periods_of(f"l{number}", PLANT.zone, frame(rows), WINDOW, None)
    return Periods(found.each, found.facts.select(ROW, *CONDENSED))


@settings(deadline=None)
@given(PARTS, st.sampled_from(tuple(METHODS)))
def test_a_row_among_many_is_the_row_alone(
    parts: list[tuple[list[dict[str, object]], dict[str, float], dict[str, str]]], method: str
) -> None:
    alone, facts = [], []
    each: list[Period] = []
    told = [ManualInputs(further=further, cut=cut) for _, further, cut in parts]
    for number, (rows, _, _) in enumerate(parts):
        part = a_part(rows, number)
        alone += period_rows(part, [told[number]], method)
        facts.append(part.facts.with_columns(pl.lit(number, dtype=pl.Int32()).alias(ROW)))
        each += part.each
    mixed = pl.concat(facts).sample(fraction=1.0, shuffle=True, seed=1)
    assert period_rows(Periods(each, mixed), told, method) == alone


def test_no_rows_at_all() -> None:
    nothing = Periods([], a_part([], 0).facts)
    assert period_rows(nothing, [], list(METHODS)) == []


def a_row(**told: object) -> dict[str, object]:
    """Planned time with nothing in it but what is told."""
    nothing = dict.fromkeys((*STATE_COLUMNS, *QUANTITY_COLUMNS, "stops", "failures"), 0)
    return {**nothing, "plan": "busy", "mode": None, "order": None, "reason_kind": None, **told}


def test_floats_are_added_in_one_order_whatever_comes_first() -> None:
    rows = [
        a_row(mode=mode, energy_kwh=energy)
        for mode, energy in (("produce", 1e16), ("maintenance", 1.0), ("manual", 1.0))
    ]
    found = {summed(frame(list(each))).one("energy_kwh") for each in permutations(rows)}
    assert len(found) == 1


def test_an_input_that_cannot_be_told_is_not_taken_from_the_counters() -> None:
    """A figure for good parts goes before the counters, so a window that cuts it has neither."""
    part = a_part([a_row(producing_us=10**6, total_count=10.0, good_count=9.0)], 0)
    told = ManualInputs(
        further={"inspected_part_count": 10.0}, cut={"good_part_count": "reaches beyond"}
    )
    (row,) = period_rows(part, [told], "iso22400")
    assert row["first_pass_yield"] is None
    assert "first_pass_yield" not in row["bounds"]
    assert row["not_computable"]["first_pass_yield"] == "reaches beyond"


def test_repair_is_of_planned_time_and_no_maintenance_besides() -> None:
    """A fault outside the plan repairs nothing; one while the mode is maintenance counts once."""
    outside = summed(frame([a_row(plan="not_planned", fault_us=5 * 10**6)]))
    assert (outside.one("repair_time_s"), outside.one("preventive_time_s")) == (0.0, 0.0)
    rows = a_row(mode="maintenance", fault_us=5 * 10**6, stopped_us=3 * 10**6)
    within = summed(frame([rows]))
    assert (within.one("repair_time_s"), within.one("preventive_time_s")) == (5.0, 3.0)
