"""One machine from node-opcua's PackML to samples in sealed batches: states as they were."""

import asyncio
import itertools
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from edge_samples import samples_of, spans_of
from node_machine import NodeMachine, node_machine
from opcua_server import VENDOR, KeptHistory, opcua_server
from recording_sink import until, utc_now
from running_agent import running_agent
from scripted_collector import scripted_collector
from tcp_proxy import tcp_proxy

import edge.sources.opcua.history as history_module
import edge.sources.opcua.source as source_module
from domain.states import MachineState
from edge.agent import Agent
from edge.config import AgentConfig
from edge.sources.base import SourceStatus

NAMES = {state.code: state.value for state in MachineState}
SLIVER = timedelta(microseconds=2)
# Each of them changes several variables at one source time: nested state machines, the mode,
# the interlock flags, counts.
TIMELINE = [
    {"state": "Execute", "total": 1, "speed": 60},
    {"state": "Aborted", "speed": 0, "defective": 1},
    {"mode": 2, "state": "Stopped"},
    {"mode": 1, "state": "Execute", "total": 2},
    {"starved": True, "state": "Suspended"},
    {"starved": False, "blocked": True},
    {"blocked": False, "mode": 3, "state": "Aborting"},
    {"mode": 1, "state": "Idle"},
    {"state": "Complete", "total": 3},
]
EXPECTED = [
    "idle", "producing", "fault", "maintenance", "producing", "starved", "blocked", "setup", "idle",
]  # fmt: skip


def changes(machine: NodeMachine) -> list[datetime]:
    """When the state became another one: the last of the timeline is idle as the one before."""
    times = {truth.time for signal in ("state", "blocked") for truth in machine.truth(signal)}
    return sorted(times)[: len(EXPECTED)]


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NodeMachine]:
    with node_machine(tmp_path_factory.mktemp("machine")) as running:
        yield running


@pytest.mark.parametrize("publishing_interval_ms", [50, 1000])
async def test_what_a_machine_changes_at_once_is_one_change(
    tmp_path: Path, machine: NodeMachine, publishing_interval_ms: int
) -> None:
    timeline = [{"at_s": 8 + 0.2 * step, **does} for step, does in enumerate(TIMELINE)]
    machine.begin(timeline)
    with scripted_collector() as collector:
        settings = AgentConfig.model_validate(
            {
                "name": "agent-1",
                "data": tmp_path / "agent-1",
                "collector": collector.url,
                "batch": {"max_age_s": 0.2},
                "machines": [
                    {
                        "line": "line-1",
                        "machine": "filler",
                        "profile": "packml/opcua",
                        "connection": {
                            "url": machine.url,
                            "security": "none",
                            "publishing_interval_ms": publishing_interval_ms,
                        },
                    }
                ],
            }
        )
        async with running_agent(Agent(settings)):
            await until(
                lambda: (
                    [value for _, value in samples_of(collector.batches, "total_count")][-1:]
                    == [3.0]
                ),
                "the last count",
            )
        states = [(NAMES[code], at) for at, code in samples_of(collector.batches, "state")]
        assert all(b[1] - a[1] > SLIVER for a, b in itertools.pairwise(states))
        lasting = [next(same) for _, same in itertools.groupby(states, key=lambda it: it[0])]
        assert lasting == list(zip(EXPECTED, changes(machine), strict=True))


async def test_time_that_the_session_bridged_is_sealed_as_known(
    tmp_path: Path, machine: NodeMachine
) -> None:
    """Cut for a second with the server alive: one stretch of known time, and no count missing."""
    machine.begin([{"at_s": 4 + 0.1 * step, "total": step} for step in range(1, 40)])
    with scripted_collector() as collector:
        async with tcp_proxy(machine.port) as proxy:
            url = f"opc.tcp://127.0.0.1:{proxy.port}"
            connection = {"url": url, "security": "none", "publishing_interval_ms": 100}
            filler = {"line": "line-1", "machine": "filler", "profile": "packml/opcua"}
            settings = AgentConfig.model_validate(
                {
                    "name": "agent-1",
                    "data": tmp_path / "agent-1",
                    "collector": collector.url,
                    "batch": {"max_age_s": 0.2},
                    "machines": [{**filler, "connection": connection}],
                }
            )

            def counted() -> list[float]:
                return [value for _, value in samples_of(collector.batches, "total_count")]

            async with running_agent(Agent(settings)):
                await until(lambda: 5.0 in counted(), "the first counts")
                proxy.accepting = False
                proxy.cut()
                await asyncio.sleep(1)
                proxy.accepting = True
                await until(lambda: 39.0 in counted(), "the last count")
        assert len(spans_of(collector.batches)) == 1
        assert {float(step) for step in range(1, 40)} <= set(counted())
        # Why it was lost is told with the loss, not a moment later.
        _, _, lost, *_ = [at for at, _ in samples_of(collector.batches, "source.connection")]
        assert lost in [at for at, _ in samples_of(collector.batches, "source.faults")]


