"""One morning, told live by real machines and imported from a file: the same to the last bit.

Machines that count wrongly, say two things at once and cannot be read (`odd_morning`) are read by
real agents, and their batches come in at a real collector. The same rows are imported as a file.
All that is then known of the line is compared: facts, KPIs of every method by hour with bounds and
flags, states, stops. Once with DuckDB and once with InfluxDB; batches and
files come in another order, too. What may differ is in docs/trust.md.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from base64 import b64decode
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from influx import influx_server
from odd_morning import END, LINES, START, TICK, Row, morning, write_rows
from peers import free_port
from recording_sink import until, utc_now
from running_agent import running_agent
from serving_collector import serving
from telling_machines import telling_machines

import edge.spool.outbox
from analytics.facts.line_digest import line_digest
from analytics.methods.registry import METHODS
from api.documents.kpi_rows import kpis_document
from api.documents.stops import stops_document
from api.queries.lines import Queries
from collector.facts.keeper import FactsKeeper
from collector.intake.collector import Collector
from domain.batches import parse_batch
from domain.time import Window
from edge.agent import Agent
from edge.config import BatchLimits
from lineproof.agent_configs import agent_configs
from lineproof.history_import.importer import import_files
from lineproof.upkeep.apply import apply_files
from store.node.opening import Stores, open_stores, store_settings

WINDOW = Window(START - timedelta(hours=2), END + timedelta(hours=2))
MIDDLE = START + 14 * TICK
# Nodes that are told the same in another order, compared with one file in DuckDB.
OTHERWISE = ("live, otherwise, duckdb", "live, otherwise, influxdb", "file, otherwise, influxdb")
# What is expected: the figures would be the same, too, if nothing odd were in them.
FLAGS = {
    "gap",
    "counter_jitter",
    "counter_reset",
    "counter_out_of_line",
    "undefined_product",
    "unusable_value",
    "unplanned_production",
}


@dataclass(frozen=True)
class Shown:
    """All that a node says of a line; the line's name is left out. `repr` tells every bit."""

    facts: list[dict[str, str]]
    kpis: list[dict[str, Any]]
    states: list[dict[str, str]]
    stops: str

    @property
    def flags(self) -> set[str]:
        return {flag for row in self.kpis for flag in row["flags"]}


Batch = tuple[int, bytes]
Nodes = dict[str, dict[str, Shown]]  # name of the node → line → what it says


def texts(frame: pl.DataFrame) -> list[dict[str, str]]:
    return [{name: repr(value) for name, value in row.items()} for row in frame.to_dicts()]


def shown(stores: Stores) -> dict[str, Shown]:
    queries = Queries(stores.telemetry, stores.registry, utc_now)
    found = {}
    for line in LINES:
        spec = line_digest(stores.registry.plants.of_line(line), line)
        facts = stores.telemetry.facts(line, spec, WINDOW.start, WINDOW.end)
        kpis = [
            row | {"line": ""}
            for row in kpis_document(queries, [line], WINDOW, "hour", list(METHODS))
        ]
        found[line] = Shown(
            texts(facts.drop("line")),
            kpis,
            texts(queries.states(line, WINDOW)),
            repr(stops_document(queries, line, WINDOW)).replace(line, "line"),
        )
    return found


def refresh(stores: Stores) -> None:
    FactsKeeper(stores.telemetry, stores.registry.facts_basis, utc_now).refresh()


@contextlib.contextmanager
def new_node(folder: Path, plant: Path, **settings: str) -> Iterator[Stores]:
    with open_stores(folder, store_settings(settings, "test")) as stores:
        apply_files(stores.registry, [plant], utc_now())
        yield stores


async def watch(folder: Path, node: Path, rows: Sequence[Row]) -> Path:
    """Real agents read the machines all morning, for the node in that folder; gives the plant's
    file."""
    port = free_port()
    async with contextlib.AsyncExitStack() as stack:
        machines = await stack.enter_async_context(telling_machines(folder, rows))
        stores = stack.enter_context(new_node(node, machines.plant))
        stack.enter_context(serving(stores, port, machines.clock))
        agents = []
        plant = stores.registry.plants.of_line("line-1")
        for config in agent_configs(plant, folder, f"http://127.0.0.1:{port}"):
            often = config.model_copy(update={"batch": BatchLimits(max_age_s=0.3)})
            agent = Agent(often, now=machines.clock)
            stores.registry.agents.enrol(agent.name, b64decode(agent.public_key), utc_now())
            agents.append(await stack.enter_async_context(running_agent(agent)))
        read = [agent.status for agent in agents]
        await until(
            lambda: all(it.source.connected for status in read for it in status().machines),
            "the machines to be read",
        )
        steps = 0
        async for _ in machines.tell(rows, agents):
            steps += 1
            if steps % 15 == 0:
                await asyncio.to_thread(refresh, stores)
    return machines.plant


