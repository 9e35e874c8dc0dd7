"""The page of connections names each setting that there is, with an example that is taken."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from edge.sources.mqtt import settings as mqtt
from edge.sources.opcua import settings as opcua
from edge.sources.sparkplug import settings as sparkplug

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "connections.md").read_text(encoding="utf-8")
PARTS = dict(
    re.findall(r"^## (OPC UA|MQTT|Sparkplug B)$\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
)
FILES = {"server_certificate", "user_certificate", "user_key", "certificate", "key", "authority"}
TAKE = {
    "OPC UA": (opcua.OPCUA_KEYS, opcua.opcua_settings),
    "MQTT": (mqtt.MQTT_KEYS, mqtt.mqtt_settings),
    "Sparkplug B": (sparkplug.SPARKPLUG_KEYS, sparkplug.sparkplug_settings),
}
TOGETHER = {
    "certificate": "key", "key": "certificate", "user_certificate": "user_key",
    "user_key": "user_certificate",
}  # fmt: skip


@pytest.mark.parametrize("protocol", TAKE)
def test_each_setting_has_an_example_that_is_taken(
    protocol: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys, take = TAKE[protocol]
    part = PARTS[protocol]
    rows = dict(re.findall(r"^\| `(\w+)` \| `(.+?)` \|", part, re.MULTILINE))
    assert sorted(rows) == sorted(keys)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "trusted").mkdir()
    for name in FILES & set(rows):
        (tmp_path / rows[name]).touch()
    (tmp_path / rows["password_file"]).write_text("correct horse\n")
    (block,) = re.findall(r"```yaml\n(.*?)```", part, re.DOTALL)
    least = yaml.safe_load(block)["connection"]
    assert take(least, "")
    for name, example in rows.items():
        pair = {TOGETHER[name]: rows[TOGETHER[name]]} if name in TOGETHER else {}
        assert take({**least, **pair, name: example}, "") is not None, name
