"""Where references lead, in either direction."""

from __future__ import annotations

from asyncua import Client, ua
from opcua_server import opcua_server

from edge.sources.opcua.references import neighbours

OBJECTS, ROOT = ua.NodeId(85), ua.NodeId(84)


async def test_neighbours() -> None:
    async with opcua_server() as server, Client(server.url) as client:
        session = client.uaclient.session
        below = await neighbours(session, ROOT, ua.ObjectIds.HierarchicalReferences)
        assert OBJECTS in below
        above = await neighbours(session, OBJECTS, ua.ObjectIds.Organizes, forward=False)
        assert above == [ROOT]
        assert await neighbours(session, OBJECTS, ua.ObjectIds.HasEncoding) == []
        assert await neighbours(session, ua.NodeId("gone", 9), ua.ObjectIds.Organizes) == []
