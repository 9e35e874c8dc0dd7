"""Devices that speak plain MQTT, on npm's mqtt (tests/peers/mqtt_devices.cjs)."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from subprocess import PIPE, Popen
from typing import Any

from peers import NODE_PEERS, answered, require, running


class MqttDevices:
    """The broker has what they said when a call returns."""

    def __init__(self, process: Popen[bytes], log: Path) -> None:
        self._process = process
        self._log = log
        self._lines = 0

    def say(self, devices: Sequence[dict[str, Any]]) -> list[str]:
        """Each device (`device`, its `topic`, what it `shows`) tells; the topics of it all."""
        topics: list[str] = self._tell({"says": list(devices)})["topics"]
        return topics

    def die(self, topics: Sequence[str]) -> None:
        """The connections of these devices end without a goodbye."""
        self._tell({"dies": list(topics)})

    def _tell(self, line: dict[str, Any]) -> Any:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{json.dumps(line)}\n".encode())
        self._process.stdin.flush()
        self._lines += 1
        return answered(self._log, f'{{"done":{self._lines},')


@contextlib.contextmanager
def mqtt_devices(folder: Path, port: int) -> Iterator[MqttDevices]:
    """The devices for the length of the block, at the broker on that port."""
    node = require(program="node")
    require(path=NODE_PEERS / "node_modules" / "mqtt")
    log = folder / "mqtt-devices.log"
    log.write_text("")
    command: list[str | Path] = [node, NODE_PEERS / "mqtt_devices.cjs", json.dumps({"port": port})]
    with running(command, ready=lambda: "ready" in log.read_text(), log=log, stdin=PIPE) as process:
        yield MqttDevices(process, log)
