"""Forecasts of milestones: what is drawn from what, and how often it comes true."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest
from facts_frames import BUSY_S, REST, Day, judged, oee_day

from domain.grants import (
    CommissionedTerms,
    DayRange,
    KpiTerms,
    MilestoneForecast,
    OutputTerms,
    Terms,
    Verdict,
    VerdictStatus,
)

START = date(2026, 3, 2)  # a Monday
DUE = date(2026, 4, 24)  # Friday of the eighth week
WHOLE = KpiTerms("oee", ">=", DayRange(START, DUE), target=0.65)
IN_A_ROW = KpiTerms("oee", ">=", 10, target=0.65)
WEEK = 7


def ended(values: Sequence[float], terms: KpiTerms = WHOLE, due: date = DUE) -> Verdict:
    """After so many weekdays from Monday on, each with its OEE; weekends give nothing."""
    days: list[Day] = []
    for number, value in enumerate(values, 1):
        days.append(oee_day(value))
        if number % 5 == 0:
            days += [REST, REST]
    return judged(terms, days, start=START, due=due)


def forecast_of(given: Verdict) -> MilestoneForecast:
    assert given.forecast is not None
    return given.forecast


GOOD, BAD = [0.70, 0.68, 0.72] * 7, [0.60, 0.58, 0.62] * 7
UNSURE = [0.60, 0.70, 0.64, 0.66, 0.65, 0.71, 0.59] * 3


@pytest.mark.parametrize("terms", [WHOLE, IN_A_ROW])
@pytest.mark.parametrize(
    ("values", "status", "probability"),
    [(GOOD, VerdictStatus.ON_TRACK, 1.0), (BAD, VerdictStatus.AT_RISK, 0.0)],
)
def test_what_is_plain(
    terms: KpiTerms, values: list[float], status: VerdictStatus, probability: float
) -> None:
    given = ended(values, replace(terms, min_coverage=0.0))
    if terms is IN_A_ROW and values is GOOD:
        assert (given.status, given.forecast) == (VerdictStatus.MET, None), "it is met already"
        return
    found = forecast_of(given)
    assert (given.status, found.probability) == (status, probability)
    assert (found.days, found.days_left) == (21, 19)


def test_the_share_decides_and_is_told() -> None:
    given = ended(UNSURE)
    found = forecast_of(given)
    assert 0.2 < found.probability < 0.8
    assert given.status == VerdictStatus.AT_RISK
    assert str(given.reasons[-1]).startswith(
        f"Of 200 futures drawn from the last 21 production days, {found.probability:.2%}"[:-4]
    )
    assert "from 80 % on it is on track" in str(given.reasons[-1])


def test_the_same_facts_give_the_same_share() -> None:
    assert ended(UNSURE).forecast == ended(UNSURE).forecast


def test_what_each_day_must_give() -> None:
    """20 days at 60 % and 20 to come: they need 70 % for 65 % of all."""
    needed = forecast_of(ended([0.60] * 20)).needed_a_day
    assert needed == pytest.approx(0.70)
    assert forecast_of(ended([0.60] * 20, IN_A_ROW)).needed_a_day is None


def test_output() -> None:
    """20 days of 23,400 good units; 20 more are planned."""
    for target, probability, needed in (
        (900_000.0, 1.0, 21_600.0),
        (950_000.0, 0.0, 24_100.0),
        (400_000.0, None, None),
    ):
        terms = OutputTerms(target, DayRange(START, DUE))
        days = ([oee_day(0.65)] * 5 + [REST] * 2) * 4
        given = judged(terms, days, start=START, due=DUE)
        if probability is None:
            assert (given.status, given.forecast) == (VerdictStatus.MET, None)
            continue
        found = forecast_of(given)
        assert (found.probability, found.needed_a_day) == (probability, needed)


def test_commissioning_counts_days_in_a_row_weekends_too() -> None:
    """Seven days in a row hold five working days of 23,400 good units."""
    days = ([oee_day(0.65)] * 5 + [REST] * 2) * 2 + [oee_day(0.6)] * 4
    for target, probability in ((116_000.0, 1.0), (118_000.0, 0.0)):
        terms = CommissionedTerms(target, 7)
        given = judged(terms, days[4:], start=START + timedelta(days=4), due=DUE)
        if given.status == VerdictStatus.MET:
            assert target < 117_000
            continue
        found = forecast_of(given)
        assert found.probability == probability
        assert found.needed_a_day is None


@pytest.mark.parametrize(("count", "is_told"), [(9, False), (10, True)])
def test_from_less_than_ten_days_nothing_is_told(count: int, is_told: bool) -> None:
    assert (ended(UNSURE[:count]).forecast is not None) == is_told


@pytest.mark.parametrize("terms", [WHOLE, IN_A_ROW, OutputTerms(900_000.0, DayRange(START, DUE))])
@pytest.mark.parametrize(("known", "is_told"), [(9, False), (10, True)])
@pytest.mark.parametrize(
    "silent",
    [
        oee_day(0.9, unknown_share=1.0),
        oee_day(0.9, unknown_share=0.6),
        Day(producing_s=BUSY_S, heard=False),
    ],
    ids=["nothing", "less than half", "no count"],
)
def test_a_day_of_which_little_is_known_tells_nothing_of_others(
    terms: Terms, known: int, is_told: bool, silent: Day
) -> None:
    days = [oee_day(0.60), oee_day(0.66)] * 5
    days = [*days[:known], *[silent] * 5]
    given = judged(terms, days, start=START, due=DUE)
    assert (given.forecast is not None) == is_told
    if given.forecast is not None:
        assert given.forecast.days == known


def test_what_each_day_must_give_is_of_the_days_that_are_known() -> None:
    """12 days at 60 %, eight of which nothing is known, 20 to come: what each must give for 65 % of
    these 32 days together."""
    days = [*[oee_day(0.60)] * 12, *[oee_day(0.60, unknown_share=1.0)] * 8]
    weeks = [it for at in range(0, 20, 5) for it in (*days[at : at + 5], REST, REST)]
    needed = forecast_of(judged(WHOLE, weeks, start=START, due=DUE)).needed_a_day
    assert needed == pytest.approx((0.65 * 32 - 0.60 * 12) / 20)


def test_of_more_than_a_year_ahead_nothing_is_told() -> None:
    far = date(2027, 12, 31)
    assert ended(UNSURE, IN_A_ROW, far).forecast is None
    near = date(2026, 12, 31)
    assert ended(UNSURE, replace(IN_A_ROW, target=0.75), near).forecast is not None


def test_too_few_days_to_come_cannot_be_enough() -> None:
    """Ten in a row are asked for, and no day is left that could be the tenth good one."""
    last = [0.40] * 12 + [0.70] * 3
    given = ended(last, IN_A_ROW, START + timedelta(days=WEEK * 3 + 2))
    found = forecast_of(given)
    assert (found.days_left, found.probability) == (3, 0.0)


def test_without_a_forecast_after_the_due_day() -> None:
    given = ended([0.6] * 40)
    assert (given.status, given.forecast) == (VerdictStatus.NOT_MET, None)
