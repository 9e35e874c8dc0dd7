"""Agents and the keys that they were enrolled with."""

from __future__ import annotations

import pytest
from registered import LATER, NOW

from domain.errors import InputError
from store.registry.registry import Registry

KEY, OTHER_KEY = b"k" * 32, b"o" * 32


def test_an_agent_is_enrolled_once_and_keeps_its_key(registry: Registry) -> None:
    assert registry.agents.key_of("edge-1") is None
    assert registry.agents.enrol("edge-1", KEY, NOW, origin="up") is True
    assert registry.agents.enrol("edge-1", KEY, LATER) is False
    with pytest.raises(InputError, match="'edge-1' is enrolled with another key"):
        registry.agents.enrol("edge-1", OTHER_KEY, LATER)
    with pytest.raises(InputError, match="has 3 bytes, not 32"):
        registry.agents.enrol("edge-2", b"abc", NOW)
    assert registry.agents.key_of("edge-1") == KEY
    (agent,) = registry.agents.all()
    assert (agent.name, agent.public_key, agent.origin, agent.enrolled_at) == (
        "edge-1",
        KEY,
        "up",
        NOW,
    )
