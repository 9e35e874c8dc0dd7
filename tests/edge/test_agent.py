"""The agent from a real OPC UA server to a real HTTP collector."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from counter_machine import PARAMETERS, CounterMachine, counter_machine
from edge_samples import changes_of, check_chain, samples_of, spans_of
from peers import PATIENCE_S, free_port
from recording_sink import until
from running_agent import running_agent
from scripted_collector import ScriptedCollector, scripted_collector

from device_profiles.files.catalogue import load
from domain.batches import parse_batch
from domain.errors import BusyError, InputError
from edge.agent import Agent, end, quiet_age_s
from edge.config import AgentConfig
from edge.keys import agent_key


def config(
    folder: Path, collector: str, *machines: dict[str, Any], max_age_s: float = 0.2
) -> AgentConfig:
    return AgentConfig.model_validate(
        {
            "name": "agent-1",
            "data": folder / "agent-1",
            "collector": collector,
            "machines": machines,
            "batch": {"max_age_s": max_age_s},
        }
    )


def arrived(collector: ScriptedCollector, machine: CounterMachine) -> bool:
    return changes_of(samples_of(collector.batches, "total_count")) == machine.truth["total_count"]


async def test_every_value_arrives_once_at_its_source_time_and_signed(tmp_path: Path) -> None:
    async with counter_machine() as machine:
        with scripted_collector() as collector:
            agent = Agent(config(tmp_path, collector.url, machine.config()))
            async with running_agent(agent):
                await until(lambda: bool(collector.kept), "the first batch")
                await machine.write("state", 1)
                for number in range(2, 100):
                    await machine.write("total_count", number)
                    await asyncio.sleep(0.005)
                await machine.write("state", 0)
                await until(lambda: arrived(collector, machine), "all counts")
                (status,) = agent.status().machines
            assert arrived(collector, machine)
            check_chain(collector.batches, agent_key(tmp_path / "agent-1"))
            states = samples_of(collector.batches, "state")
            assert [at for at, _ in states] == [at for at, _ in machine.truth["state"]]
            first, last = machine.truth["total_count"][1][0], machine.truth["state"][-1][0]
            (alive,) = spans_of(collector.batches)
            assert alive.start < first
            assert alive.end > last
            header = parse_batch(collector.batches[0]).header
            digest = load("generic/opcua-counters", PARAMETERS).digest
            assert header.profiles == {"line-1/filler": digest}
            assert (status.alive, status.problem) == (True, "")
            # One more: before the second count it is told that the first one still stood.
            assert status.samples == len(states) + len(machine.truth["total_count"]) + 1


async def test_a_collector_that_is_away_costs_nothing(tmp_path: Path) -> None:
    port = free_port()
    async with counter_machine() as machine:
        agent = Agent(config(tmp_path, f"http://127.0.0.1:{port}", machine.config()))
        async with running_agent(agent):
            await until(lambda: agent.status().machines[0].alive, "the machine to be heard")
            counting = asyncio.create_task(machine.count_on(0.01))
            await until(lambda: agent.status().spool.sealed_batches > 2, "batches to wait")
            assert "cannot be reached" in agent.status().uplink.problem
            with scripted_collector(port=port) as collector:
                await until(lambda: len(collector.kept) > 4, "the batches that waited")
                counting.cancel()
                await until(lambda: arrived(collector, machine), "all counts")
                assert agent.status().uplink.problem == ""


async def test_after_a_stop_the_next_start_goes_on_where_it_was(tmp_path: Path) -> None:
    port = free_port()
    async with counter_machine() as machine:
        url = f"http://127.0.0.1:{port}"
        before = Agent(config(tmp_path, url, machine.config(), max_age_s=600))
        async with running_agent(before):
            await until(lambda: before.status().machines[0].alive, "the machine to be heard")
            for number in range(2, 60):
                await machine.write("total_count", number)
            await until(lambda: before.status().machines[0].samples >= 61, "all counts")
            assert before.status().spool.sealed_batches == 0
        kept = before.status().spool
        assert (kept.pending_rows, kept.sealed_batches) == (0, 1)  # though nobody took it
        with scripted_collector(port=port) as collector:
            async with running_agent(Agent(config(tmp_path, url, machine.config()))):
                await until(lambda: len(spans_of(collector.batches)) == 2, "a second span")
            # The new subscription begins with the present value: the same sample again.
            counts = changes_of(samples_of(collector.batches, "total_count"))
            assert sorted(set(counts)) == machine.truth["total_count"]
            check_chain(collector.batches, agent_key(tmp_path / "agent-1"))
            first, second = spans_of(collector.batches)
            assert first.end < second.start  # the time between is nobody's


async def test_a_machine_that_fails_does_not_end_the_others(tmp_path: Path) -> None:
    """influxdata/telegraf#19186: one bad node ended all subscriptions."""
    async with counter_machine() as machine:
        away = machine.config(
            machine="away",
            connection={"url": f"opc.tcp://127.0.0.1:{free_port()}", "security": "none"},
        )
        wrong_node = machine.config(
            machine="wrong", parameters={**PARAMETERS, "total_count": "urn:vendor:Counters/Gone"}
        )
        (tmp_path / "no.pem").write_text("no certificate")
        broker = {"url": f"mqtts://127.0.0.1:{free_port()}", "topic": "meter"}
        refused = machine.config(
            machine="refused",
            profile="shelly/pro3em-mqtt",
            parameters={},
            connection={**broker, "authority": str(tmp_path / "no.pem")},
        )
        machines = (away, refused, wrong_node, machine.config())
        with scripted_collector() as collector:
            agent = Agent(config(tmp_path, collector.url, *machines))
            async with running_agent(agent):
                await until(lambda: bool(collector.kept), "the first batch")
                await machine.write("total_count", 2)
                await until(lambda: arrived(collector, machine), "the good machine's counts")
                by_name = {it.machine: it for it in agent.status().machines}
            assert by_name["filler"].alive
            assert "certificates for mqtts://127.0.0.1" in by_name["refused"].problem
            assert not by_name["away"].alive
            assert "127.0.0.1" in by_name["away"].source.error
            assert [key for key, _ in by_name["wrong"].source.failed_addresses]
            assert {it.machine for it in spans_of(collector.batches)} <= {"filler", "wrong"}


