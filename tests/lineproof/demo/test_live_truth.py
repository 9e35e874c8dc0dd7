"""A live run of the demo's machines: what agents, collector and analytics measured is the truth.

Real OPC UA, real MQTT, the node's own parts in this process; the machines run fast, so that
twenty seconds hold many changes of state. The run lasts until the store holds enough of them.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from peers import PATIENCE_S
from recording_sink import until

from analytics.kpi.row_columns import KpiRow
from api.documents.stops import stops_document
from api.queries.kpis import KpiQuestion, kpi_rows
from api.queries.stops import StopsQuestion
from domain.frames import LineHistory
from domain.states import MachineState
from domain.time import Window, instant, micros
from lineproof.clock import utc_now
from lineproof.demo.model.behaviour import Behaviour, Recipe, StopKind
from lineproof.demo.model.plant_model import BLOCK_US, PlantModel, Truth
from lineproof.demo.servers.broker import DemoBroker
from lineproof.demo.servers.line_server import LineServer
from lineproof.demo.servers.meter import Meter
from lineproof.run.node import Node, live_agents
from lineproof.run.web_server import bind
from lineproof.upkeep.apply import apply_files
from store.node.opening import open_stores

PUBLISHING_S = 0.2
MACHINES = 3
ENOUGH_S, ENOUGH_STATES, ENOUGH_ITEMS, ENOUGH_REJECTS, ENOUGH_BLOCKED_S = 14, 4, 120, 15, 0.5
FAST = Behaviour(
    recipe=Recipe(1, "fast", 0.05),
    run_mean_s=1.0,
    run_min_s=0.6,
    reject_share=0.2,
    stop_spread=0.2,
    stops=(
        StopKind("Cup magazine empty", MachineState.STARVED, 2, 0.8),
        StopKind(
            "Downstream packer full", MachineState.BLOCKED, 3, 0.8, MachineState.FAULT, "Carton jam"
        ),
        StopKind("Lid film jam", MachineState.STOPPED, 1, 0.8),
        StopKind("Heat sealer over temperature", MachineState.FAULT, 1, 0.8),
        StopKind("Flavour changeover", MachineState.SETUP, 1, 0.8),
    ),
)
PLANT = """\
plant: live
timezone: Asia/Hong_Kong
company: {{name: {{en: Live}}, business_registration: "1"}}
lines:
  fast-1:
    name: {{en: Fast line}}
    ideal_cycle_time_s: 0.05
    machines:
      filler:
        profile: packml/opcua
        connection: {{url: "{opcua}", security: none, publishing_interval_ms: "200"}}
        parameters: {{unit: CupFiller}}
      packer:
        profile: packml/opcua
        connection: {{url: "{opcua}", security: none, publishing_interval_ms: "200"}}
        parameters: {{unit: CasePacker}}
      meter:
        profile: shelly/pro3em-mqtt
        connection: {{url: "{mqtt}", topic: t, protocol: "3.1.1"}}
    roles: {{state: filler, total_count: filler, good_count: filler, energy: meter}}
    sequence: [filler, packer]
"""


@dataclass(frozen=True)
class Measured:
    """What the node says of the window whose truth the machine knows."""

    window: Window
    truth: Truth
    states: pl.DataFrame
    row: KpiRow
    counted: tuple[Truth, dict[str, Any]]
    stops: dict[str, Any]


def _now_us() -> int:
    return time.time_ns() // 1000


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Measured:
    return asyncio.run(_live_run(tmp_path_factory.mktemp("live")))


async def _live_run(folder: Path) -> Measured:
    model = PlantModel(_now_us() - BLOCK_US // 2, 7, FAST)
    broker, line = DemoBroker(), LineServer(model, _now_us, tick_s=0.05)
    await broker.start()
    await line.start()
    meter = Meter(model, _now_us, broker.url, "t", period_s=0.25)
    meter.start()
    playing = [asyncio.create_task(line.run()), asyncio.create_task(meter.run())]
    plant = folder / "plant.yaml"
    plant.write_text(PLANT.format(opcua=line.url, mqtt=broker.url))
    with open_stores(folder / "node") as stores, bind("127.0.0.1", 0) as bound:
        apply_files(stores.registry, [plant], utc_now())
        node = Node(stores, bound)
        await node.start(live_agents(stores, folder / "node", node.url, seal_after_s=0))
        try:
            await until(
                lambda: _is_enough(node, model),
                "enough data to measure",
                timeout_s=3 * PATIENCE_S,
                every_s=1,
            )
        finally:
            for task in playing:
                task.cancel()
            await node.stop()
            meter.stop()
            await line.stop()
            await broker.stop()
        node.close()
        return _measure(node, model)


def _history(node: Node) -> LineHistory:
    return node.stores.telemetry.history("fast-1", utc_now() - timedelta(minutes=10), utc_now())


def _borders(node: Node, model: PlantModel, spans: pl.DataFrame) -> list[int]:
    """The model's changes in the time for which all machines are confirmed."""
    start_us = micros(max(spans.group_by("machine").agg(pl.col("start").min())["start"]))
    end_us = micros(min(node.stores.telemetry.last_span_end("fast-1").values()))
    return [s.start_us for s in model.segments(start_us, end_us) if s.start_us >= start_us]


