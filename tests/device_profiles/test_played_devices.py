"""Each packaged profile reads a device that does not share our code, and says what it displays.

All devices are played together, by peers on npm's libraries (tests/support/playing.py).
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from mqtt_played import MQTT_DEVICES
from opcua_devices import OpcUaDevices, opcua_devices
from opcua_played import OPCUA_MACHINES
from playing import Played, played_anew, played_mqtt, played_opcua

from device_profiles.decoding.decoder import Decoder
from device_profiles.drafting.fitting import fits
from device_profiles.files.catalogue import load
from device_profiles.model.node_text import node_text, parse_node
from device_profiles.proving.check import Level, check
from edge.browsing.opcua_watch import watched_server
from edge.sources.opcua.client import KnownAs
from edge.sources.opcua.settings import opcua_settings
from lineproof.packaged_profiles import packaged

PLAYED = (*MQTT_DEVICES, *OPCUA_MACHINES)
STANDARDS = ("euromap", "machinery", "machinetool", "packml", "weihenstephan")
BEATING = [
    name for name, it in MQTT_DEVICES.items() if load(name, it.parameters).heartbeat is not None
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpcUaDevices]:
    with opcua_devices(tmp_path_factory.mktemp("server")) as started:
        yield started


@pytest.fixture(scope="module")
def played(server: OpcUaDevices, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Played]:
    folder = tmp_path_factory.mktemp("played")

    async def all_of_them() -> dict[str, Played]:
        mqtt = played_mqtt(folder, MQTT_DEVICES)
        opcua = played_opcua(folder, server, OPCUA_MACHINES)
        both = await asyncio.gather(mqtt, opcua)
        return both[0] | both[1]

    return asyncio.run(all_of_them())


@pytest.mark.parametrize("name", PLAYED)
def test_a_device_is_read_as_it_displays(
    name: str, played: dict[str, Played], tmp_path: Path
) -> None:
    report = check(str(played_anew(tmp_path, name, played[name])))
    assert report.mismatches == ()
    assert report.level is Level.RECORDED
    assert report.unseen == ()
    is_unexplained = any("unknown" in shows.values() for _, shows in played[name].panel)
    assert all(it.startswith("unknown code") and is_unexplained for it in report.rejections)


@pytest.mark.parametrize("name", PLAYED)
def test_everything_that_a_device_says_can_be_used(name: str, played: dict[str, Played]) -> None:
    assert played[name].sink.of("rejection") == []
    assert played[name].sink.of("unreadable") == []


@pytest.mark.parametrize("name", BEATING)
def test_a_device_that_dies_is_known_to_be_gone(name: str, played: dict[str, Played]) -> None:
    decoder = Decoder(load(name, played[name].parameters), "recorded", "machine")
    last = played[name].readings[-1]
    decoder.decode_all(played[name].readings[:-1])
    assert decoder.beats.last_gone is None
    decoder.decode(last)
    assert decoder.beats.last_gone == last.received


async def test_a_machine_that_follows_a_standard_is_recognised_by_a_look(
    server: OpcUaDevices, tmp_path: Path
) -> None:
    """And one of the server's several machines, where the look is told below which node."""
    us = KnownAs("looking", "looking", tmp_path)
    settings = opcua_settings({"url": server.url, "security": "none"}, "")
    seen = await watched_server(settings, us, None, 0.1)
    below = next(it.path for it in seen.objects if ("WSMachineType" in str(it.kinds)))
    filler = await watched_server(settings, us, parse_node(node_text(below)), 0.1)
    found = fits(seen, packaged(seen))
    standards = {it for it in OPCUA_MACHINES if it.partition("/")[0] in STANDARDS}
    assert {it.profile.name for it in found if {"state", "mode"} <= set(it.signals)} >= standards
    (one,) = fits(filler, packaged(filler))
    assert (one.profile.name, one.at) == ("weihenstephan/opcua", below[-1][1])
    assert one.parameters == {"machine": below[-1][1]}
