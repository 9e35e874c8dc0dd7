"""Verdicts on KPI terms, worked by hand. Weeks are Monday to Friday; 2 March 2026 is a Monday.

A day of OEE 0.6 with all its time known has exactly that OEE; a share u of unknown time leaves
the value alone and opens the bounds: low = (1 − u) × value, high = low + u.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

import polars as pl
import pytest
from facts_frames import (
    REST,
    ZONE,
    Day,
    facts,
    judged,
    morning_of,
    oee_day,
    plant,
    project,
)

from analytics.milestones.verdict import verdict
from api.documents.milestones import verdict_json
from domain.errors import InputError
from domain.grants import DayRange, KpiTerms, Verdict, VerdictStatus

START = date(2026, 3, 2)
DUE = date(2026, 3, 27)  # the Friday of the fourth week
FIVE_IN_A_ROW = KpiTerms("oee", ">=", 5, target=0.65, min_coverage=0.95)
MARCH = DayRange(date(2026, 3, 2), date(2026, 3, 13))
TWO_WEEKS = KpiTerms("oee", ">=", MARCH, target=0.65, min_coverage=0.95)


def week(*days: Day) -> list[Day]:
    """Monday to Sunday."""
    return [*days, REST, REST]


def said(given: Verdict) -> str:
    return " ".join(str(reason) for reason in given.reasons)


def in_a_row(*weeks: list[Day], as_of: datetime | None = None, due: date = DUE) -> Verdict:
    days = [day for each in weeks for day in each]
    return judged(FIVE_IN_A_ROW, days, start=START, due=due, as_of=as_of)


def over_range(*days: Day, terms: KpiTerms = TWO_WEEKS, as_of: datetime | None = None) -> Verdict:
    return judged(terms, days, start=START, due=DUE, as_of=as_of)


GOOD, POOR = oee_day(0.7), oee_day(0.6)


class TestDaysInARow:
    def test_met_at_the_earliest_window_that_proves_the_target(self) -> None:
        # Thursday, Friday at 0.6 and Monday to Wednesday at 0.7: (2 × 0.6 + 3 × 0.7) / 5 = 0.66;
        # one day earlier it is 0.64.
        given = in_a_row(week(*[POOR] * 5), week(*[GOOD] * 5))
        assert given.status == VerdictStatus.MET
        assert given.window == DayRange(date(2026, 3, 5), date(2026, 3, 11))
        assert given.met_on == date(2026, 3, 11)
        assert given.value == pytest.approx(0.66)
        assert (given.low, given.high) == (pytest.approx(0.66), pytest.approx(0.66))
        assert (given.target, given.op, given.coverage) == (0.65, ">=", 1.0)
        assert said(given) == (
            "OEE from 2026-03-05 to 2026-03-11 is 66 %. That reaches the target of at least 65 %."
        )

    def test_a_target_reached_exactly_is_met(self) -> None:
        assert in_a_row(week(*[oee_day(0.65)] * 5)).status == VerdictStatus.MET

    def test_met_stays_met_when_the_line_gets_worse_and_the_due_date_passes(self) -> None:
        weeks = [week(*[GOOD] * 5), *[week(*[POOR] * 5)] * 3]
        given = in_a_row(*weeks, as_of=morning_of(date(2026, 3, 30)))
        assert given.status == VerdictStatus.MET
        assert given.met_on == date(2026, 3, 6)

    def test_a_bad_day_cannot_be_left_out_but_a_day_without_plan_is_no_production_day(self) -> None:
        bad = Day()  # planned, and nothing happened: (4 × 0.7 + 0) / 5 = 0.56
        assert in_a_row(week(GOOD, GOOD, bad, GOOD, GOOD)).status == VerdictStatus.AT_RISK
        closed = in_a_row(week(GOOD, GOOD, REST, GOOD, GOOD), [GOOD])
        assert closed.status == VerdictStatus.MET
        assert closed.window == DayRange(START, date(2026, 3, 9))

    def test_pending_before_the_start_and_before_the_first_day_has_ended(self) -> None:
        before = in_a_row(as_of=morning_of(START) - timedelta(days=3))
        assert before.status == VerdictStatus.PENDING
        assert (before.target, before.op, before.value) == (0.65, ">=", None)
        assert said(before) == "The window begins on 2026-03-02."
        first_evening = datetime(2026, 3, 2, 23, 59, tzinfo=ZONE)
        during = in_a_row([GOOD], as_of=first_evening)
        assert during.status == VerdictStatus.PENDING
        assert said(during) == "No production day has ended yet."

    def test_on_track_by_the_last_days_while_there_is_time(self) -> None:
        given = in_a_row([GOOD, GOOD])
        assert given.status == VerdictStatus.ON_TRACK
        assert given.value == pytest.approx(0.7)
        assert given.window == DayRange(START, date(2026, 3, 3))
        assert given.met_on is None

    def test_at_risk_when_the_last_days_miss_the_target(self) -> None:
        given = in_a_row(week(*[POOR] * 5))
        assert given.status == VerdictStatus.AT_RISK
        assert said(given) == (
            "OEE from 2026-03-02 to 2026-03-06 is 60 %. "
            "So far that misses the target of at least 65 %."
        )

    def test_at_risk_when_the_last_days_are_not_recorded_well_enough(self) -> None:
        given = in_a_row(week(*[oee_day(0.9, unknown_share=0.1)] * 5))
        assert given.status == VerdictStatus.AT_RISK
        assert given.low == pytest.approx(0.81)
        assert "Only 90 % of the planned time is recorded" in said(given)

    def test_at_risk_when_too_few_days_are_left_for_a_window(self) -> None:
        # Nothing was planned before Wednesday 25 March: three days remain of five.
        weeks = [week(*[REST] * 5)] * 3
        given = in_a_row(*weeks, [REST, REST, GOOD], as_of=morning_of(date(2026, 3, 26)))
        assert given.status == VerdictStatus.AT_RISK
        assert "4 more production days are needed and only 2 are planned" in said(given)

    def test_a_full_window_that_is_good_but_not_proved_needs_one_more_day(self) -> None:
        blurred = oee_day(0.66, unknown_share=0.05)  # low 0.627
        weeks = [week(*[blurred] * 5)] * 3
        thursday = in_a_row(*weeks, [blurred] * 4, as_of=morning_of(DUE))
        assert thursday.status == VerdictStatus.ON_TRACK
        on_saturday_due = in_a_row(
            *weeks, [blurred] * 5, as_of=morning_of(date(2026, 3, 28)), due=date(2026, 3, 29)
        )
        assert on_saturday_due.status == VerdictStatus.AT_RISK
        assert "1 more production day is needed and only 0" in said(on_saturday_due)

    def test_not_met_after_the_due_date_shows_the_best_window(self) -> None:
        weeks = [week(*[POOR] * 5), week(*[oee_day(0.62)] * 5), *[week(*[POOR] * 5)] * 2]
        given = in_a_row(*weeks)
        assert given.status == VerdictStatus.NOT_MET
        assert given.value == pytest.approx(0.62)
        assert given.window == DayRange(date(2026, 3, 9), date(2026, 3, 13))
        assert "Even at its best that misses the target of at least 65 %." in said(given)
        assert "the best of the 16 windows of 5 production days" in said(given)

    def test_the_due_day_itself_still_counts(self) -> None:
        weeks = [*[week(*[POOR] * 5)] * 3, week(*[GOOD] * 5)]
        last_hour = in_a_row(*weeks, as_of=datetime(2026, 3, 27, 23, 0, tzinfo=ZONE), due=DUE)
        assert last_hour.status == VerdictStatus.MET  # met on the Wednesday, proved by Thursday
        late = [*[week(*[POOR] * 5)] * 3, week(POOR, POOR, GOOD, GOOD, GOOD)]
        assert in_a_row(*late, as_of=morning_of(DUE)).status == VerdictStatus.AT_RISK
        assert in_a_row(*late).met_on == DUE

    def test_days_after_the_due_date_do_not_count(self) -> None:
        weeks = [*[week(*[POOR] * 5)] * 4, week(*[GOOD] * 5)]
        assert in_a_row(*weeks).status == VerdictStatus.NOT_MET

    def test_a_due_date_extended_after_it_passed_is_simply_a_new_due_date(self) -> None:
        """HyphaApp/hypha#4180: an agreed extension could not move a past due date."""
        weeks = [*[week(*[POOR] * 5)] * 4, week(*[GOOD] * 5)]
        extended = in_a_row(*weeks, due=date(2026, 4, 30))
        assert extended.status == VerdictStatus.MET
        assert extended.met_on == date(2026, 4, 1)

    def test_not_provable_when_the_target_lies_between_the_bounds(self) -> None:
        # value 0.6, low 0.588, high 0.608 in the first weeks; the last reaches up to 0.668.
        weeks = [*[week(*[oee_day(0.6, 0.02)] * 5)] * 3, week(*[oee_day(0.66, 0.02)] * 5)]
        given = in_a_row(*weeks)
        assert given.status == VerdictStatus.NOT_PROVABLE
        assert given.window == DayRange(date(2026, 3, 23), DUE)
        assert given.low == pytest.approx(0.98 * 0.66)
        assert given.high == pytest.approx(0.98 * 0.66 + 0.02)
        assert "lies between 64.68 % and 66.68 %" in said(given)
        assert "depends on what was not recorded" in said(given)

    def test_not_provable_when_only_the_coverage_lacks(self) -> None:
        given = in_a_row(*[week(*[oee_day(0.9, 0.1)] * 5)] * 4)
        assert given.status == VerdictStatus.NOT_PROVABLE
        assert "That reaches the target of at least 65 %. Only 90 % of the" in said(given)

    def test_not_met_for_certain_where_too_few_days_were_planned(self) -> None:
        given = in_a_row([GOOD, GOOD, *[REST] * 24])
        assert given.status == VerdictStatus.NOT_MET
        assert (given.value, given.window) == (None, None)
        assert said(given).startswith("Only 2 production days were planned from 2026-03-02 to")


