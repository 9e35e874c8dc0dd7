"""Verdicts on `output` and `commissioned`, worked by hand. 2 March 2026 is a Monday."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import polars as pl
import pytest
from facts_frames import BUSY_S, REST, Day, facts, judged, morning_of, plant, project

from analytics.milestones.verdict import verdict
from domain.grants import CommissionedTerms, DayRange, OutputTerms, Verdict, VerdictStatus

START = date(2026, 3, 2)
DUE = date(2026, 3, 13)
FORTNIGHT = DayRange(START, DUE)
TEN_THOUSAND = OutputTerms(10_000, FORTNIGHT)  # 1,000 on each of ten working days
THREE_DAYS = CommissionedTerms(3_000, within_days=3)


def made(units: float | None, unknown_s: float = 0.0) -> Day:
    return Day(units or 0.0, unknown_s, good=units)


def said(given: Verdict) -> str:
    return " ".join(str(reason) for reason in given.reasons)


def output(*days: Day, cycle_s: float | None = 1.0, as_of: date | None = None) -> Verdict:
    when = morning_of(as_of) if as_of else None
    return judged(TEN_THOUSAND, days, start=START, due=DUE, as_of=when, cycle_s=cycle_s)


def commissioned(*days: Day, cycle_s: float | None = 1.0, as_of: date | None = None) -> Verdict:
    when = morning_of(as_of) if as_of else None
    return judged(THREE_DAYS, days, start=START, due=DUE, as_of=when, cycle_s=cycle_s)


def judged_with(days: list[Day], missed: dict[str, float]) -> Verdict:
    """What the output is judged to be where counters missed that much on each working day."""
    busy = pl.when(pl.col("plan") == "busy")
    amounts = [busy.then(amount).otherwise(0.0).alias(name) for name, amount in missed.items()]
    about = project(TEN_THOUSAND, DUE, start=START)
    rows = {"filler-1": facts(START, days).with_columns(amounts)}
    return verdict(about, about.milestones[0], plant(), rows, morning_of(date(2026, 3, 16)))


def fortnight(day: Day) -> list[Day]:
    rest = replace(REST, good=None) if day.good is None else REST
    week = [*[day] * 5, rest, rest]
    return [*week, *week]


class TestOutput:
    def test_pending_before_the_period_and_before_a_production_day_has_ended(self) -> None:
        before = output(as_of=date(2026, 2, 1))
        assert (before.status, before.window) == (VerdictStatus.PENDING, FORTNIGHT)
        assert said(before) == "The window begins on 2026-03-02."
        assert output(as_of=START).status == VerdictStatus.PENDING

    def test_met_on_the_day_that_reaches_the_number_and_for_good(self) -> None:
        days = [made(4_000), made(4_000), made(2_000), *[made(0)] * 2]
        for as_of in (date(2026, 3, 5), date(2026, 3, 7), date(2026, 3, 7)):
            given = output(*days, as_of=as_of)
            assert (given.status, given.met_on) == (VerdictStatus.MET, date(2026, 3, 4))
            assert (given.value, given.low, given.high) == (10_000, 10_000, 10_000)
            assert given.window == DayRange(START, date(2026, 3, 4))
        assert said(given) == (
            "10,000 good units were counted from 2026-03-02 to 2026-03-04; the terms ask for "
            "10,000. The number was reached on 2026-03-04."
        )

    def test_shares_of_increments_that_miss_by_rounding_do_reach_it(self) -> None:
        thirds = [made(10_000 / 3 - 1e-12)] * 3
        assert output(*thirds).status == VerdictStatus.MET

    def test_the_pace_over_the_days_that_are_planned_tells_on_track_or_at_risk(self) -> None:
        # two of ten production days have ended, eight are left
        assert output(made(1_000), made(1_000)).status == VerdictStatus.ON_TRACK
        given = output(made(1_000), made(990))
        assert given.status == VerdictStatus.AT_RISK
        assert given.value == 1_990
        assert said(given).endswith(
            "At the pace of these 2 production days it will be about 9,950 by 2026-03-13, "
            "with 8 more production days planned."
        )

    def test_weekends_are_not_days_of_the_pace(self) -> None:
        given = output(*[made(1_000)] * 5, REST, REST)
        assert given.status == VerdictStatus.ON_TRACK
        assert "of these 5 production days it will be about 10,000" in said(given)

    def test_units_made_outside_the_plan_count(self) -> None:
        sunday_work = Day(planned=False, good=1_000)
        days = [*[made(1_000)] * 5, REST, sunday_work, *[made(1_000)] * 4]
        assert output(*days).status == VerdictStatus.MET

    def test_units_counted_in_unknown_time_count(self) -> None:
        days = fortnight(made(1_000, unknown_s=BUSY_S - 1_000))
        assert output(*days).status == VerdictStatus.MET

    def test_not_met_after_the_end_also_when_unknown_time_could_not_fill_the_gap(self) -> None:
        assert output(*fortnight(made(900))).status == VerdictStatus.NOT_MET
        given = output(*fortnight(made(900, unknown_s=99)))  # 9,000 + 990 at 1 s a unit
        assert (given.status, given.value, given.high) == (VerdictStatus.NOT_MET, 9_000, 9_990)
        assert "can be no more than 9,990" in said(given)

    def test_not_provable_when_unknown_time_could_hold_what_is_missing(self) -> None:
        given = output(*fortnight(made(900, unknown_s=100)))
        assert (given.status, given.high) == (VerdictStatus.NOT_PROVABLE, 10_000)
        assert "could be as many as 10,000" in said(given)

    @pytest.mark.parametrize(
        ("missed", "status", "reason"),
        [
            ({"total_count_missed": 99.0}, VerdictStatus.NOT_MET, "can be no more than 9,990"),
            ({"total_count_missed": 100.0}, VerdictStatus.NOT_PROVABLE, "as many as 10,000"),
        ],
    )
    def test_what_counters_missed_may_be_what_is_lacking(
        self, missed: dict[str, float], status: VerdictStatus, reason: str
    ) -> None:
        given = judged_with(fortnight(made(900)), missed)
        assert (given.status, given.value) == (status, 9_000)
        assert reason in said(given)

    def test_rejects_that_were_missed_are_no_good_units(self) -> None:
        days = fortnight(made(1_010))
        assert judged_with(days, {"reject_count_missed": 10.0}).status == VerdictStatus.MET
        given = judged_with(days, {"reject_count_missed": 11.0})
        assert (given.status, given.value) == (VerdictStatus.NOT_PROVABLE, 10_100)
        assert "no more than 9,990 are certain" in said(given)

    def test_unknown_time_outside_the_plan_holds_nothing(self) -> None:
        days = facts(START, fortnight(made(900)))
        dark_nights = days.with_columns(unknown_us=days["off_us"], off_us=days["unknown_us"])
        about = project(TEN_THOUSAND, DUE, start=START)
        when = morning_of(date(2026, 3, 16))
        given = verdict(about, about.milestones[0], plant(), {"filler-1": dark_nights}, when)
        assert given.status == VerdictStatus.NOT_MET

    def test_without_an_ideal_cycle_unknown_time_has_no_bound(self) -> None:
        given = output(*fortnight(made(900, unknown_s=1)), cycle_s=None)
        assert (given.status, given.high) == (VerdictStatus.NOT_PROVABLE, None)
        assert "no ideal cycle time" in said(given)
        assert output(*fortnight(made(900)), cycle_s=None).status == VerdictStatus.NOT_MET

    def test_the_fastest_product_that_the_line_ran_bounds_unknown_time(self) -> None:
        days = facts(START, fortnight(made(900, unknown_s=50)))
        # juice-330 takes 0.5 s: 50 s a day could hold 100 units a day
        ran_fast = days.with_columns(product=days["product"].replace("", "juice-330"))
        about = project(TEN_THOUSAND, DUE, start=START)
        when = morning_of(date(2026, 3, 16))
        slow = verdict(about, about.milestones[0], plant(), {"filler-1": days}, when)
        fast = verdict(about, about.milestones[0], plant(), {"filler-1": ran_fast}, when)
        assert (slow.status, slow.high) == (VerdictStatus.NOT_MET, 9_500)
        assert (fast.status, fast.high) == (VerdictStatus.NOT_PROVABLE, 10_000)

    def test_a_line_without_a_counter_proves_nothing(self) -> None:
        assert output(made(None), made(None)).status == VerdictStatus.AT_RISK
        given = output(*fortnight(made(None)))
        assert (given.status, given.value) == (VerdictStatus.NOT_PROVABLE, None)
        assert "not counted on every line" in said(given)

    def test_two_lines_add_up(self) -> None:
        about = project(TEN_THOUSAND, DUE, start=START, lines=("one", "two"))
        days = {line: facts(START, fortnight(made(500)), line) for line in ("one", "two")}
        given = verdict(
            about, about.milestones[0], plant("one", "two"), days, morning_of(date(2026, 3, 16))
        )
        assert (given.status, given.value) == (VerdictStatus.MET, 10_000)


class TestCommissioned:
    def test_pending_before_the_project_starts(self) -> None:
        given = commissioned(as_of=date(2026, 2, 1))
        assert (given.status, given.value) == (VerdictStatus.PENDING, None)

    def test_met_by_the_earliest_run_of_calendar_days(self) -> None:
        given = commissioned(made(100), made(1_500), made(600), made(900), made(3_000))
        assert (given.status, given.met_on) == (VerdictStatus.MET, date(2026, 3, 5))
        assert given.window == DayRange(date(2026, 3, 3), date(2026, 3, 5))
        assert given.value == 3_000

    def test_a_run_may_be_shorter_and_may_not_be_longer(self) -> None:
        assert commissioned(made(3_000)).met_on == START
        spread = commissioned(made(1_000), made(0), made(1_000), made(1_000))
        assert (spread.status, spread.value) == (VerdictStatus.ON_TRACK, 2_000)

    def test_a_weekend_takes_up_days_of_the_run(self) -> None:
        given = commissioned(*[made(0)] * 4, made(1_500), REST, REST, made(1_500))
        assert given.value == 1_500

    def test_on_track_while_a_fresh_run_fits_and_at_risk_after_that(self) -> None:
        days = fortnight(made(100))
        assert commissioned(*days[:9]).status == VerdictStatus.ON_TRACK  # 11, 12, 13 March
        late = commissioned(*days[:10])
        assert late.status == VerdictStatus.AT_RISK
        assert "2 days are left until the due date, 2026-03-13; a fresh run may take 3." in said(
            late
        )

    def test_not_met_after_the_due_date_shows_the_best_run(self) -> None:
        given = commissioned(made(900), made(1_000), made(990), *fortnight(made(10))[3:])
        assert (given.status, given.value, given.high) == (VerdictStatus.NOT_MET, 2_890, 2_890)
        assert given.window == DayRange(START, date(2026, 3, 4))

    def test_a_run_after_the_due_date_does_not_count(self) -> None:
        days = [*fortnight(made(10)), made(3_000)]
        assert commissioned(*days).status == VerdictStatus.NOT_MET

    def test_not_provable_where_any_run_could_have_held_the_units(self) -> None:
        # the best run made 2,000 for certain; three dark days might have made 3 × 36,000
        dark = made(0, unknown_s=BUSY_S)
        days = [made(1_000), made(1_000), *fortnight(made(0))[2:]]
        given = commissioned(*days[:7], dark, dark, dark, *days[10:])
        assert (given.status, given.value) == (VerdictStatus.NOT_PROVABLE, 2_000)
        assert given.high == 3 * BUSY_S

    def test_no_data_at_all_is_not_provable(self) -> None:
        given = commissioned(*fortnight(made(0, unknown_s=BUSY_S)))
        assert (given.status, given.coverage) == (VerdictStatus.NOT_PROVABLE, pytest.approx(0))

    def test_a_line_without_a_counter_proves_nothing(self) -> None:
        assert commissioned(made(None)).status == VerdictStatus.AT_RISK
        given = commissioned(*fortnight(made(None)))
        assert (given.status, given.value) == (VerdictStatus.NOT_PROVABLE, None)
