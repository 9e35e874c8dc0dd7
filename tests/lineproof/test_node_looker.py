"""A real machine is looked at and tried for a page; where that may not be, nothing is asked."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from live_machine import LiveMachine, live_machine
from peers import free_port

import lineproof.node_looker
from api.queries.connecting.looker import Looker, MachineAddress
from domain.errors import InputError, NotAllowedError
from lineproof.machine_networks import network
from lineproof.node_looker import NodeLooker, SlowMachineError, UnreachableMachineError

SECRET = "s3cret-of-the-press"


@pytest.fixture(scope="module")
def machine() -> Iterator[LiveMachine]:
    with live_machine() as found:
        yield found


@pytest.fixture
def looker(tmp_path: Path) -> Looker:
    return NodeLooker(tmp_path / "looking", [network("127.0.0.0/8")])


def address(url: str, seconds: float = 1.0, **settings: str) -> MachineAddress:
    return MachineAddress(url, settings, "", seconds)


def test_what_is_proposed_is_tried(machine: LiveMachine, looker: Looker) -> None:
    proposed = looker.look(address(machine.url))
    assert proposed.profile is not None
    assert {"state", "total_count"} <= {it.signal for it in proposed.signals}
    assert all(it.place.startswith("Counters/") for it in proposed.signals)
    assert f'url: "{machine.url}"' in proposed.entry
    codes = proposed.profile.replace('"6": unknown', '"6": producing')
    trial = looker.try_out(address(machine.url), codes, proposed.parameters)
    assert trial.wrong == ()
    assert {it.signal: it.value for it in trial.decoded}["state"] == "producing"
    assert {it.input: it.value for it in trial.raw}["state"] == "6"
    assert trial.readings
    assert all(trial.begin <= it.received <= trial.end for it in trial.readings)


def test_a_packaged_profile_by_its_name(machine: LiveMachine, looker: Looker) -> None:
    parameters = {"state": machine.addresses["state"], "state_codes": "6=producing"}
    trial = looker.try_out(address(machine.url), "generic/opcua-counters", parameters)
    assert [it.value for it in trial.decoded if it.signal == "state"] == ["producing"]


def test_where_it_may_not_look_nothing_is_asked(tmp_path: Path) -> None:
    looker = NodeLooker(tmp_path, [network("10.0.0.0/8")])
    with socket.create_server(("127.0.0.1", 0)) as there:
        url = f"opc.tcp://127.0.0.1:{there.getsockname()[1]}"
        for ask in (looker.look, lambda it: looker.try_out(it, "packml/opcua", {})):
            with pytest.raises(NotAllowedError, match="may not look at 127"):
                ask(address(url))
        there.settimeout(0.2)
        with pytest.raises(TimeoutError):
            there.accept()


@pytest.mark.parametrize("name", ["password_file", "certificate", "trusted_servers", "history"])
def test_no_file_of_this_computer_is_named_by_who_types(looker: Looker, name: str) -> None:
    with pytest.raises(InputError, match="no setting that can be typed in"):
        looker.look(address("opc.tcp://127.0.0.1:1", **{name: "/etc/passwd"}))


def test_a_password_is_in_nothing_that_is_shown(looker: Looker) -> None:
    given = address(f"opc.tcp://127.0.0.1:{free_port()}", user="ann", password=SECRET)
    assert SECRET not in repr(given)
    with pytest.raises(UnreachableMachineError) as refused:
        looker.look(given)
    assert SECRET not in str(refused.value)


def test_a_machine_that_never_answers(looker: Looker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lineproof.node_looker, "ANSWER_MAX_S", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as there:
        url = f"opc.tcp://127.0.0.1:{there.getsockname()[1]}"
        with pytest.raises(SlowMachineError, match="has not told everything"):
            looker.look(address(url))


def test_a_profile_that_does_not_load(looker: Looker) -> None:
    with pytest.raises(InputError, match=r"profile\.yaml"):
        looker.try_out(address("opc.tcp://127.0.0.1:1"), "name: x\n", {})
