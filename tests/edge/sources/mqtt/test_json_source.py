"""The MQTT source against mosquitto."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from certificates import make_certificate
from mqtt_broker import MqttBroker, mqtt_broker, publish_all, refused_subscriptions
from peers import free_port, require
from recording_sink import RecordingSink, running_source, until, utc_now
from tcp_proxy import tcp_proxy

from device_profiles.model.addresses import MqttAddress
from domain.samples import Quality
from domain.source_faults import FaultCode
from edge.config import MachineConfig
from edge.sources.base import Source
from edge.sources.factory import make_source
from edge.sources.mqtt import json_source, topics_there

POWER = MqttAddress("status/em:0", "/total_act_power", time_field="/ts")
CURRENT = MqttAddress("status/em:0", "/a_current", optional=True)
ENERGY = MqttAddress("status/emdata:0", "/total_act")
ADDRESSES = (POWER, CURRENT, ENERGY)
TOPIC = "shelly/filler-1"
FOLDER = TemporaryDirectory()  # of the agent; each test has a broker of its own


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[MqttBroker]:
    with mqtt_broker(tmp_path) as running:
        yield running


def source_of(
    url: str,
    *,
    stale_after_s: float = 60.0,
    addresses: Sequence[MqttAddress] = ADDRESSES,
    machine_id: str = "meter",
    **connection: Any,
) -> Source:
    texts = {name: str(value) for name, value in connection.items()}
    machine = MachineConfig(
        line="filler-1",
        machine=machine_id,
        profile="shelly/pro3em-mqtt",
        connection={"url": url, "topic": TOPIC, **texts},
        stale_after_s=stale_after_s,
    )
    return make_source(machine, addresses, utc_now, agent="tester", folder=Path(FOLDER.name))


def power(watts: float, ts: float | None = None) -> str:
    return json.dumps({"total_act_power": watts} | ({"ts": ts} if ts is not None else {}))


def watts(sink: RecordingSink) -> list[Any]:
    return [it.value for it in sink.readings(POWER.key)]


def held(source: Source) -> int:
    """Messages that have come and are not handed over yet."""
    return len(source._link._client._inbox)  # type: ignore[attr-defined]  # paho, untyped


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
async def test_fields_become_readings_with_the_devices_time(
    broker: MqttBroker, protocol: str
) -> None:
    sink = RecordingSink()
    source = source_of(broker.url, protocol=protocol)
    async with running_source(source, sink):
        await until(lambda: source.status.connected, "the connection")
        before = utc_now()
        document = {"total_act_power": 1500.5, "a_current": 6.5, "ts": 1_700_000_000.25}
        await asyncio.to_thread(broker.publish, f"{TOPIC}/status/em:0", json.dumps(document))
        await asyncio.to_thread(broker.publish, f"{TOPIC}/status/emdata:0", '{"total_act": 7}')
        await asyncio.to_thread(broker.publish, "shelly/other/status/em:0", power(1, 1))
        await until(lambda: len(sink.readings()) == 3, "three readings")
        after = utc_now()
    first, second, third = sink.readings()
    assert (first.address, first.value, first.machine) == (POWER.key, 1500.5, "meter")
    assert first.source_time == datetime.fromtimestamp(1_700_000_000.25, UTC)
    assert (second.address, second.value, second.source_time) == (CURRENT.key, 6.5, None)
    assert (third.address, third.value, third.source_time) == (ENERGY.key, 7, None)
    assert all(
        before <= it.received <= after and it.quality is Quality.GOOD for it in sink.readings()
    )
    assert sink.of("came") == [first.received, third.received]


async def test_what_is_no_reading_is_kept_with_its_reason(broker: MqttBroker) -> None:
    sink = RecordingSink()
    source = source_of(broker.url)
    async with running_source(source, sink):
        await until(lambda: source.status.connected, "the connection")
        payloads = ['{"total_act_power": ', b"\xff\xfe", '{"total_act_power": NaN}', '{"x": 1}']
        await asyncio.to_thread(broker.publish, f"{TOPIC}/status/em:0", *payloads, power(9, 1))
        await until(lambda: watts(sink)[-1:] == [9], "the good one")
    reasons = [it.reason for it in sink.of("rejection")]
    assert reasons == [
        "the message is no JSON: Expecting value",
        "the message is no JSON: Expecting value",
        "no time can be read at '/ts': the value stands at its receipt",
        "the message has no field '/total_act_power'",
    ]
    assert sink.of("rejection")[0].raw == '{"total_act_power": '
    assert sink.of("unreadable") == [POWER.key, CURRENT.key] * 2 + [POWER.key]
    assert (source.status.rejections, source.status.readings) == (4, 2)


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
async def test_messages_published_while_the_agent_is_away_arrive_once(
    broker: MqttBroker, protocol: str
) -> None:
    sink = RecordingSink()
    source = source_of(broker.url, protocol=protocol)
    async with running_source(source, sink):
        await until(lambda: source.status.connected, "the connection")
    broker.publish(f"{TOPIC}/status/em:0", *(power(n, n) for n in range(1, 301)))
    async with running_source(source_of(broker.url, protocol=protocol), sink):
        await until(lambda: len(watts(sink)) >= 300, "what the broker kept")
        await asyncio.sleep(0.5)
    assert watts(sink) == list(range(1, 301))


async def test_after_a_profile_has_changed_no_message_comes_twice(broker: MqttBroker) -> None:
    """mosquitto sends a message once for each subscription of the session that it matches."""
    one, all_ = MqttAddress("cell/1/made", "/n"), MqttAddress("cell/#", "/n", any_topic=True)
    sink = RecordingSink()
    for last, address in ((91, one), (92, all_), (93, one)):
        source = source_of(broker.url, addresses=[address])
        async with running_source(source, sink):
            await until(lambda it=source: it.status.connected, "the connection")
            payloads = [f'{{"n": {it}}}' for it in (last - 90, last)]
            await asyncio.to_thread(broker.publish, f"{TOPIC}/cell/1/made", *payloads)
            await until(lambda it=last: it in [r.value for r in sink.readings()], "the last one")
    assert [it.value for it in sink.readings()] == [1, 91, 2, 92, 3, 93]


async def test_a_broker_that_restarts(tmp_path: Path) -> None:
    """Told as lost; what it took for us over its restart arrives afterwards, once."""
    port = free_port()
    sink = RecordingSink()
    source = source_of(f"mqtt://127.0.0.1:{port}")
    async with running_source(source, sink):
        with mqtt_broker(tmp_path, port=port) as broker:
            await until(lambda: source.status.connected, "the connection")
            await asyncio.to_thread(broker.publish, f"{TOPIC}/status/em:0", power(1, 1))
            await until(lambda: watts(sink) == [1], "the first")
        await until(lambda: not source.status.connected, "the loss to be told")
        assert "broke" in sink.of("lost")[-1]
        losses = len(sink.of("lost"))
        with mqtt_broker(tmp_path, port=port) as broker:
            await asyncio.to_thread(
                broker.publish, f"{TOPIC}/status/em:0", power(2, 2), power(3, 3)
            )
            await until(lambda: len(watts(sink)) >= 3, "what was published meanwhile")
            await asyncio.sleep(0.5)
            assert watts(sink) == [1, 2, 3]
            assert source.status.connected
    kinds = [kind for kind, _ in sink.events]
    assert losses >= 1
    assert kinds.index("came") < kinds.index("lost") < len(kinds) - 1 - kinds[::-1].index("came")


async def test_nothing_is_acknowledged_before_it_lasts(broker: MqttBroker) -> None:
    """The broker keeps what the spool has not taken: a crash loses nothing."""
    sink = RecordingSink()
    sink.durable.clear()  # the disk never answers
    source = source_of(broker.url)
    async with running_source(source, sink):
        await until(lambda: source.status.connected, "the connection")
        await asyncio.to_thread(broker.publish, f"{TOPIC}/status/em:0", power(1, 1), power(2, 2))
        # The second is handed over with it or, told apart, waits behind it for the disk.
        await until(lambda: watts(sink)[:1] == [1], "the readings")
    after_crash = RecordingSink()
    async with running_source(source_of(broker.url), after_crash):
        await until(lambda: len(watts(after_crash)) >= 2, "them again")
        await asyncio.sleep(0.5)
    assert watts(after_crash) == [1, 2]
    at_last = RecordingSink()
    async with running_source(source_of(broker.url), at_last):
        await asyncio.sleep(1)
    assert at_last.readings() == []


async def test_what_the_broker_repeats_is_handed_over_once(broker: MqttBroker) -> None:
    """A connection that breaks between the reading and its acknowledgement."""
    sink = RecordingSink()
    async with tcp_proxy(broker.port) as proxy:
        source = source_of(f"mqtt://127.0.0.1:{proxy.port}")
        async with running_source(source, sink):
            await until(lambda: source.status.connected, "the connection")
            sink.durable.clear()
            payloads = [power(n, n) for n in range(20)]
            await asyncio.to_thread(broker.publish, f"{TOPIC}/status/em:0", *payloads)
            await until(lambda: len(watts(sink)) > 0, "the first readings")
            await until(lambda: len(watts(sink)) + held(source) == 20, "the rest on our side")
            proxy.cut()
            await asyncio.sleep(0.2)
            sink.durable.set()
            await until(lambda: source.status.repeats == 20, "the repetition")
            await asyncio.to_thread(broker.publish, f"{TOPIC}/status/em:0", power(99, 99))
            await until(lambda: 99 in watts(sink), "the next one")
    assert watts(sink) == [*range(20), 99]


async def test_a_full_sink_lets_the_broker_queue(broker: MqttBroker) -> None:
    """thingsboard-gateway#1445: memory must not grow with the backlog."""
    sink = RecordingSink()
    source = source_of(broker.url)
    async with running_source(source, sink):
        await until(lambda: source.status.connected, "the connection")
        sink.room.clear()
        payloads = [power(n, n) for n in range(1000)]
        await asyncio.to_thread(broker.publish, f"{TOPIC}/status/em:0", *payloads)
        await until(lambda: held(source) > 0, "the first of them")
        await asyncio.sleep(1)
        assert sink.readings() == []
        assert 0 < held(source) <= 200
        sink.room.set()
        await until(lambda: len(watts(sink)) == 1000, "all of them")
    assert watts(sink) == list(range(1000))


