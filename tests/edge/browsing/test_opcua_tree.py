"""The variables of a server, each with the address by which a profile reads it."""

from __future__ import annotations

from pathlib import Path

import pytest
from asyncua import ua
from asyncua.common.utils import ServiceError
from asyncua.server.internal_session import InternalSession
from opcua_server import VENDOR, OpcUaServer, opcua_server

from device_profiles.model.node_text import parse_node
from domain.errors import InputError
from edge.browsing import opcua_tree
from edge.browsing.found import FoundValue, WhatIsThere
from edge.browsing.opcua_tree import variables
from edge.sources.opcua.client import KnownAs
from edge.sources.opcua.settings import opcua_settings
from edge.sources.runner import LinkError

US = KnownAs("tester", "tester", Path("unused"))


async def seen(server: OpcUaServer, below: str = "") -> WhatIsThere:
    settings = opcua_settings({"url": server.url, "security": "none"}, "")
    return await variables(settings, US, parse_node(below) if below else None)


async def press(server: OpcUaServer) -> None:
    """A press with a temperature in °C, lists and a value of bad quality, some of it in a namespace
    of its own; and a way back to where it begins."""
    own = await server.server.register_namespace("urn:line")
    hall = await server.server.nodes.objects.add_folder(own, "Hall")
    machine = await hall.add_object(own, "Press 1")
    index = await server.server.get_namespace_index(VENDOR)
    heat = await machine.add_variable(index, "Temperature", 81.5)
    celsius = ua.EUInformation("http://unece", ua.Int32(4408652), ua.LocalizedText("°C"))
    await heat.add_property(0, "EngineeringUnits", celsius)
    await heat.add_property(0, "InstrumentRange", 5.0)
    await machine.add_variable(index, "Zones", [1, 2])
    bad = await machine.add_variable(index, "Speed", 3)
    broken = ua.StatusCode(ua.UInt32(ua.StatusCodes.BadSensorFailure))
    await bad.write_value(ua.DataValue(ua.Variant(3), broken))
    await machine.add_reference(hall, ua.ObjectIds.HasComponent)


async def test_each_variable_is_told_as_a_profile_reads_it() -> None:
    async with opcua_server() as server:
        await server.add("Good", 7)
        await press(server)
        found = await seen(server)
        assert found.left_out == ""
        machine = "/{urn:line}Hall/Press 1/{urn:vendor:machine}"
        told = [it for it in found.values if "Press" in it.address or VENDOR in it.address]
        assert told == [
            FoundValue(f"{VENDOR}:Counters/Good", "", "Int64", "", "7"),
            FoundValue(f"{machine}Temperature", "", "Double", "°C", "81.5"),
            FoundValue(f"{machine}Zones", "/0", "int", "", "1"),
            FoundValue(f"{machine}Zones", "/1", "int", "", "2"),
            FoundValue(f"{machine}Speed", "", "", "", "", problem="BadSensorFailure"),
        ]
        below = await seen(server, "urn:line:Hall")
        assert [it.address for it in below.values] == [it.address for it in told[1:]]


async def test_a_node_that_is_not_there_is_told_with_those_that_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with opcua_server() as server:
        for name in ("Good", "Bad", "Total"):
            await server.add(name, 1)
        with pytest.raises(InputError, match=r"no such node .* that is there: Counters"):
            await seen(server, f"{VENDOR}:Conters")
        monkeypatch.setattr(opcua_tree, "VARIABLES_MAX", 2)
        found = await seen(server, f"{VENDOR}:Counters")
        assert len(found.values) == 2
        assert "name the node below which to look" in found.left_out
        assert (await seen(server, f"{VENDOR}:Counters/Good")).values == []


async def test_a_server_that_ends_the_session_or_never_ends_is_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Not asked for each of its variables in vain, one by one."""
    refused: list[int] = []
    read = InternalSession.read

    async def refusing(self: InternalSession, params: ua.ReadParameters) -> list[ua.DataValue]:
        if len(params.NodesToRead or ()) < 2 and not refused:
            return await read(self, params)  # the server's limits
        refused.append(len(params.NodesToRead))
        raise ServiceError(ua.StatusCodes.BadSessionClosed)

    async with opcua_server() as server:
        for number in range(20):
            await server.add(f"V{number}", number)
        with monkeypatch.context() as broken:
            broken.setattr(InternalSession, "read", refusing)
            with pytest.raises(LinkError, match=r"went away .* \(BadSessionClosed\)"):
                await seen(server)
        assert len(refused) == 1
        monkeypatch.setattr(opcua_tree, "LOOK_MAX_S", 0.0)
        with pytest.raises(LinkError, match="has not told everything within 0 s"):
            await seen(server)
