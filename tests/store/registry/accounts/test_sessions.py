"""Sessions: how they begin and end."""

from __future__ import annotations

from datetime import timedelta

import pytest
from registered import NOW

from domain.access import Assignment
from store.registry.accounts.sessions import IDLE_MAX, SESSION_MAX, Sessions
from store.registry.registry import Registry


@pytest.fixture
def sessions(registry: Registry) -> Sessions:
    registry.accounts.add("chan", "", [Assignment.parse("operator")], NOW)
    return registry.sessions


def test_a_session_is_its_account_s_until_it_is_not_used_for_long(sessions: Sessions) -> None:
    secret = sessions.begin("chan", NOW)
    account = sessions.account(secret, NOW + IDLE_MAX)
    assert account is not None
    assert account.name == "chan"
    # That use counts, so it goes on from there.
    assert sessions.account(secret, NOW + 2 * IDLE_MAX) is not None
    assert sessions.account(secret, NOW + 3 * IDLE_MAX + timedelta(seconds=1)) is None


def test_a_session_ends_however_much_it_is_used(sessions: Sessions) -> None:
    secret = sessions.begin("chan", NOW)
    at = NOW
    while at < NOW + SESSION_MAX:
        assert sessions.account(secret, at) is not None
        at += timedelta(hours=4)
    assert sessions.account(secret, NOW + SESSION_MAX + timedelta(seconds=1)) is None


def test_who_signs_out_is_out_here_or_everywhere(sessions: Sessions) -> None:
    here, there, third = (sessions.begin("chan", NOW) for _ in range(3))
    sessions.end(here)
    assert sessions.account(here, NOW) is None
    assert sessions.account(there, NOW) is not None
    sessions.end_all("chan")
    assert sessions.account(there, NOW) is None
    assert sessions.account(third, NOW) is None
    sessions.end("no session")


def test_a_made_up_secret_is_nobodys(sessions: Sessions) -> None:
    assert sessions.account("x" * 43, NOW) is None
    assert sessions.account("", NOW) is None


def test_a_session_of_a_disabled_account_is_nobodys(sessions: Sessions, registry: Registry) -> None:
    """Also one that began while the account was being disabled."""
    registry.accounts.add("boss", "", [Assignment.parse("administrator")], NOW)
    before = sessions.begin("chan", NOW)
    registry.accounts.disable("chan", NOW)
    for secret in (before, sessions.begin("chan", NOW)):
        assert sessions.account(secret, NOW) is None