async def test_a_retained_value_is_never_fresh(broker: MqttBroker) -> None:
    """thingsboard-gateway#2119: a stale value sent again with a fresh timestamp."""
    broker.publish(f"{TOPIC}/status/em:0", power(5, 1_700_000_000), retain=True)
    broker.publish(f"{TOPIC}/status/emdata:0", '{"total_act": 7}', retain=True)
    sink = RecordingSink()
    source = source_of(broker.url)
    async with running_source(source, sink):
        await until(lambda: len(sink.events) >= 2, "both retained messages")
        assert [it.source_time for it in sink.readings()] == [
            datetime.fromtimestamp(1_700_000_000, UTC)
        ]
        (rejected,) = sink.of("rejection")
        assert rejected.address == ENERGY.key
        assert "age is unknown" in rejected.reason
        assert sink.of("came") == []
        await asyncio.to_thread(broker.publish, f"{TOPIC}/status/emdata:0", '{"total_act": 8}')
        await until(lambda: len(sink.of("came")) == 1, "a live message")
    assert [it.value for it in sink.readings(ENERGY.key)] == [8]


async def test_a_wrong_password_is_a_sentence(tmp_path: Path) -> None:
    passwords = tmp_path / "passwords"
    program = require(program="mosquitto_passwd")
    subprocess.run([program, "-b", "-c", passwords, "line", "proof"], check=True)
    options = {"allow_anonymous": "false", "password_file": str(passwords)}
    with mqtt_broker(tmp_path, options=options) as broker:
        for password, works in (("x", False), ("proof", True)):
            sink = RecordingSink()
            source = source_of(broker.url, user="line", password=password)
            async with running_source(source, sink):
                await until(lambda s=sink, o=source: bool(s.events) or o.status.connected, "it")
                assert source.status.connected is works
            if not works:
                assert "refused us: Not authorized" in sink.of("lost")[0]
                assert "Correct 'user' and 'password'" in sink.of("lost")[0]


