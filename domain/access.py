"""Who may do what: roles, actions, scopes, and the one table that says which role allows which.

A person or a program holds assignments, each a role within a scope. It may do an action at a place
(a line, or a project) if one of its assignments has a role that allows the action and a scope that
holds the place. Actions that belong to no place (who has an account, how the node is) need a role
whose scope is everything.

What a plant keeps confidential is shown to its own people: not to an officer, wherever, nor to who
sees its lines through a scheme or a project alone, unless it is one who corrects what its machines
recorded. What a plant does not keep confidential is seen by whoever sees the line.

An example: two assignments, and what they allow:

    officer within scheme:NIFS      sees the projects of NIFS and their lines, accepts their figures
    operator within line:filler-1   sees that line and corrects what its machines got wrong

A tablet that people share at a machine holds assignments too. Whoever is signed on at it may do
what both allow, its own assignments and the tablet's; while nobody is, it may do nothing.

>>> caller = Caller("chan", (Assignment(Role.OPERATOR, Scope.parse("line:filler-1")),))
>>> here, there = (Place({ScopeKind.LINE: frozenset({it})}) for it in ("filler-1", "labeller"))
>>> caller.may(Action.CORRECT, here), caller.may(Action.CORRECT, there)
(True, False)
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from domain.errors import InputError, did_you_mean
from domain.grants import Project
from domain.plant import Confidential, Plant, Withheld
from domain.texts import N_


class Role(StrEnum):
    OPERATOR = "operator"
    SUPERVISOR = "supervisor"
    INTEGRATOR = "integrator"
    OFFICER = "officer"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


class Action(StrEnum):
    """What routes and pages ask for, as a person reads it in a refusal."""

    SEE_LINES = "see lines"
    SEE_RAW_SAMPLES = "see raw samples"
    SEE_REASONS = "see people's reasons and notes"
    SEE_NAMES = "see people by their names"
    CORRECT = "correct what machines recorded"
    APPROVE = "approve corrections of shifts that are over"
    CHANGE_CALENDAR = "enter exceptions of calendars"
    SEE_GRANTS = "see grants"
    ACCEPT = "accept figures"
    TAKE_STEPS = "take steps of milestones"
    SUBMIT = "submit milestones and answer queries"
    DECIDE = "check and decide milestones"
    VISIT = "enter site visits"
    ATTACH = "attach documents to milestones"
    HOLD = "put documents on legal hold"
    SEE_CHECKS = "see which milestones are to be checked more closely"
    DRAW_SAMPLES = "draw samples of a scheme and enter what came of them"
    SEE_LEDGER = "see the ledger"
    SEE_PROFILES = "see device profiles"
    SEE_NODE = "see how the node is"
    SEE_AUDIT = "see the audit"
    MANAGE_AGENTS = "enrol and revoke agents"
    CONNECT = "connect machines"
    EDIT_PLANT = "change plant files"
    MANAGE_ACCOUNTS = "manage accounts"


# What asks for it, of what a plant may keep confidential.
KEPT: Mapping[Action, Confidential] = {
    Action.SEE_RAW_SAMPLES: Confidential.RAW_SAMPLES,
    Action.SEE_REASONS: Confidential.REASONS,
    Action.SEE_NAMES: Confidential.NAMES,
}
_OF_THE_PLANT = frozenset({Action.SEE_LINES, *KEPT})
_SEE_ALL = _OF_THE_PLANT | {
    Action.SEE_GRANTS,
    Action.SEE_CHECKS,
    Action.SEE_LEDGER,
    Action.SEE_PROFILES,
    Action.SEE_NODE,
    Action.SEE_AUDIT,
}
ALLOWED: Mapping[Role, frozenset[Action]] = {
    Role.OPERATOR: _OF_THE_PLANT | {Action.CORRECT},
    Role.SUPERVISOR: _OF_THE_PLANT
    | {Action.CORRECT, Action.APPROVE, Action.CHANGE_CALENDAR}
    # For the company, towards who funds it.
    | {Action.SEE_GRANTS, Action.SEE_LEDGER, Action.TAKE_STEPS, Action.SUBMIT, Action.ATTACH},
    Role.INTEGRATOR: _OF_THE_PLANT
    | {
        Action.SEE_LEDGER,
        Action.SEE_PROFILES,
        Action.SEE_NODE,
        Action.MANAGE_AGENTS,
        Action.CONNECT,
        Action.EDIT_PLANT,
    },
    Role.OFFICER: frozenset(
        {
            Action.SEE_LINES,
            Action.SEE_GRANTS,
            Action.SEE_LEDGER,
            Action.ACCEPT,
            Action.TAKE_STEPS,
            Action.DECIDE,
            Action.VISIT,
            Action.ATTACH,
            Action.HOLD,
            Action.SEE_CHECKS,
            Action.DRAW_SAMPLES,
        }
    ),
    Role.AUDITOR: _SEE_ALL,
    # Whoever hands out roles neither makes figures nor accepts them.
    Role.ADMINISTRATOR: _SEE_ALL
    | {
        Action.MANAGE_AGENTS,
        Action.CONNECT,
        Action.EDIT_PLANT,
        Action.MANAGE_ACCOUNTS,
        Action.HOLD,
    },
}
OF_NO_PLACE = frozenset(
    {
        Action.SEE_AUDIT,
        Action.SEE_PROFILES,
        Action.SEE_NODE,
        Action.MANAGE_AGENTS,
        Action.CONNECT,
        Action.MANAGE_ACCOUNTS,
    }
)


class ScopeKind(StrEnum):
    COMPANY = "company"
    PLANT = "plant"
    LINE = "line"
    SCHEME = "scheme"
    PROJECT = "project"


_FROM_OUTSIDE = frozenset({ScopeKind.SCHEME, ScopeKind.PROJECT})  # who comes for the grant


@dataclass(frozen=True, slots=True)
class Place:
    """A line or a project: what it belongs to, by kind. A scope holds it if it names one of
    these. `confidential`: what its plant keeps so."""

    belongs_to: Mapping[ScopeKind, frozenset[str]]
    confidential: Withheld = frozenset()


@dataclass(frozen=True, slots=True)
class Scope:
    """One company, plant, line, scheme or project; `kind` None: everything."""

    kind: ScopeKind | None = None
    name: str = ""

    @classmethod
    def parse(cls, text: str) -> Scope:
        """`everything`, or a kind and a name as in `plant:tko`. Raises InputError."""
        if text == _EVERYTHING:
            return cls()
        kind, colon, name = text.partition(":")
        kinds = [it.value for it in ScopeKind]
        if kind not in kinds or not colon or not name.strip():
            known = did_you_mean(kind, kinds) if kind not in kinds else ""
            raise InputError(
                N_("'%(text)s' is no scope"),
                todo=f"Write everything, or one of {', '.join(kinds)} with a name, as in "
                f"plant:tko. {known}".strip(),
                values={"text": text},
            )
        return cls(ScopeKind(kind), name.strip())

    def holds(self, place: Place) -> bool:
        return self.kind is None or self.name in place.belongs_to.get(self.kind, ())

    def __str__(self) -> str:
        return _EVERYTHING if self.kind is None else f"{self.kind}:{self.name}"


_EVERYTHING = "everything"


@dataclass(frozen=True, slots=True)
class Assignment:
    """A role within a scope."""

    role: Role
    scope: Scope = Scope()

    @classmethod
    def parse(cls, text: str) -> Assignment:
        """`officer` (within everything) or `officer@scheme:NIFS`. Raises InputError."""
        role, at, scope = text.partition("@")
        roles = [it.value for it in Role]
        if role not in roles:
            raise InputError(
                N_("there is no role '%(role)s'"),
                todo=did_you_mean(role, roles),
                values={"role": role},
            )
        return cls(Role(role), Scope.parse(scope if at else _EVERYTHING))

    def __str__(self) -> str:
        return f"{self.role}@{self.scope}"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks. `is_open`: the node has no accounts yet, so that everybody may do everything.

    `device`: the shared tablet at which it signed on, with the assignments that it has to keep
    `within`; a device without a name of a person: nobody is signed on there."""

    name: str
    assignments: tuple[Assignment, ...] = ()
    is_open: bool = False
    device: str = ""
    within: tuple[Assignment, ...] | None = None

    def may(self, action: Action, place: Place | None = None) -> bool:
        """Whether it may do that there; without a place: anywhere (of an action that belongs to
        places), or at all."""
        if self.is_open:
            return True
        if action in KEPT and (place is None or KEPT[action] not in place.confidential):
            action = Action.SEE_LINES
        of_both = [self.assignments] if self.within is None else [self.assignments, self.within]
        return all(any(_allows(it, action, place) for it in each) for each in of_both)

    def withheld(self, place: Place) -> Withheld:
        """What of that place it is not shown."""
        return frozenset(it for action, it in KEPT.items() if not self.may(action, place))


