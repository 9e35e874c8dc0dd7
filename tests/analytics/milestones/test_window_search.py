"""Windows: a range of days, the first production days from a day on, production days in a row."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest
from facts_frames import REST, Day, facts, judged, morning_of, oee_day, plant, project, weeks

from analytics.milestones.verdict import verdict
from domain.grants import (
    DayRange,
    FirstProductionDays,
    KpiTerms,
    OutputTerms,
    ProducingDaysTerms,
    Terms,
    Verdict,
)
from domain.grants import VerdictStatus as Status

START = date(2026, 3, 2)  # a Monday
DUE = date(2026, 3, 27)
GOOD, BAD = Day(30_000.0, good=20_000.0), Day(30_000.0, good=5_000.0)
FIVE = FirstProductionDays(START + timedelta(days=2), 5)


def said(given: Verdict) -> str:
    return " ".join(str(reason) for reason in given.reasons)


def after(terms: Terms, days: int, done: Day = GOOD, due: date = DUE) -> Verdict:
    return judged(terms, weeks(START, START + timedelta(days=days - 1), done), start=START, due=due)


def test_the_first_production_days_end_with_the_last_of_them() -> None:
    """From Wednesday on: Wednesday to Friday, Monday, Tuesday."""
    terms = OutputTerms(100_000.0, FIVE)
    running = after(terms, 8)
    assert (running.status, running.window) == (
        Status.ON_TRACK,
        DayRange(FIVE.start, date(2026, 3, 9)),
    )
    met = after(terms, 9)
    assert (met.status, met.met_on) == (Status.MET, date(2026, 3, 10))
    later = after(OutputTerms(100_001.0, FIVE), 20)
    assert (later.status, later.value, later.window) == (
        Status.NOT_MET,
        100_000.0,
        DayRange(FIVE.start, date(2026, 3, 10)),
    ), "what was made on later days does not count"


def test_a_metric_of_the_first_production_days_is_judged_when_they_have_ended() -> None:
    terms = KpiTerms("oee", ">=", FIVE, 0.5)
    assert after(terms, 8, oee_day(0.7)).status == Status.ON_TRACK
    met = after(terms, 9, oee_day(0.7))
    assert (met.status, met.met_on) == (Status.MET, date(2026, 3, 10))
    assert after(terms, 2, oee_day(0.7)).status == Status.PENDING


def test_more_production_days_than_the_calendar_plans_are_told_before_and_after() -> None:
    terms = KpiTerms("oee", ">=", FirstProductionDays(START, 25), 0.5)
    early = after(terms, 8, oee_day(0.7))
    assert early.status == Status.AT_RISK
    assert "19 more production days are needed and only 14 are planned" in said(early)
    late = after(terms, 28, oee_day(0.7))
    assert (late.status, late.window) == (Status.NOT_MET, None)
    assert "Only 20 production days were planned" in said(late)


def test_units_of_production_days_in_a_row_are_those_of_the_best_ones() -> None:
    """Two weeks, of which the days from Thursday to Tuesday are good."""
    days = [BAD, BAD, BAD, GOOD, GOOD, REST, REST, GOOD, GOOD, BAD]
    met = judged(OutputTerms(80_000.0, 4), days, start=START, due=DUE)
    assert (met.status, met.window, met.met_on) == (
        Status.MET,
        DayRange(date(2026, 3, 5), date(2026, 3, 10)),
        date(2026, 3, 10),
    )
    missed = judged(OutputTerms(80_001.0, 4), days, start=START, due=date(2026, 3, 11))
    assert (missed.status, missed.value) == (Status.NOT_MET, 80_000.0)
    assert "This is the best of the 5 windows of 4 production days in a row" in said(missed)
    running = judged(OutputTerms(80_001.0, 4), days, start=START, due=DUE)
    assert (running.status, running.window) == (
        Status.AT_RISK,
        DayRange(date(2026, 3, 6), date(2026, 3, 11)),
    )


def test_days_with_production_in_a_row_lie_behind_the_project() -> None:
    days = [GOOD, Day(), GOOD, GOOD, Day(0.0, 36_000.0, good=0.0), GOOD, GOOD, Day()]
    about = project(ProducingDaysTerms(4, 4), DUE, start=START - timedelta(days=9), end=START)

    def judged_by(needed: int) -> Verdict:
        terms = ProducingDaysTerms(needed, 4)
        milestone = project(terms, date(2026, 3, 9), start=START).milestones[0]
        rows = {"filler-1": facts(START, days)}
        return verdict(about, milestone, plant(), rows, morning_of(date(2026, 3, 10)))

    assert judged_by(3).status == Status.MET
    unsure = judged_by(4)
    assert (unsure.status, unsure.value, unsure.high) == (Status.NOT_PROVABLE, 3, 4)
    assert unsure.window == DayRange(date(2026, 3, 4), date(2026, 3, 7))


def with_shifts(rows: pl.DataFrame) -> pl.DataFrame:
    """The planned hours are of the day shift until Wednesday, and of the night shift then."""
    name = pl.when(pl.col("day") <= date(2026, 3, 4)).then(pl.lit("day")).otherwise(pl.lit("night"))
    return rows.with_columns(shift=pl.when(pl.col("plan") == "busy").then(name))


@pytest.mark.parametrize("day", [GOOD, BAD])
def test_days_without_the_shift_are_no_production_days(day: Day) -> None:
    terms = OutputTerms(15_000.0, 3, ("day",))
    about = project(terms, date(2026, 3, 6), start=START)
    rows = {"filler-1": with_shifts(facts(START, [day] * 5))}
    found = verdict(about, about.milestones[0], plant(), rows, morning_of(date(2026, 3, 7)))
    assert found.window == DayRange(START, date(2026, 3, 4))
    assert found.status == Status.MET
    assert found.met_on == date(2026, 3, 4)


def test_of_a_shift_that_never_was_nothing_is_known() -> None:
    terms = OutputTerms(15_000.0, DayRange(START, date(2026, 3, 6)), ("late",))
    about = project(terms, date(2026, 3, 6), start=START)
    rows = {"filler-1": with_shifts(facts(START, [GOOD] * 5))}
    found = verdict(about, about.milestones[0], plant(), rows, morning_of(date(2026, 3, 7)))
    assert (found.status, found.value, found.coverage) == (Status.NOT_PROVABLE, None, None)
