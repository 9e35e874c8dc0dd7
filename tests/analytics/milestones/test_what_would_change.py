"""What would change a verdict: each number is tried out, by judging the days as it says."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from facts_frames import BUSY_S, Day, facts, judged, morning_of, oee_day, plant, project

from analytics.milestones.verdict import verdict
from analytics.milestones.what_would_change import what_would_change
from domain.grants import (
    DayRange,
    DocumentTerms,
    KpiTerms,
    OutputTerms,
    Reason,
    Terms,
    Verdict,
    VerdictStatus,
)

START = date(2026, 3, 2)  # a Monday
WEEK = DayRange(START, date(2026, 3, 6))
SILENT = Day(unknown_s=BUSY_S)
KNOWN = [oee_day(0.6)] * 3
MET, NOT_MET = VerdictStatus.MET, VerdictStatus.NOT_MET


def asked(terms: Terms, days: Sequence[Day]) -> tuple[Verdict, dict[str, Reason]]:
    """The verdict behind those days, and the sentences by how they begin."""
    about, rows = project(terms, WEEK.end, start=START), {"filler-1": facts(START, days)}
    as_of = morning_of(START + timedelta(days=len(days)))
    given = verdict(about, about.milestones[0], plant(), rows, as_of)
    said = what_would_change(about, plant(), rows, given)
    return given, {" ".join(it.message.split()[:3]): it for it in said}


def status(terms: Terms, days: Sequence[Day]) -> VerdictStatus:
    return judged(terms, days, start=START, due=WEEK.end).status


def test_so_much_the_unknown_days_must_have_given_and_no_less() -> None:
    terms = KpiTerms("oee", ">=", WEEK, target=0.7)
    given, said = asked(terms, [*KNOWN, SILENT, SILENT])
    assert given.status is VerdictStatus.NOT_PROVABLE
    told = said["It would be"].values
    assert told == {
        "unknown": "20", "metric": "OEE", "needed": "85 %", "certain": "0 %", "best": "100 %",
    }  # fmt: skip
    assert status(terms, [*KNOWN, oee_day(0.85), oee_day(0.85)]) is MET
    assert status(terms, [*KNOWN, oee_day(0.85), oee_day(0.849)]) is NOT_MET
    assert "wrong side" in said["If the unknown"].message
    assert said["If the unknown"].values["value"] == "60 %"


def test_so_many_hours_must_become_known_and_no_fewer() -> None:
    terms = KpiTerms("oee", ">=", WEEK, target=0.5, min_coverage=0.9)
    days = [oee_day(0.7)] * 4
    given, said = asked(terms, [*days, oee_day(0.7, 0.75)])
    assert given.status is VerdictStatus.NOT_PROVABLE
    assert said["At least %(needed)s"].values == {
        "needed": "2.5", "unknown": "7.5", "min_coverage": "90 %",
    }  # fmt: skip
    assert len(said) == 1, "only the coverage is lacking"
    assert status(terms, [*days, oee_day(0.7, 0.5)]) is MET
    assert status(terms, [*days, oee_day(0.7, 0.501)]) is VerdictStatus.NOT_PROVABLE


def test_of_another_denominator_it_says_between_what_the_target_lies() -> None:
    terms = KpiTerms("energy_per_good_unit", "<=", WEEK, target=0.00095)
    day = Day(BUSY_S, good=30_000, energy_kwh=30)
    half = Day(BUSY_S / 2, BUSY_S / 2, good=15_000, energy_kwh=15)
    given, said = asked(terms, [day, day, day, day, half])
    assert given.status is VerdictStatus.NOT_PROVABLE
    told = said["The target of"]
    assert told.values["target"] == "0.00095 kWh/item"
    assert "wrong side" in said["If the unknown"].message


def test_so_many_units_must_be_shown_and_no_fewer() -> None:
    terms = OutputTerms(100_000, WEEK)
    days = [Day(BUSY_S, good=30_000)] * 3
    given, said = asked(terms, [*days, SILENT, SILENT])
    assert given.status is VerdictStatus.NOT_PROVABLE
    assert said["%(needed)s more good"].values == {"needed": "10,000", "possible": "72,000"}
    assert status(terms, [*days, SILENT, Day(BUSY_S, good=10_000)]) is MET
    assert status(terms, [*days, Day(), Day(BUSY_S, good=9_999)]) is NOT_MET


def test_so_much_the_days_to_come_must_give() -> None:
    terms = OutputTerms(160_000, WEEK)
    given, said = asked(terms, [Day(BUSY_S, good=30_000)] * 2)
    assert given.status is VerdictStatus.AT_RISK
    assert said["The %(left)s production"].values == {
        "left": 3, "needed": "33,333", "days": 2, "so_far": "30,000",
    }  # fmt: skip
    rolling = KpiTerms("oee", ">=", 3, target=0.7)
    _, said = asked(rolling, KNOWN)
    assert said["Any %(count)s production"].values == {"count": 3, "due": "2026-03-06", "left": 2}


def test_what_is_decided_is_changed_by_corrections_alone() -> None:
    for target, status_then, begins in ((0.5, MET, "It is met"), (0.9, NOT_MET, "It is missed")):
        given, said = asked(KpiTerms("oee", ">=", WEEK, target=target), [oee_day(0.6)] * 5)
        assert given.status is status_then
        assert list(said) == [begins]


def test_a_document_is_changed_by_no_time() -> None:
    assert asked(DocumentTerms("final_report"), [oee_day(0.7)])[1] == {}