class TestRange:
    def test_pending_before_it_begins_and_before_a_production_day_has_ended(self) -> None:
        given = over_range(as_of=morning_of(date(2026, 2, 20)))
        assert (given.status, given.window) == (VerdictStatus.PENDING, MARCH)
        assert over_range(as_of=morning_of(START)).status == VerdictStatus.PENDING

    def test_inside_it_the_value_so_far_tells(self) -> None:
        good = over_range(GOOD, GOOD, GOOD)
        assert (good.status, good.value) == (VerdictStatus.ON_TRACK, pytest.approx(0.7))
        assert good.window == DayRange(START, date(2026, 3, 4))
        assert over_range(POOR, POOR, GOOD).status == VerdictStatus.AT_RISK

    def test_met_when_it_has_ended_and_not_a_day_earlier(self) -> None:
        fortnight = [*week(*[GOOD] * 5), *week(*[GOOD] * 5)]
        assert over_range(*fortnight[:11]).status == VerdictStatus.ON_TRACK
        given = over_range(*fortnight)
        assert (given.status, given.met_on) == (VerdictStatus.MET, date(2026, 3, 13))
        assert given.window == MARCH

    def test_not_met_also_with_poor_coverage_when_the_best_case_misses(self) -> None:
        # low 0.8 × 0.5 = 0.4, high 0.4 + 0.2 = 0.6 < 0.65
        given = over_range(*week(*[oee_day(0.5, 0.2)] * 5), *week(*[oee_day(0.5, 0.2)] * 5))
        assert given.status == VerdictStatus.NOT_MET
        assert (given.low, given.high) == (pytest.approx(0.4), pytest.approx(0.6))

    @pytest.mark.parametrize(
        ("oee", "unknown", "status"),
        [
            (0.66, 0.02, VerdictStatus.NOT_PROVABLE),  # 0.6468 … 0.6668
            (0.90, 0.10, VerdictStatus.NOT_PROVABLE),  # proved, but coverage 0.9 < 0.95
            (0.70, 0.05, VerdictStatus.MET),  # 0.665, coverage just enough
            (0.60, 0.00, VerdictStatus.NOT_MET),
        ],
    )
    def test_after_its_end(self, oee: float, unknown: float, status: VerdictStatus) -> None:
        days = week(*[oee_day(oee, unknown)] * 5) * 2
        assert over_range(*days).status == status

    def test_nothing_planned_at_all_cannot_be_proved(self) -> None:
        given = over_range(*[REST] * 12)
        assert (given.status, given.value) == (VerdictStatus.NOT_PROVABLE, None)
        assert "cannot be computed" in said(given)

    def test_a_value_is_never_shown_as_the_target_that_it_misses(self) -> None:
        given = over_range(*week(*[oee_day(0.64997)] * 5) * 2)
        assert given.status == VerdictStatus.NOT_MET
        assert "is 64.997 %" in said(given)

    def test_days_end_at_local_midnight(self) -> None:
        days = week(*[GOOD] * 5) * 2
        # 16:00 UTC is midnight in Hong Kong.
        before = datetime.fromisoformat("2026-03-13T15:59:59+00:00")
        assert over_range(*days, as_of=before).status == VerdictStatus.ON_TRACK
        after = datetime.fromisoformat("2026-03-13T16:00:00+00:00")
        assert over_range(*days, as_of=after).status == VerdictStatus.MET

    def test_flags_of_the_window_lower_trust_and_change_nothing(self) -> None:
        flagged = [oee_day(0.7, flags=("counter_reset",)), *[GOOD] * 4]
        given = over_range(*week(*flagged), *week(*[GOOD] * 5))
        assert (given.status, given.flags) == (VerdictStatus.MET, ("counter_reset",))


