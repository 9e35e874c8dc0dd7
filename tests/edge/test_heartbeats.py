"""A device that says itself that it is there, or gone: a heartbeat and a last will over MQTT."""

from __future__ import annotations

from pathlib import Path

import polars as pl
from mqtt_machine import TWO_SIGNALS, mqtt_machine
from recording_sink import until, utc_now
from scripted_collector import ScriptedCollector

from domain.batches import parse_batch
from domain.signals import CONNECTED, CONNECTION, LOST
from domain.source_faults import FaultCode

BEATING = TWO_SIGNALS.replace("inputs:", "heartbeat: {topic: alive, values: [online]}\ninputs:")
GONE = FaultCode.MACHINE_OFFLINE


def connection_of(collector: ScriptedCollector) -> list[str]:
    """What the agent told of the connection, in order."""
    return [
        text
        for data in collector.batches
        for text in pl.read_ipc_stream(parse_batch(data).samples_bytes)
        .filter(pl.col("signal") == CONNECTION)["text"]
        .to_list()
    ]


async def test_a_heartbeat_that_the_profile_names_confirms(tmp_path: Path) -> None:
    async with mqtt_machine(tmp_path, BEATING, stale_after_s=60) as device:
        await device.publish("main", '{"state": 1, "total": 0}')
        await device.has("state", 1)
        quiet = utc_now()
        await device.publish("alive", "online")
        await device.publish("other", "online")
        await until(lambda: bool(device.spans) and device.spans[-1].end > quiet, "the heartbeat")
        offline = utc_now()
        await device.publish("alive", "", "null", "offline")
        assert await device.has_rejected(2) == ["not the value of a heartbeat"] * 2
        await until(lambda: not device.status.alive, "the last will")
        assert device.spans[-1].end <= offline
        assert connection_of(device.collector)[-1] == LOST, "at once, not after a minute"
        await device.publish("main", '{"state": 1, "total": 0}')
        await until(lambda: connection_of(device.collector)[-1] == CONNECTED, "its return")


async def test_a_last_will_that_the_broker_kept_says_that_the_machine_is_gone(
    tmp_path: Path,
) -> None:
    """The agent came after the machine went. What is kept of its state is not told as news."""
    kept = [("alive", "offline"), ("main", '{"state": 1, "total": 0}')]
    async with mqtt_machine(tmp_path, BEATING, kept=kept) as device:
        await until(lambda: LOST in connection_of(device.collector)[-1:], "the last will")
        assert (
            await device.has_rejected(2)
            == ["a retained message without a time of its own: its age is unknown"] * 2
        )
        assert (device.samples("state"), device.spans) == ([], [])
        await device.publish("alive", "online")
        await until(lambda: connection_of(device.collector)[-1] == CONNECTED, "its return")


async def test_a_machine_that_went_while_we_were_away_is_not_connected_with_us(
    tmp_path: Path,
) -> None:
    """The broker hands over what it kept before it answers our subscription."""
    async with mqtt_machine(tmp_path, BEATING, is_proxied=True) as device:
        await device.publish("main", '{"state": 1, "total": 0}')
        await device.has("state", 1)
        device.proxy.accepting = False
        device.proxy.cut()
        await until(lambda: not device.status.source.connected, "the loss")
        await device.publish("alive", "offline")
        device.proxy.accepting = True
        await until(lambda: device.status.source.connected, "the connection")
        await until(lambda: [it.code for it in device.status.faults] == [GONE], "what it is")
        await device.publish("main", "no JSON")
        assert len(await device.has_rejected(1)) == 1  # and with it whatever was told before
        assert connection_of(device.collector) == [LOST, CONNECTED, LOST]
        await device.publish("main", '{"state": 1, "total": 1}')
        await until(lambda: connection_of(device.collector)[-1] == CONNECTED, "its return")
