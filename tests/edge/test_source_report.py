"""What an agent tells of its machines' sources, from real servers to sealed batches."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
from counter_machine import counter_machine
from mqtt_machine import PROFILE, mqtt_machine
from recording_sink import until
from running_agent import running_agent
from scripted_collector import ScriptedCollector, scripted_collector

from domain.batches import parse_batch
from domain.signals import CONNECTED, CONNECTION, LOST
from edge.agent import Agent
from edge.config import AgentConfig
from edge.source_report import SourceReport

AT = datetime(2026, 3, 2, tzinfo=UTC)
ONE_SIGNAL = f"""{PROFILE}
inputs:
  total: {{sources: [{{topic: main, field: /total}}]}}
signals:
  total_count: {{input: total}}
"""


def texts_of(batches: Iterable[bytes], signal: str) -> list[tuple[datetime, str]]:
    """Time and text of every sample of that signal, in the order in which they were sealed."""
    return [
        row
        for data in batches
        for row in pl.read_ipc_stream(parse_batch(data).samples_bytes)
        .filter(pl.col("signal") == signal)
        .select("time", "text")
        .iter_rows()
    ]


def said(collector: ScriptedCollector) -> list[str]:
    """What was told of the connection, in the order of its times."""
    told = texts_of(collector.batches, CONNECTION)
    assert told == sorted(told)
    return [text for _, text in told]


def config(folder: Path, collector: ScriptedCollector, machine: dict[str, object]) -> AgentConfig:
    return AgentConfig.model_validate(
        {
            "name": "agent-1",
            "data": folder / "agent-1",
            "collector": collector.url,
            "batch": {"max_age_s": 0.1},
            "machines": [machine],
        }
    )


def test_only_changes_of_the_connection_are_told() -> None:
    report = SourceReport("line-1", "filler")
    told = [
        (it.time, it.text)
        for stands in (False, False, True, True, False)
        for it in report.connection(AT, stands=stands)
    ]
    us = timedelta(microseconds=1)
    assert told == [(AT, LOST), (AT + us, CONNECTED), (AT + 2 * us, LOST)], "in their order"


async def test_a_server_that_goes_away_is_told_at_once_and_so_is_an_agent_that_is_stopped(
    tmp_path: Path,
) -> None:
    """Long before `stale_after_s`, which is a minute here."""
    with scripted_collector() as collector:
        async with contextlib.AsyncExitStack() as server:
            machine = await server.enter_async_context(counter_machine())
            settings = config(tmp_path, collector, machine.config())
            async with running_agent(Agent(settings)):
                await until(lambda: said(collector) == [LOST, CONNECTED], "the connection")
            assert said(collector)[2:] == [LOST], "the agent was stopped"
            async with running_agent(Agent(settings)):
                await until(lambda: said(collector)[3:] == [LOST, CONNECTED], "another agent")
                await server.aclose()
                await until(lambda: said(collector)[5:] == [LOST], "the loss")
        assert said(collector)[5:] == [LOST], "told once"


async def test_a_broker_that_goes_away_is_told_at_once(tmp_path: Path) -> None:
    async with mqtt_machine(tmp_path, ONE_SIGNAL) as device:
        await until(lambda: said(device.collector) == [LOST, CONNECTED], "the connection")
        device.broker.process.terminate()
        await until(lambda: said(device.collector)[2:] == [LOST], "the loss")


async def test_a_machine_that_never_answers_is_lost_from_the_start(tmp_path: Path) -> None:
    with scripted_collector() as collector:
        machine = {
            "line": "line-1",
            "machine": "filler",
            "profile": "packml/opcua",
            "connection": {"url": "opc.tcp://127.0.0.1:1", "security": "none"},
        }
        async with running_agent(Agent(config(tmp_path, collector, machine))):
            await until(lambda: said(collector) == [LOST], "that it is not connected")
