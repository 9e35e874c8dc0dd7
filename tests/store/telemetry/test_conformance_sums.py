"""Facts added up by a store: what analytics.kpi.aggregation.condensed makes of the same facts."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from telemetry import facts

from analytics.kpi.aggregation import condensed
from domain.frames import CONDENSED, FACT_SUMS, FACTS, QUANTITY_COLUMNS, STATE_COLUMNS
from domain.time import Window
from store.telemetry.protocol import CalendarPeriod, TelemetryStore

START = datetime(2025, 12, 28, 16, tzinfo=UTC)  # a Monday begins in Hong Kong
DAYS = 40
WHOLE = Window(START, START + timedelta(days=DAYS))
SPECS = {"filler-1": "one", "filler-2": "two"}
KEYS = ["line", "period", "plan", "mode", "order_is", "reason_kind"]
TRUNCATED: dict[CalendarPeriod, str] = {"day": "1d", "week": "1w", "month": "1mo"}


def made_up(line: str, seed: int) -> pl.DataFrame:
    """FACTS of slices of six hours with whatever a line can have; null where it has no such
    signal."""
    chance = random.Random(seed)
    rows = []
    for index in range(DAYS * 4):
        start = START + timedelta(hours=6 * index)
        produced = chance.choice([None, 0.0, chance.random() * 1000])
        columns = {
            "day": (start + timedelta(hours=8)).date(),
            "plan": chance.choice(["busy", "busy", "planned_down", "not_planned"]),
            "mode": chance.choice([None, "produce", "maintenance"]),
            "order": chance.choice([None, "", "4711"]),
            "reason_kind": chance.choice([None, "breakdown", "planned"]),
            **{name: chance.randrange(2**40) for name in STATE_COLUMNS},
            **{name: chance.choice([None, chance.random()]) for name in QUANTITY_COLUMNS},
            "good_count": produced,
            "good_ideal_s": None if produced is None else produced * chance.choice([0.5, 0.3]),
            "rework_count": None,
            "stops": chance.randrange(5),
            "failures": chance.randrange(3),
            "flags": 1 << chance.randrange(12),
        }
        rows.append(facts([(start, start + timedelta(hours=6))], line=line, **columns))
    return pl.concat(rows)


@pytest.fixture
def filled(store: TelemetryStore) -> TelemetryStore:
    for line, spec in SPECS.items():
        store.replace_facts(line, spec, [WHOLE], made_up(line, len(line + spec)), 0)
    return store


def expected(facts: pl.DataFrame, period: CalendarPeriod) -> pl.DataFrame:
    keyed = facts.with_columns(pl.col("day").dt.truncate(TRUNCATED[period]).alias("period"))
    sums = condensed(keyed, ["line", "period"])
    assert dict(sums.schema) == {"line": pl.String(), "period": pl.Date(), **CONDENSED}
    return sums.sort(KEYS)


@pytest.mark.parametrize("period", ["day", "week", "month"])
def test_sums_are_those_of_the_analytics(filled: TelemetryStore, period: CalendarPeriod) -> None:
    """Exact but for the order in which floats are added."""
    lines = [filled.facts(line, spec, WHOLE.start, WHOLE.end) for line, spec in SPECS.items()]
    wanted = expected(pl.concat(lines), period)
    found = filled.fact_sums(SPECS, WHOLE.start, WHOLE.end, period)
    assert found.schema == FACT_SUMS
    shares = [name for name, kind in FACT_SUMS.items() if kind == pl.Float64()]
    assert found.drop(shares).equals(wanted.drop(shares))
    assert_frame_equal(found, wanted, rel_tol=1e-12, abs_tol=1e-9)
    assert found["rework_count"].null_count() == found.height
    assert found["stops"].sum() > 0


def test_sums_are_of_whole_slices_of_the_lines_and_specifications_asked_for(
    filled: TelemetryStore,
) -> None:
    start, end = START + timedelta(hours=3), START + timedelta(hours=33)
    inside = filled.facts("filler-2", "two", start, end)
    assert inside.height == 4
    found = filled.fact_sums({"filler-2": "two", "filler-1": "before"}, start, end, "day")
    assert found.select(STATE_COLUMNS).sum().equals(inside.select(STATE_COLUMNS).sum())
    assert found["line"].unique().to_list() == ["filler-2"]
    assert filled.fact_sums({"filler-1": "two"}, start, end, "day").is_empty()
    assert filled.fact_sums({}, start, end, "day").schema == FACT_SUMS


def test_replaced_facts_are_added_up_anew(filled: TelemetryStore) -> None:
    first = Window(START, START + timedelta(hours=6))
    rows = filled.facts("filler-1", "one", first.start, first.end)
    filled.replace_facts(
        "filler-1", "one", [first], rows.with_columns(producing_us=pl.lit(7, pl.Int64)), 0
    )
    found = filled.fact_sums({"filler-1": "one"}, first.start, first.end, "month")
    assert found["producing_us"].to_list() == [7]
    filled.replace_facts("filler-1", "new", [first], FACTS.to_frame(), 0)
    assert filled.fact_sums({"filler-1": "one"}, WHOLE.start, WHOLE.end, "month").is_empty()
