"""What a verdict stands on: days, sums and the digest of facts."""

from __future__ import annotations

import hashlib
import struct
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from facts_frames import REST, ZONE, Day, facts, morning_of, oee_day, plant

from analytics.facts.line_facts import line_facts
from analytics.milestones.evidence import Evidence, facts_digest, gather
from domain.errors import InputError
from domain.frames import FACTS, HISTORY, SPANS, LineHistory
from domain.grants import DayRange
from domain.plant import Line, Plant
from domain.signals import REACH_MARGIN
from domain.time import micros, midnight

START = date(2026, 3, 2)
WEEK = DayRange(START, date(2026, 3, 8))
TWO_DAYS = facts(START, [oee_day(0.5), oee_day(0.7)])


def evidence(rows: pl.DataFrame, as_of: datetime) -> Evidence:
    return gather(("filler-1",), plant(), {"filler-1": rows}, as_of)


def test_only_days_that_had_ended_are_looked_at() -> None:
    late = evidence(TWO_DAYS, datetime(2026, 3, 3, 23, 59, 59, tzinfo=ZONE))
    assert late.production_days(WEEK) == [START]
    assert late.kpi_value("oee", WEEK).value == pytest.approx(0.5)
    after = evidence(TWO_DAYS, morning_of(date(2026, 3, 4)))
    assert after.production_days(WEEK) == [START, date(2026, 3, 3)]


def test_a_production_day_is_one_with_planned_busy_time() -> None:
    rows = facts(START, [Day(), REST, Day(planned=False, good=500), Day(unknown_s=36_000)])
    found = evidence(rows, morning_of(date(2026, 3, 10))).production_days(WEEK)
    assert found == [START, date(2026, 3, 5)]


def test_planned_days_come_from_the_calendar() -> None:
    now = evidence(TWO_DAYS, morning_of(date(2026, 3, 4)))
    assert len(now.planned_days(DayRange(date(2026, 3, 4), date(2026, 3, 15)))) == 3 + 5
    assert len(now.planned_days(DayRange(date(2026, 3, 7), date(2026, 3, 8)))) == 0
    assert len(now.planned_days(DayRange(date(2026, 3, 9), date(2026, 3, 8)))) == 0


def test_a_line_round_the_clock_is_planned_every_day_also_when_clocks_change() -> None:
    """odoo/odoo#70841, datalust/seq-tickets#902: days of 23 and 25 hours."""
    zone = ZoneInfo("Europe/Berlin")
    one = plant()
    line = Line("filler-1", {"en": ""}, {}, {})
    berlin = Plant(one.id, zone, one.company, "", {}, {"filler-1": line})
    start, end = midnight(date(2026, 3, 28), zone), midnight(date(2026, 3, 31), zone)
    known = (start - REACH_MARGIN, end + REACH_MARGIN)
    nothing = LineHistory("filler-1", *known, HISTORY.to_frame(), SPANS.to_frame().drop("line"))
    rows = line_facts(berlin, "filler-1", nothing, start, end)
    weekend = DayRange(date(2026, 3, 28), date(2026, 3, 30))
    found = gather(("filler-1",), berlin, {"filler-1": rows}, end)
    assert len(found.production_days(weekend)) == 3
    assert len(found.planned_days(weekend)) == 3
    assert found.sums(weekend).unknown_time_s == (24 + 23 + 24) * 3600


def test_a_missing_line_or_day_is_told() -> None:
    with pytest.raises(InputError, match="no facts of line 'filler-2'"):
        gather(("filler-2",), plant(), {"filler-1": TWO_DAYS}, morning_of(START))
    holed = TWO_DAYS.filter(pl.col("day") != START)
    with pytest.raises(InputError, match="no facts of line 'filler-1' for 2026-03-02"):
        evidence(holed, morning_of(date(2026, 3, 4))).require(WEEK)
    evidence(TWO_DAYS, morning_of(date(2026, 3, 4))).require(WEEK)


def test_the_digest_is_the_same_for_the_same_rows_in_any_order() -> None:
    digest = facts_digest(TWO_DAYS)
    assert facts_digest(TWO_DAYS.reverse()) == digest
    assert facts_digest(TWO_DAYS.sample(fraction=1, shuffle=True, seed=1)) == digest
    zero = pl.col("good_count") == 0
    negative = pl.when(zero).then(-0.0).otherwise(pl.col("good_count")).alias("good_count")
    assert facts_digest(TWO_DAYS.with_columns(negative)) == digest


def digest_by_hand(rows: pl.DataFrame) -> str:
    """The bytes that `facts_digest` describes, written a second time in plain Python."""
    ordered = rows.sort("start")  # unique here
    written = f"lineproof-facts/1\n{rows.height}\n".encode()
    for name, kind in FACTS.items():
        values = ordered[name].to_list()
        written += name.encode() + b"\n" + bytes(value is None for value in values)
        for value in values:
            if kind == pl.String:
                written += struct.pack("<q", len((value or "").encode())) + (value or "").encode()
            elif kind == pl.Float64:
                written += struct.pack("<d", value or 0.0)
            elif isinstance(value, datetime):
                written += struct.pack("<q", micros(value))
            elif isinstance(value, date):
                written += struct.pack("<q", value.toordinal() - date(1970, 1, 1).toordinal())
            else:
                written += struct.pack("<q", value or 0)
    return hashlib.sha256(written).hexdigest()


def test_the_digest_is_over_the_bytes_that_are_described() -> None:
    chinese = TWO_DAYS.with_columns(product=pl.lit("果汁 330"))
    assert facts_digest(chinese) == digest_by_hand(chinese)
    assert facts_digest(FACTS.to_frame()) == digest_by_hand(FACTS.to_frame())


@pytest.mark.parametrize("column", FACTS.names())
def test_the_digest_changes_with_every_column(column: str) -> None:
    row = TWO_DAYS[1:2].with_columns(
        pl.lit(None, dtype=FACTS[column]).alias(column)
        if TWO_DAYS[column][1] is not None
        else pl.lit("" if FACTS[column] == pl.String else 0).cast(FACTS[column]).alias(column)
    )
    assert facts_digest(row) != facts_digest(TWO_DAYS[1:2])


def test_rows_of_ranges_that_overlap_are_taken_once() -> None:
    found = evidence(TWO_DAYS, morning_of(START + timedelta(days=2)))
    twice = found.rows_of([WEEK, DayRange(START, START)])
    assert twice.height == TWO_DAYS.height
