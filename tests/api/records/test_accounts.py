"""What administrators do with accounts and tokens, in a registry of its own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from api.records.accounts import (
    NewAccount,
    assign_roles,
    create_account,
    create_token,
    disable_account,
    enable_account,
    reset_account,
    tokens_json,
    users_json,
    withdraw_token,
)
from domain.errors import BusyError, InputError, NotFoundError
from store.registry.registry import Registry

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
PASSWORD = "plover plinth plenty"
BOSS = NewAccount("Boss ", ["administrator"], "The  Boss")


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    found = Registry(tmp_path / "registry.sqlite", tmp_path / "documents")
    yield found
    found.close()


def test_an_account_without_a_password_gets_a_link_that_sets_one(registry: Registry) -> None:
    made = create_account(registry, BOSS, NOW)
    assert (made["name"], made["full_name"]) == ("boss", "The Boss")
    assert made["roles"] == ["administrator@everything"]
    path, _, code = made["link"].partition("?code=")
    assert path == "/sign-in"
    registry.sign_in_codes.use(code, "", PASSWORD, NOW)
    assert registry.accounts.with_password("boss", PASSWORD) is not None
    (listed,) = users_json(registry)
    assert "link" not in listed
    assert listed["has_password"]


def test_an_account_with_a_password_needs_no_link(registry: Registry) -> None:
    made = create_account(registry, NewAccount("boss", ["administrator"], password=PASSWORD), NOW)
    assert "link" not in made
    assert registry.accounts.with_password("boss", PASSWORD) is not None


@pytest.mark.parametrize(
    ("new", "sentence"),
    [
        (NewAccount("chan", ["operator"]), "the first account is an administrator"),
        (NewAccount("boss", ["administrator@plant:tko"]), "the first account is an administrator"),
        (NewAccount("boss", []), "would have no role"),
        (NewAccount("boss", ["adminstrator"]), "Did you mean 'administrator'"),
        (NewAccount("boss", ["administrator@plnt:tko"]), "'plnt:tko' is no scope"),
        (NewAccount("b oss", ["administrator"]), "is no name of an account"),
        (NewAccount("boss", ["administrator"], password="short"), "12 to 200 characters"),
        (NewAccount("boss", ["administrator"], password=""), "12 to 200 characters"),
        (NewAccount("boss", ["administrator"], "x" * 81), "no name that can be shown"),
    ],
)
def test_what_is_refused_leaves_the_node_open(
    registry: Registry, new: NewAccount, sentence: str
) -> None:
    with pytest.raises(InputError, match=sentence):
        create_account(registry, new, NOW)
    assert not registry.accounts.any()


def test_a_name_is_never_used_twice(registry: Registry) -> None:
    create_account(registry, BOSS, NOW)
    chan = NewAccount("chan", ["operator"])
    create_account(registry, chan, NOW)
    disable_account(registry, "chan", NOW)
    with pytest.raises(BusyError, match="a name is never used twice"):
        create_account(registry, chan, NOW)


def test_the_last_administrator_stays_one(registry: Registry) -> None:
    create_account(registry, BOSS, NOW)
    with pytest.raises(InputError, match="nobody could manage accounts"):
        disable_account(registry, "boss", NOW)
    with pytest.raises(InputError, match="nobody could manage accounts"):
        assign_roles(registry, "boss", ["administrator@line:x"])
    (boss,) = users_json(registry)
    assert (boss["disabled_at"], boss["roles"]) == (None, ["administrator@everything"])
    create_account(registry, NewAccount("chan", ["administrator"]), NOW)
    assert disable_account(registry, "boss", NOW)["disabled_at"] == NOW.isoformat()
    assert enable_account(registry, "boss")["disabled_at"] is None


def test_a_reset_password_works_until_another_one_is_set(registry: Registry) -> None:
    create_account(registry, NewAccount("boss", ["administrator"], password=PASSWORD), NOW)
    first, second = (reset_account(registry, "boss", NOW)["link"] for _ in range(2))
    assert registry.accounts.with_password("boss", PASSWORD) is not None
    with pytest.raises(InputError, match="does not work"):
        registry.sign_in_codes.account_of(first.partition("code=")[2], NOW)
    registry.sign_in_codes.use(second.partition("code=")[2], "", "another " + PASSWORD, NOW)
    assert registry.accounts.with_password("boss", PASSWORD) is None
    reset_account(registry, "boss", NOW, PASSWORD)
    assert registry.accounts.with_password("boss", PASSWORD) is not None


def test_a_token_is_told_once_and_ends_when_it_is_revoked(registry: Registry) -> None:
    with pytest.raises(InputError, match="no account yet"):
        create_token(registry, "ci", ["auditor"], "2026-04-01", NOW, "boss")
    create_account(registry, BOSS, NOW)
    made = create_token(
        registry, "ci", ["auditor", "officer@scheme:NIFS"], "2026-04-01", NOW, "boss"
    )
    assert made["ends_at"] == "2026-04-01T00:00:00+00:00"
    assert made["created_by"] == "boss"
    caller = registry.tokens.caller(made["secret"], NOW)
    assert caller is not None
    assert sorted(map(str, caller.assignments)) == ["auditor@everything", "officer@scheme:NIFS"]
    assert made["secret"] not in str(tokens_json(registry))
    assert withdraw_token(registry, "ci", NOW)["revoked_at"] == NOW.isoformat()
    assert registry.tokens.caller(made["secret"], NOW) is None
    with pytest.raises(NotFoundError, match="Known are: ci"):
        withdraw_token(registry, "cj", NOW)


@pytest.mark.parametrize("ends", ["soon", "2026-03-01", "2027-03-05", ""])
def test_a_token_ends_within_a_year(registry: Registry, ends: str) -> None:
    create_account(registry, BOSS, NOW)
    with pytest.raises(InputError):
        create_token(registry, "ci", ["auditor"], ends, NOW, "boss")
    assert tokens_json(registry) == []
