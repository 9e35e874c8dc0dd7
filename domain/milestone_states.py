"""A milestone's life: its states, the steps from one to another, and who may take them.

STEPS is the one table: from which states a step may be taken, and where it leads. A milestone is a
draft until the company submits it; an officer checks it, asks where something is missing, and
recommends; then it is decided. A worked example, with the state after each step:

    submit (company)        submitted
    take                    in check
    query                   query          "Which meter is that?"
    answer (company)        in check       "The one at the filler."
    recommend (chan)        recommended
    accept (wong)           accepted
    close                   closed

Nothing is overwritten: a step is a record with who, when and why, and the state is where the last
one leads. A milestone that was extended is submitted again; its terms stay as they were agreed,
only the due day is another one. Standard library only.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from domain.errors import InputError, LineproofError, NotAllowedError, did_you_mean
from domain.grants import Project
from domain.time import PLANT_YEARS

REASON_LENGTH_MAX = 4_000  # characters


class MilestoneState(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    IN_CHECK = "in_check"
    QUERY = "query"
    RECOMMENDED = "recommended"
    ACCEPTED = "accepted"
    ACCEPTED_IN_PART = "accepted_in_part"
    EXTENDED = "extended"
    WAIVED = "waived"
    REJECTED = "rejected"
    CLOSED = "closed"


class Step(StrEnum):
    """What somebody does with a milestone; in programs' words its `action`."""

    SUBMIT = "submit"
    TAKE = "take"
    QUERY = "query"
    ANSWER = "answer"
    RECOMMEND = "recommend"
    ACCEPT = "accept"
    ACCEPT_IN_PART = "accept_in_part"
    EXTEND = "extend"
    WAIVE = "waive"
    REJECT = "reject"
    CLOSE = "close"


_S = MilestoneState
STEPS: Mapping[Step, tuple[frozenset[MilestoneState], MilestoneState]] = {
    Step.SUBMIT: (frozenset({_S.DRAFT, _S.EXTENDED}), _S.SUBMITTED),
    # Of one that is recommended: somebody else checks it again.
    Step.TAKE: (frozenset({_S.SUBMITTED, _S.RECOMMENDED}), _S.IN_CHECK),
    Step.QUERY: (frozenset({_S.IN_CHECK, _S.RECOMMENDED}), _S.QUERY),
    Step.ANSWER: (frozenset({_S.QUERY}), _S.IN_CHECK),
    Step.RECOMMEND: (frozenset({_S.IN_CHECK}), _S.RECOMMENDED),
    Step.ACCEPT: (frozenset({_S.RECOMMENDED}), _S.ACCEPTED),
    Step.ACCEPT_IN_PART: (frozenset({_S.RECOMMENDED}), _S.ACCEPTED_IN_PART),
    Step.EXTEND: (frozenset({_S.RECOMMENDED}), _S.EXTENDED),
    Step.WAIVE: (frozenset({_S.RECOMMENDED}), _S.WAIVED),
    Step.REJECT: (frozenset({_S.RECOMMENDED}), _S.REJECTED),
    Step.CLOSE: (
        frozenset({_S.ACCEPTED, _S.ACCEPTED_IN_PART, _S.EXTENDED, _S.WAIVED, _S.REJECTED}),
        _S.CLOSED,
    ),
}
OF_THE_COMPANY = frozenset({Step.SUBMIT, Step.ANSWER})  # all others are an officer's


class WaitsFor(StrEnum):
    """Who has to do something, that a milestone may go on."""

    COMPANY = "company"
    OFFICER = "officer"
    NOBODY = "nobody"


def waits_for(state: MilestoneState) -> WaitsFor:
    """Whose step comes next. Nothing waits where all is decided, though the case may not be closed
    yet; an extended milestone is submitted again."""
    may = {step for step, (before, _) in STEPS.items() if state in before}
    if may & OF_THE_COMPANY:
        return WaitsFor.COMPANY
    return WaitsFor.OFFICER if may - {Step.CLOSE} else WaitsFor.NOBODY


ACCEPTING = frozenset({Step.ACCEPT, Step.ACCEPT_IN_PART})
DECIDING = ACCEPTING | {Step.EXTEND, Step.WAIVE, Step.REJECT}
# They need no reason: what they say is why.
_SAY_ENOUGH = frozenset({Step.SUBMIT, Step.TAKE, Step.CLOSE})


@dataclass(frozen=True, slots=True)
class StepTaken:
    """`due`: of an extension, the new due day. `verdict`: of a decision, what the data said of the
    milestone at that moment, as JSON."""

    project: str
    milestone: str
    step: Step
    author: str
    taken_at: datetime
    reason: str = ""
    due: date | None = None
    verdict: str | None = None


@dataclass(frozen=True, slots=True)
class ConflictOfInterest:
    """What a person declared: from then on they take no officer's step of the project."""

    project: str
    author: str
    declared_at: datetime
    reason: str


class StepNotAllowedError(LineproofError):
    """The table does not allow the step. `allowed`: those that it does."""

    http_status = 409

    def __init__(self, milestone: str, step: Step, state: MilestoneState) -> None:
        self.state = state
        self.allowed = steps_from(state)
        steps = ", ".join(self.allowed)
        super().__init__(
            f"milestone {milestone} is '{state}', and '{step}' is no step from there",
            where="action",
            todo=f"It allows: {steps}." if steps else "It allows no step any more.",
        )


