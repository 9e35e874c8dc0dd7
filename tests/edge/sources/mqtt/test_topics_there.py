"""Looking around on mosquitto: what is near a topic from which nothing comes."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from mqtt_broker import MqttBroker, mqtt_broker, publish_all, refused_subscriptions
from recording_sink import utc_now

from edge.sources.mqtt import topics_there as looking
from edge.sources.mqtt.settings import mqtt_settings
from edge.sources.mqtt.topics_there import topics_there
from edge.sources.runner import LinkError

HERE = (
    "works/line-1/filler/main",
    "works/line-1/filler/other",
    "works/line-2/capper/main",
    "single",
)


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MqttBroker]:
    """With the topics HERE, each with a retained message."""
    with mqtt_broker(tmp_path_factory.mktemp("broker")) as running:
        publish_all(running.port, [(topic, "1") for topic in HERE], retain=True)
        yield running


@pytest.fixture(autouse=True)
def _briefly(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is retained comes at once."""
    monkeypatch.setattr(looking, "LOOK_S", 0.4)


async def there(
    broker: MqttBroker, *silent: str, ours: tuple[str, ...] = (), **connection: str
) -> dict[str, tuple[str, ...]]:
    settings = mqtt_settings({"url": broker.url, **connection}, "here")
    return await topics_there(settings, "looks", silent, {*silent, *ours}, utc_now)


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
@pytest.mark.parametrize(
    ("silent", "found"),
    [
        ("works/line-1/filler/mian", HERE[:2]),  # another name in the same place
        ("works/line-1/filer/main", HERE[:3]),  # below the same first level
        ("work/line-1/filler/main", HERE[:1]),  # another first level
        ("singel", ("single",)),
        ("elsewhere/entirely", ()),
    ],
)
async def test_what_is_near_is_found(
    broker: MqttBroker, silent: str, found: tuple[str, ...], protocol: str
) -> None:
    names = (await there(broker, silent, protocol=protocol))[silent]
    assert sorted(names) == sorted(found)
    assert not found or names[0] == found[0], "the most similar one first"


async def test_topics_that_are_ours_are_no_news(broker: MqttBroker) -> None:
    silent = "works/line-1/filler/mian"
    assert await there(broker, silent, ours=HERE[:1]) == {silent: HERE[1:2]}


async def test_what_is_published_meanwhile_is_found_too(
    broker: MqttBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "LOOK_S", 5.0)
    looks = asyncio.create_task(there(broker, "lively/mian"))
    for _ in range(200):
        await asyncio.to_thread(broker.publish, "lively/main", "1", qos=0)
        if looks.done():
            break
        monkeypatch.setattr(looking, "MESSAGES_MAX", 1)
        await asyncio.sleep(0.02)
    assert (await looks)["lively/mian"] == ("lively/main",)


async def test_it_takes_no_more_than_it_may(
    broker: MqttBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    topics = [f"flood/{it}" for it in range(300)]
    await asyncio.to_thread(publish_all, broker.port, [(it, "x") for it in topics], retain=True)
    monkeypatch.setattr(looking, "TOPICS_MAX", 5)
    monkeypatch.setattr(looking, "LOOK_S", 60.0)
    (names,) = (await there(broker, "flood/x")).values()
    assert len(names) >= 5


async def test_a_message_that_is_too_large_is_not_even_sent(broker: MqttBroker) -> None:
    large = [("sizes/large", "x" * 100_000), ("sizes/small", "x")]
    await asyncio.to_thread(publish_all, broker.port, large, retain=True)
    assert await there(broker, "sizes/x") == {"sizes/x": ("sizes/small",)}


async def test_a_broker_that_refuses_us_is_told(tmp_path: Path) -> None:
    with (
        mqtt_broker(tmp_path, options={"allow_anonymous": "false"}) as closed,
        pytest.raises(LinkError, match="refused us") as refused,
    ):
        await there(closed, "a/b")
    assert refused.value.status == "MQTT 135"


async def test_a_broker_that_does_not_let_us_look_is_told(tmp_path: Path) -> None:
    with (
        mqtt_broker(tmp_path, options=refused_subscriptions(tmp_path)) as closed,
        pytest.raises(LinkError, match="a/# is refused") as refused,
    ):
        await there(closed, "a/b")
    assert refused.value.status == "MQTT 135"


async def test_the_broker_keeps_nothing_of_it(broker: MqttBroker) -> None:
    await there(broker, "works/x")
    broker.publish("works/later", "1")
    settings = mqtt_settings({"url": broker.url}, "here")
    client = looking.MqttClient(settings, "looks", utc_now)
    try:
        assert not await client.connect(), "there is no session"
    finally:
        await client.close()
