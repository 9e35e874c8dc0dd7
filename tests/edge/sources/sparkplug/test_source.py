"""The Sparkplug B source at a real broker: a node on npm's sparkplug-client, and one that errs."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from mqtt_broker import MqttBroker, mqtt_broker, refused_subscriptions
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion
from recording_sink import RecordingSink, confirmed, running_source, until, utc_now
from sparkplug_messages import birth_metrics, death_metric, metric, node_birth, payload
from sparkplug_node import GROUP, NODE, SparkplugNode, int32, sparkplug_node

from device_profiles.model.addresses import SparkplugAddress
from domain.samples import Quality
from domain.source_faults import FaultCode
from edge.config import MachineConfig
from edge.sources.base import Now, Source
from edge.sources.factory import make_source
from edge.sources.sparkplug import rebirths
from edge.sources.sparkplug.definition import payload_of

ADDRESSES = (
    SparkplugAddress("Counters/Good"),
    SparkplugAddress("State"),
    SparkplugAddress("Rework", optional=True),
)
DEVICE = "filler"
TOPIC = f"spBv1.0/{GROUP}/%s/{NODE}"
LONG_S = 3600.0


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MqttBroker]:
    with mqtt_broker(tmp_path_factory.mktemp("broker")) as running:
        yield running


@pytest.fixture
def node(broker: MqttBroker, tmp_path: Path) -> Iterator[SparkplugNode]:
    with sparkplug_node(tmp_path, broker.port) as running:
        yield running


def source_of(
    broker: MqttBroker, *, stale_after_s: float = LONG_S, now: Now = utc_now, **connection: Any
) -> Source:
    named = {"group": GROUP, "node": NODE, "device": DEVICE, "reorder_timeout_s": "0.3"}
    machine = MachineConfig(
        line="filler-1",
        machine="filler",
        profile="generic/sparkplug-b",
        connection={"url": broker.url, **named, **connection},
        stale_after_s=stale_after_s,
    )
    return make_source(machine, ADDRESSES, now, agent="tester", folder=Path("unused"))


def good(sink: RecordingSink) -> list[Any]:
    return [it.value for it in sink.readings("Counters/Good")]


def births(node: SparkplugNode, count: int = 1) -> None:
    node.say("birth", int32("Uptime", 1))
    node.say(
        "birth",
        int32("Counters/Good", count, alias=4),
        {"name": "State", "type": "String", "value": "Execute", "alias": 5},
        device=DEVICE,
    )


@contextlib.asynccontextmanager
async def born(
    broker: MqttBroker, node: SparkplugNode
) -> AsyncIterator[tuple[Source, RecordingSink]]:
    """A source that has heard the births of the node."""
    sink, source = RecordingSink(), source_of(broker)
    async with running_source(source, sink):
        await until(lambda: source.status.connected, "the connection")
        await asyncio.to_thread(births, node)
        await until(lambda: good(sink)[-1:] == [1], "the births")
        yield source, sink


async def test_what_a_node_says(broker: MqttBroker, node: SparkplugNode) -> None:
    async with born(broker, node) as (source, sink):
        time = datetime(2026, 11, 21, 8, 30, 0, 250_000, tzinfo=UTC)
        said = int32("", 2, alias=4, timestamp=int(time.timestamp() * 1000))
        del said["name"]
        await asyncio.to_thread(node.say, "data", said, device=DEVICE)
        await until(lambda: good(sink)[-1:] == [2], "the data")
        last = sink.readings("Counters/Good")[-1]
        assert (last.source_time, last.quality, last.machine) == (time, Quality.GOOD, "filler")
        assert sink.readings("State")[0].value == "Execute"
        assert sink.of("unchanged") == []
        first = sink.readings("State")[0]
        state = {"name": "State", "type": "String", "value": "Held"}
        await asyncio.to_thread(node.say, "data", state, device=DEVICE)
        await until(lambda: len(sink.readings("State")) == 2, "the next state")
        (held,) = sink.of("unchanged")  # from its birth until now
        assert (held.address, held.value, held.source_time) == ("State", "Execute", first.received)
        heard = len(sink.of("heard"))
        await asyncio.to_thread(node.say, "data", int32("Uptime", 2))  # of the node itself
        await until(lambda: len(sink.of("heard")) > heard, "that it is alive")
        assert node.requests >= 1  # each connect asks
        assert source.status.rejections == 0
        assert source.status.failed_addresses == ()


async def test_a_lost_message_ends_what_is_known_until_the_node_is_born_anew(
    broker: MqttBroker, node: SparkplugNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rebirths, "PAUSE_FIRST_S", 0.5)
    async with born(broker, node) as (source, sink):
        asked = node.requests
        await until(lambda: asked >= 1, "the request at the connect")
        await asyncio.to_thread(node.say, "skip")
        await asyncio.to_thread(node.say, "data", int32("Counters/Good", 9), device=DEVICE)
        await until(lambda: sink.of("lost") != [], "the loss")
        assert "message 2 of the edge node is missing" in sink.of("lost")[-1]
        assert 9 not in good(sink)
        assert source.status.overflows == 1
        await until(lambda: node.requests > asked, "the request for a rebirth")
        await until(lambda: good(sink)[-1:] == [1], "the births")
        await until(lambda: sink.events[-1][0] == "heard", "that it is alive")


async def test_deaths_end_what_is_known(broker: MqttBroker, node: SparkplugNode) -> None:
    async with born(broker, node) as (source, sink):
        await asyncio.to_thread(node.say, "death", device=DEVICE)
        await until(lambda: not source.status.connected, "the death of the device")
        assert source.status.fault is FaultCode.MACHINE_OFFLINE
        assert f"device {DEVICE} of edge node {GROUP}/{NODE} is offline" in source.status.error
        spans = confirmed(sink)
        await asyncio.to_thread(node.say, "birth", int32("Counters/Good", 5), device=DEVICE)
        await until(lambda: source.status.connected and good(sink)[-1] == 5, "the birth")
        node.kill()  # the broker publishes its will
        await until(lambda: not source.status.connected, "the death of the node")
        assert all(it.end < sink.readings()[-1].received for it in spans)
        failed = dict(source.status.failed_addresses)
        assert failed == {"State": "the birth has no metric 'State'"}


async def test_after_our_own_loss_the_node_is_asked(
    tmp_path: Path, node: SparkplugNode, broker: MqttBroker
) -> None:
    async with born(broker, node) as (_, _):
        pass
    sink, source = RecordingSink(), source_of(broker)
    asked = node.requests
    async with running_source(source, sink):
        await until(lambda: good(sink) == [1], "the births of a node that was there")
    assert node.requests == asked + 1


async def test_a_silence_is_confirmed_by_the_next_message(
    broker: MqttBroker, node: SparkplugNode
) -> None:
    sink, source = RecordingSink(), source_of(broker, stale_after_s=0.2)
    async with running_source(source, sink):
        await until(lambda: source.status.connected, "the connection")
        await asyncio.to_thread(births, node)
        await until(lambda: good(sink)[-1:] == [1], "the births")
        before = sink.of("heard")[-1]
        await until(lambda: utc_now() - before > timedelta(seconds=0.3), "a silence")
        await asyncio.to_thread(node.say, "data", int32("Counters/Good", 2), device=DEVICE)
        await until(lambda: sink.of("bridged") != [], "that the silence is confirmed")
        assert good(sink)[-1] == 2


def publish(broker: MqttBroker, kind: str, content: Any, *, device: str = "", **how: Any) -> None:
    topic = TOPIC % kind + (f"/{device}" if device else "")
    data = content if isinstance(content, bytes) else content.SerializeToString()
    broker.publish(topic, data, **how)


async def test_what_was_held_up_confirms_the_machine_up_to_when_it_was_said(
    broker: MqttBroker,
) -> None:
    """Behind it more may be held up, which a connection that breaks now takes with it."""
    held_up = timedelta()
    sink = RecordingSink()
    source = source_of(
        broker, rebirth_requests="no", stale_after_s=3.0, now=lambda: utc_now() + held_up
    )
    said = round(utc_now().timestamp() * 1000)
    values = birth_metrics({"Counters/Good": 1})
    more = payload({"alias": 1, "int_value": 2}, seq=2, timestamp=said + 50)
    async with running_source(source, sink):
        await until(lambda: source.status.connected, "the connection")
        publish(broker, "NBIRTH", payload(death_metric(0), timestamp=said, seq=0))
        publish(broker, "DBIRTH", payload(*values, timestamp=said, seq=1), device=DEVICE)
        await until(lambda: good(sink) == [1], "the births")
        held_up = timedelta(minutes=1)
        publish(broker, "DDATA", more, device=DEVICE)
        await until(lambda: good(sink) == [1, 2], "what was held up")
        assert sink.of("bridged") == []
        assert max(sink.of("heard")) < utc_now() + held_up / 2


async def test_a_node_that_errs(broker: MqttBroker) -> None:
    sink, source = RecordingSink(), source_of(broker, rebirth_requests="no")
    values = birth_metrics({"Counters/Good": 1})
    async with running_source(source, sink):
        await until(lambda: source.status.connected, "the connection")

        def misbehave() -> None:
            publish(broker, "NBIRTH", node_birth(0, 1))
            built = metric("State", datatype="Template", template_value=b"\x01")
            first = payload(*values, built, seq=1)
            publish(broker, "DBIRTH", first, device=DEVICE)
            old = metric("Counters/Good", 7, "Int32", is_historical=True)
            empty = metric("Counters/Good", datatype="Int32")
            publish(broker, "DDATA", payload(old, seq=2), device=DEVICE)
            publish(broker, "DDATA", payload(empty, seq=3), device=DEVICE)
            publish(broker, "DDATA", payload({"alias": 1, "is_null": True}, seq=4), device=DEVICE)
            publish(broker, "DDATA", b"\xff\x00no payload", device=DEVICE)
            publish(broker, "DDATA", payload({"alias": 1, "int_value": 8}, seq=5), device=DEVICE)

        await asyncio.to_thread(misbehave)
        await until(lambda: len(sink.of("rejection")) >= 4, "what is refused")
    assert good(sink) == [1, None, None]
    told = [(it.address, it.raw, it.reason) for it in sink.of("rejection")]
    device = f"{TOPIC % 'DDATA'}/{DEVICE}"
    assert told[0] == ("Counters/Good", "7", told[0][2])
    assert told[0][2].startswith("a historical value")
    assert told[1][2] == "the metric has no value and is not null"
    assert told[2] == (device, "\\xff\x00no payload", "the payload is no Sparkplug B message")
    assert told[3][:2] == ("DDATA of device filler", "seq 5, 1 metrics")
    failed = dict(source.status.failed_addresses)
    assert failed == {"State": "metrics of Template are not read: only single values"}
    assert "an DDATA that cannot be read" in sink.of("lost")[0]


async def test_retained_messages_are_old_news(broker: MqttBroker) -> None:
    sink, source = RecordingSink(), source_of(broker)
    publish(broker, "NBIRTH", node_birth(0, 0, 0), retain=True)
    try:
        async with running_source(source, sink):
            await until(lambda: sink.of("rejection") != [], "the refusal")
    finally:
        publish(broker, "NBIRTH", b"", retain=True)
    assert sink.of("rejection")[0].reason == "a retained message: its age is unknown"
    assert sink.of("heard") == []


class Watcher:
    """Whoever watches the broker: what is published on the topics, with retain as live."""

    def __init__(self, port: int, *topics: str) -> None:
        self.seen: list[tuple[str, bytes, int]] = []
        self.client = Client(CallbackAPIVersion.VERSION2)
        self.client.on_message = self._on_message
        self.client.connect("127.0.0.1", port)
        self.client.subscribe([(it, 1) for it in topics])
        self.client.loop_start()

    def _on_message(self, _: Any, __: Any, message: MQTTMessage) -> None:
        self.seen.append((message.topic, message.payload, message.qos))

    def close(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()


async def test_a_host_says_whether_it_is_online(broker: MqttBroker) -> None:
    state = "spBv1.0/STATE/host-1"
    watcher = Watcher(broker.port, state)
    sink, source = RecordingSink(), source_of(broker, host_id="host-1")

    def states() -> list[dict[str, Any]]:
        return [json.loads(it) for _, it, _ in watcher.seen]

    async with running_source(source, sink):
        await until(lambda: watcher.seen != [], "its birth")
        born_at = states()[0]["timestamp"]
        assert states()[0] == {"online": True, "timestamp": born_at}
        assert abs(born_at / 1000 - utc_now().timestamp()) < 60
        offline = json.dumps({"online": False, "timestamp": born_at})
        await asyncio.to_thread(broker.publish, state, offline, retain=True)
        await until(lambda: len(watcher.seen) >= 3, "that it says again that it is there")
        assert states()[2] == states()[0]
    await until(lambda: len(watcher.seen) >= 4 and not states()[-1]["online"], "its death")
    watcher.close()
    assert len(watcher.seen) == 4
    assert states()[-1]["timestamp"] > born_at
    assert {qos for _, _, qos in watcher.seen} == {1}
    late = Watcher(broker.port, state)
    await until(lambda: late.seen != [], "the state that the broker keeps")
    late.close()
    assert json.loads(late.seen[0][1]) == states()[-1]
    broker.publish(state, b"", retain=True)


async def test_a_host_that_vanishes_leaves_its_will(broker: MqttBroker) -> None:
    state = "spBv1.0/STATE/host-2"
    watcher = Watcher(broker.port, state)
    source = source_of(broker, host_id="host-2", protocol="3.1.1")
    async with running_source(source, RecordingSink()):
        await until(lambda: len(watcher.seen) == 1, "its birth")
        client = source._link._client._paho  # type: ignore[attr-defined]  # paho, untyped
        client.socket().shutdown(2)
        await until(lambda: len(watcher.seen) >= 2, "its will")
        assert json.loads(watcher.seen[1][1]) == json.loads(watcher.seen[0][1]) | {"online": False}
        await until(lambda: len(watcher.seen) >= 3, "its birth after it came back")
    watcher.close()
    broker.publish(state, b"", retain=True)


async def test_what_a_request_for_a_rebirth_is(broker: MqttBroker) -> None:
    watcher = Watcher(broker.port, TOPIC % "NCMD")
    source = source_of(broker)
    async with running_source(source, RecordingSink()):
        await until(lambda: watcher.seen != [], "the request")
    watcher.close()
    _, content, qos = watcher.seen[0]
    asked = payload_of(content)
    assert (qos, asked.HasField("seq"), len(asked.metrics)) == (0, False, 1)
    assert asked.HasField("timestamp")
    said = asked.metrics[0]
    assert (said.name, said.datatype, said.boolean_value) == ("Node Control/Rebirth", 11, True)


async def test_a_subscription_that_is_refused(tmp_path: Path) -> None:
    with mqtt_broker(tmp_path, options=refused_subscriptions(tmp_path)) as broker:
        source = source_of(broker)
        async with running_source(source, RecordingSink()):
            await until(lambda: source.status.error != "", "the refusal")
        assert source.status.fault is FaultCode.SUBSCRIPTION_REFUSED
