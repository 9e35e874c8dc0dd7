"""kill -9 of a whole agent between a real machine and a real collector, again and again.

What an OPC UA server changed while nobody was subscribed is gone, and the agent must not claim
otherwise. So the invariant is: every count inside a confirmed span is there; none is there
twice; and the batches are one chain over all lives of the agent.
"""

import asyncio
import contextlib
import random
import signal
from pathlib import Path

import yaml
from agent_process import main
from counter_machine import counter_machine
from edge_samples import changes_of, check_chain, samples_of, spans_of
from forked_process import ForkedProcess
from peers import PATIENCE_S
from recording_sink import until
from scripted_collector import HangUp, Say, ScriptedCollector, scripted_collector

from edge.keys import agent_key

KILLS = 8


async def start(config: Path) -> ForkedProcess:
    log = config.parent / "agent.log"
    return await asyncio.to_thread(ForkedProcess, main, str(config), output=log)


async def ended(agent: ForkedProcess) -> int:
    return await asyncio.to_thread(agent.wait, PATIENCE_S)


async def until_more(collector: ScriptedCollector, log: Path) -> None:
    enough = len(collector.kept) + 4
    await until(lambda: len(collector.kept) >= enough, f"more batches (see {log})")


async def test_kill_9_at_any_moment(tmp_path: Path) -> None:
    chance = random.Random(20260302)
    config = tmp_path / "agent.yaml"
    async with counter_machine() as machine:
        with scripted_collector() as collector:
            settings = {
                "name": "agent-1",
                "data": "agent-1",
                "collector": collector.url,
                "machines": [machine.config()],
                "batch": {"max_samples": 20, "max_age_s": 0.1},
            }
            config.write_text(yaml.safe_dump(settings))
            counting = asyncio.create_task(machine.count_on(0.01))
            for _ in range(KILLS):
                agent = await start(config)
                await until_more(collector, tmp_path / "agent.log")
                collector.script += [HangUp(stored=True), Say(503)][: chance.randrange(3)]
                await asyncio.sleep(chance.uniform(0, 1.5))
                agent.send_signal(signal.SIGKILL)
                assert await ended(agent) == -signal.SIGKILL
            # One last life that ends well hands over all that is left.
            agent = await start(config)
            await until_more(collector, tmp_path / "agent.log")
            agent.send_signal(signal.SIGTERM)
            assert await ended(agent) == 0
            counting.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await counting

        check_chain(collector.batches, agent_key(tmp_path / "agent-1"))
        counts = changes_of(samples_of(collector.batches, "total_count"))
        spans = spans_of(collector.batches)
        expected = machine.vouched_for(spans)
        assert expected - set(counts) == set(), "a count inside a confirmed span is missing"
        assert set(counts) <= set(machine.truth["total_count"]), "a count that never was"
        # Only the value that a new subscription begins with may have been sent before.
        assert len(counts) - len(set(counts)) <= KILLS
        assert len(expected) > KILLS * 20
        assert len(spans) == KILLS + 1
