"""kill -9 of agent and collector: what was acknowledged is there, once; and the counts are right.

Both run as their users run them, each in a process of its own. A machine counts on by its own
clock whatever happens. What it counted inside a confirmed span must be in the store, nothing
may be there that it did not count, nothing twice; the ledger is one chain over all lives.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
from command_line import answer, lineproof
from counter_machine import CounterMachine, counter_machine
from edge_samples import changes_of, check_chain, samples_of, spans_of
from killed_parts import AGENT, Pair
from mqtt_broker import MqttBroker, mqtt_broker
from tcp_proxy import TcpProxy, tcp_proxy

from domain.batches import parse_batch
from domain.frames import HISTORY
from edge.keys import agent_key
from store.node.opening import open_stores

KILLS = 8
ENOUGH = 500  # counts inside confirmed spans
SEED = 20260302
PLANT = """
plant: test
timezone: Asia/Hong_Kong
company: {name: {en: Test Ltd}}
lines:
  line-1:
    name: {en: Line 1}
    machines:
      filler: {profile: import}
      meter: {profile: import}
    roles: {state: filler, total_count: filler, energy: meter}
"""


@dataclass(frozen=True)
class Kept:
    """What lasts in a collector's data folder: sealed bytes in the ledger's order, and the
    samples of the line as the store gives them (HISTORY)."""

    batches: list[bytes]
    samples: pl.DataFrame


def kept(pair: Pair) -> Kept:
    """Checks that ledger and archive are one chain of this agent, and that the store holds
    each sample of it exactly once and nothing else."""
    with open_stores(pair.data, must_exist=True) as stores:
        ledger = stores.telemetry.batches(agent=AGENT, limit=1_000_000)
        assert [it.number for it in ledger] == list(range(1, len(ledger) + 1))
        assert set(stores.archive.digests()) == {it.digest for it in ledger}
        assert stores.archive.quarantine.counts() == {}
        batches = [stores.archive.get(it.digest) for it in ledger]
        around = datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
        samples = stores.telemetry.history("line-1", *around).samples
    check_chain(batches, agent_key(pair.agent_data))
    keys = ["machine", "signal", "time"]
    assert not samples.select(keys).is_duplicated().any()
    sealed = sealed_samples(batches).unique()
    assert samples.sort(keys).equals(sealed.select(samples.columns).sort(keys))
    return Kept(batches, samples)


def sealed_samples(batches: list[bytes]) -> pl.DataFrame:
    """HISTORY rows of all batches, as often as they are there."""
    frames = [pl.read_ipc_stream(parse_batch(data).samples_bytes) for data in batches]
    return pl.concat(frames).select(HISTORY.names())


def kpi(pair: Pair, folder: Path, start: datetime, end: datetime) -> dict[str, Any]:
    """The row that the command line shows of the stopped collector's data folder."""
    plant = folder / "plant.yaml"
    plant.write_text(PLANT)
    lineproof("apply", "-f", plant, "--data", pair.data)
    window = ("--start", start.isoformat(), "--end", end.isoformat())
    (row,) = answer("kpi", "--data", pair.data, "--line", "line-1", *window)
    assert isinstance(row, dict)
    return row


