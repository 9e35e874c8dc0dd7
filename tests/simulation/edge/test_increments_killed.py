"""kill -9 of an agent that adds up increments from a real broker: none is lost, none counts twice.

It is killed at the worst moment: what it counted is on disk, and the broker has no acknowledgement
of it, so that it sends all of it again. The device goes on meanwhile, so that more waits at
the broker than an agent holds before it has subscribed.
"""

import asyncio
import json
import random
import signal
from collections.abc import Callable
from pathlib import Path

import yaml
from agent_process import main, main_that_acknowledges_nothing
from edge_samples import check_chain, samples_of
from forked_process import ForkedProcess
from mqtt_broker import mqtt_broker
from mqtt_machine import PROFILE
from peers import PATIENCE_S
from recording_sink import until
from scripted_collector import scripted_collector

from edge.keys import agent_key
from edge.sources.mqtt.client import HELD_MAX

MOST = 9  # made at once
INPUTS = """
inputs:
  made: {sources: [{topic: press/made, field: /made}]}
signals:
  total_count: {increments: made}
"""


async def started(program: Callable[[str], None], config: Path) -> ForkedProcess:
    log = config.parent / "agent.log"
    return await asyncio.to_thread(ForkedProcess, program, str(config), output=log)


async def test_kill_9_before_the_acknowledgement_loses_and_doubles_nothing(tmp_path: Path) -> None:
    chance = random.Random(20260302)
    (tmp_path / "profile.yaml").write_text(PROFILE + INPUTS, encoding="utf-8")
    config = tmp_path / "agent.yaml"
    said: list[int] = []
    with mqtt_broker(tmp_path) as broker, scripted_collector() as collector:
        machine = {
            "line": "line-1",
            "machine": "press",
            "profile": str(tmp_path / "profile.yaml"),
            "connection": {"url": broker.url},
        }
        settings = {
            "name": "agent-1",
            "data": "agent-1",
            "collector": collector.url,
            "machines": [machine],
            "batch": {"max_samples": 40, "max_age_s": 0.1},
        }
        config.write_text(yaml.safe_dump(settings))

        async def publish(count: int) -> None:
            new = [chance.randrange(1, MOST) for _ in range(count)]
            said.extend(new)
            payloads = [json.dumps({"made": it}) for it in new]
            await asyncio.to_thread(broker.publish, "press/made", *payloads)

        def totals() -> list[float]:
            return [value for _, value in samples_of(collector.batches, "total_count")]

        async def all_is_counted() -> None:
            await until(lambda: totals()[-1:] == [sum(said)], f"{sum(said)}")

        agent = await started(main_that_acknowledges_nothing, config)
        await until(lambda: "Received SUBSCRIBE" in broker.log.read_text(), "the agent")
        await publish(HELD_MAX // 2)
        await all_is_counted()
        agent.send_signal(signal.SIGKILL)
        await asyncio.to_thread(agent.wait, PATIENCE_S)
        await publish(2 * HELD_MAX)
        agent = await started(main, config)
        await publish(HELD_MAX // 2)
        await all_is_counted()
        agent.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(agent.wait, PATIENCE_S) == 0
        assert "(d1, q1" in broker.log.read_text(), "the broker repeated none"
    check_chain(collector.batches, agent_key(tmp_path / "agent-1"))
    assert totals()[-1] == sum(said)
    assert sorted(totals()) == totals()
