"""The variables of an OPC UA server, read again and again for some seconds, for `profile draft`.

What does not change any more than its address space: types of objects, units, and what the server
calls the codes of an enumeration, is read once. Nothing is subscribed, nothing written.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from typing import Any

from asyncua import ua
from asyncua.client.client import Client
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.uaerrors import UaStatusCodeError

from device_profiles.drafting.seen import NodePlace, Plain, Seen, SeenObject, SeenValue
from device_profiles.model.addresses import OpcUaAddress, QName
from edge.browsing.found import leaves
from edge.browsing.moments import Moments
from edge.browsing.opcua_tree import (
    Tree,
    TypedObject,
    Variable,
    left_out,
    looking,
    plain_value,
    read,
    search,
    units_of,
)
from edge.sources.opcua.client import KnownAs
from edge.sources.opcua.nodes import Nodes
from edge.sources.opcua.settings import OpcUaSettings
from edge.sources.opcua.values import Structures

INTERVAL_S = 0.5  # between two reads of all values
KINDS_MAX = 500  # different types of objects that are looked up
TEXTS_MAX = 60  # codes of one enumeration
_BUILT_IN_MAX = 25  # identifiers of built-in types (OPC 10000-6, 5.1.2)
_NAMEPLATE = ("Manufacturer", "Model")


async def watched_server(
    settings: OpcUaSettings, known_as: KnownAs, below: OpcUaAddress | None, seconds: float
) -> Seen:
    """What is below the node, or below Objects, and how its values move in so many seconds.

    Raises LinkError when the server cannot be reached, refuses or is too slow, InputError where
    there is no such node.
    """
    async with looking(settings, known_as, seconds) as (client, nodes):
        return await _watched(client, nodes, below, seconds)


async def _watched(
    client: Client, nodes: Nodes, below: OpcUaAddress | None, seconds: float
) -> Seen:
    tree = await search(nodes, below)
    structures = Structures(client.uaclient.session, nodes.namespaces)
    moments: Moments[NodePlace] = Moments()
    kinds: dict[NodePlace, str] = {}
    clock = asyncio.get_running_loop().time
    start = clock()
    while True:
        at = clock() - start
        data = await read(client, [it.node for it in tree.variables])
        for variable, it in zip(tree.variables, data, strict=True):
            for place, value in await _single(variable, it, structures):
                moments.add(place, at, value)
                kinds[place] = "" if it.Value is None else it.Value.VariantType.name
        if at >= seconds:
            break
        await asyncio.sleep(min(INTERVAL_S, max(seconds - (clock() - start), 0)))
    vendor, model = await _nameplate(client, tree)
    return Seen(
        "opcua",
        seconds,
        [*await _values(client, nodes, tree, moments, kinds), *_properties(tree)],
        objects=await _objects(client, nodes, tree),
        namespaces=nodes.namespaces,
        vendor=vendor,
        model=model,
        left_out=left_out(tree),
        is_part=bool(tree.path),
    )


async def _single(
    variable: Variable, data: ua.DataValue, structures: Structures
) -> list[tuple[NodePlace, Plain]]:
    """The single values of a variable's value; none where it has no good one."""
    if data.StatusCode is not None and not data.StatusCode.is_good():
        return []
    try:
        document = await plain_value(structures, data)
    except ValueError:
        return []
    return [
        (NodePlace(variable.path, _steps(document, pointer)), value)
        for pointer, value in leaves(document)[0]
        if isinstance(value, bool | int | float | str)
    ]


def _steps(document: Any, pointer: str) -> tuple[str | int, ...]:
    """A JSON Pointer as a profile writes a field: list indices as numbers."""
    steps: list[str | int] = []
    for token in pointer.split("/")[1:]:
        name = token.replace("~1", "/").replace("~0", "~")
        step: str | int = int(name) if isinstance(document, list) else name
        document = document[step]
        steps.append(step)
    return tuple(steps)


async def _values(
    client: Client,
    nodes: Nodes,
    tree: Tree,
    moments: Moments[NodePlace],
    kinds: dict[NodePlace, str],
) -> list[SeenValue]:
    """With those that gave no value: they are there."""
    units = await units_of(client, tree.variables)
    texts = await _texts(client, nodes, tree.variables)
    by_path: dict[tuple[QName, ...], list[NodePlace]] = {}
    for place in moments.places:
        by_path.setdefault(place.path, []).append(place)
    seen: list[SeenValue] = []
    for variable in tree.variables:
        unit, said = units.get(variable.node, ""), texts.get(variable.node, {})
        for place in by_path.pop(variable.path, [NodePlace(variable.path)]):
            took = moments.of(place)
            seen.append(SeenValue(place, kinds.get(place, ""), unit, took, said))
    return seen


