"""What an agent tells of its machines' sources, from real servers to sealed batches."""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from asyncua import ua
from counter_machine import PARAMETERS, counter_machine
from mqtt_broker import mqtt_broker, publish_all
from mqtt_machine import PROFILE, mqtt_machine
from opcua_server import counting_machine, opcua_server
from paho.mqtt import publish
from peers import require
from recording_sink import until
from running_agent import running_agent
from scripted_collector import Say, ScriptedCollector, scripted_collector

from domain.batches import parse_batch
from domain.signals import CLOCK, CONNECTED, CONNECTION, FAULTS, LOST, SOURCE_IDENTITY
from domain.source_faults import FaultCode, SourceFault, from_text
from edge.agent import Agent
from edge.config import AgentConfig
from edge.source_report import SourceReport
from edge.sources.mqtt import topics_there

AT = datetime(2026, 3, 2, tzinfo=UTC)
ONE_SIGNAL = f"""{PROFILE}
inputs:
  total: {{sources: [{{topic: main, field: /total}}]}}
signals:
  total_count: {{input: total}}
"""
TWO_TOPICS = f"""{PROFILE}
inputs:
  state: {{sources: [{{topic: main, field: /state}}]}}
  total: {{sources: [{{topic: other, field: /total}}]}}
signals:
  state: {{input: state, codes: {{1: producing}}}}
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


def config(folder: Path, collector: ScriptedCollector, *machines: dict[str, Any]) -> AgentConfig:
    return AgentConfig.model_validate(
        {
            "name": "agent-1",
            "data": folder / "agent-1",
            "collector": collector.url,
            "batch": {"max_age_s": 0.1},
            "machines": machines,
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
    first, second = (json.loads(text) for _, text in texts_of(collector.batches, SOURCE_IDENTITY))
    assert first == second, "the same source, told at each start"
    assert (first["agent"], first["profile"]) == ("agent-1", settings.machines[0].profile)
    assert first["address"] == settings.machines[0].connection["url"]
    header = parse_batch(collector.batches[0]).header
    assert list(header.profiles.values()) == [first["profile_digest"]]


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


def faults(collector: ScriptedCollector, machine: str) -> dict[str, SourceFault]:
    """What was told last of the machine's source, by code."""
    told = [
        row
        for data in collector.batches
        for row in pl.read_ipc_stream(parse_batch(data).samples_bytes)
        .filter((pl.col("signal") == FAULTS) & (pl.col("machine") == machine))["text"]
        .to_list()
    ]
    return {fault.code.value: fault for fault in from_text(told[-1] if told else None)}


def test_faults_are_told_when_they_change_and_their_counts_once_a_minute() -> None:
    report = SourceReport("line-1", "filler")

    def told(after_s: float, *counts: int) -> list[str | None]:
        given = [SourceFault(FaultCode.VALUES_REJECTED, subject="x", count=it) for it in counts]
        return [it.text for it in report.faults(AT + timedelta(seconds=after_s), given)]

    assert told(0) == ["[]"], "so that what an agent before said no longer holds"
    assert told(1) == []
    (first,) = told(2, 1)
    assert first is not None
    assert '"count":1' in first
    assert told(3, 2) == []
    assert len(told(63, 3)) == 1
    assert told(64, 3) == []
    assert told(65) == ["[]"]


