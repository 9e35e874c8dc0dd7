"""Packaged profiles on machines that were seen."""

from __future__ import annotations

from dataclasses import replace

import pytest
from seen_machines import broker, field_value, node_value

from device_profiles.drafting.fitting import Fit, Packaged, fits
from device_profiles.drafting.seen import (
    ChosenEntry,
    NodePlace,
    Seen,
    SeenObject,
    SeenValue,
    TopicPlace,
)
from device_profiles.files.catalogue import load
from device_profiles.model.addresses import MqttAddress, QName
from device_profiles.model.profile import Source

PACKML, UA = "http://opcfoundation.org/UA/PackML/", "http://opcfoundation.org/UA/"
KIND = (PACKML, "PackMLBaseObjectType")
SHELLY = "shelly/pro3em-mqtt"


@pytest.fixture(scope="module")
def packaged() -> list[Packaged]:
    return [Packaged(load("packml/opcua"), "unit"), Packaged(load(SHELLY), None)]


def value(*path: QName, field: tuple[str | int, ...] = ()) -> SeenValue:
    return SeenValue(NodePlace(path, field), "Int32", "", ((0.0, 1),))


def filler(name: str) -> list[SeenValue]:
    top = ("urn:line", name)
    return [
        value(top, (PACKML, "Status"), (PACKML, "UnitModeCurrent")),
        value(top, (PACKML, "Status"), (PACKML, "CurMachSpeed")),
        value(top, (PACKML, "BaseStateMachine"), (UA, "CurrentState")),
        value(top, (PACKML, "Admin"), (PACKML, "ProdProcessedCount"), field=(0, "AccCount")),
    ]


def packml(*names: str) -> Seen:
    objects = [SeenObject((("urn:line", it),), frozenset({KIND})) for it in names]
    inner = SeenObject((("urn:line", names[0]), ("urn:line", "Part")), frozenset({KIND}))
    values = [it for name in names for it in filler(name)]
    return Seen("opcua", 5.0, values, objects=[*objects, inner])


def test_an_object_of_its_type_makes_a_profile_fit(packaged: list[Packaged]) -> None:
    (found,) = fits(packml("Filler"), packaged)
    assert found.profile.name == "packml/opcua"
    assert {"state", "mode", "total_count", "speed"} <= set(found.signals)
    assert found.parameters == {}
    assert found.why == f"'Filler' is of type PackMLBaseObjectType ({PACKML})"


def test_one_of_several_objects_is_named(packaged: list[Packaged]) -> None:
    found = fits(packml("Filler", "Capper"), packaged)
    assert [it.parameters for it in found] == [{"unit": "Capper"}, {"unit": "Filler"}]
    (part,) = fits(replace(packml("Filler"), is_part=True), packaged)
    assert part.parameters == {"unit": "Filler"}  # of the rest nothing is known


def test_a_server_that_only_knows_the_model_has_no_machine_of_it(packaged: list[Packaged]) -> None:
    assert fits(Seen("opcua", 5.0, filler("Filler"), namespaces=[PACKML]), packaged) == []
    bare = SeenObject((("urn:line", "Filler"),), frozenset({KIND}))
    assert fits(Seen("opcua", 5.0, [], objects=[bare]), packaged) == []


def test_topics_below_one_make_a_profile_fit(packaged: list[Packaged]) -> None:
    seen = broker(
        field_value("hall/meter-1/status/em:0", "/total_act_power", 5.5),
        field_value("hall/meter-1/status/emdata:0", "/total_act", 7.5),
    )
    (found,) = fits(seen, packaged)
    assert (found.profile.name, found.topic) == (SHELLY, "hall/meter-1")
    assert set(found.signals) == {"power", "energy"}
    assert found.values["power"].last == 5.5


@pytest.mark.parametrize(
    ("topic", "field"),
    [
        ("status/em:0", "/total_act_power"),
        ("x/status/em:0", "/total"),
        ("x/em:0", "/total_act_power"),
    ],
)
def test_another_topic_or_field_does_not(packaged: list[Packaged], topic: str, field: str) -> None:
    found: list[Fit] = fits(broker(field_value(topic, field, 5.5)), packaged)
    assert found == []


def test_topics_with_wildcards_and_entries_of_lists(packaged: list[Packaged]) -> None:
    entry = TopicPlace("hall/x/iot", "/v", ChosenEntry("/values", "id", "Good"))
    seen = broker(replace(field_value("y", "", 5), place=entry))
    address = MqttAddress("+/iot", "/v", each="/values", where=(("id", "Good"),))
    meter = packaged[1].profile
    inputs = tuple(replace(it, sources=(Source(address),)) for it in meter.inputs)
    (found,) = fits(seen, [Packaged(replace(meter, inputs=inputs), None)])
    assert found.topic == "hall"
    for change in ({"each": "/tags"}, {"where": (("id", "Bad"),)}):
        other = Source(replace(address, **change))  # type: ignore[arg-type]  # of either field
        inputs = tuple(replace(it, sources=(other,)) for it in inputs)
        assert fits(seen, [Packaged(replace(meter, inputs=inputs), None)]) == []


def test_a_server_is_no_broker(packaged: list[Packaged]) -> None:
    assert fits(broker(node_value("Filler/State", 1)), packaged) == []
