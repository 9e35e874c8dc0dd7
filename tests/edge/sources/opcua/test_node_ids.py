"""NodeIds that are not there, at a real server: told with those that are."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest
from asyncua import ua
from opcua_server import VENDOR, OpcUaServer, opcua_server
from opcua_source import source_of
from recording_sink import RecordingSink, running_source, until

from device_profiles.model.addresses import OPC_UA, NodeName, OpcUaAddress, OpcUaStart
from device_profiles.model.node_text import parse_node
from domain.errors import InputError
from edge.browsing.opcua_tree import variables
from edge.sources.opcua.client import KnownAs, close_session, open_session
from edge.sources.opcua.node_ids import NodesThere, node_id
from edge.sources.opcua.nodes import nodes_of
from edge.sources.opcua.settings import opcua_settings

US = KnownAs("tester", "tester", Path("unused"))


def by_id(kind: str, identifier: str, namespace: str = VENDOR) -> OpcUaAddress:
    return OpcUaAddress(OpcUaStart(node=NodeName(namespace, kind, identifier)), ())


async def press(server: OpcUaServer) -> None:
    """With ids of every kind."""
    index = await server.server.get_namespace_index(VENDOR)
    for name in ("Press.Good", "Press.Bad"):
        await server.add(name, 1)
    objects = server.server.nodes.objects
    await objects.add_variable(ua.NodeId(4711, index), f"{index}:Number", 1)
    await objects.add_variable(ua.NodeId(b"\x01\x02", index), f"{index}:Bytes", 1)
    await objects.add_variable(ua.NodeId(UUID(int=7), index), f"{index}:Uuid", 1)


async def test_a_node_id_that_is_not_there_is_told_with_those_most_like_it() -> None:
    good, wrong = by_id("s", "Press.Good"), by_id("s", "Press.Godd")
    below = OpcUaAddress(wrong.start, ((VENDOR, "Value"),))
    nothing_like = by_id("i", "999999", OPC_UA)
    async with opcua_server() as server:
        await press(server)
        sink = RecordingSink()
        source = source_of(server.url, good, wrong, below, nothing_like)
        async with running_source(source, sink):
            await until(lambda: bool(sink.readings()), "the node that is there")
            failed = dict(source.status.failed_addresses)
            there = dict(source.status.there_instead)
    assert [it.address for it in sink.readings()] == [good.key]
    assert set(failed) == {wrong.key, below.key, nothing_like.key}
    why = f"the server has no node nsu={VENDOR};s=Press.Godd (BadNodeIdUnknown)"
    assert failed[wrong.key] == failed[below.key] == why
    assert there[wrong.key][0] == there[below.key][0] == f"nsu={VENDOR};s=Press.Good"
    assert all(it.startswith(f"nsu={VENDOR};") for it in there[wrong.key])


async def test_a_look_below_a_node_id_that_is_not_there_says_so() -> None:
    async with opcua_server() as server:
        await press(server)
        settings = opcua_settings({"url": server.url, "security": "none"}, "")
        with pytest.raises(InputError, match=r"no node nsu=.*;s=Pres .*there: nsu=.*;s=Press\.Bad"):
            await variables(settings, US, parse_node(f"nsu={VENDOR};s=Pres"))


async def test_every_kind_of_id_is_told_as_a_profile_writes_it() -> None:
    async with opcua_server() as server:
        await press(server)
        settings = opcua_settings({"url": server.url, "security": "none"}, "")
        client = await open_session(settings, US)
        try:
            nodes = await nodes_of(client)
            index = nodes.namespaces.index(VENDOR)
            for kind, identifier in (
                ("i", "4711"),
                ("b", "AQI="),
                ("g", str(UUID(int=7))),
                ("s", "Press.Bad"),
            ):
                name = NodeName(VENDOR, kind, identifier)
                assert (await NodesThere().instead_of(name, nodes))[0] == name.key
                found = client.get_node(node_id(name, index))
                assert await found.read_value() == 1
        finally:
            await close_session(client)
