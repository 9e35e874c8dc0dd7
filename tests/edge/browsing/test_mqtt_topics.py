"""The topics of a broker, with what their messages say."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from longer import longer
from mqtt_broker import MqttBroker, mqtt_broker, refused_subscriptions
from recording_sink import utc_now

from edge.browsing import mqtt_topics
from edge.browsing.found import FoundValue, WhatIsThere
from edge.browsing.mqtt_topics import topics
from edge.sources.mqtt.settings import mqtt_settings
from edge.sources.runner import LinkError


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MqttBroker]:
    with mqtt_broker(tmp_path_factory.mktemp("broker")) as running:
        for topic, payload in (
            ("plant/a/energy", '{"em:0": {"total": 5.5, "ok": true}, "l": [1, null]}'),
            ("plant/a/text", "hello"),
            ("plant/b/bytes", b"\xff\x00\x01"),
            ("spBv1.0/G/NBIRTH/n", b"\x08\x01"),
        ):
            running.publish(topic, payload, retain=True)
        yield running


async def heard(
    broker: MqttBroker, topic: str = "", protocol: str = "5", *, values: int = 1
) -> WhatIsThere:
    """Listened until there are so many values."""
    settings = mqtt_settings({"url": broker.url, "topic": topic, "protocol": protocol}, "")

    async def listen(seconds: float) -> WhatIsThere:
        return await topics(settings, "looking", seconds, utc_now)

    return await longer(listen, lambda it: len(it.values) >= values)


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
async def test_each_field_of_each_topic_is_told(broker: MqttBroker, protocol: str) -> None:
    found = await heard(broker, protocol=protocol, values=7)
    assert found.values == [
        FoundValue("plant/a/energy", "/em:0/total", "number", "", "5.5", 0),
        FoundValue("plant/a/energy", "/em:0/ok", "boolean", "", "true", 0),
        FoundValue("plant/a/energy", "/l/0", "number", "", "1", 0),
        FoundValue("plant/a/energy", "/l/1", "null", "", "null", 0),
        FoundValue("plant/a/text", "", "text", "", "hello", 0),
        FoundValue("plant/b/bytes", "", "bytes", "", r"b'\xff\x00\x01'", 0),
        FoundValue("spBv1.0/G/NBIRTH/n", "", "Sparkplug B", "", "2 bytes", 0),
    ]
    assert found.left_out == ""


async def test_below_a_topic_and_no_more_than_can_be_looked_at(
    broker: MqttBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = await heard(broker, "plant/b")
    assert [it.address for it in found.values] == ["plant/b/bytes"]
    assert (await heard(broker, "nothing", values=0)).values == []
    monkeypatch.setattr(mqtt_topics, "BROWSED_TOPICS_MAX", 1)
    cut = await heard(broker)
    assert len({it.address for it in cut.values}) == 1
    assert "name one below which to look" in cut.left_out


async def test_a_refusal_is_a_sentence(tmp_path: Path) -> None:
    with (
        mqtt_broker(tmp_path, options=refused_subscriptions(tmp_path)) as guarded,
        pytest.raises(LinkError, match="refuses '#'"),
    ):
        await heard(guarded)