def kill_by_turns(pair: Pair) -> None:
    """Ten kills, five of each, in an order and at moments of chance; then an orderly end."""
    chance = random.Random(SEED)
    turns = [pair.agent, pair.collector] * (KILLS // 2)
    chance.shuffle(turns)
    pair.start()
    for victim in turns:
        # Anything may be under way then: a start, a hand-over, a pause between two attempts.
        if chance.random() < 0.7:
            pair.wait_for_samples(20)
        time.sleep(chance.uniform(0, 1))
        victim.kill()
        victim.start()
    pair.wait_for_samples(ENOUGH + 200)  # the last of them lie too near to the end of their span
    pair.stop()


@contextlib.asynccontextmanager
async def counting(machine: CounterMachine) -> AsyncIterator[None]:
    """The machine produces and counts for the length of the block."""
    await machine.write("state", 1)
    task = asyncio.create_task(machine.count_on(0.01))
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def test_kills_of_agent_and_collector(tmp_path: Path) -> None:
    async with counter_machine() as machine:
        pair = Pair(tmp_path, [machine.config()])
        try:
            async with counting(machine):
                await asyncio.to_thread(kill_by_turns, pair)
        finally:
            pair.clear_away()
    found = kept(pair)
    counts = changes_of(found.samples.filter(signal="total_count").select("time", "value").rows())
    spans = spans_of(found.batches)
    expected = machine.vouched_for(spans)
    assert expected - set(counts) == set(), "a count inside a confirmed span is missing"
    assert set(counts) <= set(machine.truth["total_count"]), "a count that never was"
    assert len(expected) > ENOUGH, "too little was counted to prove anything"
    # Only the value that a new subscription begins with may have been sent before.
    sealed = changes_of(samples_of(found.batches, "total_count"))
    assert len(sealed) - len(counts) <= KILLS
    first, last = counts[0], counts[-1]
    row = await asyncio.to_thread(kpi, pair, tmp_path, first[0], last[0] + timedelta(seconds=1))
    assert abs(row["total_count"] - (last[1] - first[1])) < 1e-6
    away = len(spans) - 1
    lives = len(pair.agent.logged("agent starts"))
    assert 1 <= away < lives, "a killed agent leaves a gap, a killed collector none"
    assert row["unknown_time_s"] > 0
    assert row["production_time_s"] > 0


METER_EACH = 60


def notices(first: int, count: int, start: datetime) -> list[str]:
    """NotifyStatus of a Shelly Pro 3EM (Gen2 API, General/Notifications): its counter in Wh."""
    return [
        json.dumps(
            {
                "src": "shellypro3em-1",
                "dst": "shelly/press/events",
                "method": "NotifyStatus",
                "params": {
                    "ts": round(start.timestamp() + number / 10, 2),
                    "emdata:0": {"id": 0, "total_act": 1000.0 * number},
                },
            }
        )
        for number in range(first, first + count)
    ]


def meter_config(port: int) -> dict[str, Any]:
    return {
        "line": "line-1",
        "machine": "meter",
        "profile": "shelly/pro3em-mqtt",
        "connection": {"url": f"mqtt://127.0.0.1:{port}", "topic": "shelly/press"},
    }


async def killed_unacknowledged(
    pair: Pair, broker: MqttBroker, proxy: TcpProxy, start: datetime
) -> None:
    """The agent is killed when what it handed over lasts, but the broker was not told so."""

    async def publish(block: int) -> None:
        texts = notices(1 + block * METER_EACH, METER_EACH, start)
        await asyncio.to_thread(broker.publish, "shelly/press/events/rpc", *texts)

    await asyncio.to_thread(pair.start)
    await asyncio.to_thread(pair.agent.wait_for, "connected")
    arrived = asyncio.create_task(asyncio.to_thread(pair.wait_for_samples, METER_EACH))
    await publish(0)
    await arrived
    proxy.answering.clear()
    arrived = asyncio.create_task(asyncio.to_thread(pair.wait_for_samples, METER_EACH))
    await publish(1)
    await arrived
    pair.agent.kill()
    proxy.cut()
    proxy.answering.set()
    await publish(2)  # for nobody: the broker keeps them
    arrived = asyncio.create_task(asyncio.to_thread(pair.wait_for_samples, 3 * METER_EACH))
    pair.agent.start()
    await asyncio.to_thread(pair.agent.wait_for, "connected", 2)
    await publish(3)
    await arrived
    await asyncio.to_thread(pair.stop)


async def test_mqtt_messages_that_come_again_count_once(tmp_path: Path) -> None:
    start = datetime.now(UTC) - timedelta(minutes=1)
    with mqtt_broker(tmp_path) as broker:
        async with tcp_proxy(broker.port) as proxy:
            pair = Pair(tmp_path, [meter_config(proxy.port)])
            try:
                await killed_unacknowledged(pair, broker, proxy, start)
            finally:
                pair.clear_away()
    found = kept(pair)
    numbers = range(1, 4 * METER_EACH + 1)
    energy = found.samples.filter(signal="energy").sort("time")["value"].to_list()
    assert energy == [float(number) for number in numbers], "in kWh, each once, in order"
    again = sealed_samples(found.batches).height - found.samples.height
    assert again == METER_EACH, "those without acknowledgement come again, and no others"
    end = start + timedelta(minutes=1)
    row = await asyncio.to_thread(kpi, pair, tmp_path, start, end)
    assert abs(row["energy_kwh"] - (numbers[-1] - numbers[0])) < 1e-6
