"""Where the references of a node lead (OPC 10000-4, 5.9.2)."""

from __future__ import annotations

from asyncua import ua
from asyncua.client.ua_session import UaSession


async def neighbours(
    session: UaSession, node: ua.NodeId, reference: int, *, forward: bool = True
) -> list[ua.NodeId]:
    """The nodes at the other ends of the references of a type of the standard and its subtypes, so
    many as the server says at once; none where it does not know the node.

    Raises what the session raises when the connection fails.
    """
    browse = ua.BrowseDescription()
    browse.NodeId = node
    browse.BrowseDirection = ua.BrowseDirection.Forward if forward else ua.BrowseDirection.Inverse
    browse.ReferenceTypeId = ua.NodeId(ua.Int32(reference))
    browse.IncludeSubtypes = True
    browse.ResultMask = ua.BrowseResultMask.None_
    parameters = ua.BrowseParameters()
    parameters.NodesToBrowse = [browse]
    (result,) = await session.browse(parameters)
    return [it.NodeId for it in result.References or []]
