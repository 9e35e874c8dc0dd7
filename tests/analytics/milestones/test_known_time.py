"""How much is known of a verdict's days, which stretches are missing, and what was flagged when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

import polars as pl
import pytest
from facts_frames import BUSY_S, REST, ZONE, Day, facts, morning_of, oee_day, plant, project

from analytics.milestones.known_time import KnownTime, Lacking, known_time
from analytics.milestones.verdict import verdict
from domain.grants import DayRange, DocumentTerms, KpiTerms, OutputTerms, Terms
from domain.plant import Plant
from domain.time import Window

START = date(2026, 3, 2)  # a Monday
WEEK = DayRange(START, date(2026, 3, 8))
OEE = KpiTerms("oee", ">=", WEEK, target=0.65)
SILENT = Day(unknown_s=BUSY_S)


def machines() -> Plant:
    found = plant()
    roles = {"state": "filler", "total_count": "counter", "good_count": "scale"}
    line = replace(found.lines["filler-1"], roles=roles)
    return replace(found, lines={"filler-1": line})


def known(terms: Terms, days: Sequence[Day], rows: pl.DataFrame | None = None) -> KnownTime | None:
    about = project(terms, WEEK.end, start=START)
    by_line = {"filler-1": facts(START, days) if rows is None else rows}
    as_of = morning_of(START + timedelta(days=len(days)))
    given = verdict(about, about.milestones[0], machines(), by_line, as_of)
    return known_time(about, machines(), by_line, given)


def at(day: int, hour: int) -> datetime:
    return datetime(2026, 3, day, hour, tzinfo=ZONE)


def test_silent_days_in_a_row_are_one_stretch_of_the_machine_that_tells_the_state() -> None:
    days = [oee_day(0.7), SILENT, SILENT, oee_day(0.7, 0.25, flags=("gap",)), oee_day(0.7)]
    found = known(OEE, days)
    assert found is not None
    assert (found.planned_s, found.unknown_s) == (5 * BUSY_S, 2.25 * BUSY_S)
    assert (found.days, found.production_days) == (DayRange(START, date(2026, 3, 6)), 5)
    (only,) = found.stretches
    assert (only.line, only.machine, only.lacking) == ("filler-1", "filler", Lacking.STATE)
    assert only.window == Window(at(3, 8), at(5, 18))
    assert only.unknown_s == found.unknown_s


def test_two_days_of_which_a_part_is_unknown_are_two_stretches() -> None:
    found = known(OEE, [oee_day(0.7, 0.1), oee_day(0.7, 0.2)])
    assert found is not None
    assert [(it.window.start.day, it.unknown_s) for it in found.stretches] == [
        (3, pytest.approx(0.2 * BUSY_S)),
        (2, pytest.approx(0.1 * BUSY_S)),
    ]


def test_what_a_silent_counter_lacks_is_its_count() -> None:
    silent = Day(20_000, good=0, heard=False)
    found = known(OutputTerms(100_000, WEEK), [oee_day(0.7), silent])
    assert found is not None
    assert found.unknown_s == 0
    assert [(it.machine, it.lacking, it.unknown_s) for it in found.stretches] == [
        ("counter", Lacking.COUNT, 20_000),
        ("scale", Lacking.COUNT, 20_000),
    ]


def test_flags_stand_on_their_days_and_a_trifling_gap_on_none() -> None:
    rows = [
        oee_day(0.7, 0.0005, flags=("gap", "counter_reset")),
        oee_day(0.7, 0.5, flags=("gap",)),
        REST,
        oee_day(0.7),
    ]
    found = known(OEE, rows)
    assert found is not None
    assert [(it.day.day, it.flags) for it in found.by_day] == [
        (2, ("counter_reset",)), (3, ("gap",)), (4, ()), (5, ()),
    ]  # fmt: skip
    assert [it.planned_s for it in found.by_day] == [BUSY_S, BUSY_S, 0, BUSY_S]
    assert found.by_day[1].unknown_s == pytest.approx(BUSY_S / 2)


def test_where_the_baseline_gives_no_target_its_days_are_told() -> None:
    baseline = DayRange(START, date(2026, 3, 3))
    window = DayRange(date(2026, 3, 4), WEEK.end)
    terms = KpiTerms("oee", ">=", window, change=0.1, baseline=baseline, min_coverage=0.9)
    found = known(terms, [SILENT, oee_day(0.7), oee_day(0.7)])
    assert found is not None
    assert (found.days, found.unknown_s) == (baseline, BUSY_S)


def test_what_looks_at_no_machine_or_has_not_begun_has_none() -> None:
    later = KpiTerms("oee", ">=", DayRange(date(2026, 3, 7), WEEK.end), target=0.6)
    for terms in (DocumentTerms("final_report"), later):
        assert known(terms, [oee_day(0.7)]) is None
