"""The variables of an OPC UA server below a node, with values, types and units.

Breadth first from the Objects folder or the node that is named, by hierarchical references; each
node once, however many ways lead to it. The server's own diagnostics are left out. Nothing is
subscribed, nothing written.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from asyncua import ua
from asyncua.client.client import Client
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.object_ids import ObjectIds
from asyncua.ua.status_codes import StatusCodes
from asyncua.ua.uaerrors import UaError, UaStatusCodeError

from device_profiles.model.addresses import OpcUaAddress, QName
from device_profiles.model.node_text import node_text
from domain.errors import InputError
from edge.browsing.found import MORE_FIELDS, FoundValue, WhatIsThere, example, leaves
from edge.sources.opcua.client import KnownAs, close_session, open_session
from edge.sources.opcua.nodes import OBJECTS_MAX, Nodes, NotFound, nodes_of, portions
from edge.sources.opcua.settings import OpcUaSettings
from edge.sources.opcua.values import Structures, UnknownStructureError
from edge.sources.runner import LinkError

LOOK_MAX_S = 100.0  # for finding and reading everything, beside the seconds of a look
VARIABLES_MAX = 2_000
PROPERTIES_MAX = 20_000
DEPTH_MAX = 12  # steps from where the search begins
READ_AT_ONCE = 50
STRUCTURES_MAX = 8  # within each other
# Of the connection, not of one node: no other node can be read any more either.
_GONE = frozenset(
    (
        StatusCodes.BadCommunicationError,
        StatusCodes.BadConnectionClosed,
        StatusCodes.BadSecureChannelClosed,
        StatusCodes.BadSecureChannelIdInvalid,
        StatusCodes.BadServerHalted,
        StatusCodes.BadServerNotConnected,
        StatusCodes.BadSessionClosed,
        StatusCodes.BadSessionIdInvalid,
        StatusCodes.BadSessionNotActivated,
        StatusCodes.BadShutdown,
        StatusCodes.BadTimeout,
    )
)
_PROPERTY = ObjectIds.HasProperty
_UNITS = "EngineeringUnits"  # OPC 10000-8, 5.6.3


@dataclass(frozen=True, slots=True)
class Variable:
    """`properties`: their nodes by their names."""

    node: ua.NodeId
    path: tuple[QName, ...]
    properties: dict[QName, ua.NodeId] = field(default_factory=dict)

    def property_named(self, name: str) -> ua.NodeId | None:
        """In any namespace: some servers put a standard's properties into their own."""
        return next((it for (_, own), it in self.properties.items() if own == name), None)


@dataclass(frozen=True, slots=True)
class TypedObject:
    path: tuple[QName, ...]
    type: ua.NodeId
    properties: dict[QName, ua.NodeId] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tree:
    """`start`: the node itself below which all of it is. `is_cut`: there is more than was looked
    at."""

    start: ua.NodeId
    path: tuple[QName, ...]
    variables: Sequence[Variable]
    objects: Sequence[TypedObject]
    is_cut: bool


async def variables(
    settings: OpcUaSettings, known_as: KnownAs, below: OpcUaAddress | None = None
) -> WhatIsThere:
    """Those below the node, or below Objects.

    Raises LinkError when the server cannot be reached, refuses or is too slow, InputError where
    there is no such node.
    """
    async with looking(settings, known_as) as (client, nodes):
        tree = await search(nodes, below)
        values = await _read(client, nodes, tree.variables)
    return WhatIsThere(values, left_out(tree))


@contextlib.asynccontextmanager
async def looking(
    settings: OpcUaSettings, known_as: KnownAs, seconds: float = 0.0
) -> AsyncIterator[tuple[Client, Nodes]]:
    """A session of its own for the length of a look, which takes that many `seconds` by itself.

    Raises LinkError when the server cannot be reached, refuses, goes away meanwhile or takes
    LOOK_MAX_S longer than that.
    """
    client = await open_session(settings, known_as)
    limit = asyncio.timeout(LOOK_MAX_S + seconds)
    try:
        async with limit:
            yield client, await nodes_of(client)
    except (OSError, UaError) as error:  # TimeoutError among them
        if limit.expired():
            raise LinkError(
                f"the server has not told everything within {LOOK_MAX_S + seconds:.0f} s",
                todo="Name the node below which to look.",
            ) from None
        raise LinkError(
            f"the server at {settings.url} went away or fell silent during the look "
            f"({type(error).__name__})",
            todo="See whether it still runs, and look again.",
        ) from error
    finally:
        await close_session(client)


def left_out(tree: Tree) -> str:
    """That there is more, and what to say to see it; empty: it is all there."""
    if not tree.is_cut:
        return ""
    return (
        f"There is more than {VARIABLES_MAX:,} variables, {OBJECTS_MAX:,} objects or {DEPTH_MAX} "
        "steps: name the node below which to look."
    )


