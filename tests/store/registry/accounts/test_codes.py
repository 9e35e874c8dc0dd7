"""Codes that work once."""

from __future__ import annotations

import pytest
from registered import NOW

from domain.access import Action, Assignment
from domain.errors import InputError, NotFoundError
from store.registry.accounts.codes import CODE_LASTS
from store.registry.registry import Registry

PASSWORD = "plover plinth plenty"


def test_the_first_administrator_is_made_once(registry: Registry) -> None:
    codes = registry.sign_in_codes
    earlier, code = (codes.for_first_administrator(NOW) for _ in range(2))
    with pytest.raises(InputError, match="does not work"):
        codes.account_of(earlier, NOW)
    with pytest.raises(InputError, match="12 to 200 characters"):
        codes.use(code, "boss", "short", NOW)
    with pytest.raises(InputError, match="no name of an account"):
        codes.use(code, "The Boss", PASSWORD, NOW)
    assert not registry.accounts.any()
    made = codes.use(code, "boss", PASSWORD, NOW)
    assert made.caller.may(Action.MANAGE_ACCOUNTS)
    assert registry.accounts.with_password("boss", PASSWORD) is not None
    with pytest.raises(InputError, match="does not work"):
        codes.use(code, "second", PASSWORD, NOW)
    with pytest.raises(InputError, match="there are accounts already"):
        codes.for_first_administrator(NOW)


def test_a_code_of_the_first_administrator_is_none_once_there_is_an_account(
    registry: Registry,
) -> None:
    code = registry.sign_in_codes.for_first_administrator(NOW)
    registry.accounts.add("chan", "", [Assignment.parse("operator")], NOW)
    with pytest.raises(InputError, match="there are accounts already"):
        registry.sign_in_codes.use(code, "boss", PASSWORD, NOW)


def test_a_code_sets_the_password_of_its_account_and_of_no_other(registry: Registry) -> None:
    for name in ("chan", "wong"):
        registry.accounts.add(name, "", [Assignment.parse("operator")], NOW)
    code = registry.sign_in_codes.for_account("chan", NOW)
    assert registry.sign_in_codes.use(code, "wong", PASSWORD, NOW).name == "chan"
    assert registry.accounts.with_password("chan", PASSWORD) is not None
    assert registry.accounts.with_password("wong", PASSWORD) is None
    with pytest.raises(InputError, match="does not work"):
        registry.sign_in_codes.use(code, "chan", "another " + PASSWORD, NOW)


def test_a_code_ends(registry: Registry) -> None:
    registry.accounts.add("chan", "", [Assignment.parse("operator")], NOW)
    code = registry.sign_in_codes.for_account("chan", NOW)
    with pytest.raises(InputError, match="does not work"):
        registry.sign_in_codes.use(code, "chan", PASSWORD, NOW + CODE_LASTS)
    with pytest.raises(NotFoundError, match="no account 'chen'"):
        registry.sign_in_codes.for_account("chen", NOW)
