"""The demo's OPC UA server has the standard nodes that it uses, whole in themselves."""

from __future__ import annotations

import sys

from asyncua import Client, ua
from asyncua.server.server import Server
from asyncua.ua.object_ids import ObjectIds

from lineproof.demo.servers.broker import free_port
from lineproof.demo.servers.standard_nodes import StandardNodes


async def test_nothing_points_to_what_is_left_out() -> None:
    server = Server(iserver=StandardNodes())
    await server.init()
    nodes = server.iserver.aspace
    known = set(nodes.keys())
    assert len(known) < 3000
    assert {reference.NodeId for node in known for reference in nodes[node].references} <= known


async def test_clients_find_what_a_machine_has_to_offer() -> None:
    """Also on the second server of a process."""
    for _ in range(2):
        server = Server(iserver=StandardNodes())
        await server.init()
        url = f"opc.tcp://127.0.0.1:{free_port()}"
        server.set_endpoint(url)
        server.set_security_policy([ua.SecurityPolicyType.NoSecurity])
        async with server, Client(url) as client:
            assert await client.get_namespace_index("http://opcfoundation.org/UA/") == 0
            status = await client.nodes.server_state.read_value()
            assert status == ua.ServerState.Running
            for number in (ObjectIds.FiniteStateMachineType, ObjectIds.EUInformation):
                node = client.get_node(ua.NodeId(ua.Int32(number)))
                assert await node.read_browse_name()
            await client.load_data_type_definitions()
    assert not [name for name in sys.modules if "standard_address_space" in name]