async def test_two_agents_cannot_share_a_data_folder(tmp_path: Path) -> None:
    async with counter_machine() as machine:
        with scripted_collector() as collector:
            settings = config(tmp_path, collector.url, machine.config())
            async with running_agent(Agent(settings)):
                with pytest.raises(BusyError, match="another agent is using this spool"):
                    Agent(settings)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"profile": "packml/opcau"}, r"unknown device profile 'packml/opcau'\. Did you mean"),
        ({"connection": {"url": "tcp://x", "security": "none"}}, r"line-1.*filler.*tcp://x"),
        ({"parameters": {"totl_count": "x"}}, r"totl_count"),
    ],
)
def test_what_can_never_work_is_said_before_anything_starts(
    tmp_path: Path, change: dict[str, Any], sentence: str
) -> None:
    machine = CounterMachine(1, {}).config(**change)
    with pytest.raises(InputError, match=sentence):
        Agent(config(tmp_path, "http://127.0.0.1:1", machine))
    assert not (tmp_path / "agent-1").exists()


async def test_a_swallowed_cancellation_is_not_waited_for_for_ever() -> None:
    """asyncua's Client goes on when it is cancelled while it closes after a lost connection."""
    swallowed = 0

    async def closes_and_goes_on() -> None:
        nonlocal swallowed
        while True:
            try:
                await asyncio.sleep(3600)
            except asyncio.CancelledError:
                swallowed += 1
                if swallowed == 2:
                    raise

    tasks = [asyncio.create_task(closes_and_goes_on()), asyncio.create_task(asyncio.sleep(3600))]
    await asyncio.sleep(0)
    await asyncio.wait_for(end(tasks, again_s=0.05), timeout=PATIENCE_S)
    assert all(task.cancelled() for task in tasks)
    assert swallowed == 2


@pytest.mark.parametrize(
    ("stale_after_s", "expected"),
    [([60.0], 20.0), ([60.0, 6.0], 2.0), ([86_400.0], 20.0), ([], 20)],
)
def test_that_machines_go_on_is_told_long_before_one_counts_as_silent(
    stale_after_s: list[float], expected: float
) -> None:
    assert quiet_age_s(stale_after_s) == expected