def _is_enough(node: Node, model: PlantModel) -> bool:
    spans = _history(node).spans
    if spans["machine"].n_unique() < MACHINES:
        return False
    borders = _borders(node, model, spans)
    if len(borders) < 2 or borders[-1] - borders[0] < ENOUGH_S * 1_000_000:
        return False
    truth = model.truth(borders[0], borders[-1])
    return (
        len(truth.state_us) >= ENOUGH_STATES
        and truth.items > ENOUGH_ITEMS
        and truth.rejects > ENOUGH_REJECTS
        and truth.state_us.get(MachineState.BLOCKED, 0) > ENOUGH_BLOCKED_S * 1_000_000
    )


def _measure(node: Node, model: PlantModel) -> Measured:
    """Over the time that all machines were confirmed, cut inward to the model's changes."""
    history = _history(node)
    borders = _borders(node, model, history.spans)
    window = Window(instant(borders[0]), instant(borders[-1]))
    rejects = history.samples.filter(
        pl.col("signal") == "reject_count", pl.col("time") >= window.start
    )
    told = Window(rejects["time"][0], rejects["time"][-1])  # both counters were told just then
    return Measured(
        window=window,
        truth=model.truth(borders[0], borders[-1]),
        states=node.queries.states("fast-1", window),
        row=_row(node, window),
        counted=(
            model.truth(micros(told.start), micros(told.end)),
            _row(node, told),
        ),
        stops=stops_document(node.queries, "fast-1", window, StopsQuestion(lag_s=0.1)),
    )


def _row(node: Node, window: Window) -> KpiRow:
    ((row,),) = kpi_rows(node.queries, [KpiQuestion("fast-1", window)])
    return row


def test_the_run_holds_all_that_is_to_be_measured(measured: Measured) -> None:
    seconds = (measured.window.end - measured.window.start).total_seconds()
    assert seconds >= ENOUGH_S
    assert len(measured.truth.state_us) >= ENOUGH_STATES
    assert measured.truth.items > ENOUGH_ITEMS
    assert measured.truth.rejects > ENOUGH_REJECTS


def test_seconds_of_each_state_are_the_truth(measured: Measured) -> None:
    """To the microsecond, because the machine stamps its changes itself."""
    lasted = (pl.col("end") - pl.col("start")).dt.total_microseconds()
    lengths = measured.states.with_columns(us=lasted)
    found = dict(lengths.group_by("state").agg(pl.col("us").sum()).iter_rows())
    assert MachineState.UNKNOWN.value not in found
    assert set(found) == {state.value for state in measured.truth.state_us}
    for state, us in measured.truth.state_us.items():
        assert found[state.value] == us, state


def test_counts_are_the_truth_to_the_item(measured: Measured) -> None:
    """Between two instants at which the machine told both counters; elsewhere the item that
    is being made at a border is shared between both sides of it."""
    truth, row = measured.counted
    assert truth.items > 50
    assert row["total_count"] == pytest.approx(truth.items, abs=1e-6)
    assert row["reject_count"] == pytest.approx(truth.rejects, abs=1e-6)
    assert row["good_count"] == pytest.approx(truth.good, abs=1e-6)
    assert measured.row["total_count"] == pytest.approx(measured.truth.items, abs=2)


def test_time_classes_partition_the_window(measured: Measured) -> None:
    row = measured.row
    planned = row["planned_busy_time_s"]
    names = ("production", "setup", "delay", "down", "maintenance", "unknown")
    assert sum(row[f"{name}_time_s"] for name in names) == pytest.approx(planned)
    assert row["unknown_time_s"] == 0.0
    producing = measured.truth.state_us[MachineState.PRODUCING] / 1e6
    assert row["production_time_s"] == pytest.approx(producing, abs=PUBLISHING_S)
    assert row["setup_time_s"] == pytest.approx(
        measured.truth.state_us.get(MachineState.SETUP, 0) / 1e6, abs=PUBLISHING_S
    )


def test_energy_is_the_truth_within_the_meters_period(measured: Measured) -> None:
    """The meter is read every 0.25 s and between its readings energy is spread evenly."""
    slack_kwh = FAST.power_producing_kw * 2 * 0.25 / 3600
    assert measured.row["energy_kwh"] == pytest.approx(measured.truth.energy_kwh, abs=slack_kwh)


def test_every_wait_is_laid_at_the_machine_that_stood_first(measured: Measured) -> None:
    """The packer for a blocked filler; nobody of the line for a starved one, the first of it."""
    state_us = measured.truth.state_us
    first = measured.stops["first_causes"]
    waits = [wait for wait in first["waits"] if wait["machine"] == "filler"]
    seconds = {
        (cause, waited): sum(
            it["duration_s"] for it in waits if (it["cause"], it["waited"]) == (cause, waited)
        )
        for cause, waited in {(it["cause"], it["waited"]) for it in waits}
    }
    expected = {
        ("packer", "blocked"): state_us.get(MachineState.BLOCKED, 0) / 1e6,
        (None, "starved"): state_us.get(MachineState.STARVED, 0) / 1e6,
    }
    assert expected["packer", "blocked"] > ENOUGH_BLOCKED_S
    expected = {key: value for key, value in expected.items() if value}
    assert seconds == {key: pytest.approx(value, abs=1e-6) for key, value in expected.items()}
    packer = next(it for it in first["machines"] if it["machine"] == "packer")
    assert packer["caused_s"] == pytest.approx(expected["packer", "blocked"], abs=1e-6)
