"""The demo's machines that speak Sparkplug, heard as an agent hears them."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion
from recording_sink import until

from edge.sources.sparkplug.births import Birth
from edge.sources.sparkplug.definition import Payload, payload_of
from edge.sources.sparkplug.host import rebirth_request
from edge.sources.sparkplug.metrics import MetricValue
from edge.sources.sparkplug.topics import EdgeNode, MessageType, state_topic
from lineproof.clock import utc_now
from lineproof.demo.model.behaviour import CRACKER_BAGS
from lineproof.demo.model.plant_model import BLOCK_US, PlantModel
from lineproof.demo.servers.broker import DemoBroker
from lineproof.demo.servers.sparkplug_machines import Bagger, Labeller
from lineproof.demo.texts import SPARKPLUG_GROUP, SPARKPLUG_HOST, STATE_CODES

ORIGIN = 1_700_000_000_000_000
MODEL = PlantModel(ORIGIN, 2, CRACKER_BAGS)
BAGGER = EdgeNode(SPARKPLUG_GROUP, "bagger")
LABELLER = EdgeNode(SPARKPLUG_GROUP, "labeller")
METRICS = ("State", "Stop reason", "Product", "Counters/Total", "Counters/Rejects", "Energy")


@dataclass
class Host:
    """Who listens to edge nodes: what came, the oldest first."""

    client: mqtt.Client
    heard: list[tuple[EdgeNode, MessageType, Payload]] = field(default_factory=list)

    def say(self, *, online: bool) -> None:
        """As a host application says that it is there."""
        self.client.publish(state_topic(SPARKPLUG_HOST), json.dumps({"online": online}), qos=1)

    def of(self, node: EdgeNode) -> list[tuple[MessageType, Payload]]:
        return [(kind, payload) for whose, kind, payload in self.heard if whose == node]

    def _on_message(self, _client: mqtt.Client, _: Any, message: mqtt.MQTTMessage) -> None:
        for node in (BAGGER, LABELLER):
            if (found := node.parsed(message.topic)) is not None:
                self.heard.append((node, found[0], payload_of(bytes(message.payload))))


@pytest.fixture
async def broker() -> AsyncIterator[DemoBroker]:
    started = DemoBroker()
    await started.start()
    yield started
    await started.stop()


@pytest.fixture
async def host(broker: DemoBroker) -> AsyncIterator[Host]:
    client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="host")
    listening = Host(client)
    client.on_message = listening._on_message
    client.on_connect = lambda it, *_: it.subscribe("spBv1.0/#", qos=1)
    subscribed = asyncio.Event()
    loop = asyncio.get_running_loop()
    client.on_subscribe = lambda *_: loop.call_soon_threadsafe(subscribed.set)
    client.connect_async("127.0.0.1", broker.port)
    client.loop_start()
    await subscribed.wait()
    yield listening
    client.disconnect()
    client.loop_stop()


async def test_the_bagger_waits_for_its_host_and_tells_what_the_model_says(
    broker: DemoBroker, host: Host
) -> None:
    """A birth, data, a rebirth that is asked for, data, death; nothing before the host is there."""
    clock_us = [ORIGIN + 3 * BLOCK_US]
    bagger = Bagger(MODEL, lambda: clock_us[0], broker.url, period_s=0.01)

    async def passes(condition: Callable[[], bool], what: str) -> None:
        """Time goes on, a quarter of a minute each time that the condition is looked at."""

        def looked_at() -> bool:
            clock_us[0] += 15_000_000
            return condition()

        await until(looked_at, what)

    bagger.start()
    playing = asyncio.create_task(bagger.run())
    try:
        await until(bagger._node._client.is_connected, "the bagger to be connected")
        begun_us = clock_us[0]
        await passes(lambda: clock_us[0] > begun_us + 300_000_000, "five minutes to pass")
        assert host.of(BAGGER) == []
        host.say(online=True)
        await passes(lambda: len(host.of(BAGGER)) > 10, "a birth and data")
        request = rebirth_request(BAGGER, utc_now())
        host.client.publish(request.topic, request.payload)
        await passes(lambda: len(_births(host)) == 2, "a second birth")
        told = len(host.of(BAGGER))
        await passes(lambda: len(host.of(BAGGER)) > told + 20, "more data")
    finally:
        playing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await playing
        bagger.stop()
    await until(lambda: host.of(BAGGER)[-1][0] is MessageType.NDEATH, "its death")
    _check_told(host.of(BAGGER))


def _births(host: Host) -> list[Payload]:
    """The bagger's."""
    return [it for kind, it in host.of(BAGGER) if kind is MessageType.NBIRTH]


def _check_told(told: list[tuple[MessageType, Payload]]) -> None:
    """Sequence numbers without a hole, and every value as the model has it at its time."""
    birth: Birth | None = None
    expected_seq = 0
    states: set[str] = set()
    for kind, payload in told[:-1]:
        if kind is MessageType.NBIRTH:
            birth, expected_seq = Birth(payload, METRICS), 0
            assert not birth.refused
            assert set(METRICS) <= set(birth.names)
        assert birth is not None, "data before a birth"
        assert payload.seq == expected_seq
        expected_seq = (expected_seq + 1) % 256
        values, unknown = birth.read(payload)
        assert not unknown
        states |= {_check(it) for it in values}
    assert len(states) > 1


def _check(found: MetricValue) -> str:
    """The value is the model's; the state's name, else nothing."""
    assert found.time is not None
    us = round(found.time.timestamp() * 1e6)
    segment, totals = MODEL.at(us), MODEL.totals(us)
    true = {
        "State": segment.state,
        "Stop reason": segment.reason,
        "Product": MODEL.recipe(us).product,
        "Counters/Total": totals.items,
        "Counters/Rejects": totals.rejects,
        "Energy": round(totals.energy_kwh, 3),
    }[found.name]
    if found.name == "State":
        assert isinstance(found.value, int)
        assert STATE_CODES[found.value] is true
        return str(true)
    assert found.value == true
    return ""


async def test_the_labeller_tells_a_code_that_the_plant_file_does_not_know(
    broker: DemoBroker, host: Host
) -> None:
    labeller = Labeller(lambda: ORIGIN, broker.url, period_s=0.02)
    labeller.start()
    playing = asyncio.create_task(labeller.run())
    try:
        await until(lambda: len(host.of(LABELLER)) >= 2, "a birth and data")
    finally:
        playing.cancel()
        labeller.stop()
    (first, birth), (second, _), *_ = host.of(LABELLER)
    assert (first, second) == (MessageType.NBIRTH, MessageType.NDATA)
    values, _ = Birth(birth, ("State",)).read(birth)
    assert [it.value in STATE_CODES for it in values] == [False]
