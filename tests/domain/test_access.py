"""Roles, scopes and places: who may do what, where."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

import pytest

from domain.access import (
    ALLOWED,
    NOBODY,
    OPEN,
    Action,
    Assignment,
    Caller,
    Place,
    Role,
    Scope,
    ScopeKind,
    place_of_line,
    place_of_project,
    roles_that_may,
)
from domain.errors import InputError
from domain.grants import Project
from domain.plant import Confidential, Line, Plant

LINES = {name: Line(name, {"en": name}, {}, {}, None, None) for name in ("filler", "packer")}
PLANT = Plant("tko", ZoneInfo("Asia/Hong_Kong"), {"en": "TKO Foods"}, "", {}, LINES)


def project(reference: str, scheme: str, *lines: str) -> Project:
    day = date(2026, 1, 1)
    return Project(reference, scheme, "tko", lines, 1.0, day, day, day, ())


ONE, BOTH = project("P-1", "NIFS", "filler"), project("P-2", "NIAS", "filler", "packer")
PROJECTS = [ONE, BOTH]


def caller(*texts: str) -> Caller:
    return Caller("chan", tuple(Assignment.parse(it) for it in texts))


@pytest.mark.parametrize(
    ("scope", "filler", "packer", "one", "both"),
    [
        ("everything", True, True, True, True),
        ("company:TKO Foods", True, True, True, True),
        ("company:TKO", False, False, False, False),
        ("plant:tko", True, True, True, True),
        ("plant:yl", False, False, False, False),
        ("line:filler", True, False, True, False),  # a project of two lines is not one line's
        ("scheme:NIFS", True, False, True, False),
        ("scheme:NIAS", True, True, False, True),
        ("project:P-1", True, False, True, False),
        ("project:P-2", True, True, False, True),
    ],
)
def test_a_scope_holds_what_is_in_it(
    scope: str, filler: bool, packer: bool, one: bool, both: bool
) -> None:
    places = [
        *(place_of_line(PLANT, line, PROJECTS) for line in ("filler", "packer")),
        *(place_of_project(it, PLANT) for it in PROJECTS),
    ]
    assert [Scope.parse(scope).holds(it) for it in places] == [filler, packer, one, both]
    assert str(Scope.parse(scope)) == scope


def test_an_action_takes_a_role_that_allows_it_and_a_scope_that_holds_the_place() -> None:
    filler, packer = (place_of_line(PLANT, line, PROJECTS) for line in ("filler", "packer"))
    mine = caller("operator@line:filler", "auditor@line:packer")
    assert mine.may(Action.CORRECT)
    assert mine.may(Action.CORRECT, filler)
    assert not mine.may(Action.CORRECT, packer)  # one role's scope is not another's
    assert mine.may(Action.SEE_LINES, packer)
    assert not mine.may(Action.ACCEPT)


def test_what_belongs_to_no_place_takes_a_role_within_everything() -> None:
    assert caller("administrator").may(Action.MANAGE_ACCOUNTS)
    assert not caller("administrator@plant:tko").may(Action.MANAGE_ACCOUNTS)
    assert not caller("integrator@plant:tko").may(Action.SEE_NODE)
    assert caller("integrator").may(Action.SEE_NODE)


@pytest.mark.parametrize(
    ("who", "is_outside"),
    [
        (["operator@line:filler"], False),
        (["supervisor@plant:tko"], False),
        (["integrator@company:TKO Foods"], False),
        (["auditor"], False),
        (["administrator"], False),
        (["auditor@plant:tko"], False),
        (["operator@scheme:NIFS"], False),  # who corrects what its machines recorded
        (["officer", "supervisor@plant:tko"], False),
        (["officer"], True),
        (["officer@plant:tko"], True),
        (["officer@line:filler"], True),
        (["officer@scheme:NIFS"], True),
        (["auditor@scheme:NIFS"], True),
        (["auditor@project:P-1"], True),
        (["integrator@scheme:NIFS"], True),
        (["administrator@project:P-1"], True),
        (["officer", "supervisor@plant:yl"], True),
        (["officer", "auditor@scheme:NIFS"], True),
    ],
)
def test_what_a_plant_keeps_confidential_is_shown_to_its_own_people(
    who: list[str], is_outside: bool
) -> None:
    for kept in (set(), {Confidential.REASONS}, set(Confidential)):
        plant = replace(PLANT, confidential=frozenset(kept))
        found = caller(*who)
        assert found.withheld(place_of_line(plant, "filler", PROJECTS)) == (
            plant.confidential if is_outside else frozenset()
        )
    assert found.may(Action.SEE_REASONS)  # there are other plants


def test_nobody_may_nothing_and_on_an_open_node_everybody_everything() -> None:
    anywhere = Place({ScopeKind.LINE: frozenset({"filler"})})
    assert not any(NOBODY.may(action, anywhere) for action in Action)
    assert all(OPEN.may(action, anywhere) for action in Action)


def test_at_a_shared_tablet_one_may_what_both_it_and_the_person_may() -> None:
    filler, packer = (place_of_line(PLANT, line, PROJECTS) for line in ("filler", "packer"))

    def at_tablet(person: str, tablet: str) -> Caller:
        given = (Assignment.parse(person),) if person else ()
        return Caller("chan", given, device="tablet", within=(Assignment.parse(tablet),))

    wide = at_tablet("operator", "operator@line:filler")
    assert [wide.may(Action.CORRECT, it) for it in (filler, packer)] == [True, False]
    narrow = at_tablet("operator@line:packer", "operator@plant:tko")
    assert [narrow.may(Action.CORRECT, it) for it in (filler, packer)] == [False, True]
    apart = at_tablet("operator@line:packer", "operator@line:filler")
    assert not any(apart.may(it, place) for it in Action for place in (filler, packer))
    officer = at_tablet("officer", "supervisor")
    assert [officer.may(it, filler) for it in (Action.SEE_LINES, Action.ACCEPT)] == [True, False]
    assert not officer.may(Action.CORRECT, filler)
    boss = at_tablet("administrator", "operator")
    assert not boss.may(Action.MANAGE_ACCOUNTS)
    nobody = at_tablet("", "operator")
    assert not any(nobody.may(it) for it in Action)


def test_who_accepts_figures_does_not_make_them_and_who_gives_roles_does_neither() -> None:
    for role in Role:
        assert not {Action.CORRECT, Action.ACCEPT} <= ALLOWED[role]
    assert not {Action.CORRECT, Action.ACCEPT} & ALLOWED[Role.ADMINISTRATOR]
    assert roles_that_may(Action.ACCEPT) == [Role.OFFICER]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("operater", "no role 'operater'.*Did you mean 'operator'"),
        ("", "no role ''"),
        ("operator@", "'' is no scope"),
        ("operator@plant:", "'plant:' is no scope"),
        ("operator@plants:tko", "'plants:tko' is no scope.*Did you mean 'plant'"),
        ("operator@tko", "'tko' is no scope"),
    ],
)
def test_an_assignment_that_is_none_is_told(text: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        Assignment.parse(text)


def test_an_assignment_reads_as_it_is_written() -> None:
    assert str(Assignment.parse("officer")) == "officer@everything"
    assert str(Assignment.parse("officer@scheme:NIFS")) == "officer@scheme:NIFS"
