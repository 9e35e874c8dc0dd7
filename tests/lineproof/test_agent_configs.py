"""The edge agents of a plant: one for each line and protocol."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from plants import plant

from domain.errors import NotFoundError
from domain.plant import Machine
from lineproof.agent_configs import agent_configs

OPCUA, MQTT = "packml/opcua", "shelly/pro3em-mqtt"


def machine(name: str, profile: str) -> Machine:
    return Machine(name, profile, {"url": f"x://{name}"})


def test_an_agent_for_each_line_and_protocol(tmp_path: Path) -> None:
    where = plant()
    machines = [machine("a", OPCUA), machine("b", OPCUA), machine("c", MQTT)]
    machines.append(machine("d", "import"))
    line = replace(where.lines["l1"], machines={it.id: it for it in machines}, stale_after_s=7.0)
    agents = agent_configs(replace(where, lines={"l1": line}), tmp_path, "http://collector")
    assert [(it.name, [m.machine for m in it.machines]) for it in agents] == [
        ("l1.mqtt-json", ["c"]),
        ("l1.opcua", ["a", "b"]),
    ]
    assert {it.data for it in agents} == {
        tmp_path / "agents" / name for name in ("l1.mqtt-json", "l1.opcua")
    }
    (meter,) = agents[0].machines
    assert (meter.line, meter.connection, meter.stale_after_s) == ("l1", {"url": "x://c"}, 7.0)


def test_paths_of_connections_begin_in_the_data_folder(tmp_path: Path) -> None:
    """A plant file is kept as a text, so that nothing can be beside it."""
    where = plant()
    given = {"url": "x", "password_file": "p.txt", "key": "/etc/k", "topic": "a/b"}
    line = replace(where.lines["l1"], machines={"a": Machine("a", MQTT, given)})
    (agent,) = agent_configs(replace(where, lines={"l1": line}), tmp_path, "http://collector")
    assert agent.machines[0].connection == {
        "url": "x", "password_file": str(tmp_path / "p.txt"), "key": "/etc/k", "topic": "a/b",
    }  # fmt: skip


def test_a_line_of_history_alone_has_none(tmp_path: Path) -> None:
    assert agent_configs(plant(), tmp_path, "http://collector") == []


def test_a_profile_that_is_not_there_is_said(tmp_path: Path) -> None:
    where = plant()
    line = replace(where.lines["l1"], machines={"a": machine("a", "packml/opc")})
    with pytest.raises(NotFoundError, match="packml/opc"):
        agent_configs(replace(where, lines={"l1": line}), tmp_path, "http://collector")