async def lost(url: str, **connection: Any) -> str:
    """Why there is no connection."""
    sink, source = RecordingSink(), source_of(url, **connection)
    async with running_source(source, sink):
        await until(lambda: bool(sink.events) or source.status.connected, "an answer")
        assert not source.status.connected
    (why, *_) = sink.of("lost")
    return str(why)


async def test_tls_only_with_a_trusted_broker_and_a_client_that_it_knows(tmp_path: Path) -> None:
    made, other = make_certificate(tmp_path, "broker"), make_certificate(tmp_path, "other")
    options = {"certfile": str(made.certificate), "keyfile": str(made.key)}
    options |= {"cafile": str(made.certificate), "require_certificate": "true"}
    with mqtt_broker(tmp_path, options=options) as broker:
        url = broker.url.replace("mqtt:", "mqtts:")
        known = {"certificate": made.certificate, "key": made.key}
        for protocol in ("5", "3.1.1"):
            source = source_of(url, authority=made.certificate, protocol=protocol, **known)
            async with running_source(source, RecordingSink()):
                await until(lambda it=source: it.status.connected, "the connection")
        assert "no encrypted connection" in await lost(url, authority=other.certificate, **known)
        unknown = await lost(url, authority=made.certificate)
        assert "certificate" in unknown, unknown
        foreign = {"certificate": other.certificate, "key": other.key}
        assert "certificate" in await lost(url, authority=made.certificate, **foreign)
        assert await lost(broker.url) == (
            f"the broker at {broker.url} speaks TLS at this port."
            " Write mqtts:// instead of mqtt://, and its 'authority'."
        )


async def test_tls_to_a_port_without_it_says_so(broker: MqttBroker) -> None:
    url = broker.url.replace("mqtt:", "mqtts:")
    assert f"the broker at {url} does not encrypt at this port" in await lost(url)
    assert "Connection refused" in await lost(f"mqtts://127.0.0.1:{free_port()}")


