"""What is wrong in an MQTT `connection` is one sentence before anything is connected."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.errors import InputError
from edge.sources.mqtt.settings import mqtt_settings


def mqtt_error(**connection: str) -> str:
    with pytest.raises(InputError) as error:
        mqtt_settings(connection, "machine 'meter'")
    assert str(error.value).startswith("machine 'meter'")
    return str(error.value)


@pytest.mark.parametrize("url", ["", "tcp://x:1", "mqtt://", "mqtt://x:y", "mqtt://x/topic"])
def test_mqtt_url(url: str) -> None:
    assert f"'{url}' is not the address of an MQTT broker" in mqtt_error(url=url)


def test_mqtt_settings_are_checked(tmp_path: Path) -> None:
    file = tmp_path / "a.pem"
    file.write_text("")
    url = "mqtt://127.0.0.1"
    assert "contains a wildcard" in mqtt_error(url=url, topic="shelly/+/x")
    assert "each subscriber gets some of them" in mqtt_error(url=url, topic="$share/all/line-1")
    assert "the topic is none" in mqtt_error(url=url, topic="line\0-1")
    assert "the topic is none" in mqtt_error(url=url, topic="x" * 70_000)
    assert "unknown setting 'topics'" in mqtt_error(url=url, topics="x")
    assert "unknown MQTT protocol '4'" in mqtt_error(url=url, protocol="4")
    assert "is not encrypted" in mqtt_error(url=url, authority=str(file))
    assert "needs its key" in mqtt_error(url="mqtts://x", certificate=str(file))
    assert "'x' is no usable session_expiry_s" in mqtt_error(url=url, session_expiry_s="x")
    assert "'-1' is no usable broker_keeps. Give a whole number" in mqtt_error(
        url=url, broker_keeps="-1"
    )
    assert mqtt_settings({"url": url, "broker_keeps": "1000"}, "").broker_keeps == 1000
    assert mqtt_settings({"url": url}, "").port == 1883
    assert mqtt_settings({"url": "mqtts://x"}, "").port == 8883
