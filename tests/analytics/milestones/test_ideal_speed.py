"""What a line made faster than its ideal cycle time allows counts no further than that."""

from __future__ import annotations

from datetime import date

import pytest
from facts_frames import BUSY_S, Day, facts, judged, oee_day

from analytics.milestones.ideal_speed import (
    IDEAL_CYCLE_BEATEN,
    beaten_cycle,
    within_ideal_speed,
)
from domain.grants import DayRange, KpiTerms, Verdict, VerdictStatus

START = date(2026, 3, 2)
WEEK = DayRange(START, date(2026, 3, 6))
HALF_S = BUSY_S / 2


def oee_of_the_week(target: float, *days: Day) -> Verdict:
    terms = KpiTerms("oee", ">=", WEEK, target=target, min_coverage=0.5)
    return judged(terms, list(days), start=START, due=date(2026, 3, 20))


def said(given: Verdict) -> str:
    return " ".join(str(reason) for reason in given.reasons)


@pytest.mark.parametrize(
    ("day", "good_ideal_s", "excess_s"),
    [
        (Day(BUSY_S, good=BUSY_S), BUSY_S, None),
        (Day(BUSY_S, good=BUSY_S + 1), BUSY_S + 1, None),  # counted a moment later
        (Day(BUSY_S, good=BUSY_S + 601), BUSY_S + 1, 600.0),
        (Day(HALF_S, good=BUSY_S), HALF_S + 1, HALF_S - 1),  # twice as fast for half of the day
        (Day(0.0, good=100.0), 1.0, 99.0),  # counted while it stood
        (Day(HALF_S, good=None), None, None),
        (Day(BUSY_S, good=BUSY_S * 2, planned=False), BUSY_S * 2, None),  # measured against nothing
    ],
)
def test_no_slice_counts_more_than_fits(
    day: Day, good_ideal_s: float | None, excess_s: float | None
) -> None:
    made = facts(START, [day])
    found = within_ideal_speed(made)
    expected = pytest.approx(good_ideal_s) if good_ideal_s is not None else 0
    assert found["good_ideal_s"].sum() == expected
    assert found.drop("ideal_s", "good_ideal_s").equals(made.drop("ideal_s", "good_ideal_s"))
    beaten = beaten_cycle(made)
    assert (beaten and beaten.excess_s) == (pytest.approx(excess_s) if excess_s else None)


def test_items_of_unknown_time_may_have_been_made_in_it() -> None:
    made = facts(START, [Day(HALF_S, HALF_S, good=BUSY_S)])
    assert within_ideal_speed(made)["good_ideal_s"].sum() == BUSY_S


def test_a_cycle_that_is_too_easy_does_not_make_up_for_stops() -> None:
    """Twice as fast as the cycle time for half of each day: shown as 100 %, proved as 50 %."""
    given = oee_of_the_week(0.65, *[Day(HALF_S, good=BUSY_S)] * 5)
    assert given.value == pytest.approx(1.0)
    assert given.low == pytest.approx(0.5, abs=1e-3)
    assert given.status == VerdictStatus.NOT_PROVABLE
    assert IDEAL_CYCLE_BEATEN in given.flags
    assert "In 5 slices of time the line made more than its ideal cycle time allows" in said(given)
    assert "worth 1,499.9 minutes" in said(given)  # half of five days of ten hours, but 5 items


def test_what_is_proved_without_the_excess_is_met_and_told() -> None:
    given = oee_of_the_week(0.65, Day(BUSY_S, good=BUSY_S * 1.2), *[oee_day(0.7)] * 4)
    assert given.status == VerdictStatus.MET
    assert given.value == pytest.approx((1.2 + 4 * 0.7) / 5)
    assert given.low == pytest.approx((1.0 + 4 * 0.7) / 5, abs=1e-4)
    assert IDEAL_CYCLE_BEATEN in given.flags


def test_a_fast_day_does_not_lift_slow_ones_to_the_target() -> None:
    """At 0.62 on four days and 108 % on one the mean is 71 %; 69.6 % of it is proved."""
    fast = Day(BUSY_S, good=BUSY_S * 1.08)
    given = oee_of_the_week(0.70, fast, *[oee_day(0.62)] * 4)
    assert given.value == pytest.approx(0.712)
    assert given.low == pytest.approx(0.696, abs=1e-4)
    assert given.status == VerdictStatus.NOT_PROVABLE


def test_a_line_that_keeps_to_its_cycle_is_told_nothing() -> None:
    given = oee_of_the_week(0.65, *[oee_day(1.0)] * 5)
    assert (given.status, given.low) == (VerdictStatus.MET, pytest.approx(1.0))
    assert IDEAL_CYCLE_BEATEN not in given.flags
    assert "ideal cycle" not in said(given)
