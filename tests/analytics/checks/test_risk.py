"""The points of the risk list: each reason alone, at its edges, and in words."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from analytics.checks.risk import CheckRisk, check_risk, distance_to_target
from domain.grants import (
    DayRange,
    Finding,
    FindingSeverity,
    KpiTerms,
    Milestone,
    Reason,
    Verdict,
    VerdictStatus,
)
from domain.milestone_states import MilestoneState, Step, StepTaken

HK = ZoneInfo("Asia/Hong_Kong")
DUE = date(2026, 3, 31)
DAYS = DayRange(date(2026, 3, 1), DUE)
MILESTONE = Milestone("M1", "5.1", DUE, {"en": "x"}, KpiTerms("oee", ">=", DAYS, 0.65), "0" * 64)


def verdict(**more: Any) -> Verdict:
    at = datetime(2026, 5, 1, tzinfo=UTC)
    given = {"status": VerdictStatus.MET, "facts_digest": "f" * 64, **more}
    return Verdict(MILESTONE, at, **given)


def step(name: Step, at: datetime = datetime(2026, 3, 31, 12, tzinfo=HK)) -> StepTaken:
    return StepTaken("P", "M1", name, "somebody", at)


def risk(of: Verdict, *steps: StepTaken, corrections: int = 0) -> CheckRisk:
    found = check_risk(of, steps or (step(Step.SUBMIT),), corrections, HK)
    assert found is not None
    return found


def finding(flag: str, severity: FindingSeverity) -> Finding:
    return Finding(flag, severity, ("l",), DAYS, Reason("says"), Reason("asks"))


def test_a_draft_is_not_in_the_list() -> None:
    assert check_risk(verdict(flags=("gap",)), (), 9, HK) is None


def test_one_that_raises_no_question_has_no_points() -> None:
    found = risk(verdict(value=0.8, low=0.79, high=0.81, target=0.65, op=">=", coverage=1.0))
    assert (found.score, found.reasons, found.state) == (0, (), MilestoneState.SUBMITTED)


@pytest.mark.parametrize(("count", "points"), [(1, 20), (3, 60), (4, 60)])
def test_findings_that_warn(count: int, points: int) -> None:
    found = risk(verdict(findings=(finding("a", FindingSeverity.WARNS),) * count, flags=("a",)))
    assert found.score == points, "the flag of a finding counts once"
    assert found.reasons[0].flags == ("a",)
    assert str(count) in str(found.reasons[0].says)


def test_findings_that_tell_and_other_flags() -> None:
    tells = (finding("a", FindingSeverity.TELLS),) * 4
    found = risk(verdict(findings=tells, flags=("a", "gap", "overdue", "clock_wrong")))
    assert [(it.points, it.flags) for it in found.reasons] == [
        (15, ("a",)),
        (10, ("gap", "clock_wrong")),
    ]
    assert risk(verdict(flags=tuple("abcdefg"))).score == 25


@pytest.mark.parametrize(
    ("coverage", "points"),
    [(None, 0), (1.0, 0), (0.999, 0), (0.9989, 1), (0.97, 3), (0.701, 30), (0.2, 30)],
)
def test_time_that_nobody_recorded(coverage: float | None, points: int) -> None:
    assert risk(verdict(coverage=coverage)).score == points


@pytest.mark.parametrize(
    ("op", "low", "high", "distance", "points"),
    [
        (">=", 65.0, 90.0, 0.0, 25),  # at it: met by nothing to spare
        (">=", 64.9, 65.0, -1.0, 25),  # it may be met, or not
        (">=", 60.0, 64.99, 0.01 / 65, 25),
        (">=", 66.625, 90.0, 0.025, 13),
        (">=", 68.25, 90.0, 0.05, 0),
        ("<=", 60.0, 65.0, 0.0, 25),
        ("<=", 65.0, 65.1, -1.0, 25),
        ("<=", 66.625, 90.0, 0.025, 13),
        ("<=", 10.0, 61.0, 4 / 65, 0),
    ],
)
def test_bounds_near_the_target(
    op: str, low: float, high: float, distance: float, points: int
) -> None:
    of = verdict(low=low, high=high, target=65.0, op=op)
    assert distance_to_target(of) == pytest.approx(distance)
    assert risk(of).score == points


@pytest.mark.parametrize("missing", ["low", "high", "target"])
def test_without_bound_or_target_there_is_no_distance(missing: str) -> None:
    given: dict[str, Any] = {"low": 1.0, "high": 2.0, "target": 1.5, "op": ">=", missing: None}
    assert distance_to_target(verdict(**given)) is None


def test_accepted_without_being_shown() -> None:
    accepted = [step(it) for it in (Step.SUBMIT, Step.TAKE, Step.RECOMMEND, Step.ACCEPT)]
    doubtful = verdict(status=VerdictStatus.NOT_PROVABLE)
    assert risk(doubtful, *accepted).score == 30
    assert risk(doubtful, *accepted[:3]).score == 0
    assert risk(verdict(), *accepted).score == 0
    assert risk(verdict(status=VerdictStatus.NOT_MET, facts_digest=None), *accepted).score == 0


@pytest.mark.parametrize(("corrections", "points"), [(0, 0), (1, 2), (10, 20), (11, 20)])
def test_corrections(corrections: int, points: int) -> None:
    assert risk(verdict(), corrections=corrections).score == points


@pytest.mark.parametrize(("days", "points"), [(0, 0), (1, 1), (10, 1), (11, 2), (400, 10)])
def test_submitted_late_by_the_plants_days(days: int, points: int) -> None:
    last_minute = datetime(2026, 3, 31, 23, 59, tzinfo=HK) + timedelta(days=days)
    assert risk(verdict(), step(Step.SUBMIT, last_minute)).score == points


def test_reasons_with_most_points_stand_first() -> None:
    found = risk(verdict(coverage=0.96, flags=("gap",)), corrections=9)
    assert [it.points for it in found.reasons] == [18, 5, 4]
    assert found.score == 27
