"""The demo's filler as any OPC UA client sees it: found by type, structures, source times."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any, cast

import pytest
from asyncua import Client, ua
from asyncua.client.ua_session import UaSession
from asyncua.common.node import Node

from device_profiles import catalogue
from device_profiles.addresses import OPC_UA, OpcUaAddress, OpcUaStart
from device_profiles.decode import Decoder
from domain.samples import Quality, Reading, Rejection, Sample
from domain.states import MachineState
from domain.time import instant
from edge.sources.opcua_values import Structures
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
        StopKind("Downstream packer full", MachineState.BLOCKED, 1, 0.5),
        StopKind("Lid film jam", MachineState.STOPPED, 1, 0.5),
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
    assert [value for value, _ in got] == [value for value, _ in expected]
    for (_, at), (_, truth) in zip(got, expected, strict=True):
        assert abs(at - truth) <= timedelta(microseconds=100)


async def test_the_profile_decodes_what_is_written_to_the_models_very_states(
    filler: Filler,
) -> None:
    """One change of state for each of the model, at its microsecond, with the counts before it.

    No sliver of another state between: several variables make up a PackML state.
    """
    written: list[Reading] = []
    structures = Structures(cast(UaSession, None), await filler._server.get_namespace_array())

    async def spy(node: Node, value: ua.Variant, us: int) -> None:
        plain = structures.plain(value.Value)
        at = instant(us)
        written.append(
            Reading("filler", _address(str(node.nodeid.Identifier)), plain, at, at, Quality.GOOD)
        )

    start_us = filler.played_us
    end_us = start_us + 300_000_000
    filler._put = spy  # type: ignore[method-assign]
    filler._written.clear()
    filler._shown = None
    await filler._write_counts(start_us)
    await filler._write_segment(filler._model.at(start_us), start_us)
    await filler.play_until(end_us)
    decoder = Decoder(catalogue.load("packml/opcua"), "noodle-1", "filler")
    decoded = [item for reading in written for item in decoder.decode(reading)]
    rejected = [item for item in decoded if isinstance(item, Rejection)]
    assert not [item for item in rejected if "no signal" not in item.reason]
    samples = [item for item in decoded if isinstance(item, Sample)]
    states = [(item.time, item.text) for item in samples if item.signal == "state"]
    changes = [one for one, before in zip(states, [(None, None), *states], strict=False)
               if one[1] != before[1]]  # fmt: skip
    segments = list(filler._model.segments(start_us, end_us))
    expected = [(instant(max(start_us, it.start_us)), it.state.value) for it in segments]
    assert {state for _, state in expected} > {"producing", "starved", "fault", "setup"}
    assert changes == expected
    for segment in segments[1:]:
        at = instant(segment.start_us)
        newest = [it for it in samples if it.signal == "total_count" and it.time <= at][-1]
        assert newest.value == filler._model.totals(segment.start_us).items


def _address(node: str) -> str:
    """The address under which the profile knows the demo machine's node."""
    standard = {"CurrentState", "Number", "Id"}
    path = tuple((OPC_UA if it in standard else PACKML_URI, it) for it in node.split(".")[1:])
    return OpcUaAddress(OpcUaStart((PACKML_URI, "PackMLBaseObjectType")), path).key


def test_every_state_of_the_model_can_be_shown() -> None:
    missing = set(MachineState) - set(SHOWN) - {MachineState.UNKNOWN, MachineState.OFF}
    assert not missing
