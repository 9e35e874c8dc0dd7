"""Addresses of OPC UA nodes with the plant's parameters in their paths."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from translatable import left_in_english

from device_profiles.files.catalogue import parse
from device_profiles.files.resolve import resolve
from device_profiles.model.node_text import parse_node, parse_steps
from device_profiles.model.profile import OpcUaLimits
from device_profiles.proving.check import Level, check
from domain.errors import InputError

URI = "urn:vendor"


def profile_with(path: str, start: str = "", more: str = "") -> str:
    return f"""
name: a/b
vendor: v
model: m
protocol: opcua
title: {{en: t}}
namespaces: {{v: {URI}, own: {{parameter: own_namespace}}}}
{start}
parameters:
  own_namespace: {{description: Namespace of the plant.}}
  unit: {{description: Browse name of the unit.}}
{more}
inputs:
  count: {{sources: [{{path: {path}}}]}}
  own: {{sources: [{{path: ['own:Fixed', {{parameter: unit}}], optional: true}}]}}
  fixed: {{sources: [{{node: 'nsu=urn:v;s=Fixed'}}]}}
signals:
  total_count: {{input: count}}
  reject_count: {{input: own}}
  good_count: {{input: fixed}}
"""


def keys(text: str, parameters: Mapping[str, str]) -> list[str]:
    return [it.key for it in resolve(parse(text, "profile.yaml"), parameters).addresses]


IN_PATH = "['v:Units', {parameter: unit, namespace: own}, 'v:Count']"


def test_a_step_may_be_named_by_the_plant_and_so_may_a_namespace() -> None:
    given = {"unit": "Filler 1", "own_namespace": "urn:plant"}
    assert keys(profile_with(IN_PATH), given) == [
        "/{urn:vendor}Units/{urn:plant}Filler 1/{urn:vendor}Count",
        "/{urn:plant}Fixed/{urn:plant}Filler 1",
        "nsu=urn:v;s=Fixed",
    ]


@pytest.mark.parametrize(
    ("unit", "expected"),
    [
        ("{urn:line}Filler", "/{urn:vendor}Units/{urn:line}Filler/{urn:vendor}Count"),
        ("Hall 2/Filler", "/{urn:vendor}Units/{urn:p}Hall 2/{urn:p}Filler/{urn:vendor}Count"),
        ("A&/B&&C", "/{urn:vendor}Units/{urn:p}A&/B&&C/{urn:vendor}Count"),
        ("A:B", "/{urn:vendor}Units/{urn:p}A:B/{urn:vendor}Count"),
    ],
)
def test_the_plant_may_name_several_steps_with_namespaces(unit: str, expected: str) -> None:
    assert keys(profile_with(IN_PATH), {"unit": unit, "own_namespace": "urn:p"})[0] == expected


@pytest.mark.parametrize("given", [{}, {"unit": "Filler"}, {"own_namespace": "urn:p"}])
def test_without_a_parameter_of_its_path_a_source_is_left_out(given: dict[str, str]) -> None:
    assert keys(profile_with(IN_PATH), given) == ["nsu=urn:v;s=Fixed"]


@pytest.mark.parametrize(
    ("machine", "expected"),
    [
        ("urn:plant:Hall/Press", "/{urn:plant}Hall/{urn:plant}Press/{urn:vendor}Count"),
        ("nsu=urn:plant;s=Press", "nsu=urn:plant;s=Press/{urn:vendor}Count"),
    ],
)
def test_paths_may_begin_at_a_node_of_the_plant(machine: str, expected: str) -> None:
    more = "  machine: {description: Node of the machine., required: true}"
    text = profile_with("['v:Count']", "start: {node: {parameter: machine}}", more)
    assert keys(text, {"machine": machine})[0] == expected
    address = "parameter 'machine': 'ns=2;s=Press' is not the address"
    with pytest.raises(InputError, match=address) as caught:
        keys(text, {"machine": "ns=2;s=Press"})
    assert left_in_english(caught.value) == []


def test_what_is_said_of_a_node_is_what_the_reader_of_nodes_says() -> None:
    """It stands there in English alone."""
    more = "  machine: {description: Node of the machine., required: true}"
    start = profile_with("['v:Count']", "start: {node: {parameter: machine}}", more)
    steps = profile_with("[{parameter: unit}, 'v:Count']")
    for text, name, value, read in (
        (start, "machine", "ns=2;s=A", parse_node),
        (steps, "unit", "Filler", lambda it: parse_steps(it, "")),
        (steps, "unit", "A//B", lambda it: parse_steps(it, "")),
    ):
        with pytest.raises(InputError) as own:
            read(value)
        with pytest.raises(InputError) as caught:
            keys(text, {name: value})
        assert str(caught.value) == f"{caught.value.where}: {own.value}"
        assert caught.value.where.endswith(f", parameter '{name}'")
        assert left_in_english(caught.value) == []


def test_a_name_without_any_namespace_is_refused_with_what_to_write() -> None:
    text = profile_with("[{parameter: unit}, 'v:Count']")
    with pytest.raises(InputError, match=r"parameter 'unit': 'Filler' is no name .*urn:vendor\}F"):
        keys(text, {"unit": "Filler"})
    assert keys(text, {"unit": "{urn:l}Filler"})[0] == "/{urn:l}Filler/{urn:vendor}Count"
    with pytest.raises(InputError, match=r"'A//B' is no name of a node, nor a path"):
        keys(profile_with(IN_PATH), {"unit": "A//B", "own_namespace": "urn:p"})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (profile_with("[{parameter: unti}]"), "path.0.parameter': unknown parameter 'unti'. Did"),
        (profile_with("[{parameter: unit, namespace: w}]"), "path.0.namespace': unknown namespace"),
        (profile_with("[{paramter: unit}]"), "Did you mean 'parameter'?"),
        (profile_with("['v:A']", "start: {instance_of: 'v:T', node: 'urn:v:A'}"), "give either 'i"),
        (profile_with("['v:A']", "start: {node: 'urn:v:A', name: {parameter: unit}}"), "'name' be"),
        (profile_with("['v:A']", "start: {node: 'ns=2;s=A'}"), "never an index as in ns=2"),
        (
            profile_with("['v:A']", "heartbeat: {path: ['w:A']}"),
            "heartbeat.path.0': unknown namesp",
        ),
        (profile_with("['v:A']", "limits: {queue_size_min: 2}"), "Did you mean 'queue_size_max'?"),
        (profile_with("['v:A']", "limits: {queue_size_max: 1}"), "limits.queue_size_max"),
        (profile_with("['v:A']", "heartbeat: {field: a}"), "give either 'path' or 'node'"),
        (profile_with("['v:A']", "measurements: [{path: ['w:A']}]"), "0.path.0': unknown namesp"),
        (
            profile_with("['v:A']", "measurements: [{node: {parameter: x}}]"),
            "unknown parameter 'x'",
        ),
        (profile_with("['v:A']", "measurements: [{names: [a]}]"), "give either 'path' or 'node'"),
        (profile_with("['v:A']", "measurements: [{path: ['v:A'], level: 2}]"), "mean 'levels'?"),
    ],
)
def test_what_cannot_be_a_path_is_told_with_its_place(text: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        parse(text, "profile.yaml")
    assert message in str(caught.value)
    assert left_in_english(caught.value) == []


def test_a_folder_of_measurements_may_be_all_that_a_profile_has() -> None:
    text = """
