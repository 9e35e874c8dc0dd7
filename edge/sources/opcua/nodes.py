"""Finds the nodes behind addresses on one server: by namespace URI and browse name.

Namespace indices and node ids are the server's business and may differ after each of its
restarts, so everything is resolved anew on every connect. An address that is not there does
not affect the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from asyncua import ua
from asyncua.client.client import Client
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.object_ids import ObjectIds
from asyncua.ua.status_codes import StatusCodes

from device_profiles.model.addresses import (
    OPC_UA,
    OpcUaAddress,
    OpcUaFolder,
    OpcUaStart,
    QName,
)
from domain.source_faults import Cause
from edge.sources.names import most_similar
from edge.sources.opcua.browse_paths import WHOLE, translated
from edge.sources.opcua.node_ids import NodesThere, node_id, not_there
from edge.sources.opcua.server_limits import ServerLimits, server_limits

OBJECTS_MAX = 20_000  # objects looked at for an instance before the search gives up
REFERENCES_MAX = 1000  # of a node in one answer
ANSWERS_MAX = 1_000  # about the same nodes; a server may say for ever that there is more
Item = TypeVar("Item")

_OBJECTS = ua.NodeId(ua.Int32(ObjectIds.ObjectsFolder))
_SERVER = ua.NodeId(ua.Int32(ObjectIds.Server))
_HIERARCHICAL = ua.NodeId(ua.Int32(ObjectIds.HierarchicalReferences))
_OBJECTS_AND_VARIABLES = ua.NodeClass.Object | ua.NodeClass.Variable
_HAS_SUBTYPE = ua.NodeId(ua.Int32(ObjectIds.HasSubtype))


@dataclass(frozen=True, slots=True)
class Found:
    address: OpcUaAddress
    node: ua.NodeId


@dataclass(frozen=True, slots=True)
class NotFound:
    """`status`: OPC UA's or a `Cause`; `there`: names that the server has in its place, the most
    similar first."""

    address: OpcUaAddress | OpcUaFolder
    why: str
    status: str
    there: tuple[str, ...] = ()


class _NotThereError(Exception):
    """Why a start or a path leads nowhere, and what is `there`."""

    def __init__(self, why: str, cause: Cause, there: Iterable[str] = ()) -> None:
        super().__init__(why)
        self.cause = cause
        self.there = tuple(there)


class Nodes:
    """The address space of one server during one connection."""

    def __init__(
        self,
        client: Client,
        namespaces: Sequence[str],
        limits: ServerLimits,
        there: NodesThere,
    ) -> None:
        self._session = client.uaclient.session
        self._there = there
        self.limits = limits
        self.namespaces = tuple(namespaces)  # URIs by index
        self._starts: dict[OpcUaStart, ua.NodeId | _NotThereError] = {}
        self._kinds: dict[ua.NodeId, frozenset[QName]] = {}

    async def find(self, addresses: Iterable[OpcUaAddress]) -> list[Found | NotFound]:
        """Each address with its node or the reason why there is none.

        Raises what the session raises when the connection fails.
        """
        wanted = list(addresses)
        results: list[Found | NotFound] = [*await self._not_there(wanted)]
        missing = {it.address for it in results}
        paths: list[tuple[OpcUaAddress, ua.BrowsePath]] = []
        for address in [it for it in wanted if it not in missing]:
            try:
                if not address.path:
                    results.append(Found(address, await self._start(address.start)))
                    continue
                paths.append((address, await self._browse_path(address)))
            except _NotThereError as error:
                results.append(NotFound(address, str(error), error.cause, error.there))
        by_path = await translated(self, [path for _, path in paths])
        for (address, path), result in zip(paths, by_path, strict=True):
            nodes = [
                target.TargetId
                for target in result.Targets or []
                if target.RemainingPathIndex == WHOLE
            ]
            if result.StatusCode.is_good() and nodes:
                results.append(Found(address, nodes[0]))
            else:
                status = result.StatusCode.name
                there = await self._instead(address, path)
                why = f"the server has no such node ({status})"
                results.append(NotFound(address, why, status, there))
        return results

    async def _not_there(self, addresses: Sequence[OpcUaAddress]) -> list[NotFound]:
        """Those that begin at a NodeId which the server does not know."""
        nodes: dict[ua.NodeId, list[OpcUaAddress]] = {}
        for it in addresses:
            if it.start.node is not None and it.start.node.namespace in self.namespaces:
                nodes.setdefault(await self._start(it.start), []).append(it)
        missing = await not_there(self, list(nodes)) if nodes else {}
        found = []
        for node, status in missing.items():
            for it in nodes[node]:
                assert it.start.node is not None
                there = await self._there.instead_of(it.start.node, self)
                why = f"the server has no node {it.start.node.key} ({status})"
                found.append(NotFound(it, why, status, there))
        return found

    async def translate(self, paths: Sequence[ua.BrowsePath]) -> list[ua.BrowsePathResult]:
        """By the server's service, as many at once as it allows (see `browse_paths`)."""
        found: list[ua.BrowsePathResult] = []
        for some in portions(paths, self.limits.translated):
            found += await self._session.translate_browsepaths_to_nodeids(list(some))
        return found

    async def _instead(self, address: OpcUaAddress, path: ua.BrowsePath) -> tuple[str, ...]:
        """The names where the path leads nowhere any more."""
        elements = path.RelativePath.Elements
        parents = [path.StartingNode]
        if len(elements) > 1:
            shorter = []
            for length in range(1, len(elements)):
                part = ua.BrowsePath()
                part.StartingNode = path.StartingNode
                part.RelativePath.Elements = elements[:length]
                shorter.append(part)
            for result in await translated(self, shorter):
                if not (result.StatusCode.is_good() and result.Targets):
                    break
                parents.append(result.Targets[0].TargetId)
        uri, wanted = address.path[len(parents) - 1]
        browse = _browse(
            parents[-1], _HIERARCHICAL, ua.BrowseDirection.Forward, _OBJECTS_AND_VARIABLES
        )
        names = [self._name(it.BrowseName, uri) for it in await self._browse_all([browse])]
        return most_similar(wanted, names)

    def _name(self, name: ua.QualifiedName, uri: str) -> str:
        """The name; with its namespace where that is another one."""
        own, text = self.qname(name)
        return text if own == uri else f"{own}:{text}"

    async def _browse_path(self, address: OpcUaAddress) -> ua.BrowsePath:
        path = ua.BrowsePath()
        path.StartingNode = await self._start(address.start)
        for uri, name in address.path:
            step = ua.RelativePathElement()
            step.ReferenceTypeId = _HIERARCHICAL
            # asyncua annotates both with a class of its own that no value has.
            step.IsInverse = False  # type: ignore[assignment]
            step.IncludeSubtypes = True  # type: ignore[assignment]
            step.TargetName = ua.QualifiedName(name, self._index(uri))
            path.RelativePath.Elements.append(step)
        return path

    def _index(self, uri: str) -> int:
        if uri not in self.namespaces:
            raise _NotThereError(
                f"the server has no namespace '{uri}', only {', '.join(self.namespaces)}",
                Cause.NO_NAMESPACE,
                most_similar(uri, self.namespaces),
            )
        return self.namespaces.index(uri)

    async def _start(self, start: OpcUaStart) -> ua.NodeId:
        """The start's node; the search is done once for all addresses that begin there."""
        if start.node is not None:
            return node_id(start.node, self._index(start.node.namespace))
        if start.instance_of is None:
            return _OBJECTS
        if start not in self._starts:
            self._index(start.instance_of[0])
            try:
                self._starts[start] = await self._instance(start.instance_of, start.name)
            except _NotThereError as error:
                self._starts[start] = error
        found = self._starts[start]
        if isinstance(found, _NotThereError):
            raise _NotThereError(str(found), found.cause, found.there)
        return found

    async def _instance(self, kind: QName, name: str | None) -> ua.NodeId:
        """The one object below Objects of that type (or a subtype), breadth first."""
        matches: list[ua.ReferenceDescription] = []
        seen = {_OBJECTS, _SERVER}
        level = [_OBJECTS]
        while level and len(seen) < OBJECTS_MAX:
            children = [
                reference
                for references in await self.children(level, ua.NodeClass.Object)
                for reference in references
                if reference.NodeId not in seen
            ]
            unique = {reference.NodeId: reference for reference in children}
            seen.update(unique)
            level = []
            for node, reference in unique.items():
                if kind in await self.kinds_of(reference.TypeDefinition):
                    matches.append(reference)
                else:
                    level.append(node)
        named = [match for match in matches if name in (None, match.BrowseName.Name)]
        if len(named) == 1:
            instance: ua.NodeId = named[0].NodeId
            return instance
        names = ", ".join(sorted(str(match.BrowseName.Name) for match in matches))
        if named:
            raise _NotThereError(
                f"the server has several objects of type {kind[1]}: {names}; name one",
                Cause.SEVERAL_OBJECTS,
                (str(match.BrowseName.Name) for match in named),
            )
        if matches:
            raise _NotThereError(
                f"no object of type {kind[1]} is named '{name}', only {names}",
                Cause.NO_SUCH_OBJECT,
                most_similar(name or "", [str(match.BrowseName.Name) for match in matches]),
            )
        why = f"the server has no object of type {kind[1]}"
        raise _NotThereError(why, Cause.NO_SUCH_TYPE)

    async def children(
        self, nodes: Sequence[ua.NodeId], classes: int = _OBJECTS_AND_VARIABLES
    ) -> list[list[ua.ReferenceDescription]]:
        """What hierarchical references lead to from each of the nodes."""
        found: list[list[ua.ReferenceDescription]] = []
        for some in portions(nodes, self.limits.browsed):
            requests = [
                _browse(node, _HIERARCHICAL, ua.BrowseDirection.Forward, classes) for node in some
            ]
            found += await self._browse_each(requests)
        return found

    async def attributes(
        self, nodes: Sequence[ua.NodeId], attribute: AttributeIds
    ) -> list[ua.DataValue]:
        """That attribute of each of the nodes (Read, OPC 10000-4, 5.11.2)."""
        read: list[ua.DataValue] = []
        for some in portions(nodes, self.limits.read):
            read += await self._session.read_attributes(list(some), attribute)
        return read

    def qname(self, name: ua.QualifiedName) -> QName:
        """With the namespace's URI; a namespace that the server does not name has its index."""
        index = int(name.NamespaceIndex)
        known = index < len(self.namespaces)
        return self.namespaces[index] if known else f"namespace {index}", str(name.Name)

    async def _browse_all(
        self, requests: list[ua.BrowseDescription]
    ) -> list[ua.ReferenceDescription]:
        return [it for references in await self._browse_each(requests) for it in references]

    async def _browse_each(
        self, requests: list[ua.BrowseDescription]
    ) -> list[list[ua.ReferenceDescription]]:
        """The references of each node (Browse, BrowseNext: OPC 10000-4, 5.9.2 and 5.9.3)."""
        found, refused = await self._browse_once(requests, REFERENCES_MAX)
        for place in refused:
            # Of several at once the server cannot go on with all: then one by one, and at last
            # with all of its references in one answer.
            (alone,), still = await self._browse_once([requests[place]], REFERENCES_MAX)
            if still:
                (alone,), _ = await self._browse_once([requests[place]], 0)
            found[place] = alone
        return found

    async def _browse_once(
        self, requests: list[ua.BrowseDescription], most: int
    ) -> tuple[list[list[ua.ReferenceDescription]], list[int]]:
        """The references of each, at most so many in one answer (0: all); and for which the server
        has no continuation point left (OPC 10000-4, 7.9)."""
        parameters = ua.BrowseParameters()
        parameters.NodesToBrowse = requests
        parameters.RequestedMaxReferencesPerNode = ua.UInt32(most)
        found: list[list[ua.ReferenceDescription]] = [[] for _ in requests]
        refused: list[int] = []
        results = await self._session.browse(parameters)
        places = list(range(len(requests)))
        for _ in range(ANSWERS_MAX):
            more: list[tuple[int, bytes]] = []
            for place, result in zip(places, results, strict=True):
                found[place] += result.References or []
                if result.StatusCode.value == StatusCodes.BadNoContinuationPoints:
                    refused.append(place)
                elif result.ContinuationPoint:
                    more.append((place, result.ContinuationPoint))
            if not more:
                break
            places = [place for place, _ in more]
            following = ua.BrowseNextParameters()
            following.ReleaseContinuationPoints = False  # asyncua has it true, which ends the list
            following.ContinuationPoints = [point for _, point in more]
            results = await self._session.browse_next(following)
        return found, refused

    async def kinds_of(self, type_node: ua.NodeId) -> frozenset[QName]:
        """The qualified names of a type and all its supertypes."""
        if type_node.Identifier == 0:
            return frozenset()
        if type_node not in self._kinds:
            (attribute,) = await self._session.read_attributes([type_node], AttributeIds.BrowseName)
            above = await self._browse_all(
                [
                    _browse(
                        type_node,
                        _HAS_SUBTYPE,
                        ua.BrowseDirection.Inverse,
                        ua.NodeClass.Unspecified,
                    )
                ]
            )
            kinds = await self.kinds_of(above[0].NodeId) if above else frozenset()
            name = attribute.Value.Value if attribute.Value is not None else None
            if isinstance(name, ua.QualifiedName) and name.NamespaceIndex < len(self.namespaces):
                kinds |= {(self.namespaces[name.NamespaceIndex], str(name.Name))}
            self._kinds[type_node] = kinds
        return self._kinds[type_node]


async def nodes_of(client: Client, there: NodesThere | None = None) -> Nodes:
    """The server's address space, its namespace table read anew. `there`: what an earlier look of
    this connection found."""
    namespaces = await client.get_namespace_array()
    limits = await server_limits(client)
    return Nodes(client, [OPC_UA, *namespaces[1:]], limits, there or NodesThere())


def portions(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    return (items[first : first + size] for first in range(0, len(items), size))


def _browse(
    node: ua.NodeId, reference: ua.NodeId, direction: ua.BrowseDirection, classes: int
) -> ua.BrowseDescription:
    request = ua.BrowseDescription()
    request.NodeId = node
    request.ReferenceTypeId = reference
    request.BrowseDirection = direction
    request.IncludeSubtypes = True
    request.NodeClassMask = ua.UInt32(classes)
    request.ResultMask = ua.BrowseResultMask.All
    return request
