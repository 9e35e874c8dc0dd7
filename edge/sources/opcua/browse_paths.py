"""Browse paths to nodes, by the server's own service or, where it has none, step by step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from asyncua import ua
from asyncua.ua.status_codes import StatusCodes
from asyncua.ua.uaerrors import UaStatusCodeError

if TYPE_CHECKING:
    from edge.sources.opcua.nodes import Nodes

WHOLE = 0xFFFFFFFF  # RemainingPathIndex of a path that was followed to its end
_NO_SERVICE = (
    StatusCodes.BadServiceUnsupported,
    StatusCodes.BadNotImplemented,
    StatusCodes.BadNotSupported,
)


async def translated(nodes: Nodes, paths: Sequence[ua.BrowsePath]) -> list[ua.BrowsePathResult]:
    """TranslateBrowsePathsToNodeIds (OPC 10000-4, 5.9.4).

    Raises what the session raises when the connection fails.
    """
    if not paths:
        return []
    try:
        results = await nodes.translate(paths)
    except UaStatusCodeError as error:
        if error.code not in _NO_SERVICE:
            raise
        return await _followed(nodes, paths)
    if all(it.StatusCode.value in _NO_SERVICE for it in results):
        return await _followed(nodes, paths)
    return results


async def _followed(nodes: Nodes, paths: Sequence[ua.BrowsePath]) -> list[ua.BrowsePathResult]:
    """The same by browsing: of all paths one step after the other, each node looked into once."""
    here = [path.StartingNode for path in paths]
    is_lost = [False] * len(paths)
    inside: dict[ua.NodeId, dict[tuple[int, str], ua.NodeId]] = {}
    for step in range(max(len(path.RelativePath.Elements) for path in paths)):
        going = [
            place
            for place, path in enumerate(paths)
            if step < len(path.RelativePath.Elements) and not is_lost[place]
        ]
        unseen = list(dict.fromkeys(here[it] for it in going if here[it] not in inside))
        for node, references in zip(unseen, await nodes.children(unseen), strict=True):
            inside[node] = {_name(it.BrowseName): it.NodeId for it in reversed(references)}
        for place in going:
            wanted = paths[place].RelativePath.Elements[step].TargetName
            found = inside[here[place]].get(_name(wanted))
            is_lost[place] = found is None
            here[place] = here[place] if found is None else found
    return [_result(node, is_lost=lost) for node, lost in zip(here, is_lost, strict=True)]


def _name(name: ua.QualifiedName) -> tuple[int, str]:
    return int(name.NamespaceIndex), str(name.Name)


def _result(node: ua.NodeId, *, is_lost: bool) -> ua.BrowsePathResult:
    result = ua.BrowsePathResult()
    result.StatusCode = ua.StatusCode(ua.UInt32(StatusCodes.BadNoMatch if is_lost else 0))
    target = ua.BrowsePathTarget()
    target.TargetId, target.RemainingPathIndex = node, ua.UInt32(WHOLE)
    result.Targets = [] if is_lost else [target]
    return result
