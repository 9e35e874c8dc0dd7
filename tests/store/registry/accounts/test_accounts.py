"""Accounts: names for ever, roles, disabling, and that somebody can always manage them."""

from __future__ import annotations

import pytest
from registered import LATER, NOW

from domain.access import Assignment
from domain.errors import BusyError, InputError, NotFoundError
from store.registry.registry import Registry

PASSWORD = "plover plinth plenty"
ADMIN, OPERATOR = Assignment.parse("administrator"), Assignment.parse("operator@plant:tko")


def test_an_account_has_roles_and_no_password_until_one_is_set(registry: Registry) -> None:
    accounts = registry.accounts
    assert not accounts.any()
    made = accounts.add("chan", "  Chan  Tai Man ", [OPERATOR], NOW)
    assert (made.full_name, made.assignments, made.has_password) == (
        "Chan Tai Man", (OPERATOR,), False,
    )  # fmt: skip
    assert accounts.any()
    assert accounts.with_password("chan", "") is None
    accounts.set_password("chan", PASSWORD)
    assert accounts.named("chan").has_password
    found = accounts.with_password("chan", PASSWORD)
    assert found is not None
    assert found.caller.assignments == (OPERATOR,)
    assert accounts.with_password("chan", PASSWORD + "x") is None
    assert accounts.with_password("chen", PASSWORD) is None


@pytest.mark.parametrize("name", ["", "Chan", "-chan", "chan tai man", "陳大文", "a" * 101, "a\n"])
def test_a_name_that_is_none_is_refused(registry: Registry, name: str) -> None:
    with pytest.raises(InputError, match="no name of an account"):
        registry.accounts.add(name, "", [OPERATOR], NOW)
    assert not registry.accounts.any()


def test_a_name_is_never_used_twice(registry: Registry) -> None:
    registry.accounts.add("chan", "", [OPERATOR], NOW)
    with pytest.raises(BusyError, match="an account 'chan' already"):
        registry.accounts.add("chan", "Another", [ADMIN], NOW)
    assert registry.accounts.named("chan").assignments == (OPERATOR,)


def test_an_account_without_a_role_is_refused(registry: Registry) -> None:
    with pytest.raises(InputError, match="no role"):
        registry.accounts.add("chan", "", [], NOW)


@pytest.mark.parametrize("full_name", ["x" * 81, "Chan\x07"])
def test_a_full_name_that_cannot_be_shown_is_refused(registry: Registry, full_name: str) -> None:
    with pytest.raises(InputError, match="no name that can be shown"):
        registry.accounts.add("chan", full_name, [OPERATOR], NOW)


def test_a_disabled_account_is_signed_out_and_stays_out(registry: Registry) -> None:
    accounts = registry.accounts
    accounts.add("boss", "", [ADMIN], NOW)
    accounts.add("chan", "", [OPERATOR], NOW)
    accounts.set_password("chan", PASSWORD)
    session = registry.sessions.begin("chan", NOW)
    accounts.disable("chan", LATER)
    accounts.disable("chan", NOW)
    assert accounts.named("chan").disabled_at == LATER
    assert accounts.with_password("chan", PASSWORD) is None
    assert registry.sessions.account(session, NOW) is None
    accounts.enable("chan")
    assert accounts.with_password("chan", PASSWORD) is not None
    assert registry.sessions.account(session, NOW) is None


def test_somebody_can_always_manage_accounts(registry: Registry) -> None:
    accounts = registry.accounts
    accounts.add("boss", "", [ADMIN], NOW)
    accounts.add("narrow", "", [Assignment.parse("administrator@plant:tko")], NOW)
    with pytest.raises(InputError, match="nobody could manage accounts"):
        accounts.disable("boss", NOW)
    with pytest.raises(InputError, match="nobody could manage accounts"):
        accounts.set_assignments("boss", [OPERATOR])
    assert accounts.named("boss").assignments == (ADMIN,)
    assert accounts.named("boss").disabled_at is None
    accounts.add("second", "", [ADMIN], NOW)
    accounts.disable("boss", NOW)


def test_who_is_not_there_is_told_with_who_is(registry: Registry) -> None:
    registry.accounts.add("chan", "", [OPERATOR], NOW)
    with pytest.raises(NotFoundError, match=r"no account 'chen'.*'chan'"):
        registry.accounts.named("chen")
    with pytest.raises(NotFoundError, match="no account 'x'"):
        registry.accounts.disable("x", NOW)


def test_accounts_change_no_answer_of_the_registry(registry: Registry) -> None:
    before = registry.version
    registry.accounts.add("chan", "", [OPERATOR], NOW)
    registry.sessions.begin("chan", NOW)
    assert registry.version == before
