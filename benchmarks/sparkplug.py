"""Sparkplug B metrics per second of CPU, from the wire to the spool, as a ratio to bare libraries.

    python benchmarks/sparkplug.py [--messages 3000] [--metrics 100] [--rounds 3]

mosquitto and an edge node run in processes of their own. The node publishes DDATA of `--metrics`
metrics by alias; an agent (source, decoder, outbox, spool, sealing) takes them in this process,
whose CPU time is measured. The profile names 10 of the metrics, then all. The baseline is paho and
the parsing of each payload, in turns in the same run. A message that is lost fails the benchmark.
"""

from __future__ import annotations

import argparse
import asyncio
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
from sparkplug_messages import birth_metrics, node_birth, payload

from edge.agent import Agent
from edge.config import AgentConfig
from edge.sources.sparkplug.definition import payload_of

GROUP, NODE, DEVICE = "bench", "node", "device"
TOPIC = f"spBv1.0/{GROUP}/%s/{NODE}"
PROFILE = """
name: bench/sparkplug
vendor: bench
model: bench
protocol: sparkplug-b
title: {en: Bench, zh-Hant: 量度, zh-Hans: 量度}
documentation: ["https://example.org/"]
inputs:
"""


def publish(port: int, messages: int, metrics: int) -> None:
    """The node: births, then as many messages as each line of its standard input says."""
    client = mqtt.Client(CallbackAPIVersion.VERSION2)
    client.connect("127.0.0.1", port)
    client.loop_start()
    now_ms = int(time.time() * 1000)
    names = {f"m{number}": number for number in range(metrics)}
    offset_ms = now_ms - node_birth(0, 0).timestamp
    client.publish(TOPIC % "NBIRTH", node_birth(0, offset_ms).SerializeToString())
    device = TOPIC % "DBIRTH" + f"/{DEVICE}"
    born = payload(*birth_metrics(names), seq=1, timestamp=now_ms)
    client.publish(device, born.SerializeToString())
    data = [
        payload(
            *({"alias": alias, "int_value": alias + number} for alias in range(1, metrics + 1)),
            seq=(number + 2) % 256,
            timestamp=now_ms + number,
        ).SerializeToString()
        for number in range(messages)
    ]
    sent = iter(data)
    print("ready", flush=True)
    for line in sys.stdin:
        for _ in range(int(line)):
            info = client.publish(TOPIC % "DDATA" + f"/{DEVICE}", next(sent))
        info.wait_for_publish()
    client.disconnect()
    client.loop_stop()


def publisher(port: int, messages: int, metrics: int) -> Publisher:
    sizes = ["--messages", str(messages), "--metrics", str(metrics)]
    return Publisher([__file__, "--publish", str(port), *sizes], messages)


def bare(port: int, messages: int, metrics: int) -> float:
    """paho and the parsing alone."""

    def parse(data: bytes) -> None:
        assert len(payload_of(data).metrics) == metrics

    node = partial(publisher, port, messages, metrics)
    return bare_client(port, TOPIC % "DDATA" + f"/{DEVICE}", parse, node, messages)


def profile_text(used: int) -> str:
    inputs = [f"  m{it}: {{sources: [{{metric: m{it}}}]}}" for it in range(used)]
    signals = [f"  measurement.m{it}: {{input: m{it}}}" for it in range(used)]
    return "\n".join([PROFILE.rstrip(), *inputs, "signals:", *signals, ""])


async def whole(folder: Path, port: int, messages: int, metrics: int, used: int) -> float:
    """An agent whose profile names `used` of the metrics."""
    file = folder / "profile.yaml"
    file.write_text(profile_text(used), encoding="utf-8")
    connection = {"url": f"mqtt://127.0.0.1:{port}", "group": GROUP, "node": NODE}
    machine = {
        "line": "line",
        "machine": "machine",
        "profile": str(file),
        "connection": connection | {"device": DEVICE, "rebirth_requests": "no"},
    }
    config = {"name": "bench", "data": folder / "data", "collector": "http://127.0.0.1:9"}
    async with running_agent(
        Agent(AgentConfig.model_validate(config | {"machines": [machine]}))
    ) as agent:

        def source() -> Any:
            return agent.status().machines[0].source

        while not source().connected:
            await asyncio.sleep(0.05)
        node = await asyncio.to_thread(publisher, port, messages, metrics)
        while source().readings < used:
            await asyncio.sleep(0.05)
        used_s = await drive_here(node, messages, lambda: source().readings // used - 1)
        if source().overflows or source().rejections:
            raise SystemExit("messages were lost")
        node.end()
    return used_s


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--messages", type=int, default=3000)
    parser.add_argument("--metrics", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--publish", type=int)
    given = parser.parse_args()
    if given.publish is not None:
        publish(given.publish, given.messages, given.metrics)
        return
    structlog.configure(processors=[], logger_factory=structlog.ReturnLoggerFactory())
    found: dict[str, list[float]] = {}
    for _ in range(given.rounds):
        with tempfile.TemporaryDirectory() as name, mqtt_broker(Path(name)) as broker:
            sizes = broker.port, given.messages, given.metrics
            found.setdefault("bare", []).append(bare(*sizes))
            for used in (10, given.metrics):
                folder = Path(name) / f"used-{used}"
                folder.mkdir()
                key = f"agent, {used} named"
                found.setdefault(key, []).append(asyncio.run(whole(folder, *sizes, used)))
    total = given.messages * given.metrics
    least = {name: min(times) for name, times in found.items()}
    for name, used_s in least.items():
        ratio = used_s / least["bare"]
        print(f"{name:18} {total / used_s:12,.0f} metrics/s of CPU {ratio:6.2f} x bare")


if __name__ == "__main__":
    main()
