"""What a key signs to name the next one."""

from __future__ import annotations

import pytest

from domain.agent_keys import key_statement

KEY = b"k" * 32


@pytest.mark.parametrize(("agent", "key"), [("hall-1", b"o" * 32), ("hall-2", KEY)])
def test_another_agent_or_key_is_another_statement(agent: str, key: bytes) -> None:
    assert key_statement(agent, key) != key_statement("hall-1", KEY)
