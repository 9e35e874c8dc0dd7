"""Agents and the keys that they were enrolled with."""

from __future__ import annotations

from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from registered import LATER, NOW

from domain.agent_keys import key_statement
from domain.errors import InputError, NotAllowedError, NotFoundError
from domain.time import micros
from store.registry.agents import OVERLAP
from store.registry.registry import Registry

REGISTRIES = ("sqlite", "postgresql")

KEY, OTHER_KEY = b"k" * 32, b"o" * 32


def test_an_agent_is_enrolled_once_and_keeps_its_key(registry: Registry) -> None:
    assert registry.agents.keys_of("edge-1", micros(NOW)) == []
    assert registry.agents.enrol("edge-1", KEY, NOW, origin="up") is True
    assert registry.agents.enrol("edge-1", KEY, LATER) is False
    with pytest.raises(InputError, match="'edge-1' is enrolled with another key"):
        registry.agents.enrol("edge-1", OTHER_KEY, LATER)
    with pytest.raises(InputError, match="has 3 bytes, not 32"):
        registry.agents.enrol("edge-2", b"abc", NOW)
    assert registry.agents.keys_of("edge-1", micros(NOW)) == [KEY]
    (agent,) = registry.agents.all()
    assert (agent.name, agent.public_key, agent.origin, agent.enrolled_at) == (
        "edge-1",
        KEY,
        "up",
        NOW,
    )


def _private(seed: bytes) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(seed * 32)


def _public(seed: bytes) -> bytes:
    return _private(seed).public_key().public_bytes_raw()


def test_a_key_follows_another_that_signed_it_and_both_are_believed_for_a_while(
    registry: Registry,
) -> None:
    agents, new = registry.agents, _public(b"2")
    agents.enrol("edge-1", _public(b"1"), NOW)
    signature = _private(b"1").sign(key_statement("edge-1", new))
    assert agents.rotate("edge-1", new, signature, LATER) == LATER + OVERLAP
    assert agents.rotate("edge-1", new, signature, LATER + OVERLAP) == LATER + OVERLAP
    soon, late = (LATER + OVERLAP + timedelta(seconds=it) for it in (-1, 1))
    assert agents.keys_of("edge-1", micros(soon)) == [_public(b"1"), new]
    assert agents.keys_of("edge-1", micros(late)) == [new]
    (agent,) = agents.all()
    assert [it.until for it in agent.keys] == [LATER + OVERLAP, None]
    assert agents.enrol("edge-1", new, late) is False  # as a file that names it does
    assert agents.enrol("edge-1", _public(b"1"), late) is False


@pytest.mark.parametrize(
    ("signer", "name", "key"),
    [(b"2", "edge-1", b"2"), (b"1", "edge-2", b"2"), (b"1", "edge-1", b"3")],
    ids=["itself", "another agent", "another key"],
)
def test_nobody_else_names_the_next_key(
    registry: Registry, signer: bytes, name: str, key: bytes
) -> None:
    registry.agents.enrol("edge-1", _public(b"1"), NOW)
    signature = _private(signer).sign(key_statement(name, _public(key)))
    with pytest.raises(NotAllowedError, match="is not signed by its present one"):
        registry.agents.rotate("edge-1", _public(b"2"), signature, LATER)


def test_a_revoked_agent_stays_in_the_record(registry: Registry) -> None:
    agents = registry.agents
    agents.enrol("edge-1", _public(b"1"), NOW)
    assert agents.revoke("edge-1", LATER, by="chan") is True
    assert agents.revoke("edge-1", LATER, by="chan") is False
    assert agents.is_revoked("edge-1")
    assert agents.keys_of("edge-1", micros(NOW)) == [_public(b"1")]  # what came in stays believed
    assert agents.all()[0].revoked_at == LATER
    signature = _private(b"1").sign(key_statement("edge-1", _public(b"2")))
    with pytest.raises(NotAllowedError, match="was revoked"):
        agents.rotate("edge-1", _public(b"2"), signature, LATER)
    with pytest.raises(NotFoundError, match=r"no agent 'edge-9'.*edge-1"):
        agents.revoke("edge-9", LATER, by="chan")
    assert not agents.is_revoked("edge-9")
