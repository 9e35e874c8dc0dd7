"""The fan shows the futures that the forecast counted, and no others."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from facts_frames import Day, facts, morning_of, oee_day, plant, project, weeks

from analytics.milestones.forecast_fan import POINTS_MAX, QUANTILES, FanPoint, forecast_fan
from analytics.milestones.verdict import verdict
from domain.grants import DayRange, KpiTerms, OutputTerms, Terms, Verdict

START = date(2026, 3, 2)  # a Monday
END = date(2026, 5, 1)
PERIOD = DayRange(START, END)
UNEVEN = [oee_day(0.55 + 0.02 * (n % 8)) for n in range(15)]
THREE_WEEKS = [*UNEVEN[:5], *[Day(planned=False)] * 2, *UNEVEN[5:10], *[Day(planned=False)] * 2,
               *UNEVEN[10:]]  # fmt: skip


def fan(terms: Terms, days: Sequence[Day]) -> tuple[Verdict, tuple[FanPoint, ...]]:
    about, rows = project(terms, END, start=START), {"filler-1": facts(START, days)}
    as_of = morning_of(START + timedelta(days=len(days)))
    given = verdict(about, about.milestones[0], plant(), rows, as_of)
    return given, forecast_fan(about, plant(), rows, given)


def test_of_days_that_are_all_alike_every_future_is_the_same() -> None:
    alike = weeks(START, START + timedelta(days=18), Day(36_000, good=20_000))
    given, found = fan(OutputTerms(900_000, PERIOD), alike)
    assert given.forecast is not None
    assert len(found) <= POINTS_MAX
    last = found[-1]
    assert last.day == END
    assert last.figures == pytest.approx([45 * 20_000.0] * len(QUANTILES))
    first = found[0]  # that many weekdays from the first day of the period to it
    days = sum(
        (START + timedelta(days=n)).weekday() < 5 for n in range((first.day - START).days + 1)
    )
    assert first.figures == pytest.approx([days * 20_000.0] * len(QUANTILES))


def test_it_widens_and_ends_where_the_probability_says() -> None:
    given, found = fan(KpiTerms("oee", ">=", PERIOD, target=0.62), THREE_WEEKS)
    assert given.forecast is not None
    last = dict(zip(QUANTILES, found[-1].figures, strict=True))
    for quantile, figure in last.items():
        share_above = 1 - quantile
        if figure >= 0.62:
            assert given.forecast.probability >= share_above - 0.01
        else:
            assert given.forecast.probability <= share_above + 0.01
    widths = [it.figures[-1] - it.figures[0] for it in found]
    assert widths[-1] > widths[0] > 0
    for it in found:
        assert list(it.figures) == sorted(it.figures)
        assert it.day.weekday() < 5


def test_of_a_window_that_may_lie_anywhere_it_is_the_window_that_ends_there() -> None:
    given, found = fan(KpiTerms("oee", ">=", 5, target=0.95), THREE_WEEKS)
    assert given.forecast is not None
    figures = [figure for it in found for figure in it.figures]
    assert 0.55 <= min(figures) <= max(figures) <= 0.69, "means of five of the days that were"


def test_without_a_forecast_there_is_none() -> None:
    assert fan(KpiTerms("oee", ">=", PERIOD, target=0.6), UNEVEN[:5])[1] == ()
