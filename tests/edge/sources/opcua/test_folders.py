"""Variables below a folder of a real server: which are read, and what is told of the others."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Any

from asyncua import ua
from opcua_server import VENDOR, OpcUaServer, opcua_server
from opcua_source import source_of
from recording_sink import RecordingSink, running_source, until

from device_profiles.model.addresses import OpcUaAddress, OpcUaFolder, OpcUaStart

PROCESS = OpcUaAddress(OpcUaStart(), ((VENDOR, "Process"),))
BELOW = f"{PROCESS.key}/{{{VENDOR}}}"
VALUES: dict[str, Any] = {
    "MeltTemp": 210.5,
    "Zone Temp": 1,
    "zone_temp": 2,
    "Recipe": "tea",
    "On": True,
    "Curve": [1.0, 2.0],
    "压力": 3.5,
    "Taken": 4.5,
}


@contextlib.asynccontextmanager
async def process() -> AsyncIterator[OpcUaServer]:
    """A folder Process with these variables, and one more a level deeper."""
    async with opcua_server() as server:
        index = await server.server.get_namespace_index(VENDOR)
        folder = await server.server.nodes.objects.add_folder(index, "Process")
        for name, value in VALUES.items():
            await folder.add_variable(index, name, value)
        zone = await folder.add_object(index, "Zone 2")
        deep = await zone.add_variable(index, "Speed", ua.Variant(7, ua.VariantType.UInt16))
        await deep.add_property(0, "EURange", 100.0)
        yield server


async def read(server: OpcUaServer, *folders: OpcUaFolder, count: int) -> RecordingSink:
    sink = RecordingSink()
    async with running_source(source_of(server.url, *folders), sink):
        await until(lambda: len(sink.readings()) == count, "all variables")
        heard = len(sink.of("heard"))
        await until(lambda: len(sink.of("heard")) > heard + 1, "nothing else")
    return sink


async def test_numbers_are_read_and_what_is_left_out_is_told() -> None:
    async with process() as server:
        folder = OpcUaFolder(PROCESS, levels=2, taken=("measurement.taken",))
        sink = await read(server, folder, count=3)
        assert {it.address.removeprefix(BELOW): it.value for it in sink.readings()} == {
            "MeltTemp": 210.5,
            "压力": 3.5,
            f"Zone 2/{{{VENDOR}}}Speed": 7,
        }
        told = [(it.address, it.reason) for it in sink.of("rejection")]
        assert told == [
            (folder.key, "Taken is not read: something else is called measurement.taken already"),
            (
                folder.key,
                "Zone Temp, zone_temp are not read: all of them would be called "
                "measurement.zone_temp",
            ),
        ]
        # No more than the profile allows.
        sink = await read(server, OpcUaFolder(PROCESS, ("*",), levels=2, most=2), count=2)
        assert [it.address.removeprefix(BELOW) for it in sink.readings()] == ["MeltTemp", "Taken"]
        (told,) = [it.reason for it in sink.of("rejection") if "only 2" in it.reason]
        assert told == (
            "only 2 of 5 variables are read: allow more by 'most', or name those that matter by "
            "'names'"
        )


async def test_a_folder_that_comes_later_is_found_and_the_others_are_read_meanwhile() -> None:
    later = OpcUaFolder(OpcUaAddress(OpcUaStart(), ((VENDOR, "Later"),)))
    empty = OpcUaFolder(PROCESS, ("Nothing*",))
    async with process() as server:
        sink = RecordingSink()
        source = source_of(server.url, OpcUaFolder(PROCESS, ("melt*",)), later, empty)
        async with running_source(source, sink):
            await until(lambda: bool(sink.readings()), "the first folder")
            failed = dict(source.status.failed_addresses)
            assert set(failed) == {later.key, empty.key}
            assert "no such node" in failed[later.key]
            assert "no variable with one number is below it" in failed[empty.key]
            assert "Process" in dict(source.status.there_instead)[later.key]
            assert "Recipe" in dict(source.status.there_instead)[empty.key]
            index = await server.server.get_namespace_index(VENDOR)
            made = await server.server.nodes.objects.add_folder(index, "Later")
            await made.add_variable(index, "Weight", 1.5)
            await until(lambda: len(sink.readings()) == 2, "the folder that came later")
            await until(lambda: len(source.status.failed_addresses) == 1, "it is no fault any more")