BEATING = f"""
name: a/b
vendor: v
model: m
protocol: opcua
title: {{en: t}}
namespaces: {{v: '{VENDOR}'}}
heartbeat: {{path: ['v:Counters', 'v:Alive']}}
inputs: {{total: {{sources: [{{path: ['v:Counters', 'v:Total']}}]}}}}
signals: {{total_count: {{input: total}}}}
"""


async def test_a_gateway_whose_controller_stands_still_confirms_nothing(tmp_path: Path) -> None:
    """The server answers, and other values come: but what must move does not."""
    profile = tmp_path / "press.yaml"
    profile.write_text(BEATING, encoding="utf-8")
    async with opcua_server() as server:
        await server.add("Alive", False)
        await server.add("Total", 0)
        with scripted_collector() as collector:
            settings = AgentConfig.model_validate(
                {
                    "name": "agent-1",
                    "data": tmp_path / "agent-1",
                    "collector": collector.url,
                    "batch": {"max_age_s": 0.1},
                    "machines": [
                        {
                            "line": "line-1",
                            "machine": "filler",
                            "profile": str(profile),
                            "connection": {
                                "url": server.url,
                                "security": "none",
                                "publishing_interval_ms": 50,
                            },
                        }
                    ],
                }
            )

            def counts() -> list[tuple[datetime, float]]:
                return samples_of(collector.batches, "total_count")

            async with running_agent(Agent(settings)):
                await until(lambda: bool(counts()), "the first values")
                await server.write("Alive", True)
                counted = await server.write("Total", 1)
                await until(lambda: (counted, 1.0) in counts(), "a count after the first beat")
                moved = await server.write("Alive", False)
                await until(lambda: bool(spans_of(collector.batches)), "the next beat")
                (alive,) = spans_of(collector.batches)
                last = await server.write("Total", 2)
                await until(lambda: (last, 2.0) in counts(), "a count after the last beat")
            assert spans_of(collector.batches) == [alive]
            assert alive.start < moved < alive.end < last


async def test_an_outage_of_a_machine_with_a_heartbeat_is_filled_between_its_moves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source_module, "SESSION_TIMEOUT_S", 0.0)
    monkeypatch.setattr(history_module, "SETTLE_S", 0.1)
    profile, now = tmp_path / "press.yaml", utc_now()
    profile.write_text(BEATING, encoding="utf-8")
    variables = {"Alive": (False, now), "Total": (0, now)}
    async with (
        opcua_server(
            variables=variables, history=KeptHistory(max_history_data_response_size=100)
        ) as server,
        tcp_proxy(server.port) as proxy,
    ):
        with scripted_collector() as collector:
            machine = {"line": "line-1", "machine": "filler", "profile": str(profile)}
            url = f"opc.tcp://127.0.0.1:{proxy.port}"
            connection = {"url": url, "security": "none", "publishing_interval_ms": 50}
            settings = AgentConfig.model_validate(
                {
                    "name": "agent-1",
                    "data": tmp_path / "agent-1",
                    "collector": collector.url,
                    "batch": {"max_age_s": 0.1},
                    "machines": [{**machine, "connection": connection}],
                }
            )
            agent, moves = Agent(settings), itertools.cycle((True, False))
            async with running_agent(agent):

                def source() -> SourceStatus:
                    return agent.status().machines[0].source

                async def moved_until_known() -> None:
                    """Beats go on until one of them is in a known time."""
                    beat = await server.write("Alive", next(moves))
                    while not any(it.end > beat for it in spans_of(collector.batches)):
                        await asyncio.sleep(0.1)
                        await server.write("Alive", next(moves))

                await until(lambda: source().readings >= 2, "the first values")
                await moved_until_known()
                proxy.accepting = False
                proxy.cut()
                await until(lambda: not source().connected, "the loss")
                missed = [await server.write("Alive", next(moves)) for _ in range(3)]
                proxy.accepting = True
                await until(lambda: source().filled == 1, "the outage to be filled")
                await moved_until_known()
            known = spans_of(collector.batches)
            assert all(any(it.start <= at <= it.end for it in known) for at in missed)
