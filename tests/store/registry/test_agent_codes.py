"""Codes that enrol an agent: for one name, once, for a day."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from registered import NOW

from domain.errors import BusyError, InputError, NotAllowedError
from store.registry.agent_codes import ENROLMENT_LASTS
from store.registry.registry import Registry

KEY, OTHER_KEY = b"k" * 32, b"o" * 32


def test_a_code_enrols_one_agent_once(registry: Registry) -> None:
    codes = registry.agent_codes
    code = codes.make("edge-1", NOW, by="chan")
    assert codes.use(code, KEY, NOW) == "edge-1"
    assert codes.use(code, KEY, NOW) == "edge-1"  # its answer may have been lost
    with pytest.raises(NotAllowedError, match="this code was used before"):
        codes.use(code, OTHER_KEY, NOW)
    (agent,) = registry.agents.all()
    assert (agent.public_key, agent.origin) == (KEY, "code of chan")
    with pytest.raises(BusyError, match="'edge-1' is enrolled already"):
        codes.make("edge-1", NOW, by="chan")


def test_codes_end_and_follow_each_other(registry: Registry) -> None:
    codes = registry.agent_codes
    earlier, code = (codes.make("edge-1", NOW, by="chan") for _ in range(2))
    with pytest.raises(NotAllowedError, match="there is no such code"):
        codes.use(earlier, KEY, NOW)
    with pytest.raises(NotAllowedError, match="this code ended at"):
        codes.use(code, KEY, NOW + ENROLMENT_LASTS)
    assert codes.use(code, KEY, NOW + ENROLMENT_LASTS - timedelta(seconds=1)) == "edge-1"


def test_a_mistake_does_not_use_the_code_up(registry: Registry) -> None:
    codes = registry.agent_codes
    code = codes.make("edge-1", NOW, by="chan")
    with pytest.raises(InputError, match="for agent 'edge-1', not 'edge-2'"):
        codes.use(code, KEY, NOW, agent="edge-2")
    with pytest.raises(InputError, match="has 3 bytes"):
        codes.use(code, b"abc", NOW)
    assert codes.use(code, KEY, NOW, agent="edge-1") == "edge-1"


@pytest.mark.parametrize("name", ["", "-a", "a b", "a/b", "ä", "x" * 101])
def test_a_name_has_to_be_one(registry: Registry, name: str) -> None:
    with pytest.raises(InputError, match=re.escape(f"'{name}' is no name of an agent")):
        registry.agent_codes.make(name, NOW, by="chan")