async def test_a_topic_from_which_nothing_comes_is_told_with_those_that_are_there(
    broker: MqttBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And no more as soon as something comes of it."""
    monkeypatch.setattr(json_source, "LOOK_AGAIN_S", 0.2)
    monkeypatch.setattr(json_source, "LOOK_SELDOM_S", 0.2)
    monkeypatch.setattr(topics_there, "LOOK_S", 0.3)
    publish_all(broker.port, [("shelly/filer-1/status/em:0", power(1.0))], retain=True)
    sink = RecordingSink()
    source = source_of(broker.url, stale_after_s=0.1)
    async with running_source(source, sink):
        there = {POWER.key, CURRENT.key, ENERGY.key}
        await until(lambda: {it for it, _ in source.status.there_instead} == there, "all topics")
        assert dict(source.status.there_instead)[POWER.key] == ("shelly/filer-1/status/em:0",)
        assert sink.readings() == [], "what it saw is not taken for the machine's"
        broker.publish(f"{TOPIC}/status/em:0", power(5.0))
        await until(lambda: watts(sink) == [5.0], "a value")
        assert {it for it, _ in source.status.there_instead} == {ENERGY.key}


async def test_a_broker_that_does_not_let_us_look_is_not_asked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(json_source, "LOOK_AGAIN_S", 0.1)
    topics = [f"{TOPIC}/{it.topic_suffix}" for it in ADDRESSES]
    looks = "as tester-filler-1-meter-look"
    with mqtt_broker(tmp_path, options=refused_subscriptions(tmp_path, *topics)) as broker:
        sink, source = RecordingSink(), source_of(broker.url, stale_after_s=0.1)
        async with running_source(source, sink):
            await until(lambda: looks in broker.log.read_text(), "a look")
            await asyncio.to_thread(broker.publish, topics[0], power(5.0))
            await until(lambda: watts(sink) == [5.0], "a value all the same")
            await asyncio.sleep(0.5)
        assert broker.log.read_text().count(looks) == 1
        assert source.status.there_instead == ()


async def test_topics_that_the_broker_refuses_have_its_reason(tmp_path: Path) -> None:
    allowed = f"{TOPIC}/{ENERGY.topic_suffix}"
    with mqtt_broker(tmp_path, options=refused_subscriptions(tmp_path, allowed)) as broker:
        source = source_of(broker.url)
        async with running_source(source, RecordingSink()):
            await until(lambda: source.status.connected, "the connection")
            refused = {POWER.key: "MQTT 135", CURRENT.key: "MQTT 135"}
            assert dict(source.status.failed_as) == refused


async def test_a_broker_that_refuses_all_topics_has_a_fault_of_its_own(tmp_path: Path) -> None:
    with mqtt_broker(tmp_path, options=refused_subscriptions(tmp_path)) as broker:
        source = source_of(broker.url)
        async with running_source(source, RecordingSink()):
            await until(lambda: source.status.fault is not None, "the refusal")
            assert source.status.fault is FaultCode.SUBSCRIPTION_REFUSED
            assert source.status.error_status == "MQTT 135"


async def test_the_broker_keeps_messages_as_long_as_the_session_is_to_last(
    broker: MqttBroker,
) -> None:
    """While the agent is away, by the expiry of MQTT 5 (3.1.2.11.2): an hour, or a second."""
    topics = {3_600: "shelly/kept", 1: "shelly/forgotten"}

    def read(seconds: int) -> Source:  # each by a session of its own
        topic = topics[seconds]
        return source_of(
            broker.url, machine_id=topic[7:], topic=topic, session_expiry_s=str(seconds)
        )

    for seconds, topic in topics.items():
        source = read(seconds)
        async with running_source(source, sink := RecordingSink()):
            await until(lambda it=source: it.status.connected, "the connection")
            await asyncio.to_thread(broker.publish, f"{topic}/status/em:0", power(1))
            await until(lambda it=sink: watts(it) == [1], "a value before the break")
    await until(lambda: "Expiring client" in broker.log.read_text(), "a session's end")
    for topic in topics.values():
        away = [power(2), power(3)]
        await asyncio.to_thread(broker.publish, f"{topic}/status/em:0", *away)
    for seconds, expected in ((3_600, [2, 3, 4]), (1, [4])):
        source = read(seconds)
        async with running_source(source, sink := RecordingSink()):
            await until(lambda it=source: it.status.connected, "the connection again")
            await asyncio.to_thread(broker.publish, f"{topics[seconds]}/status/em:0", power(4))
            await until(lambda it=sink: watts(it)[-1:] == [4], "a value after the break")
        assert watts(sink) == expected
