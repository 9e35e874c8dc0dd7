"""Which reminders stand when: before, at and after due days, and where something waits."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from domain.change_requests import ChangeDecision, ChangeKind, ChangeRequest
from domain.grants import DocumentTerms, Milestone, Project
from domain.milestone_states import Step, StepTaken
from domain.reminders import (
    Addressee,
    ProjectWork,
    ReminderDays,
    coming_reminders,
    standing_reminders,
)

HK = ZoneInfo("Asia/Hong_Kong")
DUE = date(2026, 3, 31)
MILESTONE = Milestone("M1", "5.1", DUE, {"en": "x"}, DocumentTerms("report"), "d")
PROJECT = Project(
    "P", "NIFS", "tko", ("press-1",), 1.0, date(2025, 1, 15), date(2025, 2, 1),
    date(2027, 1, 31), (MILESTONE,),
)  # fmt: skip
WORK = ProjectWork(PROJECT, [], [], ReminderDays(14, 7, 14), HK)


def nine(day: date, *, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, 9, minute, tzinfo=HK)


def stands(work: ProjectWork, at: datetime) -> list[str]:
    return [it.kind.value for it in standing_reminders(work, at)]


def taken(*steps: str, day: date = date(2026, 3, 2)) -> ProjectWork:
    at = nine(day)
    return replace(
        WORK,
        taken=[
            StepTaken("P", "M1", Step(it), "x", at + timedelta(minutes=n))
            for n, it in enumerate(steps)
        ],
    )


@pytest.mark.parametrize(
    ("day", "kinds"),
    [
        (DUE - timedelta(days=15), []),
        (DUE - timedelta(days=14), ["due_soon"]),
        (DUE - timedelta(days=1), ["due_soon"]),
        (DUE, ["due"]),
        (DUE + timedelta(days=1), ["overdue"]),
        (DUE + timedelta(days=13), ["overdue"]),
        (DUE + timedelta(days=14), ["overdue_long"]),
        (DUE + timedelta(days=9000), ["overdue_long"]),
    ],
)
def test_a_draft_before_at_and_after_its_due_day(day: date, kinds: list[str]) -> None:
    assert stands(WORK, nine(day)) == kinds
    assert stands(WORK, nine(day).astimezone(UTC)) == kinds


def test_they_begin_at_nine_on_the_plants_clocks() -> None:
    assert stands(WORK, nine(DUE) - timedelta(microseconds=1)) == ["due_soon"]
    assert stands(WORK, nine(DUE)) == ["due"]


@pytest.mark.parametrize(
    ("steps", "waits_for"),
    [
        (("submit",), Addressee.OFFICER),
        (("submit", "take"), Addressee.OFFICER),
        (("submit", "take", "query"), Addressee.COMPANY),
        (("submit", "take", "query", "answer"), Addressee.OFFICER),
        (("submit", "take", "recommend"), Addressee.OFFICER),
    ],
)
def test_what_waits_for_somebody(steps: tuple[str, ...], waits_for: Addressee) -> None:
    work, since = taken(*steps), date(2026, 3, 2)
    assert stands(work, nine(since + timedelta(days=6))) == []
    (first,) = standing_reminders(work, nine(since + timedelta(days=7)))
    assert (first.kind.value, first.waits_for, first.day) == ("waiting", waits_for, since)
    assert first.addressees == {waits_for}
    (long,) = standing_reminders(work, nine(since + timedelta(days=14)))
    assert long.kind.value == "waiting_long"
    assert long.addressees == {waits_for, Addressee.ESCALATION}
    assert first.key != long.key


@pytest.mark.parametrize("last", ["accept", "accept_in_part", "waive", "reject"])
def test_what_was_decided_waits_for_nobody(last: str) -> None:
    assert stands(taken("submit", "take", "recommend", last), nine(DUE + timedelta(days=99))) == []
    closed = taken("submit", "take", "recommend", last, "close")
    assert stands(closed, nine(DUE + timedelta(days=99))) == []


def test_what_was_extended_is_due_again_with_a_key_of_its_own() -> None:
    moved = replace(PROJECT, milestones=(replace(MILESTONE, due=date(2026, 6, 30)),))
    work = replace(taken("submit", "take", "recommend", "extend"), project=moved)
    assert stands(work, nine(DUE)) == []
    (again,) = standing_reminders(work, nine(date(2026, 6, 30)))
    (before,) = standing_reminders(WORK, nine(DUE))
    assert (again.kind, again.key == before.key) == (before.kind, False)


def test_an_overdue_one_is_told_to_more_and_more() -> None:
    told = [
        standing_reminders(WORK, nine(DUE + timedelta(days=days)))[0].addressees
        for days in (0, 1, 14)
    ]
    assert [len(it) for it in told] == [1, 2, 3]
    assert told[0] < told[1] < told[2] == frozenset(Addressee)


def test_the_key_is_the_same_all_the_time_that_it_stands() -> None:
    keys = {
        it.key
        for hours in range(24 * 12)
        for it in standing_reminders(WORK, nine(DUE + timedelta(days=1)) + timedelta(hours=hours))
    }
    assert len(keys) == 1


def test_a_change_request_waits_until_it_is_decided() -> None:
    asked = ChangeRequest("P", 3, ChangeKind.SCOPE, "a", "b", "c", "lee", nine(date(2026, 1, 2)))
    work = replace(WORK, changes=[asked])
    (it,) = standing_reminders(work, nine(date(2026, 1, 9)))
    assert (it.change, it.milestone, it.waits_for) == (3, "", Addressee.OFFICER)
    decided = replace(asked, decision=ChangeDecision(True, "chan", nine(date(2026, 1, 3))))
    assert stands(replace(WORK, changes=[decided]), nine(date(2026, 1, 9))) == []


def test_what_comes_within_thirty_days() -> None:
    (it,) = coming_reminders(WORK, nine(DUE - timedelta(days=40)))
    assert (it.kind.value, it.stands_from) == ("due_soon", nine(DUE - timedelta(days=14)))
    assert coming_reminders(WORK, nine(DUE - timedelta(days=45))) == []
    (it,) = coming_reminders(WORK, nine(DUE))
    assert it.kind.value == "overdue"
    assert coming_reminders(WORK, nine(DUE + timedelta(days=20))) == []


def test_days_of_nought() -> None:
    work = replace(WORK, days=ReminderDays(0, 0, 0))
    assert stands(work, nine(DUE)) == ["due"]
    assert stands(work, nine(DUE + timedelta(days=1))) == ["overdue_long"]
    waits = replace(taken("submit"), days=ReminderDays(0, 0, 0))
    assert stands(waits, nine(date(2026, 3, 2))) == ["waiting_long"]
