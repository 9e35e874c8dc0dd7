"""Browse paths at a real server whose TranslateBrowsePathsToNodeIds is switched off."""

from __future__ import annotations

from typing import Any

import pytest
from asyncua import ua
from asyncua.common.utils import ServiceError
from asyncua.server.internal_session import InternalSession
from opcua_server import VENDOR, counter, opcua_server
from opcua_source import source_of
from recording_sink import RecordingSink, running_source, until

from device_profiles.model.addresses import OpcUaAddress, OpcUaStart

PROPERTY = OpcUaAddress(OpcUaStart(), (*counter("Good").path, (VENDOR, "Limit")))


async def _no_service(_self: InternalSession, _paths: Any) -> list[ua.BrowsePathResult]:
    raise ServiceError(ua.StatusCodes.BadServiceUnsupported)


async def _each_refused(_self: InternalSession, paths: Any) -> list[ua.BrowsePathResult]:
    refused = ua.StatusCode(ua.UInt32(ua.StatusCodes.BadNotImplemented))
    return [ua.BrowsePathResult(StatusCode=refused, Targets=[]) for _ in paths]


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(_no_service, id="no such service"),
        pytest.param(_each_refused, id="each path refused"),
    ],
)
async def test_paths_are_followed_by_browsing(monkeypatch: pytest.MonkeyPatch, answer: Any) -> None:
    monkeypatch.setattr(InternalSession, "translate_browsepaths_to_nodeids", answer)
    async with opcua_server() as server:
        await server.add("Good", 7)
        await server.add("Bad", 1)
        index = await server.server.get_namespace_index(VENDOR)
        good = server.server.get_node(ua.NodeId("Good", index))
        await good.add_property(index, "Limit", 9)
        sink = RecordingSink()
        source = source_of(server.url, counter("Good"), PROPERTY, counter("Bat"))
        async with running_source(source, sink):
            await until(lambda: len(sink.readings()) == 2, "a variable and its property")
            values = {it.address: it.value for it in sink.readings()}
            assert values == {counter("Good").key: 7, PROPERTY.key: 9}
            failed, there = source.status.failed_addresses, dict(source.status.there_instead)
            wrong = counter("Bat").key
            assert dict(failed) == {wrong: "the server has no such node (BadNoMatch)"}
            assert there[wrong][0] == "Bad"
