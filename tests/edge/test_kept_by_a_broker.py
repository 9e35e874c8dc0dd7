"""A connection to a broker breaks: what the broker kept meanwhile makes that time known, where it
tells when it was."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from mqtt_broker import publish_all
from mqtt_machine import PROFILE, MqttMachine, mqtt_machine
from recording_sink import until

from edge.sources.mqtt import kept_messages

COUNTER = f"""{PROFILE}
inputs:
  total: {{sources: [{{topic: main, field: /n, time: /ms, time_unit: ms}}]}}
  other: {{sources: [{{topic: other, field: /n}}]}}
signals:
  total_count: {{input: total}}
  reject_count: {{input: other}}
"""


async def say(device: MqttMachine, topic: str, number: int, *, qos: int = 1) -> None:
    """At the machine's own time, which the second topic leaves out."""
    now = int(datetime.now(UTC).timestamp() * 1000)
    told = {"n": number} | ({"ms": now} if topic == "main" else {})
    messages = [(topic, json.dumps(told))]
    await asyncio.to_thread(publish_all, device.broker.port, messages, qos=qos)


async def play(device: MqttMachine, *, before: int = 1, meanwhile: str = "main") -> None:
    """The connection breaks after the first message and stands again before the last one; `before`:
    how that was published; `meanwhile`: the topic of one that the broker keeps."""
    await say(device, "main", 1, qos=before)
    await say(device, "main", 2, qos=before)
    await until(lambda: len(device.samples("total_count")) == 2, "the first counts")
    device.proxy.accepting = False
    device.proxy.cut()
    await until(lambda: not device.status.source.connected, "the loss")
    for number in (3, 4):
        await say(device, "main", number)
    await say(device, meanwhile, 5)
    device.proxy.accepting = True
    await until(lambda: device.status.source.connected, "the connection")
    for number in (6, 7):
        await say(device, "main", number)
        await until(lambda it=number: it in counted(device), "a count")


def counted(device: MqttMachine) -> set[float | None]:
    return {value for _, value, _ in device.samples("total_count")}


@pytest.fixture(autouse=True)
def no_doubt_of_clocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Machine and agent have one clock here, and need not be waited for."""
    monkeypatch.setattr(kept_messages, "KEPT_AHEAD_MAX", timedelta())


async def test_what_was_kept_with_its_own_times_makes_the_break_known(tmp_path: Path) -> None:
    async with mqtt_machine(tmp_path, COUNTER, is_proxied=True) as device:
        await play(device)
        await until(lambda: device.status.source.filled == 1, "the break to be filled")
        await until(lambda: len(device.spans) == 1, "one known time")
        (first, *_), (last, *_) = (
            device.samples("total_count")[0],
            device.samples("total_count")[-1],
        )
        await until(lambda: device.spans[0].end >= last, "all of it")
        assert device.spans[0].start - first < timedelta(seconds=1)
        assert [value for _, value, _ in device.samples("total_count")] == [1, 2, 3, 4, 5, 6, 7]


@pytest.mark.parametrize("how", [{"before": 0}, {"meanwhile": "other"}])
async def test_what_may_be_missing_or_of_any_time_leaves_it_unknown(
    tmp_path: Path, how: dict[str, int | str]
) -> None:
    """Messages that no broker keeps, and a value without a time of its own."""
    async with mqtt_machine(tmp_path, COUNTER, is_proxied=True) as device:
        await play(device, **how)  # type: ignore[arg-type]  # one of its two
        last = device.samples("total_count")[-1][0]
        await until(lambda: device.spans[-1].end >= last, "that it is known again")
        assert len(device.spans) == 2
        assert device.status.source.filled == 0
