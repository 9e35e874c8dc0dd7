"""The demo's people: what each of them may see, and that nobody can sign in as them elsewhere."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from domain.access import Action
from lineproof.demo.people import PEOPLE, add_people
from store.registry.registry import Registry

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)


def test_there_is_one_of_each_and_none_has_a_password_or_manages_accounts(tmp_path: Path) -> None:
    registry = Registry(tmp_path / "registry.sqlite", tmp_path / "documents")
    for _ in range(2):  # a folder that is opened again
        add_people(registry, NOW)
    accounts = {it.name: it for it in registry.accounts.all()}
    assert set(accounts) == {it.name for it in PEOPLE}
    for person in PEOPLE:
        account = accounts[person.name]
        assert {it.role for it in account.assignments} == {person.role}
        assert not account.has_password
        assert not account.caller.may(Action.MANAGE_ACCOUNTS)
        page = Action.SEE_GRANTS if person.first.startswith("/grants") else Action.SEE_LINES
        assert account.caller.may(page), "where the click leads"
    registry.close()
