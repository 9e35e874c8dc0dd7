"""Who a machine's data come from, and in what two of them differ."""

from __future__ import annotations

from dataclasses import replace

from domain.source_identity import SourceIdentity, agent_of, differences

FIRST = SourceIdentity("hall-2", "packml/opcua", "9f2b", "opc.tcp://10.0.0.5:4840")


def differing(**changed: str) -> str:
    return differences(FIRST.to_text(), replace(FIRST, **changed).to_text())


def test_what_differs_is_named_with_both_values() -> None:
    assert differing() == ""
    assert differing(profile_digest="41c0") == "profile_digest: 9f2b → 41c0"
    assert differing(agent="b", profile="x") == "agent: hall-2 → b, profile: packml/opcua → x"


def test_an_address_is_not_shown() -> None:
    assert differing(address="opc.tcp://10.0.0.6:4840") == "address"


def test_the_agent_of_a_text() -> None:
    assert agent_of(FIRST.to_text()) == "hall-2"
    assert [agent_of(it) for it in ("", "7", "[]", '{"agent":7}', "{}")] == [None] * 5


def test_texts_that_are_no_identity() -> None:
    assert differences("EM-7", "EM-9") == "EM-7 → EM-9"
    assert differences("7", FIRST.to_text()).startswith("7 → {")
    assert len(differences("a" * 9999, "[" * 9999)) < 1000
    assert differences('{"a":1}', '{"a":[[]],"b":null}') == "a: 1 → [[]]"
