"""Steps of milestones, the state that they lead to, and declared conflicts of interest as JSON."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from api.documents.times import local_text
from domain.grants import Milestone
from domain.milestone_states import (
    DECIDING,
    STEPS,
    ConflictOfInterest,
    StepTaken,
    state_after,
    steps_from,
)

AuthorOf = Callable[[StepTaken], str]


def as_it_is(taken: StepTaken) -> str:
    """Who took the step, for readers from whom nothing is withheld."""
    return taken.author


def step_json(taken: StepTaken, zone: ZoneInfo, author: AuthorOf = as_it_is) -> dict[str, Any]:
    """One step; `verdict`: of a decision, what the data said at that moment."""
    return {
        "project": taken.project,
        "milestone": taken.milestone,
        "action": taken.step.value,
        "state": STEPS[taken.step][1].value,
        "author": author(taken),
        "at": local_text(taken.taken_at, zone),
        "reason": taken.reason,
        "due": taken.due.isoformat() if taken.due else None,
        "verdict": None if taken.verdict is None else orjson.loads(taken.verdict),
    }


def state_json(milestone: Milestone, taken: Sequence[StepTaken], zone: ZoneInfo) -> dict[str, Any]:
    """Where the milestone stands. `taken`: its steps; `agreed_due`: the due day of the grant file;
    `decision`: the last one; `allowed`: the steps that the table allows from there."""
    state = state_after(taken)
    decisions = [it for it in taken if it.step in DECIDING]
    return {
        "state": state.value,
        "allowed": [it.value for it in steps_from(state)],
        "agreed_due": (milestone.agreed_due or milestone.due).isoformat(),
        "decision": step_json(decisions[-1], zone) if decisions else None,
    }


def conflict_json(declared: ConflictOfInterest, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "project": declared.project,
        "author": declared.author,
        "at": local_text(declared.declared_at, zone),
        "reason": declared.reason,
    }