class Hindrance(StrEnum):
    """Why a person may not take a step that the table allows."""

    CONFLICT = "conflict"
    OF_WHO_RECOMMENDED = "of_who_recommended"
    TWO_DECIDE = "two_decide"


_SAID: Mapping[Hindrance, str] = {
    Hindrance.CONFLICT: "'{author}' has declared a conflict of interest with this project",
    Hindrance.OF_WHO_RECOMMENDED: "who recommended it has declared a conflict of interest since: "
    "somebody else has to take and recommend it again",
    Hindrance.TWO_DECIDE: "'{author}' recommended it, and here two persons decide",
}


class StepNeedsError(InputError):
    """What has to go with the step is missing; `where`: reason or due."""


class HinderedError(NotAllowedError):
    """The step may be taken, but not by this person."""

    def __init__(self, hindrance: Hindrance, author: str) -> None:
        self.hindrance = hindrance
        super().__init__(
            _SAID[hindrance].format(author=author), todo="Another officer takes this step."
        )


@dataclass(frozen=True, slots=True)
class Persons:
    """What decides who may take a step: the steps taken so far, the conflicts of interest that were
    declared for the project, and whether two persons decide."""

    taken: Sequence[StepTaken]
    conflicts: Sequence[ConflictOfInterest]
    two_decide: bool

    def hindrance(self, step: Step, author: str) -> Hindrance | None:
        """What is against that person's taking the step; None: nothing."""
        if step in OF_THE_COMPANY:
            return None
        if self._has_conflict(author):
            return Hindrance.CONFLICT
        recommended = [it.author for it in self.taken if it.step is Step.RECOMMEND]
        if step not in DECIDING or not recommended:
            return None
        if self._has_conflict(recommended[-1]):
            return Hindrance.OF_WHO_RECOMMENDED
        if self.two_decide and same_person(recommended[-1], author):
            return Hindrance.TWO_DECIDE
        return None

    def _has_conflict(self, author: str) -> bool:
        return any(same_person(it.author, author) for it in self.conflicts)


def steps_from(state: MilestoneState) -> tuple[Step, ...]:
    """Those that the table allows."""
    return tuple(step for step, (states, _) in STEPS.items() if state in states)


def state_after(taken: Sequence[StepTaken]) -> MilestoneState:
    """`taken`: the milestone's steps in the order in which they were taken."""
    return STEPS[taken[-1].step][1] if taken else MilestoneState.DRAFT


def step_named(action: str) -> Step:
    """Raises InputError."""
    if action not in list(Step):
        raise InputError(
            f"there is no action '{action}'", where="action", todo=did_you_mean(action, list(Step))
        )
    return Step(action)


def check_step(new: StepTaken, persons: Persons, due: date) -> None:
    """Whether the step may be taken after those of `persons`. `due`: the due day so far.

    Raises StepNotAllowedError where the table does not allow it, NotAllowedError where that person
    may not, InputError where its reason or due day is none.
    """
    state = state_after(persons.taken)
    if state not in STEPS[new.step][0]:
        raise StepNotAllowedError(new.milestone, new.step, state)
    hindrance = persons.hindrance(new.step, new.author)
    if hindrance is not None:
        raise HinderedError(hindrance, new.author)
    if not new.reason and new.step not in _SAY_ENOUGH:
        raise StepNeedsError(
            f"'{new.step}' needs a reason", where="reason", todo="Write why, for who reads it."
        )
    check_reason(new.reason)
    _check_due(new, due)


def check_reason(reason: str) -> None:
    """Raises InputError for one that is too long."""
    if len(reason) > REASON_LENGTH_MAX:
        raise InputError(
            f"the reason has {len(reason)} characters",
            where="reason",
            todo=f"Keep it within {REASON_LENGTH_MAX}.",
        )


def _check_due(new: StepTaken, due: date) -> None:
    if new.step is not Step.EXTEND:
        if new.due is not None:
            raise InputError(
                f"'{new.step}' has no due day", where="due", todo="Only 'extend' moves it."
            )
        return
    if new.due is None:
        raise StepNeedsError(
            "an extension needs a new due day", where="due", todo=f"Give one after {due}."
        )
    if new.due <= due or new.due.year not in PLANT_YEARS:
        raise StepNeedsError(
            f"{new.due} is not after the due day so far, {due}, or no plant lasts that long",
            where="due",
            todo="Give a later day.",
        )


def same_person(one: str, other: str) -> bool:
    """Whether two names are the same but for capitals, spaces and the width of letters."""
    return _plain(one) == _plain(other)


def _plain(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def with_extensions(project: Project, taken: Iterable[StepTaken]) -> Project:
    """The project with the due days to which its milestones were extended; one that the grant file
    itself has moved further stays there."""
    moved: dict[str, date] = {}
    for it in taken:
        if it.step is Step.EXTEND and it.due is not None and it.project == project.reference:
            moved[it.milestone] = it.due
    milestones = tuple(
        replace(it, due=moved[it.id], agreed_due=it.due)
        if it.id in moved and moved[it.id] > it.due
        else it
        for it in project.milestones
    )
    return replace(project, milestones=milestones) if moved else project
