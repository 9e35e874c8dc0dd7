"""What a change request must say, who decides it, and whether a grant file carries it out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from domain.change_requests import (
    CHANGE_TEXT_MAX,
    ChangeDecidedError,
    ChangeDecision,
    ChangeKind,
    ChangeRequest,
    ChangeState,
    change_kind_named,
    check_decision,
    check_request,
    not_carried_out,
    present_value,
    replacement_of,
    written_amount,
)
from domain.errors import InputError, NotAllowedError
from domain.grants import DocumentTerms, Milestone, Project
from domain.milestone_states import ConflictOfInterest

NOW = datetime(2026, 3, 2, tzinfo=UTC)
MILESTONE = Milestone("M1", "5.1", date(2026, 3, 31), {"en": "x"}, DocumentTerms("report"), "d")
PROJECT = Project(
    "P", "NIFS", "tko", ("press-1",), 54_000_000.0, date(2025, 1, 15), date(2025, 2, 1),
    date(2027, 1, 31), (MILESTONE,),
)  # fmt: skip
DATES = ChangeRequest(
    "P", 1, ChangeKind.DATES, "2026-03-31", "2026-06-30", "late delivery", "lee", NOW, "M1"
)
BUDGET = replace(DATES, kind=ChangeKind.BUDGET, milestone="", old="54000000", new="55000000.5")
SCOPE = replace(DATES, kind=ChangeKind.SCOPE, old="two shifts", new="three shifts")
METER = replace(
    DATES, kind=ChangeKind.EQUIPMENT, milestone="", old="EM-7 no. 4711", new="EM-9 no. 0815",
    line="press-1", machine="meter", replaced_at=NOW,
)  # fmt: skip
APPROVED = ChangeDecision(True, "chan", NOW)


@pytest.mark.parametrize("request_", [DATES, BUDGET, SCOPE, METER])
def test_one_that_says_all_is_let_in(request_: ChangeRequest) -> None:
    check_request(request_, PROJECT)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (replace(DATES, reason=""), "needs a reason"),
        (replace(DATES, reason="x" * (CHANGE_TEXT_MAX + 1)), "4001 characters"),
        (replace(SCOPE, old=""), "has an old and a new value"),
        (replace(SCOPE, new=""), "has an old and a new value"),
        (replace(SCOPE, new="two shifts"), "are the same"),
        (replace(DATES, old="2026-04-30"), "it is 2026-03-31 now, and not 2026-04-30"),
        (replace(DATES, milestone=""), "it is 2027-01-31 now"),
        (replace(DATES, new="30.6.2026"), "'30.6.2026' is no day"),
        (replace(DATES, new="2026-02-30"), "is no day"),
        (replace(BUDGET, new="a lot"), "no amount of HKD"),
        (replace(BUDGET, new="NaN"), "no amount of HKD"),
        (replace(BUDGET, new="-1"), "no amount of HKD"),
        (replace(BUDGET, new="1.005"), "no amount of HKD"),
        (replace(METER, machine=""), "names line, machine and when"),
        (replace(METER, replaced_at=None), "names line, machine and when"),
        (replace(DATES, line="press-1"), "a change of dates has no line"),
    ],
)
def test_one_that_does_not_is_refused(wrong: ChangeRequest, says: str) -> None:
    with pytest.raises(InputError, match=says):
        check_request(wrong, PROJECT)


def test_what_it_is_now_is_taken_from_the_project() -> None:
    assert present_value(ChangeKind.DATES, PROJECT, "M1") == "2026-03-31"
    assert present_value(ChangeKind.DATES, PROJECT, "") == "2027-01-31"
    assert present_value(ChangeKind.BUDGET, PROJECT, "") == "54000000"
    assert present_value(ChangeKind.SCOPE, PROJECT, "M1") is None
    assert (written_amount("55000000.50"), written_amount("5.4e7")) == ("55000000.5", "54000000")


def test_it_is_decided_once() -> None:
    check_decision(DATES, APPROVED, [])
    decided = replace(DATES, decision=APPROVED)
    assert (DATES.state, decided.state) == (ChangeState.OPEN, ChangeState.APPROVED)
    with pytest.raises(ChangeDecidedError, match="was approved by chan"):
        check_decision(decided, replace(APPROVED, author="wong"), [])


@pytest.mark.parametrize("author", ["lee", "LEE", " lee ", "\uff4c\uff45\uff45"])
def test_nobody_decides_their_own(author: str) -> None:
    with pytest.raises(NotAllowedError, match="nobody decides their own"):
        check_decision(DATES, replace(APPROVED, author=author), [])


def test_a_conflict_of_interest_keeps_out() -> None:
    declared = ConflictOfInterest("P", "Chan", NOW, "a cousin")
    with pytest.raises(NotAllowedError, match="conflict of interest"):
        check_decision(DATES, APPROVED, [declared])
    check_decision(DATES, replace(APPROVED, author="wong"), [declared])


def test_a_refusal_says_why() -> None:
    with pytest.raises(InputError, match="a refusal needs a reason"):
        check_decision(DATES, replace(APPROVED, approved=False), [])


def written(**changes: Any) -> Project:
    due = changes.pop("due", MILESTONE.due)
    return replace(PROJECT, milestones=(replace(MILESTONE, due=due),), **changes)


@pytest.mark.parametrize(
    ("request_", "project", "says"),
    [
        (DATES, written(due=date(2026, 6, 30)), None),
        (DATES, written(), "makes it 2026-06-30, and the file says 2026-03-31"),
        (replace(DATES, milestone="", new="2027-06-30"), written(end=date(2027, 6, 30)), None),
        (replace(DATES, milestone="M9"), written(), "is of M9, which is not there"),
        (BUDGET, written(approved_cost_hkd=55_000_000.5), None),
        (BUDGET, written(), "makes it 55000000.5, and the file says 54000000"),
        (SCOPE, written(), None),
        (METER, written(), "which no grant file names"),
    ],
)
def test_whether_a_file_carries_it_out(
    request_: ChangeRequest, project: Project, says: str | None
) -> None:
    found = not_carried_out(replace(request_, decision=APPROVED), project)
    assert (found is None) if says is None else (says in str(found))
    for decision in (None, replace(APPROVED, approved=False)):
        assert "not approved" in str(not_carried_out(replace(request_, decision=decision), project))


def test_which_request_a_new_identity_belongs_to() -> None:
    approved = replace(METER, decision=APPROVED)
    near = NOW + timedelta(hours=20)
    assert replacement_of([DATES, approved], "press-1", "meter", near) is approved
    assert replacement_of([approved], "press-1", "meter", NOW - timedelta(hours=20)) is approved
    for line, machine, at in (
        ("press-2", "meter", near), ("press-1", "press", near),
        ("press-1", "meter", NOW + timedelta(hours=25)),
    ):  # fmt: skip
        assert replacement_of([approved], line, machine, at) is None
    refused = replace(METER, decision=replace(APPROVED, approved=False))
    assert replacement_of([METER, refused], "press-1", "meter", NOW) is None


def test_kinds_have_names() -> None:
    assert change_kind_named("equipment") is ChangeKind.EQUIPMENT
    with pytest.raises(InputError, match="no kind of change 'mood'"):
        change_kind_named("mood")