name: a/b
vendor: v
model: m
protocol: opcua
title: {en: t}
parameters: {folder: {description: Where they are.}}
measurements: [{node: {parameter: folder}, names: ["*Temp*"], levels: 3, most: 20}]
"""
    profile = parse(text, "profile.yaml")
    assert keys(text, {"folder": "nsu=urn:v;s=Process"}) == ["nsu=urn:v;s=Process/*Temp*"]
    (folder,) = resolve(profile, {"folder": "urn:v:P"}).folders
    assert (folder.levels, folder.most, folder.optional) == (3, 20, False)
    with pytest.raises(InputError, match="no signal is left without parameters"):
        resolve(profile, {})
    with pytest.raises(InputError, match="give 'signals', 'measurements' or both"):
        parse(text.partition("parameters:")[0], "profile.yaml")


def test_a_heartbeat_is_read_besides_and_is_part_of_the_digest() -> None:
    text = profile_with(
        "['v:Count']", "heartbeat: {path: ['v:Alive', {parameter: unit}], field: 0}"
    )
    without = profile_with("['v:Count']")
    profile = resolve(parse(text, "profile.yaml"), {"unit": "Press"})
    assert profile.heartbeat is not None
    assert profile.heartbeat.moves
    assert profile.heartbeat.part == (0,)
    assert profile.addresses[-1].key == "/{urn:vendor}Alive/{urn:vendor}Press"
    plain = resolve(parse(without, "profile.yaml"), {"unit": "{urn:v}Press"})
    assert resolve(parse(text, "profile.yaml"), {}).heartbeat is None
    assert profile.digest != plain.digest


def test_limits_of_the_server_decide_about_no_value() -> None:
    text = profile_with("['v:Count']", "limits: {sampling_interval_ms_min: 100}")
    profile = resolve(parse(text, "profile.yaml"), {})
    assert profile.limits == OpcUaLimits(sampling_interval_ms_min=100.0)
    plain = resolve(parse(profile_with("['v:Count']"), "profile.yaml"), {})
    assert (plain.limits, plain.digest) == (OpcUaLimits(), profile.digest)


def test_a_draft_whose_addresses_are_open_can_be_looked_at(tmp_path: Path) -> None:
    """Nodes, steps, namespaces and where paths begin: all that it would read is named."""
    more = "  machine: {description: Node of the machine.}"
    text = profile_with(IN_PATH, "start: {node: {parameter: machine}}", more)
    file = tmp_path / "press.yaml"
    file.write_text(text, encoding="utf-8")
    report = check(str(file))
    assert report.level is Level.DRAFT
    assert report.signals == ("total_count", "reject_count", "good_count")
    assert check(str(file), {"machine": "urn:plant:Press"}).digest != report.digest