def sealed(stores: Stores) -> dict[str, list[Batch]]:
    """What each agent sealed, in its order."""
    found: dict[str, list[Batch]] = defaultdict(list)
    for digest in stores.archive.digests():
        data = stores.archive.get(digest)
        header = parse_batch(data).header
        found[header.agent].append((header.number, data))
    return {agent: sorted(batches) for agent, batches in sorted(found.items())}


def hand_over(
    batches: dict[str, list[Batch]], keys: dict[str, bytes], stores: Stores, chance: random.Random
) -> None:
    """The same batches in another order, some twice: an agent may be hours behind the other one."""
    for agent, key in keys.items():
        stores.registry.agents.enrol(agent, key, utc_now())
    collector = Collector(stores.telemetry, stores.archive, stores.registry.agents, utc_now)
    waiting = {agent: list(of) for agent, of in batches.items()}
    while waiting:
        agent = chance.choice(list(waiting))
        count = chance.choice([1, 5, 40])
        for _, data in waiting[agent][:count]:
            for _ in range(chance.choice([1, 1, 2])):
                assert collector.receive(data).acknowledged
        waiting[agent] = waiting[agent][count:]
        if not waiting[agent]:
            del waiting[agent]
        if chance.random() < 0.3:
            refresh(stores)
    collector.close()
    refresh(stores)


def imported(stores: Stores, folder: Path, *files: Sequence[Row]) -> dict[str, Shown]:
    """One file after the other; their rows are in no order."""
    for number, rows in enumerate(files):
        file = write_rows(folder / f"{number}.csv", random.Random(5).sample(rows, len(rows)))
        for line in LINES:
            import_files(stores, None, line, [file], now=utc_now(), keep_good=True)
    return shown(stores)


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Nodes:
    folder, rows = tmp_path_factory.mktemp("morning"), morning()
    with contextlib.ExitStack() as stack:
        # Messages are acknowledged once they are on disk: sooner here, because each one is awaited.
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setattr(edge.spool.outbox, "FLUSH_S", 0.02)
        plant = asyncio.run(watch(folder, folder / "live", rows))
        with open_stores(folder / "live") as live:
            refresh(live)
            found = {"live": shown(live)}
            batches = sealed(live)
            keys = {agent.name: agent.public_key for agent in live.registry.agents.all()}
        with new_node(folder / "file", plant) as stores:
            found["file"] = imported(stores, folder, rows)
        # The second half of the morning first; each has a little of the other.
        halves = (
            [it for it in rows if it.at >= MIDDLE],
            [it for it in rows if it.at <= MIDDLE + TICK],
        )
        server = stack.enter_context(influx_server(folder / "influx"))
        for name in OTHERWISE:
            how, _, kind = name.split(", ")
            of = {"kind": kind, "url": server.url, "org": server.org, "token": server.token}
            with new_node(folder / name, plant, bucket=server.new_bucket(), **of) as stores:
                if how == "live":
                    hand_over(batches, keys, stores, random.Random(kind))
                    found[name] = shown(stores)
                else:
                    found[name] = imported(stores, folder, *halves)
    return found


@pytest.mark.parametrize("name", ["live", *OTHERWISE])
@pytest.mark.parametrize("line", LINES)
def test_all_that_is_known_is_the_same_to_the_last_bit(nodes: Nodes, name: str, line: str) -> None:
    found, expected = nodes[name][line], nodes["file"]["line-1"]
    for of in ("states", "facts", "kpis"):
        for row, other in zip(getattr(found, of), getattr(expected, of), strict=True):
            assert row == other, of
    assert found.stops == expected.stops


def test_the_morning_was_as_odd_as_it_was_told(nodes: Nodes) -> None:
    """Or there would be little to compare."""
    shown = nodes["file"]["line-1"]
    assert shown.flags == FLAGS
    assert len(shown.facts) > 6
    assert {row["method"] for row in shown.kpis} == set(METHODS)
