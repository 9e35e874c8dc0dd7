"""The variables of an OPC UA server below a node, with values, types and units.

Breadth first from the Objects folder or the node that is named, by hierarchical references; each
node once, however many ways lead to it. The server's own diagnostics are left out. Nothing is
subscribed, nothing written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from asyncua import ua
from asyncua.client.client import Client
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.object_ids import ObjectIds
from asyncua.ua.uaerrors import UaStatusCodeError

from device_profiles.model.addresses import OpcUaAddress, QName
from device_profiles.model.node_text import node_text
from domain.errors import InputError
from edge.browsing.found import MORE_FIELDS, FoundValue, WhatIsThere, example, leaves
from edge.sources.opcua.client import KnownAs, close_session, open_session
from edge.sources.opcua.nodes import Nodes, NotFound, nodes_of, portions
from edge.sources.opcua.settings import OpcUaSettings
from edge.sources.opcua.values import Structures, UnknownStructureError

VARIABLES_MAX = 2_000
DEPTH_MAX = 12  # steps from where the search begins
READ_AT_ONCE = 50
STRUCTURES_MAX = 8  # within each other
_PROPERTY = ObjectIds.HasProperty
_UNITS = "EngineeringUnits"  # OPC 10000-8, 5.6.3


@dataclass(frozen=True, slots=True)
class _Variable:
    node: ua.NodeId
    path: tuple[QName, ...]
    unit: ua.NodeId | None = None


async def variables(
    settings: OpcUaSettings, known_as: KnownAs, below: OpcUaAddress | None = None
) -> WhatIsThere:
    """Those below the node, or below Objects.

    Raises LinkError when the server cannot be reached or refuses, InputError where there is no
    such node.
    """
    client = await open_session(settings, known_as)
    try:
        nodes = await nodes_of(client)
        start, path = await _start(nodes, below)
        found, is_cut = await _search(nodes, start, path)
        values = await _read(client, nodes, found)
    finally:
        await close_session(client)
    left_out = (
        f"There is more than {VARIABLES_MAX:,} variables or {DEPTH_MAX} steps: name the node below "
        "which to look."
    )
    return WhatIsThere(values, left_out if is_cut else "")


async def _start(nodes: Nodes, below: OpcUaAddress | None) -> tuple[ua.NodeId, tuple[QName, ...]]:
    if below is None:
        return ua.NodeId(ua.Int32(ObjectIds.ObjectsFolder)), ()
    (found,) = await nodes.find([below])
    if isinstance(found, NotFound):
        told = not found.there or found.there[0] in found.why
        todo = "Name a node that is there" + ("." if told else f": {', '.join(found.there)}.")
        raise InputError(f"'{below.key}': {found.why}", todo=todo)
    return found.node, below.path


async def _search(
    nodes: Nodes, start: ua.NodeId, path: tuple[QName, ...]
) -> tuple[list[_Variable], bool]:
    """The variables, and whether there are more."""
    seen = {start, ua.NodeId(ua.Int32(ObjectIds.Server))}
    level = [(start, path)]
    found: dict[ua.NodeId, _Variable] = {}
    for _ in range(DEPTH_MAX):
        below: list[tuple[ua.NodeId, tuple[QName, ...]]] = []
        children = await nodes.children([node for node, _ in level])
        for (node, above), references in zip(level, children, strict=True):
            for it in references:
                if it.ReferenceTypeId.Identifier == _PROPERTY:
                    if node in found and it.BrowseName.Name == _UNITS:
                        found[node] = replace(found[node], unit=it.NodeId)
                    continue
                if it.NodeId in seen:
                    continue
                if len(found) >= VARIABLES_MAX:
                    return list(found.values()), True
                seen.add(it.NodeId)
                below.append((it.NodeId, (*above, nodes.qname(it.BrowseName))))
                if it.NodeClass == ua.NodeClass.Variable:
                    found[it.NodeId] = _Variable(it.NodeId, below[-1][1])
        if not below:
            return list(found.values()), False
        level = below
    return list(found.values()), True


async def _read(client: Client, nodes: Nodes, found: Sequence[_Variable]) -> list[FoundValue]:
    """With a value each, or why there is none."""
    structures = Structures(client.uaclient.session, nodes.namespaces)
    data: list[ua.DataValue] = []
    for some in portions(found, READ_AT_ONCE):
        data += await _values(client, [it.node for it in some])
    measured = [it.unit for it in found if it.unit is not None]
    units: dict[ua.NodeId, str] = {}
    for part in portions(measured, READ_AT_ONCE):
        for node, it in zip(part, await _values(client, list(part)), strict=True):
            units[node] = _unit(it)
    values: list[FoundValue] = []
    for variable, it in zip(found, data, strict=True):
        unit = units.get(variable.unit, "") if variable.unit is not None else ""
        values += await _told(variable, it, unit, structures)
    return values


async def _values(client: Client, nodes: list[ua.NodeId]) -> list[ua.DataValue]:
    """Of each; those that the server refuses together are read one by one."""
    try:
        return await client.uaclient.session.read_attributes(nodes, AttributeIds.Value)
    except UaStatusCodeError as error:
        if len(nodes) == 1:
            return [ua.DataValue(StatusCode=ua.StatusCode(ua.UInt32(error.code)))]
    return [it for node in nodes for it in await _values(client, [node])]


async def _told(
    variable: _Variable, data: ua.DataValue, unit: str, structures: Structures
) -> list[FoundValue]:
    """One for each field, where it is a structure or a list."""
    address = node_text(variable.path)
    type_ = ua.VariantType.Null if data.Value is None else data.Value.VariantType
    kind = "" if type_ is ua.VariantType.Null else type_.name
    if data.StatusCode is not None and not data.StatusCode.is_good():
        return [FoundValue(address, "", kind, unit, "", problem=data.StatusCode.name)]
    try:
        plain = await _plain(structures, data)
    except ValueError as error:
        return [FoundValue(address, "", kind, unit, "", problem=str(error))]
    fields, is_all = leaves(plain)
    told = [
        FoundValue(address, field, type(value).__name__ if field else kind, unit, example(value))
        for field, value in fields
    ]
    return told if is_all else [*told, FoundValue(address, "", kind, "", "", problem=MORE_FIELDS)]


async def _plain(structures: Structures, data: ua.DataValue) -> Any:
    for _ in range(STRUCTURES_MAX):
        try:
            return structures.plain(data.Value)
        except UnknownStructureError as error:
            await structures.learn(error.type_id)
    raise ValueError("structures are nested too deeply")


def _unit(data: ua.DataValue) -> str:
    """The symbol of an EUInformation (OPC 10000-8, 5.6.3)."""
    said = data.Value.Value if data.Value is not None else None
    return str(said.DisplayName.Text or "") if isinstance(said, ua.EUInformation) else ""
