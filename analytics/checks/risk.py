"""Which milestones to check more closely, because something about them asks for it.

A score is a sum of points, each with its reason. It is a rule of thumb that puts the most doubtful
first; it is no probability, and no error rate follows from it (that is what a sample is for).

    what                                            points
    a finding that warns                            20 each, at most 60
    a finding that tells                            5 each, at most 15
    accepted, and the data do not show it is met    30
    the bounds hold the target                      25
    the nearest bound is near the target            25 at it, 0 from 5 % of it on, in between
    planned time that nobody recorded               1 for each per cent, at most 30
    another integrity flag                          5 each, at most 25
    a correction that holds in its days             2 each, at most 20
    submitted after its due day                     1 for each 10 days begun, at most 10
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from analytics.integrity_flags import is_gap_tolerated
from analytics.milestones.sentences import percent
from domain.grants import FindingSeverity, Reason, Verdict, VerdictStatus
from domain.milestone_states import ACCEPTING, MilestoneState, Step, StepTaken, state_after

WARNS, WARNS_MAX = 20, 60
TELLS, TELLS_MAX = 5, 15
ACCEPTED_UNPROVEN = 30
AT_TARGET, NEAR = 25, 0.05
UNKNOWN_MAX = 30
FLAG, FLAGS_MAX = 5, 25
CORRECTION, CORRECTIONS_MAX = 2, 20
LATE_DAYS, LATE_MAX = 10, 10
_OF_FINDINGS = (
    (
        FindingSeverity.WARNS,
        WARNS,
        WARNS_MAX,
        Reason("%(count)s findings warn: somebody should ask before money is paid."),
    ),
    (
        FindingSeverity.TELLS,
        TELLS,
        TELLS_MAX,
        Reason("%(count)s findings tell of what may be right."),
    ),
)
_OF_THE_DUE_DAY = "overdue"  # a flag of a verdict that says nothing of the data


@dataclass(frozen=True, slots=True)
class RiskReason:
    """Why a milestone has so many points more; `flags`: which of the verdict's it is about."""

    points: int
    says: Reason
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CheckRisk:
    """`reasons`: those with most points first."""

    milestone: str
    state: MilestoneState
    reasons: tuple[RiskReason, ...]

    @property
    def score(self) -> int:
        return sum(it.points for it in self.reasons)


def check_risk(
    verdict: Verdict, steps: Sequence[StepTaken], corrections: int, zone: ZoneInfo
) -> CheckRisk | None:
    """Of one milestone; None while it was never submitted. `corrections`: how many hold in the days
    of its verdict; `zone`: of its plant."""
    submitted = [it for it in steps if it.step is Step.SUBMIT]
    if not submitted:
        return None
    late_days = (submitted[0].taken_at.astimezone(zone).date() - verdict.milestone.due).days
    reasons = [
        *_findings(verdict),
        *_flags(verdict),
        *_accepted(verdict, steps),
        *_target(verdict),
        *_unknown(verdict),
        *_corrected(corrections),
        *_late(late_days),
    ]
    ordered = sorted(reasons, key=lambda it: -it.points)
    return CheckRisk(verdict.milestone.id, state_after(steps), tuple(ordered))


def _findings(verdict: Verdict) -> Iterator[RiskReason]:
    for severity, each, most, says in _OF_FINDINGS:
        found = [it for it in verdict.findings if it.severity is severity]
        if found:
            flags = tuple(dict.fromkeys(it.flag for it in found))
            points = min(each * len(found), most)
            yield RiskReason(points, replace(says, values={"count": len(found)}), flags)


def _flags(verdict: Verdict) -> Iterator[RiskReason]:
    told = {it.flag for it in verdict.findings} | {_OF_THE_DUE_DAY}
    flags = tuple(it for it in verdict.flags if it not in told)
    if flags:
        says = Reason("The data have %(count)s integrity flags.", {"count": len(flags)})
        yield RiskReason(min(FLAG * len(flags), FLAGS_MAX), says, flags)


def _accepted(verdict: Verdict, steps: Sequence[StepTaken]) -> Iterator[RiskReason]:
    is_accepted = any(it.step in ACCEPTING for it in steps)
    is_of_data = verdict.facts_digest is not None
    if is_accepted and is_of_data and verdict.status is not VerdictStatus.MET:
        says = Reason("It was accepted, and the data do not show that it is met.")
        yield RiskReason(ACCEPTED_UNPROVEN, says)


def _target(verdict: Verdict) -> Iterator[RiskReason]:
    distance = distance_to_target(verdict)
    if distance is None or distance >= NEAR:
        return
    if distance < 0:
        yield RiskReason(AT_TARGET, Reason("The target lies between the bounds."))
        return
    points = math.ceil(AT_TARGET * (1 - distance / NEAR))
    says = Reason(
        "The nearest bound is within %(share)s of the target.", {"share": percent(distance)}
    )
    yield RiskReason(points, says)


def distance_to_target(verdict: Verdict) -> float | None:
    """How far the nearest bound lies from the target, as a share of it; below zero where the target
    lies between the bounds; None where there is no target or no bound."""
    low, high, target = verdict.low, verdict.high, verdict.target
    if low is None or high is None or not target:
        return None
    reached = (low, high) if verdict.op == ">=" else (-high, -low)
    aim = target if verdict.op == ">=" else -target
    if reached[0] < aim <= reached[1]:
        return -1.0
    nearest = reached[0] - aim if reached[0] >= aim else aim - reached[1]
    return nearest / abs(target)


def _unknown(verdict: Verdict) -> Iterator[RiskReason]:
    if verdict.coverage is None or is_gap_tolerated(verdict.coverage):
        return
    unknown = 1 - verdict.coverage
    says = Reason("%(share)s of the planned time was not recorded.", {"share": percent(unknown)})
    yield RiskReason(min(math.ceil(100 * unknown - 1e-9), UNKNOWN_MAX), says)


def _corrected(corrections: int) -> Iterator[RiskReason]:
    if corrections:
        says = Reason("%(count)s corrections hold in its days.", {"count": corrections})
        yield RiskReason(min(CORRECTION * corrections, CORRECTIONS_MAX), says)


def _late(days: int) -> Iterator[RiskReason]:
    if days > 0:
        says = Reason("It was submitted %(days)s days after its due day.", {"days": days})
        yield RiskReason(min(math.ceil(days / LATE_DAYS), LATE_MAX), says)
