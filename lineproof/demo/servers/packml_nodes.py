"""The address space of PackML machines (OPC 30050 1.01) on an asyncua server, built in code.

Types and instance declarations carry the names, node ids and data types that the published
specification gives them in the namespace http://opcfoundation.org/UA/PackML/; only what a
line monitor reads is there. The machines themselves are instances in the vendor's own namespace.
The PackTags EquipmentInterlock.Blocked and .Starved of ISA-TR88.00.02 stand in the Status
object as EquipmentBlocked and EquipmentStarved (OPC 30050, 6.3.3).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from asyncua import ua
from asyncua.common.manage_nodes import create_data_type, create_encoding
from asyncua.common.node import Node
from asyncua.common.structures104 import new_struct_field
from asyncua.server.server import Server
from asyncua.ua.object_ids import ObjectIds

PACKML_URI = "http://opcfoundation.org/UA/PackML/"
VENDOR_URI = "urn:lineproof:demo:noodle-line"

STATE_NAMES = {
    1: "Clearing", 2: "Stopped", 3: "Starting", 4: "Idle", 5: "Suspended", 6: "Execute",
    7: "Stopping", 8: "Aborting", 9: "Aborted", 10: "Holding", 11: "Held", 12: "Unholding",
    13: "Suspending", 14: "Unsuspending", 15: "Resetting", 16: "Completing", 17: "Complete",
    18: "Running", 19: "Cleared",
}  # fmt: skip
# The state objects' numeric identifiers in the published nodeset, by state number.
STATE_IDS = {
    15: 27, 4: 28, 3: 29, 13: 30, 5: 31, 14: 32, 10: 33, 11: 34, 12: 35, 6: 36, 16: 37, 17: 38,
    2: 53, 7: 54, 1: 55, 8: 61, 9: 62, 19: 71, 18: 75,
}  # fmt: skip
_METADATA_ID = 117  # the highest of all: ids that the server gives by itself come after it
BASE_STATES = (8, 9, 19)
MACHINE_STATES = (1, 2, 7, 18)
EXECUTE_STATES = (3, 4, 5, 6, 10, 11, 12, 13, 14, 15, 16, 17)


@dataclass(frozen=True, slots=True)
class StateNodes:
    """CurrentState of one state machine with its Id and Number."""

    current: Node
    id: Node
    number: Node
    ids: dict[int, ua.NodeId]


@dataclass(frozen=True, slots=True)
class PackmlTypes:
    """What all machines of a server share: the folder of machines, types, structures."""

    folder: Node
    idx: int
    vendor: int
    mode: ua.NodeId
    count: ua.NodeId
    alarm: ua.NodeId
    status: ua.NodeId
    admin: ua.NodeId
    base: ua.NodeId
    machines: tuple[ua.NodeId, ua.NodeId, ua.NodeId]
    state_ids: tuple[dict[int, ua.NodeId], dict[int, ua.NodeId], dict[int, ua.NodeId]]

    @property
    def count_class(self) -> type:
        return _structure_class("PackMLCountDataType")

    @property
    def alarm_class(self) -> type:
        return _structure_class("PackMLAlarmDataType")


@dataclass(frozen=True, slots=True)
class PackmlNodes:
    """The variables that one machine writes. `states`: base, machine and execute level."""

    machine: Node
    states: tuple[StateNodes, StateNodes, StateNodes]
    variables: dict[str, Node]


async def add_types(server: Server) -> PackmlTypes:
    """The types and the empty folder Objects/PackMLObjects."""
    vendor = await server.register_namespace(VENDOR_URI)
    idx = await server.register_namespace(PACKML_URI)
    await server.nodes.namespaces.add_object(
        node_id(_METADATA_ID, idx),
        ua.QualifiedName(PACKML_URI, idx),
        node_id(ObjectIds.NamespaceMetadataType),
    )
    types = await _add_types(server, idx, vendor)
    await server.load_data_type_definitions()
    return types


async def add_machine(types: PackmlTypes, name: str, tag: str) -> PackmlNodes:
    """One machine called `name` in the folder."""
    machine = await types.folder.add_object(
        node_id(name, types.vendor), ua.QualifiedName(name, types.vendor), types.base
    )
    await machine.add_property(types.idx, "TagID", tag)
    await machine.add_property(types.idx, "PackMLVersion", "ISA-TR88.00.02-2015")
    variables = await _add_variables(machine, types)
    states = await _add_state_machines(machine, types)
    return PackmlNodes(machine, states, variables)


def _structure_class(name: str) -> type:
    """asyncua makes the class of a structure once a process and puts it into its ua module."""
    made: type = getattr(ua, name)
    return made


async def _add_types(server: Server, idx: int, vendor: int) -> PackmlTypes:
    text, int32, utc = ua.VariantType.String, ua.VariantType.Int32, node_id(294)
    unit = node_id(ObjectIds.EUInformation)
    count = await _add_structure(
        server,
        idx,
        "PackMLCountDataType",
        (14, 69),
        [
            new_struct_field("ID", int32),
            new_struct_field("Name", text),
            new_struct_field("Unit", unit),
            new_struct_field("Count", int32),
            new_struct_field("AccCount", int32),
        ],
    )
    alarm = await _add_structure(
        server,
        idx,
        "PackMLAlarmDataType",
        (15, 74),
        [
            new_struct_field("ID", int32),
            new_struct_field("Value", int32),
            new_struct_field("Message", text),
            new_struct_field("Category", int32),
            new_struct_field("DateTime", utc),
            new_struct_field("AckDateTime", utc),
            new_struct_field("Trigger", ua.VariantType.Boolean),
        ],
    )
    mode = await server.nodes.enum_data_type.add_data_type(
        node_id(11, idx), ua.QualifiedName("ProductionMaintenanceModeEnum", idx)
    )
    objects = {}
    for number, name in ((4, "Status"), (5, "Admin"), (6, "Base")):
        node = await server.nodes.base_object_type.add_object_type(
            node_id(number, idx), ua.QualifiedName(f"PackML{name}ObjectType", idx)
        )
        objects[number] = node.nodeid
    finite = server.get_node(node_id(ObjectIds.FiniteStateMachineType))
    machines, state_ids = [], []
    for number, name, members in (
        (3, "PackMLBaseStateMachineType", BASE_STATES),
        (2, "PackMLMachineStateMachineType", MACHINE_STATES),
        (1, "PackMLExecuteStateMachineType", EXECUTE_STATES),
    ):
        node = await finite.add_object_type(node_id(number, idx), ua.QualifiedName(name, idx))
        machines.append(node.nodeid)
        state_ids.append({m: await _add_state(node, idx, m) for m in members})
    folder = await server.nodes.objects.add_folder(
        node_id(72, idx), ua.QualifiedName("PackMLObjects", idx)
    )
    return PackmlTypes(
        folder,
        idx,
        vendor,
        mode.nodeid,
        count,
        alarm,
        objects[4],
        objects[5],
        objects[6],
        (machines[0], machines[1], machines[2]),
        (state_ids[0], state_ids[1], state_ids[2]),
    )


async def _add_structure(
    server: Server, idx: int, name: str, ids: tuple[int, int], fields: list[ua.StructureField]
) -> ua.NodeId:
    """A structure data type; `ids`: of the type and of its binary encoding."""
    node = await create_data_type(
        server.nodes.base_structure_type, node_id(ids[0], idx), ua.QualifiedName(name, idx)
    )
    encoding = await create_encoding(
        node, node_id(ids[1], idx), ua.QualifiedName("Default Binary", 0)
    )
    definition = ua.StructureDefinition()
    definition.BaseDataType = server.nodes.base_structure_type.nodeid
    definition.StructureType = ua.StructureType.Structure
    definition.Fields = fields
    definition.DefaultEncodingId = encoding.nodeid
    await node.write_data_type_definition(definition)
    nodeid: ua.NodeId = node.nodeid
    return nodeid


async def _add_state(machine_type: Node, idx: int, number: int) -> ua.NodeId:
    state = await machine_type.add_object(
        node_id(STATE_IDS[number], idx),
        ua.QualifiedName(STATE_NAMES[number], idx),
        node_id(ObjectIds.StateType),
    )
    value = await state.get_child("0:StateNumber")
    await value.write_value(number, ua.VariantType.UInt32)
    nodeid: ua.NodeId = state.nodeid
    return nodeid


async def _add_variables(machine: Node, types: PackmlTypes) -> dict[str, Node]:
    """Status and Admin with their variables, by name."""
    idx = types.idx

    def named(name: str) -> ua.QualifiedName:
        return ua.QualifiedName(name, idx)

    status = await machine.add_object(_at(machine, "Status"), named("Status"), types.status)
    admin = await machine.add_object(_at(machine, "Admin"), named("Admin"), types.admin)
    scalar: tuple[tuple[Node, str, Any, ua.VariantType, ua.NodeId | None], ...] = (
        (status, "UnitModeCurrent", 1, ua.VariantType.Int32, types.mode),
        (status, "MachSpeed", 0.0, ua.VariantType.Float, None),
        (status, "CurMachSpeed", 0.0, ua.VariantType.Float, None),
        (status, "EquipmentBlocked", False, ua.VariantType.Boolean, None),
        (status, "EquipmentStarved", False, ua.VariantType.Boolean, None),
        (admin, "MachDesignSpeed", 0.0, ua.VariantType.Float, None),
    )
    done: dict[str, Node] = {}
    for parent, name, value, kind, data_type in scalar:
        done[name] = await parent.add_variable(
            _at(parent, name), named(name), value, kind, data_type
        )
    for name in ("ProdProcessedCount", "ProdDefectiveCount"):
        done[name] = await admin.add_variable(
            _at(admin, name), named(name), [], ua.VariantType.ExtensionObject, types.count
        )
        await done[name].write_value_rank(ua.ValueRank.OneDimension)
    done["StopReason"] = await admin.add_variable(
        _at(admin, "StopReason"),
        named("StopReason"),
        None,
        ua.VariantType.ExtensionObject,
        types.alarm,
    )
    return done


async def _add_state_machines(
    machine: Node, types: PackmlTypes
) -> tuple[StateNodes, StateNodes, StateNodes]:
    """BaseStateMachine, its MachineState and the ExecuteState of that, nested."""
    parent, done = machine, []
    for name, node_type, ids in zip(
        ("BaseStateMachine", "MachineState", "ExecuteState"),
        types.machines,
        types.state_ids,
        strict=True,
    ):
        parent = await parent.add_object(
            _at(parent, name), ua.QualifiedName(name, types.idx), node_type
        )
        current = await parent.get_child("0:CurrentState")
        properties = await current.get_properties()
        found = {str((await node.read_browse_name()).Name): node for node in properties}
        number = found.get("Number") or await current.add_property(
            _at(parent, "CurrentState.Number"),
            ua.QualifiedName("Number", 0),
            0,
            ua.VariantType.UInt32,
        )
        done.append(StateNodes(current, found["Id"], number, ids))
    return done[0], done[1], done[2]


def _at(parent: Node, name: str) -> ua.NodeId:
    return node_id(f"{parent.nodeid.Identifier!s}.{name}", parent.nodeid.NamespaceIndex)


def node_id(identifier: int | str, namespace: int = 0) -> ua.NodeId:
    """The id of a node, in OPC UA's own namespace unless another is given."""
    # asyncua's annotations want its NewTypes of int and str; plain ones are meant.
    return ua.NodeId(identifier, namespace)  # type: ignore[arg-type]
