"""A broker that is watched for some seconds: what its messages say, and their times."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from longer import longer
from mqtt_broker import MqttBroker, mqtt_broker
from recording_sink import utc_now

from device_profiles.drafting.seen import TEXT, ChosenEntry, MetricPlace, Seen, TopicPlace
from device_profiles.model.addresses import PayloadForm
from edge.browsing import mqtt_topics, mqtt_watch
from edge.browsing.mqtt_watch import watched_broker
from edge.sources.mqtt.settings import mqtt_settings
from edge.sources.sparkplug.definition import PayloadMessage


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MqttBroker]:
    with mqtt_broker(tmp_path_factory.mktemp("broker")) as running:
        yield running


async def seen(broker: MqttBroker, topic: str, values: int) -> Seen:
    """Watched until there are so many values."""
    settings = mqtt_settings({"url": broker.url, "topic": topic}, "")

    async def watch(seconds: float) -> Seen:
        return await watched_broker(settings, "watching", seconds, utc_now)

    return await longer(watch, lambda it: len(it.values) >= values)


async def test_each_field_and_the_time_of_its_message(broker: MqttBroker) -> None:
    said = '{"good": 5, "ok": true, "ts": "2026-03-02T04:00:00Z", "none": null, "l": [1.5]}'
    broker.publish("press/counts", said, retain=True)
    broker.publish("press/state", "RUN", retain=True)
    broker.publish("press/log", "2026-03-02T04:00:00Z;6;1204", retain=True)
    broker.publish("press/picture", b"\xff\x00", retain=True)
    broker.publish("press/deep", "[" * 5_000, retain=True)
    found = await seen(broker, "press", 8)
    rows = PayloadForm("csv", ";")
    assert {it.place: it.last for it in found.values if it.place != TopicPlace("press/deep")} == {
        TopicPlace("press/counts", "/good"): 5,
        TopicPlace("press/counts", "/ok"): True,
        TopicPlace("press/counts", "/ts"): "2026-03-02T04:00:00Z",
        TopicPlace("press/counts", "/l/0"): 1.5,
        TopicPlace("press/state"): "RUN",
        TopicPlace("press/log", "/1", form=rows): "2026-03-02T04:00:00Z",
        TopicPlace("press/log", "/2", form=rows): "6",
        TopicPlace("press/log", "/3", form=rows): "1204",
    }
    assert {place: it.field for place, it in found.times.items()} == {
        ("press/counts", ""): "/ts",
        ("press/log", ""): "/1",
    }
    (state,) = (it for it in found.values if it.place == TopicPlace("press/state"))
    assert state.kind == TEXT
    assert (found.protocol, found.left_out) == ("mqtt-json", "")


async def test_entries_of_a_list_are_told_by_their_names(broker: MqttBroker) -> None:
    """As a gateway sends many tags in one message."""
    said = (
        '{"timestamp": 1767225600000, "values": ['
        '{"id": "P.Good", "v": 7, "q": true, "t": 1767225600000},'
        '{"id": "P.State", "v": "RUN", "q": true, "t": 1767225600000}]}'
    )
    broker.publish("gateway/tags", said, retain=True)
    found = await seen(broker, "gateway", 7)
    good = TopicPlace("gateway/tags", "/v", ChosenEntry("/values", "id", "P.Good"))
    assert good.names == ("gateway", "tags", "P", "Good", "v")
    assert {it.place: it.last for it in found.values}[good] == 7
    assert {place: (it.field, it.unit) for place, it in found.times.items()} == {
        ("gateway/tags", ""): ("/timestamp", "ms"),
        ("gateway/tags", "/values"): ("/t", "ms"),
    }


async def test_metrics_that_a_birth_names(broker: MqttBroker) -> None:
    birth = PayloadMessage(seq=0)
    birth.metrics.add(name="Counters/Good", alias=1, datatype=3, int_value=7)
    birth.metrics.add(name="State", datatype=12, string_value="RUN")
    birth.metrics.add(alias=9, datatype=3, int_value=7)  # no name, so nothing that could be read
    birth.metrics.add(name="Null", datatype=3, is_null=True)
    topic = "spBv1.0/plant/DBIRTH/line/press"
    broker.publish(topic, birth.SerializeToString(), retain=True)
    broker.publish("spBv1.0/plant/NBIRTH/line", b"\xff\xff", retain=True)
    broker.publish("spBv1.0/STATE/host", b"{}", retain=True)
    found = await seen(broker, "spBv1.0", 2)
    assert found.protocol == "sparkplug-b"
    assert {it.place: (it.kind, it.last) for it in found.values} == {
        MetricPlace("plant/line/press", "Counters/Good"): ("Int32", 7),
        MetricPlace("plant/line/press", "State"): ("String", "RUN"),
    }


async def test_no_more_topics_than_can_be_looked_at(
    broker: MqttBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        broker.publish(f"many/{number}", "1", retain=True)
    for module in (mqtt_watch, mqtt_topics):
        monkeypatch.setattr(module, "BROWSED_TOPICS_MAX", 2)
    found = await seen(broker, "many", 2)
    assert len(found.values) == 2
    assert "name one below which to look" in found.left_out
