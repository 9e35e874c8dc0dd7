"""mosquitto on a free loopback port, with sessions that last over restarts."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen

import pytest
from paho.mqtt import publish
from paho.mqtt.enums import MQTTProtocolVersion
from peers import free_port, port_open, require, running


@dataclass(frozen=True)
class MqttBroker:
    port: int
    process: Popen[bytes]
    log: Path

    @property
    def url(self) -> str:
        return f"mqtt://127.0.0.1:{self.port}"

    def publish(
        self, topic: str, *payloads: str | bytes, qos: int = 1, retain: bool = False
    ) -> None:
        """Publish and wait until the broker has them."""
        publish_all(self.port, [(topic, it) for it in payloads], qos=qos, retain=retain)


def publish_all(
    port: int,
    messages: Sequence[tuple[str, str | bytes]],
    *,
    qos: int = 1,
    retain: bool = False,
) -> None:
    """Publish to topics and wait until the broker has all."""
    said = [
        {"topic": topic, "payload": payload, "qos": qos, "retain": retain}
        for topic, payload in messages
    ]
    publish.multiple(
        said, "127.0.0.1", port, client_id="publisher", protocol=MQTTProtocolVersion.MQTTv311
    )


def refused_subscriptions(folder: Path, *but: str) -> dict[str, str]:
    """Options of a broker that refuses every subscription but those to these topics; skips where
    its plugin is not there."""
    plugins = sorted(Path("/usr/lib").glob("*/mosquitto_dynamic_security.so"))
    if not plugins:
        pytest.skip("mosquitto_dynamic_security.so is not installed")
    kinds = ("publishClientSend", "publishClientReceive", "subscribe", "unsubscribe")
    access = {kind: kind != "subscribe" for kind in kinds}
    file = folder / "security.json"
    allowed = [{"acltype": "subscribeLiteral", "topic": it, "allow": True} for it in but]
    rules = {
        "defaultACLAccess": access,
        "clients": [],
        "groups": [{"groupname": "anybody", "roles": [{"rolename": "reader"}]}],
        "anonymousGroup": "anybody",
        "roles": [{"rolename": "reader", "acls": allowed}],
    }
    file.write_text(json.dumps(rules), encoding="utf-8")
    return {"plugin": str(plugins[0]), "plugin_opt_config_file": str(file)}


@contextlib.contextmanager
def mqtt_broker(
    folder: Path, *, port: int | None = None, options: Mapping[str, str] | None = None
) -> Iterator[MqttBroker]:
    """Runs the broker; `folder` keeps its sessions and messages. Ends it by SIGTERM.

    `options` are further lines of mosquitto.conf, as in {"password_file": "/…"}.
    """
    program = require(program="mosquitto")
    port = port or free_port()
    state = folder / "mosquitto"
    state.mkdir(exist_ok=True)
    settings = {
        "listener": f"{port} 127.0.0.1",
        "allow_anonymous": "true",
        "persistence": "true",
        "persistence_location": f"{state}/",
        "autosave_interval": "1",
        "max_queued_messages": "100000",
        "log_type": "all",
        "log_dest": "stderr",
        "user": "root",
        **(options or {}),
    }
    file = folder / "mosquitto.conf"
    file.write_text("".join(f"{name} {value}\n" for name, value in settings.items()))
    log = folder / "mosquitto.log"
    command = [program, "-c", file]
    with running(command, ready=lambda: port_open(port), log=log) as process:
        yield MqttBroker(port, process, log)
