"""Rows are computed as columns: a row among many is the row alone, to the bit."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from kpi_facts import facts_row, frame
from plants import plant

from analytics.kpi_periods import Period, Periods, periods_of
from analytics.kpi_rows import Beside, period_rows
from analytics.kpi_totals import CONDENSED, ROW
from analytics.methods import METHODS
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
    told = [Beside(further=further, cut=cut) for _, further, cut in parts]
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
