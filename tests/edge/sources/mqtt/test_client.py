"""What is too large for the agent's memory is refused with its first bytes, or never comes.
(Connections are in test_json_source.)"""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from mqtt_broker import mqtt_broker
from recording_sink import RecordingSink, running_source, until, utc_now

from device_profiles.model.addresses import MqttAddress
from domain.samples import RAW_LENGTH_MAX
from edge.config import MachineConfig
from edge.sources.factory import make_source
from edge.sources.mqtt.client import MESSAGE_MAX_BYTES
from edge.sources.mqtt.payload import PAYLOAD_MAX_BYTES, TOO_LARGE


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
async def test_what_is_too_large_is_refused_and_the_next_one_comes(
    tmp_path: Path, protocol: str
) -> None:
    large = '{"n": 1, "more": "%s"}'
    with mqtt_broker(tmp_path) as broker:
        machine = MachineConfig(
            line="l",
            machine="m",
            profile="p",
            connection={"url": broker.url, "protocol": protocol},
        )
        sink, address = RecordingSink(), MqttAddress("main", "/n")
        source = make_source(machine, [address], utc_now, agent="tester", folder=tmp_path)
        async with running_source(source, sink):
            await until(lambda: source.status.connected, "the connection")
            said = [large % ("x" * PAYLOAD_MAX_BYTES), '{"n": 2}']
            if protocol == "5":
                said.insert(0, large % ("x" * MESSAGE_MAX_BYTES))
            await asyncio.to_thread(broker.publish, "main", *said)
            await until(lambda: bool(sink.readings()), "the next one")
    (refused,) = sink.of("rejection")
    assert (refused.reason, refused.raw) == (TOO_LARGE, said[-2][:RAW_LENGTH_MAX])
    assert [it.value for it in sink.readings()] == [2]