BASELINE = DayRange(date(2026, 3, 2), date(2026, 3, 6))
LATER = DayRange(date(2026, 3, 9), date(2026, 3, 13))
LESS_ENERGY = KpiTerms(
    "energy_per_good_unit",
    "<=",
    LATER,
    change=-0.20,
    baseline=BASELINE,
    min_coverage=0.9,
)


def energy_day(kwh: float, unknown_s: float = 0.0) -> Day:
    """1,000 good units."""
    return Day(10_000.0, unknown_s, good=1000.0, energy_kwh=kwh)


class TestBaseline:
    def test_the_target_is_the_change_of_the_baseline(self) -> None:
        days = [*week(*[energy_day(100)] * 5), *week(*[energy_day(79)] * 5)]
        given = over_range(*days, terms=LESS_ENERGY)
        assert given.status == VerdictStatus.MET
        assert given.baseline_value == pytest.approx(0.1)
        assert (given.target, given.op) == (pytest.approx(0.08), "<=")
        assert given.value == pytest.approx(0.079)
        assert said(given) == (
            "The target of 0.08 kWh/item is 20 % below the 0.1 kWh/item of the baseline from "
            "2026-03-02 to 2026-03-06. "
            "Energy per good unit from 2026-03-09 to 2026-03-13 is 0.079 kWh/item. "
            "That keeps to the target of at most 0.08 kWh/item."
        )

    def test_not_met_when_it_saves_too_little(self) -> None:
        days = [*week(*[energy_day(100)] * 5), *week(*[energy_day(81)] * 5)]
        given = over_range(*days, terms=LESS_ENERGY)
        assert given.status == VerdictStatus.NOT_MET
        assert "Even at its best that exceeds the target of at most 0.08" in said(given)

    def test_at_risk_and_on_track_are_the_other_way_round_for_less(self) -> None:
        first = week(*[energy_day(100)] * 5)
        assert over_range(*first, energy_day(81), terms=LESS_ENERGY).status == "at_risk"
        assert over_range(*first, energy_day(79), terms=LESS_ENERGY).status == "on_track"

    def test_pending_until_the_baseline_has_ended(self) -> None:
        given = over_range(energy_day(100), terms=LESS_ENERGY)
        assert (given.status, given.target) == (VerdictStatus.PENDING, None)
        last_evening = datetime(2026, 3, 6, 23, 59, tzinfo=ZONE)
        days = [energy_day(100)] * 5
        assert over_range(*days, terms=LESS_ENERGY, as_of=last_evening).target is None
        assert "the baseline, which ends on 2026-03-06" in said(given)

    def test_pending_with_its_target_before_the_window_begins(self) -> None:
        given = over_range(*[energy_day(100)] * 5, terms=LESS_ENERGY)
        assert given.status == VerdictStatus.PENDING
        assert (given.target, given.baseline_value) == (pytest.approx(0.08), pytest.approx(0.1))
        assert "The target of 0.08 kWh/item is 20 % below" in said(given)

    def test_a_baseline_that_is_not_covered_proves_nothing(self) -> None:
        thin = energy_day(100, unknown_s=7_200)  # of 36,000 s: coverage 0.8
        given = over_range(*week(*[thin] * 5), *week(*[energy_day(50)] * 5), terms=LESS_ENERGY)
        assert given.status == VerdictStatus.NOT_PROVABLE
        assert given.baseline_value == pytest.approx(0.1)
        assert (given.value, given.target) == (None, None)
        assert "gives no target" in said(given)
        assert "Only 80 % of the planned time is recorded" in said(given)

    def test_a_baseline_without_a_meter_proves_nothing(self) -> None:
        given = over_range(*week(*[GOOD] * 5), *week(*[GOOD] * 5), terms=LESS_ENERGY)
        assert given.status == VerdictStatus.NOT_PROVABLE
        assert "cannot be computed" in said(given)

    def test_days_in_a_row_against_a_baseline_begin_after_it(self) -> None:
        terms = KpiTerms("oee", ">=", 2, change=0.1, baseline=BASELINE)
        days = [*week(POOR, POOR, POOR, GOOD, GOOD), oee_day(0.75), oee_day(0.75)]
        given = judged(terms, days, start=START, due=DUE)
        assert given.target == pytest.approx(0.64 * 1.1)
        assert given.window == DayRange(date(2026, 3, 9), date(2026, 3, 10))
        assert given.status == VerdictStatus.MET


