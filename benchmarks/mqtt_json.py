"""MQTT JSON messages per second of CPU, from the wire to the spool, as a ratio to bare libraries.

    python benchmarks/mqtt_json.py [--messages 6000] [--rounds 3]

mosquitto and a machine run in processes of their own. The machine publishes a speed, a count and
its time in each message; an agent (source, decoder, outbox, spool, sealing) takes them in this
process, whose CPU time is measured. The baseline is paho and the parsing of each document, in turns
in the same run. A message that is lost fails the benchmark.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
import structlog
from mqtt_broker import mqtt_broker
from paho.mqtt.enums import CallbackAPIVersion
from publishing import Publisher, bare_client, drive_here
from running_agent import running_agent

from edge.agent import Agent
from edge.config import AgentConfig

TOPIC = "bench/machine"
PROFILE = """
name: bench/json
vendor: bench
model: bench
protocol: mqtt-json
title: {en: Bench, zh-Hant: 量度, zh-Hans: 量度}
documentation: ["https://example.org/"]
inputs:
  speed: {sources: [{topic: telemetry, field: /speed, time: /time, time_unit: ms}]}
  good: {sources: [{topic: telemetry, field: /good, time: /time, time_unit: ms}]}
signals:
  speed: {input: speed, unit: items/min}
  good_count: {input: good}
"""
VALUES = 2  # of a message


def publish(port: int, messages: int) -> None:
    """The machine: as many messages as each line of its standard input says."""
    client = mqtt.Client(CallbackAPIVersion.VERSION2)
    client.connect("127.0.0.1", port)
    client.loop_start()
    print("ready", flush=True)
    number = 0
    for line in sys.stdin:
        for _ in range(int(line)):
            number += 1
            says = {"speed": number % 7 / 2, "good": number, "time": int(time.time() * 1000)}
            info = client.publish(f"{TOPIC}/telemetry", json.dumps(says))
        info.wait_for_publish()
    client.disconnect()
    client.loop_stop()


def publisher(port: int, messages: int) -> Publisher:
    return Publisher([__file__, "--publish", str(port), "--messages", str(messages)], messages)


def bare(port: int, messages: int) -> float:
    """paho and the parsing alone."""
    machine = partial(publisher, port, messages)
    return bare_client(port, f"{TOPIC}/telemetry", json.loads, machine, messages)


async def whole(folder: Path, port: int, messages: int) -> float:
    """An agent."""
    file = folder / "profile.yaml"
    file.write_text(PROFILE, encoding="utf-8")
    machine = {
        "line": "line",
        "machine": "machine",
        "profile": str(file),
        "connection": {"url": f"mqtt://127.0.0.1:{port}", "topic": TOPIC},
    }
    config = {"name": "bench", "data": folder / "data", "collector": "http://127.0.0.1:9"}
    async with running_agent(
        Agent(AgentConfig.model_validate(config | {"machines": [machine]}))
    ) as agent:

        def source() -> Any:
            return agent.status().machines[0].source

        while not source().connected:
            await asyncio.sleep(0.05)
        told = await asyncio.to_thread(publisher, port, messages)
        used_s = await drive_here(told, messages, lambda: source().readings // VALUES)
        if source().overflows or source().rejections:
            raise SystemExit("messages were lost")
        told.end()
    return used_s


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--messages", type=int, default=6000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--publish", type=int)
    given = parser.parse_args()
    if given.publish is not None:
        publish(given.publish, given.messages)
        return
    structlog.configure(processors=[], logger_factory=structlog.ReturnLoggerFactory())
    found: dict[str, list[float]] = {}
    for _ in range(given.rounds):
        with tempfile.TemporaryDirectory() as name, mqtt_broker(Path(name)) as broker:
            found.setdefault("bare", []).append(bare(broker.port, given.messages))
            taken = asyncio.run(whole(Path(name), broker.port, given.messages))
            found.setdefault("agent", []).append(taken)
    least = {name: min(times) for name, times in found.items()}
    for name, used_s in least.items():
        ratio = used_s / least["bare"]
        print(f"{name:6} {given.messages / used_s:10,.0f} messages/s of CPU {ratio:6.2f} x bare")


if __name__ == "__main__":
    main()
