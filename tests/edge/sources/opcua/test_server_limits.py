"""How much a server takes in one request: ours, or its own where that is less."""

from __future__ import annotations

from asyncua import ua
from asyncua.client.client import Client
from asyncua.ua.object_ids import ObjectIds
from opcua_server import opcua_server

from edge.sources.opcua.server_limits import ITEMS_AT_ONCE, ServerLimits, server_limits

LIMITS = "Server_ServerCapabilities_OperationLimits_"
PER_BROWSE = f"{LIMITS}MaxNodesPerBrowse"
PER_TRANSLATION = f"{LIMITS}MaxNodesPerTranslateBrowsePathsToNodeIds"
PER_CALL = f"{LIMITS}MaxMonitoredItemsPerCall"


async def test_a_server_may_ask_for_less_and_not_for_more() -> None:
    async with opcua_server() as server:

        async def says(name: str, value: int) -> None:
            node = server.server.get_node(ua.NodeId(ua.Int32(getattr(ObjectIds, name))))
            await node.write_value(ua.Variant(value, ua.VariantType.UInt32))

        async with Client(server.url) as client:
            for name, value in ((PER_BROWSE, 7), (PER_TRANSLATION, 0), (PER_CALL, 100_000)):
                await says(name, value)
            assert await server_limits(client) == ServerLimits(browsed=7)
            await says(PER_CALL, 1)
            assert (await server_limits(client)).items == 1 < ITEMS_AT_ONCE


async def test_a_server_without_limits_has_ours() -> None:
    async with opcua_server() as server:
        limits = server.server.get_node(
            ua.NodeId(ua.Int32(ObjectIds.Server_ServerCapabilities_OperationLimits))
        )
        await server.server.delete_nodes([limits], recursive=True)
        async with Client(server.url) as client:
            assert await server_limits(client) == ServerLimits()