def _allows(given: Assignment, action: Action, place: Place | None) -> bool:
    allowed, scope = ALLOWED[given.role], given.scope
    if action not in allowed:
        return False
    if action in OF_NO_PLACE:
        return scope.kind is None
    if action in KEPT and scope.kind in _FROM_OUTSIDE and Action.CORRECT not in allowed:
        return False
    return place is None or scope.holds(place)


OPEN = Caller("", is_open=True)
NOBODY = Caller("")


def place_of_plant(plant: Plant) -> Place:
    """The plant as a whole, which no scope of a line, scheme or project holds."""
    return Place(
        {
            ScopeKind.COMPANY: frozenset(plant.company.values()),
            ScopeKind.PLANT: frozenset({plant.id}),
        },
        plant.confidential,
    )


def place_of_line(plant: Plant, line: str, projects: Iterable[Project]) -> Place:
    """`projects`: all that there are."""
    mine = [it for it in projects if line in it.lines]
    return Place(
        {
            ScopeKind.COMPANY: frozenset(plant.company.values()),
            ScopeKind.PLANT: frozenset({plant.id}),
            ScopeKind.LINE: frozenset({line}),
            ScopeKind.SCHEME: frozenset(it.scheme for it in mine),
            ScopeKind.PROJECT: frozenset(it.reference for it in mine),
        },
        plant.confidential,
    )


def place_of_project(project: Project, plant: Plant) -> Place:
    """`plant`: that of its lines. A line holds only a project that is of this line alone."""
    lines = frozenset(project.lines)
    return Place(
        {
            ScopeKind.COMPANY: frozenset(plant.company.values()),
            ScopeKind.PLANT: frozenset({plant.id}),
            ScopeKind.LINE: lines if len(lines) == 1 else frozenset(),
            ScopeKind.SCHEME: frozenset({project.scheme}),
            ScopeKind.PROJECT: frozenset({project.reference}),
        },
        plant.confidential,
    )


def roles_that_may(action: Action) -> list[Role]:
    """For a refusal: who could."""
    return [role for role in Role if action in ALLOWED[role]]


_BEARER_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*")  # RFC 6750, clause 2.1: b64token


def is_bearer_token(text: str) -> bool:
    """Whether it can be sent as a token at all; a copied line break or ellipsis cannot.

    >>> is_bearer_token("lineproof_TCLP2_R09fff"), is_bearer_token("lineproof_TCL…")
    (True, False)
    """
    return _BEARER_TOKEN.fullmatch(text) is not None
