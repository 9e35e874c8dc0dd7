"""Verdicts as a whole: the facts that they need, their JSON, and what holds for all of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta

import polars as pl
import pytest
from facts_frames import (
    BUSY_S,
    REST,
    ZONE,
    Day,
    facts,
    judged,
    morning_of,
    oee_day,
    plant,
    project,
    weeks,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.kpi.rows import kpi_rows
from analytics.milestones.verdict import days_of_verdict, facts_window, verdict
from api.documents.milestones import project_json, verdict_json
from api.queries.verdicts import ProjectVerdicts
from domain.errors import InputError
from domain.frames import COUNT_COLUMNS, QUANTITY_COLUMNS, STATE_COLUMNS
from domain.grants import (
    CommissionedTerms,
    DayRange,
    DocumentTerms,
    KpiTerms,
    OutputTerms,
    Terms,
    Verdict,
    VerdictStatus,
)
from domain.schemes.funding import funding
from domain.time import Window

START = date(2026, 3, 2)
DUE = date(2026, 3, 13)
PERIOD = DayRange(START, DUE)
FIVE_IN_A_ROW = KpiTerms("oee", ">=", 5, target=0.65, min_coverage=0.95)
LESS_SCRAP = KpiTerms(
    "scrap_ratio",
    "<=",
    DayRange(date(2026, 6, 1), date(2026, 8, 31)),
    change=-0.2,
    baseline=DayRange(date(2026, 1, 5), date(2026, 1, 30)),
)
ALL_KINDS: list[Terms] = [
    FIVE_IN_A_ROW,
    KpiTerms("oee", ">=", PERIOD, target=0.65, min_coverage=0.9),
    KpiTerms("availability", "<=", PERIOD, target=0.65),
    OutputTerms(100_000, PERIOD),
    CommissionedTerms(30_000, within_days=3),
]
FINAL = {VerdictStatus.MET, VerdictStatus.NOT_MET}


class TestFactsWindow:
    def window(self, terms: Terms, as_of: datetime) -> Window | None:
        about = project(terms, DUE, start=START)
        return facts_window(about, about.milestones[0], plant(), as_of)

    def test_from_the_start_to_the_end_of_the_due_day_at_most(self) -> None:
        whole = Window(morning_of(START), morning_of(date(2026, 3, 14)))
        assert self.window(FIVE_IN_A_ROW, morning_of(date(2027, 1, 1))) == whole
        now = datetime(2026, 3, 5, 12, 30, tzinfo=ZONE)
        assert self.window(FIVE_IN_A_ROW, now) == Window(morning_of(START), now)

    def test_from_the_baseline_where_there_is_one(self) -> None:
        found = self.window(LESS_SCRAP, morning_of(date(2027, 1, 1)))
        assert found == Window(morning_of(date(2026, 1, 5)), morning_of(date(2026, 9, 1)))

    def test_nothing_before_it_begins_and_for_documents(self) -> None:
        assert self.window(FIVE_IN_A_ROW, morning_of(START)) is None
        assert self.window(DocumentTerms("x"), morning_of(date(2026, 5, 1))) is None

    def test_facts_of_that_window_are_enough(self) -> None:
        about = project(LESS_SCRAP, DUE, start=START)
        as_of = morning_of(date(2026, 6, 20))
        needed = facts_window(about, about.milestones[0], plant(), as_of)
        assert needed is not None
        days = (needed.end - needed.start).days
        rows = facts(date(2026, 1, 5), [Day(100.0, good=9.0, total=10.0)] * days)
        given = verdict(about, about.milestones[0], plant(), {"filler-1": rows}, as_of)
        assert given.status == VerdictStatus.AT_RISK
        short = {"filler-1": rows.filter(pl.col("day") > date(2026, 1, 5))}
        with pytest.raises(InputError, match="no facts of line 'filler-1' for 2026-01-05"):
            verdict(about, about.milestones[0], plant(), short, as_of)


class TestJson:
    def given(self) -> Verdict:
        days = [oee_day(0.7), oee_day(0.71, 0.02, ("gap",)), *[oee_day(0.7)] * 3]
        return judged(FIVE_IN_A_ROW, days, start=START, due=DUE)

    def test_a_milestone_has_the_fields_of_the_interface(self) -> None:
        given = self.given()
        document = verdict_json(given, ZONE)
        assert json.loads(json.dumps(document)) == document
        expected = {
            "id": "M1",
            "clause": "5.1",
            "due": "2026-03-13",
            "status": "met",
            "decision": None,
            "target": 0.65,
            "op": ">=",
            "window": {"start": "2026-03-02", "end": "2026-03-06"},
            "met_on": "2026-03-06",
            "flags": ["gap"],
            "evidence": {
                "terms_digest": "d" * 64,
                "facts_digest": given.facts_digest,
                "checkpoint": None,
            },
        }
        assert {key: document[key] for key in expected} == expected
        assert document["coverage"] == pytest.approx(0.996)
        assert document["low"] < document["value"] < document["high"]
        assert document["reasons"] == [str(reason) for reason in given.reasons]

    def test_the_document_of_a_project_has_its_grant(self) -> None:
        about = project(FIVE_IN_A_ROW, DUE, start=START)
        as_of = datetime.fromisoformat("2026-03-31T16:00:00+00:00")
        found = ProjectVerdicts(about, plant(), as_of, funding(about), None, (self.given(),))
        document = project_json(found, {})
        assert document["project"] == "NIFS-2025-017"
        assert document["as_of"] == "2026-04-01T00:00:00+08:00"
        assert document["grant"] == {
            "scheme": "NIFS",
            "approved_cost_hkd": 54000000,
            "ceiling_hkd": 15000000,
            "grant_hkd": 15000000,
            "company_hkd": 39000000,
            "rule": "one third of 54000000 or 15000000, whichever is lower",
        }
        assert [each["id"] for each in document["milestones"]] == ["M1"]

    def test_reasons_can_be_said_in_another_language(self) -> None:
        said = verdict_json(self.given(), ZONE, lambda reason: reason.message.upper())
        assert said["reasons"][0].startswith("%(METRIC)S FROM")

    def test_nothing_is_missing_where_nothing_is_known(self) -> None:
        pending = judged(FIVE_IN_A_ROW, [], start=START, due=DUE)
        document = verdict_json(pending, ZONE)
        assert (document["value"], document["window"], document["met_on"]) == (None, None, None)
        assert document["evidence"]["facts_digest"] is None


def test_the_days_of_a_verdict_are_its_window_and_the_baseline_of_its_terms() -> None:
    days = DayRange(date(2026, 6, 1), date(2026, 8, 31))
    asked = project(LESS_SCRAP, DUE, start=START)
    before = morning_of(date(2026, 1, 1))
    found = verdict(asked, asked.milestones[0], plant(), {}, before)
    assert days_of_verdict(replace(found, window=days)) == [days, LESS_SCRAP.baseline]
    assert days_of_verdict(replace(found, window=None)) == [LESS_SCRAP.baseline]


def test_the_figure_of_a_verdict_is_that_of_the_kpi_rows() -> None:
    """emanuelsc3s/SysOEE#35: one KPI, two values on two screens."""
    days = [oee_day(0.61 + n / 70, n / 300) for n in range(5)]
    given = judged(FIVE_IN_A_ROW, days, start=START, due=DUE)
    window = Window.of_days(START, date(2026, 3, 6), ZONE)
    row = kpi_rows(plant(), "filler-1", facts(START, days), window)[0]
    shown = (given.value, given.low, given.high, given.coverage)
    assert shown == (row["oee"], row["oee_low"], row["oee_high"], row["coverage"])


