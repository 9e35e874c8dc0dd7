"""The figures behind a verdict: made of the same facts, in the same way."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from facts_frames import REST, Day, document, facts, morning_of, oee_day, plant, project, weeks

from analytics.milestones.day_figures import UP_TO_DAYS_MAX, DayFigures, FigureKind, day_figures
from analytics.milestones.verdict import verdict
from domain.grants import (
    AttestedTerms,
    CommissionedTerms,
    DayRange,
    DocumentTerms,
    KpiTerms,
    OperatingTerms,
    OutputTerms,
    Terms,
    Verdict,
)

START = date(2026, 3, 2)  # a Monday
DUE = date(2026, 3, 13)
FORTNIGHT = DayRange(START, DUE)


def judged_with_days(
    terms: Terms, days: Sequence[Day], *, start: date = START, end: date = date(2027, 1, 31)
) -> tuple[Verdict, DayFigures | None]:
    """On the morning after the days."""
    about, rows = project(terms, DUE, start=start, end=end), {"filler-1": facts(start, days)}
    as_of = morning_of(start + timedelta(days=len(days)))
    given = verdict(about, about.milestones[0], plant(), rows, as_of)
    return given, day_figures(about, plant(), rows, given)


def test_a_kpi_has_the_figure_of_each_production_day() -> None:
    days = [oee_day(0.7), oee_day(0.6, unknown_share=0.1), REST, oee_day(0.5)]
    terms = KpiTerms("oee", ">=", FORTNIGHT, target=0.65)
    _, found = judged_with_days(terms, days)
    assert found is not None
    assert (found.kind, found.goal) == (FigureKind.EACH_DAY, 0.65)
    assert [it.days.start.day for it in found.figures] == [2, 3, 5]
    assert [it.value for it in found.figures] == pytest.approx([0.7, 0.6, 0.5])
    doubtful = found.figures[1]
    # nine of ten hours are known: 0.54 of the whole for certain, and 0.1 at full speed besides
    assert (doubtful.low, doubtful.high) == (pytest.approx(0.54), pytest.approx(0.64))


def test_the_only_day_of_a_window_is_the_verdict() -> None:
    too_fast = Day(18_000, 3_600, good=20_000)  # more than the ideal cycle of 1 s allows
    terms = KpiTerms("oee", ">=", DayRange(START, START), target=0.5)
    given, found = judged_with_days(terms, [too_fast])
    assert found is not None
    [only] = found.figures
    assert (only.value, only.low, only.high) == (given.value, given.low, given.high)
    assert given.low is not None
    assert given.low < 20_000 / 36_000, "the low bound counts no more than the cycle allows"


@pytest.mark.parametrize("terms", [OutputTerms(9_000, FORTNIGHT), CommissionedTerms(9_000, 5)])
def test_good_units_up_to_each_day_end_at_the_verdict(terms: Terms) -> None:
    days = [Day(1_000, good=1_000), Day(1_000, 500, good=900), Day(1_000, good=1_100)]
    given, found = judged_with_days(terms, days)
    assert found is not None
    assert (found.kind, found.goal) == (FigureKind.UP_TO_DAY, 9_000)
    assert [it.value for it in found.figures] == [1_000, 1_900, 3_000]
    # 500 s were not recorded, and in its fastest hour the line made 1.1 a second
    assert [it.high for it in found.figures] == pytest.approx([1_000, 2_450, 3_550])
    last = found.figures[-1]
    assert (last.value, last.low, last.high) == (given.value, given.low, given.high)
    assert last.days == given.window


def test_of_a_long_period_some_days_have_a_figure_and_the_last_always() -> None:
    long = DayRange(START, START + timedelta(days=364))
    days = weeks(long.start, long.end - timedelta(days=60), Day(100, good=100))
    given, found = judged_with_days(OutputTerms(1_000_000, long), days)
    assert found is not None
    assert 100 <= len(found.figures) <= UP_TO_DAYS_MAX
    assert found.figures[-1].value == given.value
    assert found.figures[-1].days == given.window


def test_operation_has_the_days_of_each_month_that_has_begun() -> None:
    terms = OperatingTerms(production_days_per_month=15, months=6)
    days = weeks(START, date(2026, 4, 14), Day(20_000, good=20_000))
    _, found = judged_with_days(terms, days, end=START - timedelta(days=1))
    assert found is not None
    assert (found.kind, found.goal) == (FigureKind.EACH_MONTH, 15)
    assert [(it.days, it.value) for it in found.figures] == [
        (DayRange(START, date(2026, 4, 1)), 23),
        (DayRange(date(2026, 4, 2), date(2026, 4, 14)), 9),
    ]


def test_what_looks_at_no_machine_or_has_not_begun_has_none() -> None:
    for terms in (DocumentTerms("final_report"), AttestedTerms("training", 10)):
        assert judged_with_days(terms, [oee_day(0.7)])[1] is None
    to_come = DayRange(date(2026, 4, 1), date(2026, 4, 30))
    for later in (OutputTerms(1, to_come), KpiTerms("oee", ">=", to_come, target=0.6)):
        assert judged_with_days(later, [oee_day(0.7)])[1] is None
    about = project(DocumentTerms("final_report"), DUE, start=START)
    attached = [document("M1", "final_report", START)]
    given = verdict(about, about.milestones[0], plant(), {}, morning_of(DUE), attached)
    assert day_figures(about, plant(), {}, given) is None
