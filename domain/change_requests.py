"""Change requests: what the company asks to be changed in a project, and an officer's decision.

A request says what it was, what it is to be, and why; it is decided once, by another person than
who asked, and never changed. Approving edits nothing: a new version of the grant file carries a
change of dates, budget or scope out, and names the request (`change_requests: [1]`). An example:

    1   dates       M2, due 2026-03-31 -> 2026-06-30   asked by lee, approved by chan
        apply       grant file, version 2: due 2026-06-30, change_requests: [1]   carried out
    2   equipment   press-1, meter: "EM-7 no. 4711" -> "EM-9 no. 0815", replaced on 2026-04-02
                    approved: that the meter tells another identity since then was asked for

Standard library only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from domain.errors import InputError, LineproofError, NotAllowedError, did_you_mean
from domain.grants import Project
from domain.milestone_states import ConflictOfInterest, same_person
from domain.texts import N_

CHANGE_TEXT_MAX = 4_000  # characters
# A replacement is done when somebody has the time for it, and the request gives one.
REPLACED_AROUND = timedelta(days=1)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)
_HKD_MAX = Decimal(10) ** 12


class ChangeKind(StrEnum):
    DATES = "dates"  # a milestone's due day, or without a milestone the project's end
    SCOPE = "scope"
    BUDGET = "budget"  # the approved cost in HKD
    EQUIPMENT = "equipment"  # a meter or machine is replaced


class ChangeState(StrEnum):
    OPEN = "open"
    APPROVED = "approved"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class ChangeDecision:
    approved: bool
    author: str
    decided_at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ChangeRequest:
    """`number` counts from 1 within the project; `milestone` is empty for all of it. `line`,
    `machine`, `replaced_at`: of equipment alone."""

    project: str
    number: int
    kind: ChangeKind
    old: str
    new: str
    reason: str
    author: str
    asked_at: datetime
    milestone: str = ""
    line: str = ""
    machine: str = ""
    replaced_at: datetime | None = None
    decision: ChangeDecision | None = None

    @property
    def state(self) -> ChangeState:
        if self.decision is None:
            return ChangeState.OPEN
        return ChangeState.APPROVED if self.decision.approved else ChangeState.REFUSED


class ChangeDecidedError(LineproofError):
    """The request was decided before."""

    http_status = 409


def change_kind_named(name: str) -> ChangeKind:
    """Raises InputError."""
    if name not in list(ChangeKind):
        raise InputError(
            N_("there is no kind of change '%(name)s'"),
            where="kind",
            todo=did_you_mean(name, list(ChangeKind)),
            values={"name": name},
        )
    return ChangeKind(name)


def present_value(kind: ChangeKind, project: Project, milestone: str) -> str | None:
    """What it is now, as a request writes it; None where only people can say."""
    if kind is ChangeKind.BUDGET:
        return _plain(Decimal(str(project.approved_cost_hkd)))
    if kind is not ChangeKind.DATES:
        return None
    due = {it.id: it.due for it in project.milestones}
    return (due[milestone] if milestone else project.end).isoformat()


def check_request(new: ChangeRequest, project: Project) -> None:
    """Whether it says what such a request must, of the project as it is. Raises InputError."""
    if not new.reason:
        raise InputError(N_("a change needs a reason"), where="reason", todo=N_("Write why."))
    for name, text in (("reason", new.reason), ("old", new.old), ("new", new.new)):
        if len(text) > CHANGE_TEXT_MAX:
            raise InputError(
                N_("the text has %(count)s characters"),
                where=name,
                todo=N_("Keep it within %(most)s."),
                values={"count": len(text), "most": CHANGE_TEXT_MAX},
            )
        if not text:
            raise InputError(
                N_("a change has an old and a new value"),
                where=name,
                todo=N_("Give what is missing."),
            )
    known = present_value(new.kind, project, new.milestone)
    if known is not None and new.old != known:
        raise InputError(
            N_("it is %(known)s now, and not %(old)s"),
            where="old",
            todo=N_("Leave it out: it is known."),
            values={"known": known, "old": new.old},
        )
    if new.kind is ChangeKind.DATES:
        _day(new.new)
    if new.kind is ChangeKind.BUDGET:
        _amount(new.new)
    if new.old == new.new:
        raise InputError(
            N_("old and new value are the same"), where="new", todo=N_("Say what changes.")
        )
    _check_equipment(new)


def check_decision(
    request: ChangeRequest, new: ChangeDecision, conflicts: Sequence[ConflictOfInterest]
) -> None:
    """Whether that person may decide so. Raises ChangeDecidedError, NotAllowedError or
    InputError."""
    if request.decision is not None:
        raise ChangeDecidedError(
            f"change request {request.number} of {request.project} was {request.state} by "
            f"{request.decision.author}",
            todo="Ask for another change, if that was wrong.",
        )
    if any(same_person(it.author, new.author) for it in conflicts):
        raise NotAllowedError(
            N_("'%(author)s' has declared a conflict of interest with this project"),
            todo=N_("Another officer decides it."),
            values={"author": new.author},
        )
    if same_person(request.author, new.author):
        raise NotAllowedError(
            N_("'%(author)s' asked for the change, and nobody decides their own"),
            todo=N_("Another officer decides it."),
            values={"author": new.author},
        )
    if not new.approved and not new.reason:
        raise InputError(N_("a refusal needs a reason"), where="reason", todo=N_("Write why."))
    if len(new.reason) > CHANGE_TEXT_MAX:
        raise InputError(
            N_("the reason has %(count)s characters"),
            where="reason",
            todo=N_("Keep it within %(most)s."),
            values={"count": len(new.reason), "most": CHANGE_TEXT_MAX},
        )


def not_carried_out(request: ChangeRequest, project: Project) -> str | None:
    """Why the project as it is written does not carry the request out that it names; None: it
    does. Whether a scope is what was asked for, only people can say."""
    if request.state is not ChangeState.APPROVED:
        return f"change request {request.number} is {request.state}, not approved"
    if request.kind is ChangeKind.EQUIPMENT:
        return f"change request {request.number} is of equipment, which no grant file names"
    milestones = {it.id for it in project.milestones}
    if request.milestone and request.milestone not in milestones:
        return f"change request {request.number} is of {request.milestone}, which is not there"
    now = present_value(request.kind, project, request.milestone)
    if now is None or now == request.new:
        return None
    return f"change request {request.number} makes it {request.new}, and the file says {now}"


def replacement_of(
    requests: Iterable[ChangeRequest], line: str, machine: str, at: datetime
) -> ChangeRequest | None:
    """The approved request by which that machine or meter was replaced around that time (when it
    told another identity for the first time); None: nobody asked for it."""
    return next(
        (
            it
            for it in requests
            if it.kind is ChangeKind.EQUIPMENT
            and it.state is ChangeState.APPROVED
            and (it.line, it.machine) == (line, machine)
            and it.replaced_at is not None
            and abs(it.replaced_at - at) <= REPLACED_AROUND
        ),
        None,
    )


def _check_equipment(new: ChangeRequest) -> None:
    given = (bool(new.line), bool(new.machine), new.replaced_at is not None)
    if new.kind is ChangeKind.EQUIPMENT and not all(given):
        raise InputError(
            N_("a replacement names line, machine and when it is replaced"),
            where="machine",
            todo=N_("Give all three."),
        )
    if new.kind is not ChangeKind.EQUIPMENT and any(given):
        raise InputError(
            f"a change of {new.kind} has no line, machine or time of replacement",
            where="machine",
            todo=f"Leave them out, or ask for a change of {ChangeKind.EQUIPMENT}.",
        )


def _day(text: str) -> date:
    try:
        if _DAY.match(text):
            return date.fromisoformat(text)
    except ValueError:
        pass  # the 30th of February
    raise InputError(
        N_("'%(text)s' is no day"),
        where="new",
        todo=N_("Write it as in 2027-03-31."),
        values={"text": text},
    )


def written_amount(text: str) -> str:
    """An amount of HKD as requests write it. Raises InputError."""
    return _plain(_amount(text))


def _amount(text: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or not 0 < amount <= _HKD_MAX or amount % Decimal("0.01"):
        raise InputError(
            N_("'%(text)s' is no amount of HKD in whole cents"),
            where="new",
            todo=N_("Write it as in 54000000."),
            values={"text": text},
        )
    return amount


def _plain(amount: Decimal) -> str:
    return f"{amount.normalize():f}"
