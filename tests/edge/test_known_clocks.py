"""What is known of machines' clocks over a restart of the agent, and what comes of it."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from mqtt_broker import mqtt_broker
from mqtt_machine import PROFILE
from opcua_server import counting_machine, opcua_server
from recording_sink import until, utc_now
from running_agent import running_agent
from scripted_collector import ScriptedCollector, scripted_collector

from device_profiles.decoding.remembered import Remembered, RememberedAddress
from device_profiles.decoding.source_time import TOLERANCE
from domain.batches import parse_batch
from edge.agent import Agent
from edge.config import AgentConfig
from edge.known_clocks import KnownClocks

BEHIND = timedelta(hours=2)
HOUR = timedelta(hours=1)
TIMED = f"""{PROFILE}
inputs:
  state: {{sources: [{{topic: main, field: /state, time: /ts}}]}}
  total: {{sources: [{{topic: main, field: /total, time: /ts}}]}}
signals:
  state: {{input: state, codes: {{1: producing, 2: stopped}}}}
  total_count: {{input: total}}
"""


def test_what_was_learnt_lasts(tmp_path: Path) -> None:
    clocks = KnownClocks(tmp_path, is_used=False)
    clocks.begin()
    assert clocks.is_right("a") is None
    assert KnownClocks(tmp_path, is_used=True).is_right("a") is None, "it is no older agent's"
    clocks.learn("a", None)
    clocks.learn("a", True)
    clocks.learn("b", False)
    again = KnownClocks(tmp_path, is_used=True)
    assert [again.is_right(it) for it in "abc"] == [True, False, None]


def test_what_an_older_agent_left_is_taken_to_be_right(tmp_path: Path) -> None:
    clocks = KnownClocks(tmp_path, is_used=True)
    assert clocks.is_right("a") is True
    clocks.learn("a", False)
    assert KnownClocks(tmp_path, is_used=True).is_right("a") is False


@pytest.mark.parametrize("text", ["", "[]", "no JSON", '{"a": 1}', "[" * 10_000])
def test_a_file_that_says_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / "clocks.json").write_text(text, encoding="utf-8")
    assert KnownClocks(tmp_path, is_used=True).is_right("a") is None


def test_a_folder_that_takes_no_file_costs_nothing(tmp_path: Path) -> None:
    clocks = KnownClocks(tmp_path / "gone", is_used=False)
    clocks.learn("a", True)
    assert clocks.is_right("a") is True


def test_what_is_remembered_of_a_machine_lasts(tmp_path: Path) -> None:
    clocks = KnownClocks(tmp_path, is_used=False)
    assert clocks.remembered("l/m") is None, "nobody read it"
    known = Remembered(heard=((utc_now(), utc_now()),), addresses={"a": RememberedAddress()})
    clocks.remember("l/m", known)
    again = KnownClocks(tmp_path, is_used=True)
    assert again.remembered("l/m") == known
    assert again.remembered("l/other") == Remembered()
    for rubbish in (b"", b"{", b"[]", b'{"heard": 1}', b"\xff", b"[" * 100_000):
        (tmp_path / "clocks/l/m.json").write_bytes(rubbish)
        assert again.remembered("l/m") == Remembered()


def states(collector: ScriptedCollector) -> list[tuple[datetime, str]]:
    """When which state was told, in the order in which it was sealed."""
    return [
        row
        for data in collector.batches
        for row in pl.read_ipc_stream(parse_batch(data).samples_bytes)
        .filter(pl.col("signal") == "state")
        .select("time", "text")
        .iter_rows()
    ]


@contextlib.asynccontextmanager
async def agent_of(
    folder: Path, collector: ScriptedCollector, machine: dict[str, Any]
) -> AsyncIterator[None]:
    settings = {
        "name": "agent-1",
        "data": folder / "agent-1",
        "collector": collector.url,
        "batch": {"max_age_s": 0.1},
        "machines": [{"line": "line-1", "machine": "m", **machine}],
    }
    agent = Agent(AgentConfig.model_validate(settings))
    async with running_agent(agent):
        await until(lambda: agent.status().machines[0].source.connected, "the connection")
        yield


async def test_a_machine_two_hours_behind_rewrites_nothing_when_its_agent_starts_anew(
    tmp_path: Path,
) -> None:
    """It stopped while the agent was away: at its own time that lies two hours before what it
    said last, and the line would be shown producing."""
    began = utc_now()
    variables = {"State": (1, began - BEHIND), "Total": (0, began - BEHIND)}
    async with opcua_server(variables=variables) as server:
        machine = counting_machine(server.url)
        with scripted_collector() as collector:
            async with agent_of(tmp_path, collector, machine):
                await until(lambda: len(states(collector)) == 1, "the first state")
            await server.write("State", 2, utc_now() - BEHIND)
            away = utc_now()
            async with agent_of(tmp_path, collector, machine):
                await until(lambda: len(states(collector)) == 2, "the state after the restart")
            told = states(collector)
    assert [text for _, text in told] == ["producing", "stopped"]
    assert told[0][0] >= began
    assert told[1][0] >= away


async def test_an_opc_ua_clock_that_is_set_back_while_its_agent_is_stopped_rewrites_nothing(
    tmp_path: Path,
) -> None:
    began = utc_now()
    variables = {"State": (1, began), "Total": (0, began)}
    async with opcua_server(variables=variables) as server:
        machine = counting_machine(server.url)
        with scripted_collector() as collector:
            async with agent_of(tmp_path, collector, machine):
                await until(lambda: len(states(collector)) == 1, "the first state")
            away = utc_now()
            await server.write("State", 2, began - timedelta(seconds=90))
            async with agent_of(tmp_path, collector, machine):
                await until(lambda: len(states(collector)) == 2, "the state after the restart")
            told = states(collector)
    assert [text for _, text in told] == ["producing", "stopped"]
    assert told[1][0] >= away


async def test_an_mqtt_clock_that_is_set_back_while_its_agent_is_stopped_shows_nothing_old(
    tmp_path: Path,
) -> None:
    """What was told before the stop is not shown any more: nobody knows whether it holds."""
    profile = tmp_path / "profile.yaml"
    profile.write_text(TIMED, encoding="utf-8")
    with mqtt_broker(tmp_path) as broker, scripted_collector() as collector:
        machine = {"profile": str(profile), "connection": {"url": broker.url}}
        async with agent_of(tmp_path, collector, machine):
            await asyncio.to_thread(broker.publish, "main", _message(1, 1, utc_now()))
            await until(lambda: len(states(collector)) == 1, "the first state")
        away = utc_now()
        async with agent_of(tmp_path, collector, machine):
            late = away - timedelta(minutes=30)
            await asyncio.to_thread(broker.publish, "main", _message(2, 2, late))
            await until(lambda: len(states(collector)) == 3, "the state after the restart")
    newest = max(states(collector))
    assert newest[0] >= away
    assert newest[1] == "unknown"


def _message(state: int, total: int, at: datetime) -> str:
    return json.dumps({"state": state, "total": total, "ts": at.timestamp()})


async def test_a_device_that_is_always_two_hours_behind_comes_to_stand_at_its_receipt(
    tmp_path: Path,
) -> None:
    """It takes some seconds to tell a clock that is behind from messages that had waited; after
    the agent's restart it is known at once."""
    profile = tmp_path / "profile.yaml"
    profile.write_text(TIMED, encoding="utf-8")
    with mqtt_broker(tmp_path) as broker, scripted_collector() as collector:
        machine = {"profile": str(profile), "connection": {"url": broker.url}}

        async def tell(state: int, count: int) -> None:
            message = _message(state, count, utc_now() - BEHIND)
            await asyncio.to_thread(broker.publish, "main", message)
            await until(lambda: len(states(collector)) >= count, "the state")

        async with agent_of(tmp_path, collector, machine):
            await tell(1, 1)
            await asyncio.sleep(TOLERANCE.total_seconds() + 0.5)
            known = utc_now()
            await tell(2, 2)
        async with agent_of(tmp_path, collector, machine):
            await tell(1, 3)
            await tell(2, 4)
    told = states(collector)
    assert told[0][0] < known - BEHIND
    assert [time >= known for time, _ in told[1:]] == [True] * 3


async def test_what_a_broker_kept_for_a_machine_whose_clock_is_right_keeps_its_times(
    tmp_path: Path,
) -> None:
    profile = tmp_path / "profile.yaml"
    profile.write_text(TIMED, encoding="utf-8")
    with mqtt_broker(tmp_path) as broker, scripted_collector() as collector:
        machine = {"profile": str(profile), "connection": {"url": broker.url}}
        async with agent_of(tmp_path, collector, machine):
            await asyncio.to_thread(broker.publish, "main", _message(1, 1, utc_now() - HOUR))
            await until(lambda: len(states(collector)) == 1, "the first state")
        kept = [utc_now().replace(microsecond=0) - timedelta(minutes=m) for m in (30, 20, 10)]
        messages = [_message(1 + n % 2, n, time) for n, time in enumerate(kept)]
        await asyncio.to_thread(broker.publish, "main", *messages)
        async with agent_of(tmp_path, collector, machine):
            await until(lambda: len(states(collector)) == 4, "what the broker kept")
    assert [time for time, _ in states(collector)[1:]] == kept