def test_several_lines_are_summed_not_averaged() -> None:
    """Roll-up of the PyPI package `oee`: 0.80 and 0.45 make 0.5375, not 0.625."""
    small = Day(producing_s=9_000.0, good=8_000.0)  # of 36,000 s, as if 10,000 were planned
    large = Day(producing_s=27_000.0, good=18_000.0)
    days = DayRange(START, START)
    terms = KpiTerms("oee", ">=", days, target=0.3, min_coverage=0.9)
    about = project(terms, DUE, start=START, lines=("one", "two"))
    given = verdict(
        about,
        about.milestones[0],
        plant("one", "two"),
        {"one": facts(START, [small], "one"), "two": facts(START, [large, REST], "two")},
        morning_of(date(2026, 3, 3)),
    )
    # (8,000 + 18,000) / 72,000
    assert given.value == pytest.approx(26_000 / 72_000)


def test_what_one_line_does_not_measure_is_not_known_of_both() -> None:
    days = DayRange(START, START)
    terms = KpiTerms("energy_per_good_unit", "<=", days, target=1.0)
    about = project(terms, DUE, start=START, lines=("one", "two"))
    given = verdict(
        about,
        about.milestones[0],
        plant("one", "two"),
        {"one": facts(START, [energy_day(10)], "one"), "two": facts(START, [GOOD], "two")},
        morning_of(date(2026, 3, 3)),
    )
    assert (given.status, given.value) == (VerdictStatus.NOT_PROVABLE, None)


