"""A profile with its parameters filled in."""

from __future__ import annotations

import pytest
from translatable import left_in_english

from device_profiles.files.catalogue import PACKAGED, load, parse
from device_profiles.files.resolve import resolve
from device_profiles.model.addresses import OpcUaAddress, OpcUaStart
from device_profiles.model.profile import CodeRule, NumberRule
from domain.errors import InputError

GENERIC = "generic/opcua-counters"


def test_the_contracts_example_of_a_parameter_is_an_address() -> None:
    profile = load(GENERIC, {"good_count": "urn:vendor:Counters/Good"})
    assert profile.signals == ("good_count",)
    path = (("urn:vendor", "Counters"), ("urn:vendor", "Good"))
    assert profile.addresses == (OpcUaAddress(OpcUaStart(), path),)


def test_codes_and_units_come_from_parameters() -> None:
    parameters = {
        "state": "urn:v:State",
        "state_codes": " 0 = off, 1=producing,2 =stopped ",
        "energy": "urn:v:Energy",
        "energy_unit": "Wh",
    }
    state, energy = load(GENERIC, parameters).rules
    assert isinstance(state, CodeRule)
    assert state.codes == {"0": "off", "1": "producing", "2": "stopped"}
    assert isinstance(energy, NumberRule)
    assert energy.conversion == (1, 1000)


@pytest.mark.parametrize(
    ("name", "parameters", "message"),
    [
        ("packml/opc", {}, "unknown device profile 'packml/opc'. Did you mean 'packml/opcua'?"),
        (GENERIC, {}, "no signal is left without parameters. Give at least one of state,"),
        (GENERIC, {"god_count": "x"}, "parameter 'god_count': unknown parameter. Did you mean 'go"),
        (GENERIC, {"good_count": "Good"}, "parameter 'good_count': 'Good' is not the address of"),
        (GENERIC, {"state": "urn:v:S", "state_codes": "1:producing"}, "Write as in 0=stopped"),
        (GENERIC, {"state": "urn:v:S", "state_codes": "1=run"}, "unknown state 'run'. Known are:"),
        (GENERIC, {"state": "urn:v:S", "state_codes": "1=off,1=fault"}, "'1' is given twice"),
        (GENERIC, {"power": "urn:v:P", "power_unit": "kw"}, "unknown unit 'kw' of 'power'. Did"),
        (GENERIC, {"state_codes": "1=producing"}, "no signal is left without parameters"),
    ],
)
def test_wrong_names_and_parameters_say_what_to_do(
    name: str, parameters: dict[str, str], message: str
) -> None:
    with pytest.raises(InputError) as caught:
        load(name, parameters)
    assert message in str(caught.value)
    assert left_in_english(caught.value) == []


def test_a_profile_may_name_a_node_by_its_id() -> None:
    text = (PACKAGED / GENERIC / "profile.yaml").read_text(encoding="utf-8")

    def with_node(written: str) -> str:
        return text.replace("node: {parameter: speed}", f"node: '{written}'").replace(
            "  speed: {description: Node of the present speed.}\n", ""
        )

    profile = resolve(parse(with_node("nsu=urn:v;s=Speed"), "profile.yaml"), {})
    assert [it.key for it in profile.addresses] == ["nsu=urn:v;s=Speed"]
    with pytest.raises(InputError, match=r"speed.sources.0.node.*never an index as in ns=2"):
        parse(with_node("ns=2;s=Speed"), "profile.yaml")


def machinery(state_codes: str) -> str:
    """A machine whose state is told by OPC 40001-1, with these codes of the state."""
    return f"""
name: a/b
vendor: v
model: m
protocol: opcua
title: {{en: t}}
inputs:
  item: {{sources: [{{node: 'urn:v:State', table: opc-40001-1}}]}}
  raw: {{sources: [{{node: 'urn:v:Raw'}}]}}
signals:
  state: {{input: item, codes: {state_codes}}}
  stop_reason: {{input: raw, codes: {{table: opc-40001-1}}}}
"""


def test_a_standards_table_gives_names_to_inputs_and_meanings_to_states() -> None:
    profile = resolve(parse(machinery("{table: opc-40001-1}"), "profile.yaml"), {})
    (item, _), (state, reason) = profile.inputs, profile.rules
    table = item.sources[0].table
    assert table is not None
    node = "nsu=http://opcfoundation.org/UA/Machinery/;i=5006"
    assert table["3"] == table[node] == table["Executing"] == "Executing"
    assert isinstance(state, CodeRule)
    assert state.codes is not None
    assert state.codes["Executing"] == "producing"
    assert isinstance(reason, CodeRule)
    assert reason.codes == table, "of a text the standard's names are what it says"


def test_what_a_standards_state_means_can_be_said_otherwise() -> None:
    own = "{NotAvailable: off, OutOfService: stopped, NotExecuting: idle, Executing: producing}"
    profile = resolve(parse(machinery(own), "profile.yaml"), {})
    state = profile.rules[0]
    assert isinstance(state, CodeRule)
    assert state.codes == {
        "NotAvailable": "off",
        "OutOfService": "stopped",
        "NotExecuting": "idle",
        "Executing": "producing",
    }
