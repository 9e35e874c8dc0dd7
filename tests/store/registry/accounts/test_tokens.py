"""Tokens of programs."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from registered import NOW

from domain.access import Assignment
from domain.errors import BusyError, InputError, NotFoundError
from store.registry.accounts.tokens import PREFIX
from store.registry.registry import Registry

AUDITOR = Assignment.parse("auditor@plant:tko")
WEEK = timedelta(days=7)


def test_a_token_asks_with_its_roles_until_it_ends_or_is_revoked(registry: Registry) -> None:
    secret = registry.tokens.add("grafana", [AUDITOR], NOW + WEEK, NOW, by="boss")
    caller = registry.tokens.caller(secret, NOW)
    assert caller is not None
    assert (caller.name, caller.assignments) == ("token:grafana", (AUDITOR,))
    assert registry.tokens.caller(secret, NOW + WEEK) is None
    assert registry.tokens.caller(secret + "x", NOW) is None
    assert registry.tokens.caller("", NOW) is None
    registry.tokens.revoke("grafana", NOW)
    assert registry.tokens.caller(secret, NOW) is None
    (kept,) = registry.tokens.all()
    assert (kept.label, kept.created_by, kept.revoked_at) == ("grafana", "boss", NOW)


def test_a_token_that_cannot_be_is_refused(registry: Registry) -> None:
    tokens = registry.tokens
    with pytest.raises(InputError, match="no label"):
        tokens.add("Grafana 1", [AUDITOR], NOW + WEEK, NOW, by="boss")
    with pytest.raises(InputError, match="no role"):
        tokens.add("grafana", [], NOW + WEEK, NOW, by="boss")
    for ends_at in (NOW, NOW + timedelta(days=367)):
        with pytest.raises(InputError, match="within a year"):
            tokens.add("grafana", [AUDITOR], ends_at, NOW, by="boss")
    tokens.add("grafana", [AUDITOR], NOW + WEEK, NOW, by="boss")
    with pytest.raises(BusyError, match="a token 'grafana' already"):
        tokens.add("grafana", [AUDITOR], NOW + WEEK, NOW, by="boss")
    with pytest.raises(NotFoundError, match=r"no token 'grafanna'.*'grafana'"):
        tokens.revoke("grafanna", NOW)


def test_its_secret_is_nowhere_in_the_database(registry: Registry, tmp_path: Path) -> None:
    secret = registry.tokens.add("grafana", [AUDITOR], NOW + WEEK, NOW, by="boss")
    registry.close()
    kept = b"".join(it.read_bytes() for it in tmp_path.glob("registry.sqlite*"))
    assert b"grafana" in kept
    assert secret.encode() not in kept
    assert secret.removeprefix(PREFIX).encode() not in kept
