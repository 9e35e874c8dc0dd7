"""A milestone's life: every state and every step, and who may take it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from domain.errors import InputError, NotAllowedError
from domain.grants import DocumentTerms, Milestone, Project
from domain.milestone_states import (
    DECIDING,
    OF_THE_COMPANY,
    REASON_LENGTH_MAX,
    STEPS,
    ConflictOfInterest,
    MilestoneState,
    Persons,
    Step,
    StepNotAllowedError,
    StepTaken,
    WaitsFor,
    check_step,
    same_person,
    state_after,
    step_named,
    steps_from,
    waits_for,
    with_extensions,
)

DAY = date(2026, 3, 31)
AT = datetime(2026, 4, 1, tzinfo=UTC)
# From each state the steps that it allows and where they lead, written once more by hand.
TABLE = {
    "draft": {"submit": "submitted"},
    "submitted": {"take": "in_check"},
    "in_check": {"query": "query", "recommend": "recommended"},
    "query": {"answer": "in_check"},
    "recommended": {
        "take": "in_check",
        "query": "query",
        "accept": "accepted",
        "accept_in_part": "accepted_in_part",
        "extend": "extended",
        "waive": "waived",
        "reject": "rejected",
    },
    "accepted": {"close": "closed"},
    "accepted_in_part": {"close": "closed"},
    "extended": {"submit": "submitted", "close": "closed"},
    "waived": {"close": "closed"},
    "rejected": {"close": "closed"},
    "closed": {},
}
# The way to each state.
WAYS = {
    "draft": "",
    "submitted": "submit",
    "in_check": "submit take",
    "query": "submit take query",
    "recommended": "submit take recommend",
    **{
        state: f"submit take recommend {step}"
        for step, state in TABLE["recommended"].items()
        if step not in ("take", "query")
    },
    "closed": "submit take recommend waive close",
}


def taken(step: str, author: str = "chan", reason: str = "seen") -> StepTaken:
    due = DAY + timedelta(days=30) if step == "extend" else None
    return StepTaken("P-1", "M1", Step(step), author, AT, reason, due)


def persons(steps: str, *conflicts: str, two_decide: bool = False, by: str = "chan") -> Persons:
    declared = [ConflictOfInterest("P-1", it, AT, "a brother works there") for it in conflicts]
    return Persons([taken(it, by) for it in steps.split()], declared, two_decide)


@pytest.mark.parametrize("state", MilestoneState)
@pytest.mark.parametrize("step", Step)
def test_every_step_from_every_state(state: MilestoneState, step: Step) -> None:
    before = persons(WAYS[state])
    assert state_after(before.taken) is state
    new, leads_to = taken(step), TABLE[state].get(step)
    if leads_to is not None:
        check_step(new, before, DAY)
        assert state_after([*before.taken, new]).value == leads_to
        return
    with pytest.raises(StepNotAllowedError) as refused:
        check_step(new, before, DAY)
    assert (refused.value.http_status, refused.value.state) == (409, state)
    assert set(refused.value.allowed) == set(TABLE[state])
    for it in TABLE[state]:
        assert it in str(refused.value)


def test_the_table_has_every_step_and_reaches_every_state() -> None:
    assert set(STEPS) == set(Step)
    assert {state for _, state in STEPS.values()} | {MilestoneState.DRAFT} == set(MilestoneState)
    assert {it: set(steps_from(MilestoneState(it))) for it in TABLE} == {
        it: set(steps) for it, steps in TABLE.items()
    }


def test_where_two_persons_decide_who_recommends_does_not() -> None:
    recommended = persons("submit take recommend", two_decide=True)
    for step in DECIDING:
        with pytest.raises(NotAllowedError, match="'Chan ' recommended it"):
            check_step(taken(step, "Chan "), recommended, DAY)
        check_step(taken(step, "wong"), recommended, DAY)
        check_step(taken(step, "chan"), replace(recommended, two_decide=False), DAY)


def test_the_last_recommendation_counts() -> None:
    steps = [taken("submit"), taken("take"), taken("recommend", "wong"), taken("query", "chan"),
             taken("answer"), taken("recommend", "chan")]  # fmt: skip
    check_step(taken("accept", "wong"), Persons(steps, [], True), DAY)
    with pytest.raises(NotAllowedError, match="'chan' recommended it"):
        check_step(taken("accept", "chan"), Persons(steps, [], True), DAY)


@pytest.mark.parametrize("step", Step)
def test_a_conflict_of_interest_keeps_a_person_out_of_an_officers_steps(step: Step) -> None:
    way = next(way for state, way in WAYS.items() if step in TABLE[state])
    before = persons(way, "chan", by="wong")
    if step in OF_THE_COMPANY:
        check_step(taken(step, "chan"), before, DAY)
    else:
        with pytest.raises(NotAllowedError, match="'CHAN' has declared a conflict of interest"):
            check_step(taken(step, "CHAN"), before, DAY)
    check_step(taken(step, "lee"), before, DAY)


def test_a_recommendation_of_who_has_declared_a_conflict_since_does_not_count() -> None:
    before = persons("submit take recommend", "chan")
    with pytest.raises(NotAllowedError, match="take and recommend it again"):
        check_step(taken("accept", "wong"), before, DAY)
    check_step(taken("take", "wong"), before, DAY)


@pytest.mark.parametrize("step", Step)
def test_a_reason_is_needed_where_the_step_does_not_say_it(step: Step) -> None:
    way = next(way for state, way in WAYS.items() if step in TABLE[state])
    bare = taken(step, "wong", reason="")
    if step in ("submit", "take", "close"):
        check_step(bare, persons(way), DAY)
        return
    with pytest.raises(InputError, match=f"'{step}' needs a reason"):
        check_step(bare, persons(way), DAY)


def test_a_reason_has_an_end() -> None:
    check_step(taken("submit", reason="x" * REASON_LENGTH_MAX), persons(""), DAY)
    with pytest.raises(InputError, match="4001 characters"):
        check_step(taken("submit", reason="x" * (REASON_LENGTH_MAX + 1)), persons(""), DAY)


@pytest.mark.parametrize(
    ("step", "due", "said"),
    [
        ("extend", None, "needs a new due day"),
        ("extend", DAY, "is not after the due day so far, 2026-03-31"),
        ("extend", DAY - timedelta(days=1), "is not after"),
        ("extend", date(9999, 12, 31), "no plant lasts that long"),
        ("accept", DAY + timedelta(days=1), "has no due day"),
    ],
)
def test_a_due_day_that_is_none(step: str, due: date | None, said: str) -> None:
    before = persons("submit take recommend")
    with pytest.raises(InputError, match=said) as refused:
        check_step(replace(taken(step), due=due), before, DAY)
    assert refused.value.where == "due"


def test_an_action_that_is_none_is_told_with_those_that_are() -> None:
    assert step_named("waive") is Step.WAIVE
    with pytest.raises(InputError, match="Did you mean 'accept'"):
        step_named("acept")


def test_names_are_the_same_but_for_capitals_spaces_and_width() -> None:
    assert same_person(" Chan  Tai Man", "chan tai ｍan ")
    assert not same_person("chan", "chang")


def test_an_extension_moves_the_due_day_and_tells_the_agreed_one() -> None:
    milestones = tuple(
        Milestone(it, "1", DAY, {"en": it}, DocumentTerms("report"), "d" * 64)
        for it in ("M1", "M2")
    )
    project = Project("P-1", "NIFS", "tko", ("l1",), 1.0, DAY, DAY, DAY, milestones)
    first, second = DAY + timedelta(days=30), DAY + timedelta(days=60)
    steps = [taken("submit"), replace(taken("extend"), due=first)]
    assert with_extensions(project, steps[:1]) is project
    assert with_extensions(project, [replace(steps[1], project="P-2")]) is project
    moved, other = with_extensions(project, steps).milestones
    assert (moved.due, moved.agreed_due, other) == (first, DAY, milestones[1])
    assert moved.terms_digest == milestones[0].terms_digest
    again = with_extensions(project, [*steps, replace(steps[1], due=second)]).milestones[0]
    assert (again.due, again.agreed_due) == (second, DAY)
    later = replace(project, milestones=(replace(milestones[0], due=second),))
    kept = with_extensions(later, steps).milestones[0]
    assert (kept.due, kept.agreed_due) == (second, None)


def test_of_every_state_it_is_known_who_has_to_do_something() -> None:
    """Whose step may come next, by the table; who waits for the company tells it so."""
    for state in MilestoneState:
        steps = {step for step, (before, _) in STEPS.items() if state in before}
        whom = waits_for(state)
        assert (whom is WaitsFor.NOBODY) == (steps <= {Step.CLOSE})
        assert (whom is WaitsFor.COMPANY) == bool(steps & OF_THE_COMPANY)
    company = {it.value for it in MilestoneState if waits_for(it) is WaitsFor.COMPANY}
    assert company == {"draft", "query", "extended"}
    nobody = {it.value for it in MilestoneState if waits_for(it) is WaitsFor.NOBODY}
    assert nobody == {"accepted", "accepted_in_part", "waived", "rejected", "closed"}