def test_a_time_without_offset_is_refused() -> None:
    with pytest.raises(InputError, match="has no offset"):
        judged(FIVE_IN_A_ROW, [], start=START, due=DUE, as_of=datetime(2026, 3, 2))  # noqa: DTZ001  # is the point


# A working day: the share of it that it ran, and how fast (1 is the ideal cycle).
SHARES = st.sampled_from([0.0, 0.5, 0.65, 0.8, 1.0])
TRUE_DAYS = st.lists(st.one_of(st.none(), st.tuples(SHARES, SHARES)), min_size=12, max_size=13)
HIDDEN = st.lists(st.sampled_from([0.0, 0.0, 0.03, 0.5, 1.0]), min_size=13, max_size=13)


def true_day(day: tuple[float, float] | None) -> Day:
    if day is None:
        return REST
    ran, rate = day
    return Day(BUSY_S * ran, good=BUSY_S * ran * rate)


def hidden(day: Day, share: float) -> Day:
    """The same day with a share of its running time and the units made in it not recorded."""
    if not day.planned:
        return day
    lost_s = day.producing_s * share
    return Day(day.producing_s - lost_s, lost_s, good=(day.good or 0.0) * (1 - share))


def judge(terms: Terms, rows: Mapping[str, pl.DataFrame], as_of: datetime) -> Verdict:
    about = project(terms, DUE, start=START)
    return verdict(about, about.milestones[0], plant(), rows, as_of)


@given(st.sampled_from(ALL_KINDS), TRUE_DAYS, HIDDEN)
@settings(max_examples=30, deadline=None)
def test_hiding_what_happened_never_turns_a_verdict_into_its_opposite(
    terms: Terms, days: list[tuple[float, float] | None], shares: list[float]
) -> None:
    whole = [true_day(day) for day in days]
    partial = [hidden(day, share) for day, share in zip(whole, shares, strict=False)]
    truth = judged(terms, whole, start=START, due=DUE)
    seen = judged(terms, partial, start=START, due=DUE)
    assert {truth.status, seen.status} != FINAL


@given(st.sampled_from(ALL_KINDS), TRUE_DAYS, HIDDEN, st.integers(0, 2**32))
@settings(max_examples=40, deadline=None)
def test_a_verdict_does_not_depend_on_the_order_of_the_facts(
    terms: Terms, days: list[tuple[float, float] | None], shares: list[float], seed: int
) -> None:
    seen = [hidden(true_day(day), share) for day, share in zip(days, shares, strict=False)]
    rows = facts(START, seen)
    shuffled = rows.sample(fraction=1, shuffle=True, seed=seed)
    as_of = morning_of(START + timedelta(days=len(days)))
    assert judge(terms, {"filler-1": shuffled}, as_of) == judge(terms, {"filler-1": rows}, as_of)


