"""Verdicts on `operating`, worked by hand. The project ends on Sunday, 1 March 2026, so that its
months begin on the second."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from facts_frames import BUSY_S, REST, Day, facts, morning_of, plant, project, weeks

from analytics.milestones.operating_terms import operating_days
from analytics.milestones.verdict import facts_window, verdict
from domain.grants import DayRange, OperatingTerms, Verdict, VerdictStatus

END = date(2026, 3, 1)
FIRST = date(2026, 3, 2)
TERMS = OperatingTerms(production_days_per_month=15, months=2)
WORK = Day(20_000, good=20_000)
IDLE, UNKNOWN = Day(), Day(unknown_s=BUSY_S)


def month(start: date, producing: int, rest: Day = IDLE) -> list[Day]:
    """A month from the second to the first: that many working days with production, then `rest`."""
    last = date(start.year, start.month + 1, 1)
    days, left = weeks(start, last, WORK), producing
    found = []
    for day in days:
        if day is WORK and left == 0:
            found.append(rest)
        else:
            found.append(day)
            left -= day is WORK
    return found


def judged(days: list[Day], as_of: date, terms: OperatingTerms = TERMS) -> Verdict:
    due = operating_days(project(terms, FIRST, start=FIRST, end=END), terms).end
    about = project(terms, due, start=date(2026, 1, 5), end=END)
    rows = {"filler-1": facts(FIRST, days)}
    return verdict(about, about.milestones[0], plant(), rows, morning_of(as_of))


def said(given: Verdict) -> str:
    return " ".join(str(reason) for reason in given.reasons)


APRIL, MAY = date(2026, 4, 2), date(2026, 5, 2)


def test_met_when_every_month_counts() -> None:
    given = judged([*month(FIRST, 15), *month(APRIL, 20)], MAY)
    assert (given.status, given.met_on) == (VerdictStatus.MET, date(2026, 5, 1))
    assert (given.value, given.low, given.high, given.target) == (2, 2, 2, 2)
    assert said(given) == (
        "In 2 of the 2 months that ended the line produced on at least 15 days; the terms "
        "ask for 2 such months."
    )


def test_one_day_too_few_is_not_met_and_told_at_once() -> None:
    given = judged([*month(FIRST, 14)], APRIL)
    assert (given.status, given.value, given.high) == (VerdictStatus.NOT_MET, 0, 0)
    assert "From 2026-03-02 to 2026-04-01 it can have been no more than 14 days." in said(given)


def test_unknown_days_may_have_been_days_with_production() -> None:
    given = judged([*month(FIRST, 14, UNKNOWN), *month(APRIL, 15)], MAY)
    assert given.status == VerdictStatus.NOT_PROVABLE
    assert (given.value, given.low, given.high) == (1, 1, 2)
    assert "only 14 days are certain" in said(given)
    assert "as many as 23" in said(given)
    early = judged([*month(FIRST, 14, UNKNOWN)], APRIL)
    assert early.status == VerdictStatus.AT_RISK


def test_planned_days_without_production_do_not_count() -> None:
    assert judged([*month(FIRST, 0)], APRIL).status == VerdictStatus.NOT_MET


def test_work_outside_the_plan_counts_too() -> None:
    """The terms ask whether the line goes on producing, not whether as planned."""
    sunday = Day(20_000, good=20_000, planned=False)
    days = [sunday if day is REST else IDLE for day in month(FIRST, 0)]
    given = judged(days, APRIL, OperatingTerms(production_days_per_month=8, months=1))
    assert given.status == VerdictStatus.MET


def test_until_a_month_ends_the_days_that_are_planned_decide() -> None:
    half = month(FIRST, 20)[:15]  # eleven working days with production, twelve are left
    given = judged(half, FIRST + timedelta(days=15))
    assert given.status == VerdictStatus.ON_TRACK
    assert "on 11 days so far, and 12 more production days are planned" in said(given)
    idle = [IDLE if day is WORK else day for day in half]
    assert judged(idle, FIRST + timedelta(days=15)).status == VerdictStatus.AT_RISK


def test_before_the_first_month_it_is_pending() -> None:
    about = project(TERMS, MAY, start=date(2026, 1, 5), end=END)
    given = verdict(about, about.milestones[0], plant(), {}, morning_of(date(2026, 2, 1)))
    assert given.status == VerdictStatus.PENDING
    assert facts_window(about, about.milestones[0], plant(), morning_of(END)) is None


@pytest.mark.parametrize(
    ("end", "months", "days"),
    [
        (date(2027, 1, 31), 24, DayRange(date(2027, 2, 1), date(2029, 1, 31))),
        (date(2026, 3, 1), 2, DayRange(date(2026, 3, 2), date(2026, 5, 1))),
        (date(2027, 1, 30), 1, DayRange(date(2027, 1, 31), date(2027, 2, 27))),
        (date(2027, 1, 30), 2, DayRange(date(2027, 1, 31), date(2027, 3, 30))),
        (date(2027, 12, 30), 2, DayRange(date(2027, 12, 31), date(2028, 2, 28))),
    ],
)
def test_months_begin_on_the_day_after_the_project(end: date, months: int, days: DayRange) -> None:
    terms = OperatingTerms(15, months)
    assert operating_days(project(terms, end, start=FIRST, end=end), terms) == days
