"""What is wrong in a Sparkplug B `connection` is one sentence before anything is connected."""

from __future__ import annotations

import pytest

from domain.errors import InputError
from edge.sources.sparkplug.settings import sparkplug_settings

RIGHT = {"url": "mqtt://127.0.0.1", "group": "plant", "node": "line-1"}


def wrong(**connection: str) -> str:
    with pytest.raises(InputError) as error:
        sparkplug_settings(RIGHT | connection, "machine 'filler'")
    assert str(error.value).startswith("machine 'filler'")
    return str(error.value)


def test_settings_are_read() -> None:
    plain = sparkplug_settings(RIGHT, "")
    assert (plain.node.group, plain.node.node, plain.device, plain.host_id) == (
        *("plant", "line-1", None, None),
    )
    assert (plain.rebirth_requests, plain.reorder_timeout_s) == (True, 2.0)
    assert (plain.mqtt.port, plain.mqtt.topic) == (1883, "")
    more = {"device": "filler", "host_id": "h", "rebirth_requests": "no", "user": "x"}
    full = sparkplug_settings(RIGHT | more | {"reorder_timeout_s": "0.5"}, "")
    assert (full.device, full.host_id, full.rebirth_requests) == ("filler", "h", False)
    assert (full.reorder_timeout_s, full.mqtt.identity.user) == (0.5, "x")


def test_settings_are_checked() -> None:
    assert "'group' is missing" in wrong(group="")
    assert "'node' is missing" in wrong(node="")
    for name in ("group", "node", "device", "host_id"):
        for mark in "/+#":
            said = wrong(**{name: f"a{mark}b"})
            assert f"{name}: 'a{mark}b' is no Sparkplug identifier" in said
    assert "unknown setting 'topic'" in wrong(topic="x")
    assert "is not the address of an MQTT broker" in wrong(url="tcp://x")
    assert "'maybe' is neither yes nor no" in wrong(rebirth_requests="maybe")
    for timeout in ("x", "0", "-1", "61", "nan", "inf"):
        assert f"'{timeout}' is no usable reorder_timeout_s" in wrong(reorder_timeout_s=timeout)