@given(st.sampled_from(ALL_KINDS), TRUE_DAYS, HIDDEN)
@settings(max_examples=40, deadline=None)
def test_a_verdict_does_not_depend_on_how_the_facts_were_cut(
    terms: Terms, days: list[tuple[float, float] | None], shares: list[float]
) -> None:
    seen = [hidden(true_day(day), share) for day, share in zip(days, shares, strict=False)]
    rows = facts(START, seen)
    middle = pl.col("start") + (pl.col("end") - pl.col("start")) / 2
    halves = [
        rows.with_columns(
            bound,
            *(pl.col(name) // 2 for name in (*STATE_COLUMNS, *COUNT_COLUMNS)),
            *(pl.col(name) / 2 for name in QUANTITY_COLUMNS),
        )
        for bound in (middle.alias("end"), middle.alias("start"))
    ]
    as_of = morning_of(START + timedelta(days=len(days)))
    one = judge(terms, {"filler-1": rows}, as_of)
    other = judge(terms, {"filler-1": pl.concat(halves)}, as_of)
    assert (other.status, other.window, other.met_on) == (one.status, one.window, one.met_on)
    assert other.value == pytest.approx(one.value)


@given(st.sampled_from(ALL_KINDS), TRUE_DAYS, HIDDEN)
@settings(max_examples=15, deadline=None)
def test_what_is_met_stays_met_and_what_is_final_stays_as_it_is(
    terms: Terms, days: list[tuple[float, float] | None], shares: list[float]
) -> None:
    seen = [hidden(true_day(day), share) for day, share in zip(days, shares, strict=False)]
    rows = {"filler-1": facts(START, seen)}
    met_on = None
    for offset in range(len(days) + 1):
        given = judge(terms, rows, morning_of(START + timedelta(days=offset)))
        if met_on is not None:
            assert (given.status, given.met_on) == (VerdictStatus.MET, met_on)
        met_on = given.met_on
        before_due = START + timedelta(days=offset) <= DUE
        assert given.status != VerdictStatus.NOT_MET or not before_due


class TestOverdue:
    """A flag of its own, whatever the verdict is, from the day after the due date."""

    @pytest.mark.parametrize("terms", ALL_KINDS, ids=lambda terms: terms.kind)
    def test_what_nothing_has_met_is_overdue_once_its_due_day_has_ended(self, terms: Terms) -> None:
        idle = weeks(START, DUE, oee_day(0.1))
        on_the_day = judged(terms, idle[:-1], start=START, due=DUE, as_of=morning_of(DUE))
        after = morning_of(DUE + timedelta(days=1))
        passed = judged(terms, idle, start=START, due=DUE, as_of=after)
        assert "overdue" not in on_the_day.flags
        assert ("overdue" in passed.flags) is (passed.status != VerdictStatus.MET)

    def test_what_was_met_is_not(self) -> None:
        days = weeks(START, DUE, oee_day(0.7))
        after = morning_of(DUE + timedelta(days=1))
        given = judged(FIVE_IN_A_ROW, days, start=START, due=DUE, as_of=after)
        assert (given.status, given.flags) == (VerdictStatus.MET, ())

    def test_what_cannot_be_proved_is_overdue_too(self) -> None:
        days = weeks(START, DUE, oee_day(0.66, 0.5, ("gap",)))
        after = morning_of(DUE + timedelta(days=1))
        given = judged(FIVE_IN_A_ROW, days, start=START, due=DUE, as_of=after)
        assert (given.status, given.flags[-1]) == (VerdictStatus.NOT_PROVABLE, "overdue")


class TestGapsOfSeconds:
    """A thousandth of the planned time is told by coverage and bounds, and not warned of."""

    @pytest.mark.parametrize(
        ("unknown_share", "warned"),
        [(0.0001, False), (0.0009, False), (0.001, False), (0.0011, True), (0.02, True)],
    )
    def test_verdicts_and_rows_warn_of_more_than_a_thousandth(
        self, unknown_share: float, warned: bool
    ) -> None:
        days = [oee_day(0.7, unknown_share, ("gap",))] * 5
        given = judged(FIVE_IN_A_ROW, days, start=START, due=DUE)
        window = Window.of_days(START, date(2026, 3, 6), ZONE)
        row = kpi_rows(plant(), "filler-1", facts(START, days), window)[0]
        assert given.flags == tuple(row["flags"]) == (("gap",) if warned else ())
        assert given.coverage is not None
        assert given.coverage < 1
        assert row["oee_low"] < row["oee_high"]

    def test_terms_without_a_coverage_rest_on_the_bounds_alone(self) -> None:
        terms = KpiTerms("oee", ">=", 5, target=0.65)
        days = [oee_day(0.8, 0.1, ("gap",))] * 5
        given = judged(terms, days, start=START, due=DUE)
        assert (given.status, given.flags) == (VerdictStatus.MET, ("gap",))
