"""The demo's filler as any OPC UA client sees it: found by type, structures, source times."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from asyncua import Client, ua
from asyncua.common.node import Node

from domain.states import MachineState
from domain.time import instant
from lineproof.demo.filler import SHOWN, Filler
from lineproof.demo.packml_nodes import PACKML_URI
from lineproof.demo.plant_model import BLOCK_US, Behaviour, PlantModel, StopKind

FAST = Behaviour(
    run_mean_s=1.0,
    run_min_s=0.4,
    reject_share=0.2,
    stops=(
        StopKind("Cup magazine empty", MachineState.STARVED, 1, 0.5),
        StopKind("Heat sealer over temperature", MachineState.FAULT, 1, 0.5),
        StopKind("Flavour changeover", MachineState.SETUP, 1, 0.5),
    ),
)


def _now_us() -> int:
    return time.time_ns() // 1000


@pytest.fixture
async def filler() -> AsyncIterator[Filler]:
    machine = Filler(PlantModel(_now_us() - BLOCK_US // 2, 5, FAST), _now_us, tick_s=0.05)
    await machine.start()
    yield machine
    await machine.stop()


async def _machine(client: Client) -> Node:
    """The one object below Objects whose type is PackMLBaseObjectType, found by names alone."""
    idx = await client.get_namespace_index(PACKML_URI)
    folder = await client.nodes.objects.get_child(f"{idx}:PackMLObjects")
    for child in await folder.get_children():
        definition = client.get_node(await child.read_type_definition())
        name = await definition.read_browse_name()
        if (name.Name, name.NamespaceIndex) == ("PackMLBaseObjectType", idx):
            return child
    pytest.fail("no machine of PackMLBaseObjectType")


async def test_a_client_finds_the_machine_by_type_and_reads_structured_counts(
    filler: Filler,
) -> None:
    async with Client(filler.url) as client:
        await client.load_data_type_definitions()
        machine = await _machine(client)
        idx = await client.get_namespace_index(PACKML_URI)
        counts = await machine.get_child([f"{idx}:Admin", f"{idx}:ProdProcessedCount"])
        (count,) = await counts.read_value()
        assert type(count).__name__ == "PackMLCountDataType"
        assert count.AccCount == filler._model.totals(filler.played_us).items
        assert count.Count == 0
        assert count.Unit.DisplayName.Text == "one"
        state = await machine.get_child([f"{idx}:BaseStateMachine", "0:CurrentState", "0:Number"])
        assert await state.read_value() in (9, 19)


class _Changes:
    def __init__(self) -> None:
        self.seen: list[tuple[str, Any, Any]] = []

    def datachange_notification(self, node: Node, value: Any, data: Any) -> None:
        stamp = data.monitored_item.Value.SourceTimestamp
        self.seen.append((str(node.nodeid.Identifier), value, stamp))


async def test_changes_carry_the_time_at_which_the_model_made_them(filler: Filler) -> None:
    """influxdata/telegraf's listener stamped arrival time; ours must have a source time to use."""
    changes = _Changes()
    playing = asyncio.create_task(filler.run())
    async with Client(filler.url) as client:
        machine = await _machine(client)
        idx = await client.get_namespace_index(PACKML_URI)
        path = [f"{idx}:BaseStateMachine", f"{idx}:MachineState", f"{idx}:ExecuteState"]
        number = await machine.get_child([*path, "0:CurrentState", "0:Number"])
        subscription = await client.create_subscription(100, changes)
        await subscription.subscribe_data_change(number, queuesize=1000)
        start_us = _now_us()
        await asyncio.sleep(5)
        end_us = filler.played_us - 300_000
    playing.cancel()
    window = (instant(start_us), instant(end_us))
    got = [(value, at) for _, value, at in changes.seen if window[0] < at <= window[1]]
    expected = [
        (SHOWN[segment.state].execute, instant(segment.start_us))
        for segment in filler._model.segments(start_us, end_us)
        if segment.start_us > start_us
    ]
    assert len(expected) >= 3
    assert got == expected


async def test_what_is_written_at_a_change_comes_counts_first_state_last(filler: Filler) -> None:
    """Otherwise an item made before the stop would be counted into it."""
    written: list[tuple[int, str]] = []
    put = filler._put

    async def spy(node: Node, value: ua.Variant, us: int) -> None:
        written.append((us, str(node.nodeid.Identifier)))
        await put(node, value, us)

    filler._put = spy  # type: ignore[method-assign]
    await filler.play_until(filler.played_us + 60_000_000)
    changes = {us for us, name in written if name.endswith("CurrentState.Number")}
    assert len(changes) > 10
    for us in changes:
        names = [name for at, name in written if at == us]
        counts = [i for i, name in enumerate(names) if "Count" in name]
        others = [i for i, name in enumerate(names) if "Count" not in name]
        assert max(counts, default=-1) < min(others)
        assert ".CurrentState" in names[-1]


def test_every_state_of_the_model_can_be_shown() -> None:
    missing = set(MachineState) - set(SHOWN) - {MachineState.UNKNOWN, MachineState.OFF}
    assert not missing
