"""Machines, broker, agent and collector on a network that cuts, stalls, delays and reorders.

One agent reads a machine of each kind (OPC UA, JSON over MQTT with QoS 1 and 0, Sparkplug B)
through relays that misbehave by a seed, and hands over to the real collector through one more. In
the end the collector has what the machines said: every count inside a confirmed span, and none that
never was. Time in which something went missing is in no span, so it is unknown.

    LINEPROOF_RELAY=1800 LINEPROOF_SEED=7 pytest tests/simulation/edge/test_rough_network.py -s

lets them misbehave for half an hour, by that seed. The seed is named when it fails.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from base64 import b64decode
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import polars as pl
import pytest
from peers import free_port
from recording_sink import until
from relay import HELD_BACK_MAX_S
from rough_network import LINE, Rough, Truth, config, report, rough
from running_agent import running_agent
from serving_collector import serving

import edge.uplink
from edge.agent import Agent
from edge.sources.sparkplug import rebirths
from store.node.opening import open_stores
from store.telemetry.unsealed import Unsealed

BOUNDED_S = 12.0
PAUSE_MAX_S = 3.0  # between two things that a relay does
SLACK = timedelta(seconds=HELD_BACK_MAX_S + 1.0)  # what was on its way when a connection broke


def missing(samples: pl.DataFrame, spans: pl.DataFrame, truth: Truth) -> Truth:
    """What the machine said well inside a span, and the collector has not."""
    there = set(samples.select("time", "value").iter_rows())
    return [
        (at, value)
        for at, value in truth
        if (at, value) not in there
        and any(start <= at <= end - SLACK for start, end in spans.iter_rows())
    ]


def made_up(samples: pl.DataFrame, truth: Truth) -> Truth:
    """What the collector has, and the machine never said: a value at another time is right where
    it still stood there."""
    said, values = set(truth), {value: at for at, value in truth}
    ends = dict(zip((value for _, value in truth), [at for at, _ in truth[1:]], strict=False))
    return [
        (at, value)
        for at, value in samples.select("time", "value").iter_rows()
        if value is not None
        and (at, value) not in said
        and not (value in values and values[value] <= at <= ends.get(value, at))
    ]


async def test_what_machines_said_arrives_or_its_time_is_unknown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edge.uplink, "REFUSED_S", 0.5)
    monkeypatch.setattr(rebirths, "PAUSE_FIRST_S", 0.2)
    monkeypatch.setattr(rebirths, "PAUSE_MOST_S", 1.0)
    rough_s = float(os.environ.get("LINEPROOF_RELAY", BOUNDED_S))
    seed = int(os.environ.get("LINEPROOF_SEED", "20260302"))
    port, began = free_port(), datetime.now(UTC)
    async with rough(tmp_path, Random(seed), port) as network:
        agent = Agent(config(tmp_path, network))
        with (
            open_stores(tmp_path / "node") as stores,
            serving(stores, port, unsealed=Unsealed()),
        ):
            stores.registry.agents.enrol("agent-1", b64decode(agent.public_key), began)
            async with running_agent(agent):
                await misbehaved(network, agent, rough_s)
            until_then = datetime.now(UTC) + timedelta(minutes=1)
            history = stores.telemetry.history(LINE, began, until_then)
            handed_over = stores.telemetry.last_batch("agent-1")
    report(seed, network, history.samples, history.spans)
    assert handed_over is not None
    assert handed_over.number == agent.status().spool.next_number - 1
    for machine, truth in network.truths.items():
        samples = history.samples.filter(machine=machine, signal="total_count")
        spans = history.spans.filter(machine=machine).select("start", "end")
        assert missing(samples, spans, truth) == [], f"{machine}, LINEPROOF_SEED={seed}"
        assert made_up(samples, truth) == [], f"{machine}, LINEPROOF_SEED={seed}"
        longest = (spans["end"] - spans["start"]).max()
        assert longest > SLACK, f"{machine} is hardly known, LINEPROOF_SEED={seed}"


async def misbehaved(network: Rough, agent: Agent, rough_s: float) -> None:
    """So long the machines count on while the network is rough; then it is good until all are heard
    for as long as the test needs, and all has been handed over."""
    counting = asyncio.create_task(network.count_on())
    await until(lambda: all_alive(agent), "the machines")
    rough_ones = [asyncio.create_task(it.misbehave(PAUSE_MAX_S)) for it in network.relays]
    await asyncio.sleep(rough_s)
    for task in rough_ones:
        task.cancel()
    await asyncio.gather(*rough_ones, return_exceptions=True)
    for it in network.relays:
        it.behave()
    await until(lambda: all_alive(agent), "the machines again")
    await asyncio.sleep(2 * SLACK.total_seconds())
    counting.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await counting
    await until(lambda: agent.status().uplink.failures == 0, "the collector again")
    await until(lambda: agent.status().spool.sealed_batches == 0, "the last batches")


def all_alive(agent: Agent) -> bool:
    return all(it.alive for it in agent.status().machines)
