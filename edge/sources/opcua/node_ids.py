"""Nodes that are named by their NodeId: which of them are not there, and what is there instead."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from asyncua import ua
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.object_ids import ObjectIds
from asyncua.ua.uaerrors import UaStatusCodeError

from device_profiles.model.addresses import NodeName
from edge.sources.names import most_similar

if TYPE_CHECKING:
    from edge.sources.opcua.nodes import Nodes

LOOKED_AT_MAX = 5_000  # that are looked at for what is there instead
_NOT_THERE = ("BadNodeIdUnknown", "BadNodeIdInvalid")
_OBJECTS = ua.NodeId(ua.Int32(ObjectIds.ObjectsFolder))
_SERVER = ua.NodeId(ua.Int32(ObjectIds.Server))


class NodesThere:
    """The ids that a server has, looked for once, when the first is missed."""

    def __init__(self) -> None:
        self._there: list[NodeName] | None = None

    async def instead_of(self, name: NodeName, nodes: Nodes) -> tuple[str, ...]:
        """Those most like it, of its namespace if there are any.

        Raises what the session raises when the connection fails.
        """
        if self._there is None:
            self._there = await _names_there(nodes)
        same = [it for it in self._there if it.namespace == name.namespace]
        return most_similar(name.key, [it.key for it in same or self._there])


def node_id(name: NodeName, index: int) -> ua.NodeId:
    """`index`: of the name's namespace at this server."""
    read: dict[str, Callable[[str], Any]] = {"i": int, "g": UUID, "b": base64.b64decode}
    return ua.NodeId(read.get(name.kind, str)(name.identifier), ua.Int16(index))


async def not_there(nodes: Nodes, wanted: Sequence[ua.NodeId]) -> dict[ua.NodeId, str]:
    """Those that the server does not know, with the name of the status that says so.

    Raises what the session raises when the connection fails.
    """
    try:
        classes = await nodes.attributes(wanted, AttributeIds.NodeClass)
    except UaStatusCodeError:  # then each shows when it is watched
        return {}
    statuses = [it.StatusCode.name if it.StatusCode is not None else "" for it in classes]
    return {
        node: status for node, status in zip(wanted, statuses, strict=True) if status in _NOT_THERE
    }


async def _names_there(nodes: Nodes) -> list[NodeName]:
    """Breadth first below Objects, without the server's own diagnostics."""
    found: list[NodeName] = []
    seen, level = {_OBJECTS, _SERVER}, [_OBJECTS]
    while level and len(seen) < LOOKED_AT_MAX:
        following = []
        for references in await nodes.children(level):
            for it in references:
                if it.NodeId not in seen and len(seen) < LOOKED_AT_MAX:
                    seen.add(it.NodeId)
                    following.append(it.NodeId)
                    found += _name(it.NodeId, nodes.namespaces)
        level = following
    return found


def _name(node: ua.NodeId, namespaces: Sequence[str]) -> list[NodeName]:
    """As a profile names it; none where the server does not name its namespace."""
    index = int(node.NamespaceIndex)
    if index >= len(namespaces):
        return []
    identifier: Any = node.Identifier
    kinds = {int: "i", UUID: "g", bytes: "b"}
    kind = next((it for of, it in kinds.items() if isinstance(identifier, of)), "s")
    text = base64.b64encode(identifier).decode() if kind == "b" else str(identifier)
    return [NodeName(namespaces[index], kind, text)]
