"""Roles of accounts and of tokens, which may have the same name."""

from __future__ import annotations

from datetime import timedelta

from registered import NOW

from domain.access import Assignment
from store.registry.registry import Registry

AUDITOR, OPERATOR = Assignment.parse("auditor"), Assignment.parse("operator@line:filler-1")


def test_an_account_and_a_token_of_one_name_have_roles_of_their_own(registry: Registry) -> None:
    registry.accounts.add("boss", "", [Assignment.parse("administrator")], NOW)
    registry.accounts.add("chan", "", [OPERATOR, AUDITOR, OPERATOR], NOW)
    registry.tokens.add("chan", [AUDITOR], NOW + timedelta(days=1), NOW, by="boss")
    assert registry.accounts.named("chan").assignments == (AUDITOR, OPERATOR)
    registry.accounts.set_assignments("chan", [OPERATOR])
    assert registry.accounts.named("chan").assignments == (OPERATOR,)
    (token,) = registry.tokens.all()
    assert token.assignments == (AUDITOR,)