async def test_wiring_faults_are_told_with_what_is_there_instead(tmp_path: Path) -> None:
    """Addresses that a server does not have: a name, a namespace, an object in between, another
    case of the letters."""
    wrong = {
        "name": {"total_count": "urn:vendor:Counters/Totl"},
        "case": {"total_count": "urn:vendor:Counters/total"},
        "namespace": {"total_count": "urn:vndor:Counters/Total"},
        "object": {"total_count": "urn:vendor:Counter/Total"},
    }
    with scripted_collector() as collector:
        async with counter_machine() as server:
            good = server.config()
            machines = [
                {**good, "machine": name, "parameters": {**PARAMETERS, **parameters}}
                for name, parameters in wrong.items()
            ]
            settings = config(tmp_path, collector, *machines, good)
            async with running_agent(Agent(settings)):
                await until(
                    lambda: all("address_not_served" in faults(collector, name) for name in wrong),
                    "the addresses that are not served",
                )
                found = {name: faults(collector, name)["address_not_served"] for name in wrong}
                assert faults(collector, "filler") == {}
    assert {name: found[name].there[:2] for name in ("name", "case", "namespace")} == {
        "name": ("Total", "State"),
        "case": ("Total", "State"),
        "namespace": ("urn:vendor", "urn:other"),
    }
    assert found["object"].there[0] == "Counters"
    assert "BadNoMatch" in found["name"].detail
    assert found["name"].subject == "/{urn:vendor}Counters/{urn:vendor}Totl"


async def test_what_a_broker_refuses_or_never_sends_is_told(tmp_path: Path) -> None:
    """A wrong password; a topic on which nothing comes, alone or beside one that is right; and
    values that cannot be used."""
    passwords = tmp_path / "passwords"
    program = require(program="mosquitto_passwd")
    subprocess.run([program, "-b", "-c", passwords, "line", "proof"], check=True)
    profile = tmp_path / "profile.yaml"
    profile.write_text(TWO_TOPICS, encoding="utf-8")
    options = {"allow_anonymous": "false", "password_file": str(passwords)}
    with mqtt_broker(tmp_path, options=options) as broker, scripted_collector() as collector:

        def machine(name: str, topic: str, password: str = "proof") -> dict[str, object]:
            user = {"user": "line", "password": password}
            return {
                "line": "line-1",
                "machine": name,
                "profile": str(profile),
                "connection": {"url": broker.url, "topic": topic, **user},
                "stale_after_s": 1,
            }

        machines = [
            machine("stranger", "press", "x"),
            machine("elsewhere", "pres"),
            machine("half", "half"),
            machine("rubbish", "rubbish"),
        ]
        agent = Agent(config(tmp_path, collector, *machines))
        async with running_agent(agent):
            await until(
                lambda: all(it.source.connected for it in agent.status().machines[1:]), "all"
            )
            auth = {"username": "line", "password": "proof"}
            for topic, payload in (("half/main", 1), ("rubbish/main", "x"), ("rubbish/other", 1)):
                text = json.dumps({"state": payload, "total": payload})
                await asyncio.to_thread(
                    publish.single,
                    topic,
                    text,
                    1,
                    hostname="127.0.0.1",
                    port=broker.port,
                    auth=auth,
                )
            expected = {
                "stranger": "sign_in_refused",
                "elsewhere": "nothing_received",
                "half": "address_silent",
                "rubbish": "values_rejected",
            }
            await until(
                lambda: all(code in faults(collector, it) for it, code in expected.items()),
                "every fault",
            )
            found = {it: faults(collector, it)[code] for it, code in expected.items()}
            assert faults(collector, "rubbish").keys() == {"values_rejected"}
        assert faults(collector, "half").keys() == {"agent_stopped"}
    assert found["elsewhere"].subject == "main#/state, other#/total"
    assert found["half"].subject == "other#/total"
    assert (found["rubbish"].subject, found["rubbish"].count) == ("unknown code 'x'", 1)
    assert "Not authorized" in found["stranger"].detail
    assert (found["stranger"].subject, found["stranger"].status) == (broker.url, "MQTT 135")


async def test_a_wrong_topic_is_told_with_the_topics_that_are_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(topics_there, "LOOK_S", 0.3)
    profile = tmp_path / "profile.yaml"
    profile.write_text(TWO_TOPICS, encoding="utf-8")
    with mqtt_broker(tmp_path) as broker, scripted_collector() as collector:
        there = [("press/main", "1"), ("press/other", "1"), ("other", "1")]
        publish_all(broker.port, there, retain=True)
        machine = {
            "line": "line-1",
            "machine": "elsewhere",
            "profile": str(profile),
            "connection": {"url": broker.url, "topic": "pres"},
            "stale_after_s": 0.5,
        }
        async with running_agent(Agent(config(tmp_path, collector, machine))):

            def found() -> SourceFault | None:
                return faults(collector, "elsewhere").get("nothing_received")

            await until(lambda: (it := found()) is not None and bool(it.there), "the topics")
            told = found()
    assert told is not None
    assert told.there == ("press/main", "press/other")


