"""Named code tables against the published nodesets, whose numbers nobody here wrote."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from peers import NODE_PEERS, require

from device_profiles.model.code_tables import STANDARD_TABLES

NODESETS = NODE_PEERS / "node_modules/node-opcua-nodesets/nodesets"
STATE_TYPES = ("i=2307", "i=2309")  # StateType, InitialStateType


def states_of(nodeset: str, *types: str) -> dict[str, tuple[int | None, set[int]]]:
    """By browse name: the StateNumber, and the identifiers of all nodes that are called so in the
    state machine types that are named (all of them where none is)."""
    tree = ElementTree.parse(require(path=NODESETS / f"Opc.Ua.{nodeset}.NodeSet2.xml"))
    numbers = {
        it.get("ParentNodeId"): int("".join(it.itertext()).split()[-1])
        for it in tree.iterfind("{*}UAVariable")
        if it.get("BrowseName") == "StateNumber"
    }
    names = {it.get("NodeId"): it.get("BrowseName") for it in tree.iterfind("{*}UAObjectType")}
    found: dict[str, tuple[int | None, set[int]]] = {}
    for node in tree.iterfind("{*}UAObject"):
        kinds = [it.text for it in node.iterfind(".//{*}Reference[@ReferenceType]")
                 if it.get("ReferenceType") == "HasTypeDefinition"]  # fmt: skip
        parent = (names.get(node.get("ParentNodeId")) or "").partition(":")[2]
        if set(kinds) & set(STATE_TYPES) and (not types or parent in types):
            name, identifier = node.attrib["BrowseName"].partition(":")[2], node.attrib["NodeId"]
            nodes = found.get(name, (None, set()))[1] | {int(identifier.rpartition("=")[2])}
            found[name] = (numbers[identifier], nodes)
    return found


def enumeration(nodeset: str, name: str) -> dict[str, int]:
    tree = ElementTree.parse(require(path=NODESETS / f"Opc.Ua.{nodeset}.NodeSet2.xml"))
    (found,) = [it for it in tree.iterfind("{*}UADataType") if it.get("BrowseName") == name]
    return {
        str(it.get("Name")): int(str(it.get("Value")))
        for it in found.iterfind("{*}Definition/{*}Field")
    }


@pytest.mark.parametrize(
    ("table", "nodeset", "types"),
    [
        ("opc-30050", "PackML", ()),
        ("opc-40001-1", "Machinery", ("MachineryItemState_StateMachineType",)),
        ("opc-40001-1-mode", "Machinery", ("MachineryOperationModeStateMachineType",)),
        (
            "opc-40501-1",
            "MachineTool",
            tuple(f"Production{it}StateMachineType" for it in ("", "Job", "Part", "Program")),
        ),
    ],
)
def test_numbers_and_nodes_are_those_of_the_nodeset(
    table: str, nodeset: str, types: tuple[str, ...]
) -> None:
    codes = STANDARD_TABLES[table].codes
    told = {it.name: (it.number, set(it.nodes)) for it in codes if it.name != "Undefined"}
    assert told == states_of(nodeset, *types)


@pytest.mark.parametrize(
    ("table", "nodeset", "name"),
    [
        ("opc-30050-mode", "PackML", "1:ProductionMaintenanceModeEnum"),
        ("opc-40501-1-mode", "MachineTool", "1:MachineOperationMode"),
        ("opc-40501-1-channel", "MachineTool", "1:ChannelState"),
    ],
)
def test_enumerations_are_those_of_the_nodeset(table: str, nodeset: str, name: str) -> None:
    codes = STANDARD_TABLES[table].codes
    assert {it.name: it.number for it in codes} == enumeration(nodeset, name)


def test_tobacco_machines_have_the_states_of_packml_under_numbers_of_their_own() -> None:
    """OPC 30060 counts from 0 Stopped to 16 Unholding."""
    packml, tobacco = STANDARD_TABLES["opc-30050"], STANDARD_TABLES["opc-30060"]
    assert sorted(it.number or 0 for it in tobacco.codes) == list(range(17))
    means = {it.name: it.means for it in packml.codes}
    assert all(means[it.name] is it.means for it in tobacco.codes)
    assert [tobacco.symbols[it] for it in ("0", "4", "8", "16")] == [
        "Stopped", "Execute", "Aborted", "Unholding",
    ]  # fmt: skip


@pytest.mark.parametrize("name", STANDARD_TABLES)
def test_every_way_to_tell_a_code_is_understood_once(name: str) -> None:
    table = STANDARD_TABLES[name]
    ways = sum((it.number is not None) + len(it.nodes) + 1 for it in table.codes)
    assert len(table.symbols) == len(table.members) == ways
    assert table.source.startswith("OPC ")
    producing = [it.name for it in table.codes if it.means.value == "producing"]
    assert len(producing) == (table.signal == "state")
