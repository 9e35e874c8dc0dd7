"""How much a server takes in one request, as it says itself (OPC 10000-5, 6.3.11)."""

from __future__ import annotations

from dataclasses import dataclass

from asyncua import ua
from asyncua.client.client import Client
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.object_ids import ObjectIds

# What is asked for at most: small controllers refuse more, whatever they say.
BROWSED_AT_ONCE = 50
TRANSLATED_AT_ONCE = 200
ITEMS_AT_ONCE = 200
NODES_READ_AT_ONCE = 50

_OPERATION_LIMITS = (
    ObjectIds.Server_ServerCapabilities_OperationLimits_MaxNodesPerBrowse,
    ObjectIds.Server_ServerCapabilities_OperationLimits_MaxNodesPerTranslateBrowsePathsToNodeIds,
    ObjectIds.Server_ServerCapabilities_OperationLimits_MaxMonitoredItemsPerCall,
    ObjectIds.Server_ServerCapabilities_OperationLimits_MaxNodesPerRead,
)


@dataclass(frozen=True, slots=True)
class ServerLimits:
    """Nodes browsed, browse paths translated, items created and nodes read by one request, at
    most."""

    browsed: int = BROWSED_AT_ONCE
    translated: int = TRANSLATED_AT_ONCE
    items: int = ITEMS_AT_ONCE
    read: int = NODES_READ_AT_ONCE


async def server_limits(client: Client) -> ServerLimits:
    """Ours, or the server's where they are tighter. They are optional in a server: what it does not
    say, or says as 0, is no limit. Here one node is read by one request, since the number of nodes
    of a read is limited too.

    Raises what the session raises when the connection fails.
    """
    said = []
    for limit in _OPERATION_LIMITS:
        node = ua.NodeId(ua.Int32(limit))
        (answer,) = await client.uaclient.session.read_attributes([node], AttributeIds.Value)
        said.append(answer.Value.Value if answer.Value is not None else None)
    most = (BROWSED_AT_ONCE, TRANSLATED_AT_ONCE, ITEMS_AT_ONCE, NODES_READ_AT_ONCE)
    return ServerLimits(*(_tighter(own, it) for own, it in zip(most, said, strict=True)))


def _tighter(own: int, said: object) -> int:
    return min(own, said) if isinstance(said, int) and said > 0 else own
