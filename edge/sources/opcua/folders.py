"""The variables below a folder, each to be read as a measurement of its own.

Looked for when a subscription is made, so a new variable is found by the next one. What is there is
bounded and named: too many, or two that would be called the same, are left out and told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import structlog
from asyncua import ua
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.object_ids import ObjectIds

from device_profiles.model.addresses import OPC_UA, OpcUaAddress, OpcUaFolder, QName
from device_profiles.model.measurement_name import measurement_name
from domain.errors import listed
from domain.source_faults import THERE_MAX, Cause
from edge.sources.opcua.nodes import Found, Nodes, NotFound

_log = structlog.get_logger(__name__)

NODES_MAX = 20_000  # that are looked at below one folder
_NUMBER = (OPC_UA, "Number")
# Built-in numbers (OPC 10000-6, 5.1.2) and Number, Integer, UInteger, of which every other one is a
# kind: some servers do not show the tree of data types.
_NUMBERS = {*range(2, 12), 26, 27, 28}
_ONE_VALUE = (-1, -2, -3)  # ValueRank: scalar, anything, scalar or list (OPC 10000-3, 5.6.2)


@dataclass
class Inside:
    """`results`: variables to read, and folders that are not there or have none; `there`: the keys
    of the others; `left_out`: what is not read, and why."""

    there: list[str] = field(default_factory=list)
    results: list[Found | NotFound] = field(default_factory=list)
    left_out: list[tuple[OpcUaFolder, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Variable:
    node: ua.NodeId
    path: tuple[QName, ...]  # from the folder

    @property
    def name(self) -> str:
        return measurement_name([name for _, name in self.path])


async def look_inside(nodes: Nodes, addresses: Iterable[OpcUaAddress | OpcUaFolder]) -> Inside:
    """The variables of the folders among the addresses.

    Raises what the session raises when the connection fails.
    """
    inside = Inside()
    taken: dict[str, str] = {}  # names of measurements, and the addresses that have them
    for folder in (it for it in addresses if isinstance(it, OpcUaFolder)):
        (place,) = await nodes.find([folder.node])
        if isinstance(place, NotFound):
            inside.results.append(replace(place, address=folder))
            continue
        variables = await _numbers(nodes, await _variables(nodes, place.node, folder))
        if not variables:
            inside.results.append(await _empty(nodes, place.node, folder))
            continue
        variables.sort(key=lambda it: it.path)
        read = []
        for it in _told_apart(folder, variables, taken, inside):
            at = (*folder.node.path, *it.path)
            read.append(Found(OpcUaAddress(folder.node.start, at, optional=True), it.node))
        inside.results += read
        inside.there.append(folder.key)
        names = [it.name for it in variables]
        _log.info("measurements found", folder=folder.key, read=len(read), names=listed(names))
    return inside


async def _empty(nodes: Nodes, start: ua.NodeId, folder: OpcUaFolder) -> NotFound:
    (children,) = await nodes.children([start])
    names = tuple(sorted(str(it.BrowseName.Name) for it in children))[:THERE_MAX]
    why = "no variable with one number is below it that the profile takes"
    return NotFound(folder, why, Cause.NO_SUCH_OBJECT, names)


def _told_apart(
    folder: OpcUaFolder, variables: Sequence[_Variable], taken: dict[str, str], inside: Inside
) -> Iterator[_Variable]:
    """Those that can be read; of the others it is told why they are not."""
    called: dict[str, list[_Variable]] = {}
    for it in variables:
        called.setdefault(it.name, []).append(it)
    read = 0
    for name, same in called.items():
        names = listed([_shown(it) for it in same])
        if name in folder.taken or name in taken:
            why = f"{names} is not read: something else is called {name} already"
        elif len(same) > 1:
            why = f"{names} are not read: all of them would be called {name}"
        elif read == folder.most:
            why = (
                f"only {folder.most} of {len(called)} variables are read: allow more by 'most', or "
                "name those that matter by 'names'"
            )
            inside.left_out.append((folder, why))
            return
        else:
            read += 1
            taken[name] = folder.key
            yield same[0]
            continue
        inside.left_out.append((folder, why))


def _shown(variable: _Variable) -> str:
    return "/".join(name for _, name in variable.path)


async def _variables(nodes: Nodes, start: ua.NodeId, folder: OpcUaFolder) -> list[_Variable]:
    """All that the folder takes, each once, level by level. Properties are none."""
    seen, level = {start}, [_Variable(start, ())]
    found: list[_Variable] = []
    for _ in range(folder.levels):
        children = await nodes.children([it.node for it in level])
        below: list[_Variable] = []
        for parent, references in zip(level, children, strict=True):
            for it in references:
                is_property = it.ReferenceTypeId.Identifier == ObjectIds.HasProperty
                if is_property or it.NodeId in seen or len(seen) >= NODES_MAX:
                    continue
                seen.add(it.NodeId)
                below.append(_Variable(it.NodeId, (*parent.path, nodes.qname(it.BrowseName))))
                if it.NodeClass == ua.NodeClass.Variable and folder.takes(below[-1].path):
                    found.append(below[-1])
        level = below
    return found


async def _numbers(nodes: Nodes, variables: Sequence[_Variable]) -> list[_Variable]:
    """Those whose value is one number, by their data type."""
    at = [it.node for it in variables]
    types = await nodes.attributes(at, AttributeIds.DataType)
    ranks = await nodes.attributes(at, AttributeIds.ValueRank)
    found = []
    for variable, kind, rank in zip(variables, types, ranks, strict=True):
        data_type = kind.Value.Value if kind.Value is not None else None
        dimensions = rank.Value.Value if rank.Value is not None else None
        if dimensions not in _ONE_VALUE or not isinstance(data_type, ua.NodeId):
            continue
        is_built_in = data_type.NamespaceIndex == 0 and data_type.Identifier in _NUMBERS
        if is_built_in or _NUMBER in await nodes.kinds_of(data_type):
            found.append(variable)
    return found
