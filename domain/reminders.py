"""What people are to be reminded of: milestones that are due, and what waits for somebody.

From the project, the steps taken and the days that the scheme's rule names follows which reminders
stand at an instant. Each has a key, by which it is told once and never again; a due day that moves
gives new keys, and so does each step. An example, with reminders 14 days before a due day, of what
waits after 7, and escalated after 14:

    M1 draft, due 2026-03-31    2026-03-17 due soon    2026-03-31 due    2026-04-01 overdue
                                2026-04-14 overdue long: told to who is named for escalation, too
    M2 query since 2026-03-02   2026-03-09 waiting (for the company)     2026-03-16 waiting long

Of one milestone the latest of these stands alone, so that after weeks in which nobody was told
nothing is told twice. Reminders stand from nine o'clock on the plant's clocks. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from domain.change_requests import ChangeRequest, ChangeState
from domain.grants import Milestone, Project
from domain.milestone_states import (
    MilestoneState,
    StepTaken,
    WaitsFor,
    state_after,
    waits_for,
)

REMIND_AT = time(9)
COMING_DAYS = 30


class ReminderKind(StrEnum):
    DUE_SOON = "due_soon"
    DUE = "due"
    OVERDUE = "overdue"
    OVERDUE_LONG = "overdue_long"
    WAITING = "waiting"
    WAITING_LONG = "waiting_long"


class Addressee(StrEnum):
    """Who is told. ESCALATION: whoever is named for what takes too long."""

    COMPANY = "company"
    OFFICER = "officer"
    ESCALATION = "escalation"


@dataclass(frozen=True, slots=True)
class ReminderDays:
    """Days before a due day; days for which something may wait; days until it is escalated."""

    before: int = 14
    waiting: int = 7
    escalate: int = 14


@dataclass(frozen=True, slots=True)
class Reminder:
    """Of a milestone, or of a change request (`change`, its number). `day`: the due day, or the one
    since which it waits. `count`: of the steps so far. `stands_from`: when it is to be told."""

    project: str
    kind: ReminderKind
    waits_for: Addressee
    day: date
    stands_from: datetime
    milestone: str = ""
    change: int | None = None
    count: int = 0

    @property
    def key(self) -> str:
        of = self.milestone if self.change is None else f"change {self.change}"
        return f"{self.project}/{of}/{self.kind}/{self.day}/{self.count}"

    @property
    def addressees(self) -> frozenset[Addressee]:
        told = {self.waits_for}
        if self.kind in (ReminderKind.OVERDUE, ReminderKind.OVERDUE_LONG):
            told.add(Addressee.OFFICER)
        if self.kind in (ReminderKind.OVERDUE_LONG, ReminderKind.WAITING_LONG):
            told.add(Addressee.ESCALATION)
        return frozenset(told)


# In these it is the due day that counts.
_OWED = frozenset({MilestoneState.DRAFT, MilestoneState.EXTENDED})


@dataclass(frozen=True, slots=True)
class ProjectWork:
    """`project`: with its extensions; `taken`: the steps of all its milestones, in their order."""

    project: Project
    taken: Sequence[StepTaken]
    changes: Sequence[ChangeRequest]
    days: ReminderDays
    zone: ZoneInfo


def standing_reminders(work: ProjectWork, now: datetime) -> list[Reminder]:
    """Those that stand at `now`: of each milestone and change request the latest one."""
    found = []
    for candidates in _all(work):
        stand = [it for it in candidates if it.stands_from <= now]
        found += stand[-1:]
    return found


def coming_reminders(work: ProjectWork, now: datetime) -> list[Reminder]:
    """The next one of each, where it stands within COMING_DAYS."""
    until = now + timedelta(days=COMING_DAYS)
    found = []
    for candidates in _all(work):
        coming = [it for it in candidates if it.stands_from > now]
        found += [it for it in coming[:1] if it.stands_from <= until]
    return found


def _all(work: ProjectWork) -> Iterator[list[Reminder]]:
    """Of each milestone and open change request all that there will be, as things stand."""
    for milestone in work.project.milestones:
        taken = [it for it in work.taken if it.milestone == milestone.id]
        yield list(_of_milestone(work, milestone, taken))
    for change in work.changes:
        if change.state is ChangeState.OPEN:
            since = change.asked_at.astimezone(work.zone).date()
            of = Reminder(
                work.project.reference,
                ReminderKind.WAITING,
                Addressee.OFFICER,
                since,
                change.asked_at,
                change=change.number,
            )
            yield list(_waiting(of, work))


def _of_milestone(
    work: ProjectWork, milestone: Milestone, taken: Sequence[StepTaken]
) -> Iterable[Reminder]:
    state = state_after(taken)
    if state in _OWED:
        due = milestone.due
        of = Reminder(
            work.project.reference,
            ReminderKind.DUE,
            Addressee.COMPANY,
            due,
            _nine(due, work.zone),
            milestone.id,
            count=len(taken),
        )
        return _spread(
            of,
            work.zone,
            (
                (ReminderKind.DUE_SOON, -work.days.before),
                (ReminderKind.DUE, 0),
                (ReminderKind.OVERDUE, 1),
                (ReminderKind.OVERDUE_LONG, max(1, work.days.escalate)),
            ),
        )
    whom = waits_for(state)
    if whom is WaitsFor.NOBODY:
        return ()
    last = taken[-1].taken_at
    of = Reminder(
        work.project.reference,
        ReminderKind.WAITING,
        Addressee(whom.value),
        last.astimezone(work.zone).date(),
        last,
        milestone.id,
        count=len(taken),
    )
    return _waiting(of, work)


def _waiting(of: Reminder, work: ProjectWork) -> Iterator[Reminder]:
    days = work.days
    kinds = (
        (ReminderKind.WAITING, days.waiting),
        (ReminderKind.WAITING_LONG, max(days.waiting, days.escalate)),
    )
    return _spread(of, work.zone, kinds)


def _spread(
    of: Reminder, zone: ZoneInfo, kinds: Iterable[tuple[ReminderKind, int]]
) -> Iterator[Reminder]:
    for kind, days in kinds:
        stands_from = _nine(of.day + timedelta(days=days), zone)
        yield Reminder(
            of.project, kind, of.waits_for, of.day, stands_from, of.milestone, of.change, of.count
        )


def _nine(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, REMIND_AT, tzinfo=zone)