def test_an_unknown_metric_and_terms_without_a_target_are_told() -> None:
    nonsense = KpiTerms("oe", ">=", MARCH, target=0.65)
    with pytest.raises(InputError, match="unknown metric 'oe'"):
        over_range(GOOD, terms=nonsense)
    with pytest.raises(InputError, match="milestone M1: the terms have neither a target nor"):
        over_range(GOOD, terms=KpiTerms("oee", ">=", MARCH))


@pytest.mark.parametrize(
    ("method", "value", "status"),
    [("iso22400", 0.5, VerdictStatus.NOT_MET), ("oee-com", 1.0, VerdictStatus.MET)],
)
def test_terms_may_name_a_method(method: str, value: float, status: VerdictStatus) -> None:
    """It ran half of the day; the other half stood for a planned reason."""
    half = Day(producing_s=18_000.0, good=18_000.0)
    rows = facts(START, [half]).with_columns(reason_kind=pl.lit("planned"))
    terms = KpiTerms("oee", ">=", DayRange(START, START), target=0.65, method=method)
    about = project(terms, DUE, start=START)
    morning = morning_of(START + timedelta(days=1))
    given = verdict(about, about.milestones[0], plant(), {"filler-1": rows}, morning)
    assert (given.value, given.status) == (value, status)
    assert verdict_json(given, ZONE)["method"] == method