async def _start(nodes: Nodes, below: OpcUaAddress | None) -> tuple[ua.NodeId, tuple[QName, ...]]:
    if below is None:
        return ua.NodeId(ua.Int32(ObjectIds.ObjectsFolder)), ()
    (found,) = await nodes.find([below])
    if isinstance(found, NotFound):
        told = not found.there or found.there[0] in found.why
        todo = "Name a node that is there" + ("." if told else f": {', '.join(found.there)}.")
        raise InputError(f"'{below.key}': {found.why}", todo=todo)
    return found.node, below.path


async def search(nodes: Nodes, below: OpcUaAddress | None) -> Tree:
    """The variables and objects below the node, or below Objects. Raises InputError where there is
    no such node."""
    start, path = await _start(nodes, below)
    seen = {start, ua.NodeId(ua.Int32(ObjectIds.Server))}
    level = [(start, path)]
    found: dict[ua.NodeId, Variable] = {}
    objects: dict[ua.NodeId, TypedObject] = {}
    properties = 0

    def tree(*, is_cut: bool) -> Tree:
        return Tree(start, path, list(found.values()), list(objects.values()), is_cut)

    for _ in range(DEPTH_MAX):
        following: list[tuple[ua.NodeId, tuple[QName, ...]]] = []
        children = await nodes.children([node for node, _ in level])
        for (node, above), references in zip(level, children, strict=True):
            for it in references:
                if it.ReferenceTypeId.Identifier == _PROPERTY:
                    owner = found.get(node) or objects.get(node)
                    if owner is not None and properties < PROPERTIES_MAX:
                        owner.properties[nodes.qname(it.BrowseName)] = it.NodeId
                        properties += 1
                    continue
                if it.NodeId in seen:
                    continue
                if len(found) >= VARIABLES_MAX or len(objects) >= OBJECTS_MAX:
                    return tree(is_cut=True)
                seen.add(it.NodeId)
                here = (*above, nodes.qname(it.BrowseName))
                following.append((it.NodeId, here))
                if it.NodeClass == ua.NodeClass.Variable:
                    found[it.NodeId] = Variable(it.NodeId, here)
                else:
                    objects[it.NodeId] = TypedObject(here, it.TypeDefinition)
        if not following:
            return tree(is_cut=False)
        level = following
    return tree(is_cut=True)


async def _read(client: Client, nodes: Nodes, found: Sequence[Variable]) -> list[FoundValue]:
    """With a value each, or why there is none."""
    structures = Structures(client.uaclient.session, nodes.namespaces)
    data = await read(client, [it.node for it in found])
    units = await units_of(client, found)
    values: list[FoundValue] = []
    for variable, it in zip(found, data, strict=True):
        values += await _told(variable, it, units.get(variable.node, ""), structures)
    return values


async def read(
    client: Client, nodes: Sequence[ua.NodeId], attribute: AttributeIds = AttributeIds.Value
) -> list[ua.DataValue]:
    """An attribute of each."""
    data: list[ua.DataValue] = []
    for some in portions(nodes, READ_AT_ONCE):
        data += await _together(client, list(some), attribute)
    return data


async def _together(
    client: Client, nodes: list[ua.NodeId], attribute: AttributeIds
) -> list[ua.DataValue]:
    """Those that the server refuses together are read one by one."""
    try:
        return await client.uaclient.session.read_attributes(nodes, attribute)
    except UaStatusCodeError as error:
        if error.code in _GONE:
            raise
        if len(nodes) == 1:
            return [ua.DataValue(StatusCode=ua.StatusCode(ua.UInt32(error.code)))]
    return [it for node in nodes for it in await _together(client, [node], attribute)]


async def units_of(client: Client, variables: Sequence[Variable]) -> dict[ua.NodeId, str]:
    """The unit of each variable that gives one, by its node."""
    nodes = {it.node: unit for it in variables if (unit := it.property_named(_UNITS)) is not None}
    said = await read(client, list(nodes.values()))
    return {node: _unit(unit) for node, unit in zip(nodes, said, strict=True)}


async def _told(
    variable: Variable, data: ua.DataValue, unit: str, structures: Structures
) -> list[FoundValue]:
    """One for each field, where it is a structure or a list."""
    address = node_text(variable.path)
    type_ = ua.VariantType.Null if data.Value is None else data.Value.VariantType
    kind = "" if type_ is ua.VariantType.Null else type_.name
    if data.StatusCode is not None and not data.StatusCode.is_good():
        return [FoundValue(address, "", kind, unit, "", problem=data.StatusCode.name)]
    try:
        plain = await plain_value(structures, data)
    except ValueError as error:
        return [FoundValue(address, "", kind, unit, "", problem=str(error))]
    fields, is_all = leaves(plain)
    told = [
        FoundValue(address, field, type(value).__name__ if field else kind, unit, example(value))
        for field, value in fields
    ]
    return told if is_all else [*told, FoundValue(address, "", kind, "", "", problem=MORE_FIELDS)]


async def plain_value(structures: Structures, data: ua.DataValue) -> Any:
    """The value without OPC UA types. Raises ValueError where it has no plain form."""
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
