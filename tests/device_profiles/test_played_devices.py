"""Each packaged profile reads a device that does not share our code, and says what it displays.

All devices are played together, by peers on npm's libraries (tests/support/playing.py).
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from mqtt_played import MQTT_DEVICES
from opcua_played import OPCUA_MACHINES
from playing import Played, played_anew, played_mqtt, played_opcua

from device_profiles.decoding.decoder import Decoder
from device_profiles.files.catalogue import load
from device_profiles.proving.check import Level, check

PLAYED = (*MQTT_DEVICES, *OPCUA_MACHINES)
BEATING = [
    name for name, it in MQTT_DEVICES.items() if load(name, it.parameters).heartbeat is not None
]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Played]:
    folder = tmp_path_factory.mktemp("played")

    async def all_of_them() -> dict[str, Played]:
        mqtt = played_mqtt(folder, MQTT_DEVICES)
        opcua = played_opcua(folder, OPCUA_MACHINES)
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
