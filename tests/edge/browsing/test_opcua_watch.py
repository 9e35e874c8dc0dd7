"""A server that is watched for some seconds: how its values move, its types, units and codes."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from asyncua import ua
from longer import longer
from opcua_server import VENDOR, OpcUaServer, opcua_server

from device_profiles.drafting.seen import NodePlace, Seen, SeenValue
from edge.browsing import opcua_tree
from edge.browsing.opcua_watch import watched_server
from edge.sources.opcua.client import KnownAs
from edge.sources.opcua.settings import opcua_settings
from edge.sources.runner import LinkError

US = KnownAs("tester", "tester", Path("unused"))


@contextlib.asynccontextmanager
async def press() -> AsyncIterator[OpcUaServer]:
    """A press of a type of its own that counts, with a state whose codes it names."""
    async with opcua_server() as server:
        index = await server.server.register_namespace("urn:line")
        kind = await server.server.nodes.base_object_type.add_object_type(index, "PressType")
        machine = await server.server.nodes.objects.add_object(
            index, "Press", objecttype=kind.nodeid
        )
        await machine.add_property(index, "Manufacturer", ua.LocalizedText("Pressen GmbH"))
        await machine.add_property(index, "Model", "P7")
        state = await machine.add_variable(index, "State", 2)
        names = [ua.LocalizedText(it) for it in ("Off", "Idle", "Run")]
        await state.add_property(0, "EnumStrings", names)
        power = await machine.add_variable(index, "Load", 3.5)
        unit = ua.EUInformation("u", ua.Int32(1), ua.LocalizedText("kW"))
        await power.add_property(0, "EngineeringUnits", unit)
        await machine.add_variable(index, "Zones", [1, 2])
        bad = await machine.add_variable(index, "Broken", 1)
        await bad.write_value(ua.DataValue(ua.Variant(3), ua.StatusCode(ua.StatusCodes.Bad)))
        await machine.add_reference(
            server.server.nodes.objects, ua.ObjectIds.HasComponent
        )  # a loop
        await server.add("Good", 0)
        yield server


async def count(server: OpcUaServer) -> None:
    """An item each tenth of a second."""
    for number in range(1, 100_000):
        await server.write("Good", number)
        await asyncio.sleep(0.1)


async def seen(server: OpcUaServer, seconds: float) -> Seen:
    settings = opcua_settings({"url": server.url, "security": "none"}, "")
    return await watched_server(settings, US, None, seconds)


def named(found: Seen, *names: Any) -> SeenValue:
    return next(it for it in found.values if it.place.names == tuple(map(str, names)))


async def test_values_types_units_and_the_names_of_codes() -> None:
    async with press() as server, asyncio.TaskGroup() as tasks:
        counting = tasks.create_task(count(server))
        found = await longer(
            lambda seconds: seen(server, seconds),
            lambda it: len(named(it, "Counters", "Good").moments) > 2,
        )
        counting.cancel()
    numbers = [value for _, value in named(found, "Counters", "Good").moments]
    assert numbers == sorted(numbers)
    state = named(found, "Press", "State")
    assert (state.kind, state.last) == ("Int64", 2)
    assert state.texts == {"0": "Off", "1": "Idle", "2": "Run"}
    assert (named(found, "Press", "Load").unit, named(found, "Press", "Load").last) == ("kW", 3.5)
    zones = [it.place for it in found.values if it.place.names[:2] == ("Press", "Zones")]
    path = (("urn:line", "Press"), ("urn:line", "Zones"))
    assert zones == [NodePlace(path, (0,)), NodePlace(path, (1,))]
    assert named(found, "Press", "Broken").moments == ()  # it is there, without a value
    (kinds,) = (it.kinds for it in found.objects if it.path == (("urn:line", "Press"),))
    assert ("urn:line", "PressType") in kinds
    assert (found.vendor, found.model, found.left_out) == ("Pressen GmbH", "P7", "")
    assert {VENDOR, "urn:line"} <= set(found.namespaces)


async def test_a_server_that_never_ends_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opcua_tree, "LOOK_MAX_S", -0.5)
    async with opcua_server() as server:
        with pytest.raises(LinkError, match="has not told everything"):
            await seen(server, 0.5)