def _properties(tree: Tree) -> Iterator[SeenValue]:
    """That they are there: some profiles read them."""
    owners: list[Variable | TypedObject] = [*tree.variables, *tree.objects]
    for owner in owners:
        for name in owner.properties:
            yield SeenValue(NodePlace((*owner.path, name)), "", "", ())


async def _objects(client: Client, nodes: Nodes, tree: Tree) -> list[SeenObject]:
    """With the one at the start, where that is not the Objects folder."""
    objects = list(tree.objects)
    if tree.path:
        try:
            type_ = await client.get_node(tree.start).read_type_definition()
        except UaStatusCodeError:
            type_ = ua.NodeId()
        if isinstance(type_, ua.NodeId):
            objects.insert(0, TypedObject(tree.path, type_))
    types = list(dict.fromkeys(it.type for it in objects))[:KINDS_MAX]
    kinds = {it: await nodes.kinds_of(it) for it in types}
    return [SeenObject(it.path, kinds[it.type]) for it in objects if kinds.get(it.type)]


async def _nameplate(client: Client, tree: Tree) -> tuple[str, str]:
    """Manufacturer and model, as the machine says itself (OPC 10000-100, 4.5.2)."""
    found = []
    for name in _NAMEPLATE:
        properties = (pair for it in tree.objects for pair in it.properties.items())
        nodes = [node for (_, own), node in properties if own == name]
        texts = [_text(it) for it in await read(client, nodes[:1])]
        found.append(texts[0] if texts else "")
    return found[0], found[1]


def _text(data: ua.DataValue) -> str:
    value = None if data.Value is None else data.Value.Value
    text = value.Text if isinstance(value, ua.LocalizedText) else value
    return text[:100] if isinstance(text, str) else ""


async def _texts(
    client: Client, nodes: Nodes, variables: Sequence[Variable]
) -> dict[ua.NodeId, dict[str, str]]:
    """What the codes of variables are called: by the variable's own properties (OPC 10000-8,
    5.3.3), else by the definition of its data type (OPC 10000-3, 8.40)."""
    told: dict[ua.NodeId, dict[str, str]] = {}
    own = {
        it.node: property_
        for it in variables
        for name in ("EnumValues", "EnumStrings")
        if (property_ := it.property_named(name)) is not None
    }
    for node, data in zip(own, await read(client, list(own.values())), strict=True):
        told[node] = _called(None if data.Value is None else data.Value.Value)
    others = [it.node for it in variables if it.node not in told]
    types = {
        node: data.Value.Value
        for node, data in zip(
            others, await read(client, others, AttributeIds.DataType), strict=True
        )
        if data.Value is not None and _may_be_enumeration(data.Value.Value)
    }
    unique = list(dict.fromkeys(types.values()))
    said = await read(client, unique, AttributeIds.DataTypeDefinition)
    defined = {
        type_: _called(None if data.Value is None else data.Value.Value)
        for type_, data in zip(unique, said, strict=True)
    }
    return told | {node: defined[type_] for node, type_ in types.items() if defined[type_]}


def _may_be_enumeration(type_: Any) -> bool:
    if not isinstance(type_, ua.NodeId):
        return False
    number = type_.Identifier
    return not (type_.NamespaceIndex == 0 and isinstance(number, int) and number <= _BUILT_IN_MAX)


def _called(said: Any) -> dict[str, str]:
    """The texts of codes, by code."""
    if isinstance(said, ua.EnumDefinition):
        named = [(it.Value, it.DisplayName.Text or it.Name) for it in said.Fields or []]
    elif isinstance(said, list):
        named = []
        for index, it in enumerate(said):
            if isinstance(it, ua.LocalizedText):
                named.append((index, it.Text))
            elif isinstance(it, ua.EnumValueType):
                named.append((it.Value, it.DisplayName.Text))
    else:
        named = []
    return {str(code): str(text or "") for code, text in named[:TEXTS_MAX]}
