"""Agents as they are shown, and the text of a code."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lineproof.agents import agent_json, code_text
from lineproof.tls.authority import issued
from lineproof.tls.certificates import fingerprint, pem_of
from store.registry.agents import Agent, AgentKey

NOW = datetime(2026, 3, 2, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("days", "revoked", "in_force"),
    [(0, None, [True, True]), (2, None, [False, True]), (0, NOW, [False, False])],
)
def test_every_key_is_shown_and_whether_it_is_in_force(
    days: int, revoked: datetime | None, in_force: list[bool]
) -> None:
    keys = (AgentKey(b"1" * 32, NOW - DAY, NOW + DAY), AgentKey(b"2" * 32, NOW))
    shown = agent_json(
        Agent("hall-1", b"1" * 32, "", NOW - DAY, keys, revoked), NOW + timedelta(days=days)
    )
    assert [it["in_force"] for it in shown["keys"]] == in_force


def test_a_code_names_the_authority_if_there_is_one(tmp_path: Path) -> None:
    authority = issued(tmp_path, None, NOW).authority
    assert code_text("secret", None) == "secret"
    assert code_text("secret", pem_of(authority)) == f"secret.{fingerprint(authority)}"
