"""Packaged profiles whose parameters a look fills in: the machine's own name, and its counters."""

from __future__ import annotations

from dataclasses import replace

from seen_machines import broker, node_value, server

from device_profiles.drafting.fitting import fits
from device_profiles.drafting.proposing import proposals
from device_profiles.drafting.seen import NodePlace, Seen, SeenObject, SeenValue
from device_profiles.model.addresses import QName
from lineproof.packaged_profiles import packaged, with_counters

MACHINERY, UA = "http://opcfoundation.org/UA/Machinery/", "http://opcfoundation.org/UA/"
MACHINES = (MACHINERY, "Machines")
PRESS = ("urn:line", "Press 7/a")


def press(*values: SeenValue) -> Seen:
    """A machine with the building blocks of Machinery, which know no counts."""
    blocks = (MACHINES, PRESS, (MACHINERY, "MachineryBuildingBlocks"))

    def current(name: str) -> SeenValue:
        path = (*blocks, (MACHINERY, name), (UA, "CurrentState"))
        return replace(node_value("x", "Executing"), place=NodePlace(path))

    states = [current("MachineryItemState"), current("MachineryOperationMode")]
    top = SeenObject((MACHINES, PRESS), frozenset({(UA, "BaseObjectType")}))
    return replace(server(*states, *values), objects=[top])


def counter(*path: QName) -> SeenValue:
    return replace(node_value("x", 5, 6, 7), place=NodePlace(path))


def test_profiles_of_the_protocol_that_say_where_values_are() -> None:
    names = {it.profile.name: it.name_parameter for it in packaged(server())}
    assert names["packml/opcua"] == "unit"
    assert not any(it.startswith(("generic/", "machinery/", "shelly/")) for it in names)
    assert "shelly/pro3em-mqtt" in {it.profile.name for it in packaged(broker())}


def test_a_machine_is_named_in_the_path_of_its_nodes() -> None:
    seen = press()
    (found,) = fits(seen, packaged(seen))
    assert (found.profile.name, found.at) == ("machinery/opcua", "Press 7/a")
    assert found.parameters == {"machine": "{urn:line}Press 7&/a"}
    assert set(found.signals) == {"state", "mode"}


def test_its_counters_are_taken_from_names_in_that_machine() -> None:
    good = counter(MACHINES, PRESS, ("urn:line", "GoodParts"))
    seen = press(good, counter(("urn:other", "Line"), ("urn:other", "TotalCount")))
    (fit,) = fits(seen, packaged(seen))
    found, told = with_counters(fit, proposals(seen.values))
    assert set(found.signals) == {"state", "mode", "good_count"}
    key = f"/{{{MACHINERY}}}Machines/{{urn:line}}Press 7&/a/GoodParts"
    assert found.parameters["good_count"] == key
    assert [it.partition(":")[0] for it in told] == [
        "good_count is taken from Machines/Press 7/a/GoodParts"
    ]
    assert with_counters(fit, proposals(press().values)) == (fit, [])