async def test_a_gateway_that_has_lost_its_machine_is_told(tmp_path: Path) -> None:
    """The server is there and says that its values are bad."""
    variables = {"State": (1, datetime.now(UTC)), "Total": (0, datetime.now(UTC))}
    async with opcua_server(variables=variables) as server:
        machine = {"line": "line-1", "machine": "filler", **counting_machine(server.url)}
        with scripted_collector() as collector:
            async with running_agent(Agent(config(tmp_path, collector, machine))):
                await until(lambda: len(texts_of(collector.batches, "state")) == 1, "the state")
                await server.write("State", 1, status=ua.StatusCodes.BadNoCommunication)
                await until(lambda: "bad_quality" in faults(collector, "filler"), "the fault")
                bad = faults(collector, "filler")["bad_quality"]
                await server.write("State", 1)
                await until(lambda: faults(collector, "filler") == {}, "that it is over")
    assert bad.subject.endswith("State")
    assert bad.status == "BadNoCommunication"
    assert [text for _, text in texts_of(collector.batches, "state")] == [
        "producing", "unknown", "producing",
    ]  # fmt: skip


async def test_an_agent_whose_clock_is_ahead_says_so_and_accuses_no_machine(tmp_path: Path) -> None:
    async with counter_machine() as machine:
        with scripted_collector() as collector:
            collector.now = lambda: datetime.now(UTC) - timedelta(minutes=4)
            async with running_agent(Agent(config(tmp_path, collector, machine.config()))):
                await until(
                    lambda: faults(collector, "filler").keys() == {"agent_clock_ahead"}, "the fault"
                )
                told = faults(collector, "filler")["agent_clock_ahead"]
                await until(
                    lambda: [it for _, it in texts_of(collector.batches, CLOCK)][-1:] == ["agent"],
                    "that its figures are to be flagged",
                )
                collector.now = lambda: datetime.now(UTC)
                await machine.write("state", 1)
                await until(lambda: faults(collector, "filler") == {}, "that it is over")
    assert abs(told.amount_s - 240) < 60


async def test_a_clock_that_was_wrong_in_a_run_without_a_collector_is_told_of_that_run_too(
    tmp_path: Path,
) -> None:
    """Nobody could compare it then. It is compared after a restart, and was stopped once more."""
    async with counter_machine() as machine:
        with scripted_collector() as collector:
            collector.script = [Say(503)] * 200  # out of service
            settings = config(tmp_path, collector, machine.config())
            for _ in range(2):
                async with running_agent(agent := Agent(settings)):
                    await until(lambda: agent.status().machines[0].samples >= 2, "samples")
            assert collector.kept == {}
            collector.script.clear()
            collector.now = lambda: datetime.now(UTC) - timedelta(minutes=4)
            async with running_agent(Agent(settings)):
                await until(
                    lambda: "agent" in [it for _, it in texts_of(collector.batches, CLOCK)],
                    "that figures are to be flagged",
                )
            told = texts_of(collector.batches, CLOCK)
            first = min(at for at, _ in texts_of(collector.batches, CONNECTION))  # it started
            # It goes on while nobody runs, and until a receipt shows that it is right again.
            collector.now = lambda: datetime.now(UTC)
            async with running_agent(Agent(settings)):
                await until(
                    lambda: texts_of(collector.batches, CLOCK)[-1][1] == "", "that it is right"
                )
    assert {text for _, text in told} == {"agent"}
    assert min(at for at, _ in told) <= first
