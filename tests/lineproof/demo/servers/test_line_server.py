"""The demo's machines as any OPC UA client sees them: found by type, structures, source times."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from asyncua import Client, ua
from asyncua.client.ua_session import UaSession
from asyncua.common.node import Node
from recording_sink import until

from device_profiles.decoding.decoder import Decoder
from device_profiles.files import catalogue
from device_profiles.model.addresses import OPC_UA, OpcUaAddress, OpcUaStart
from domain.samples import Quality, Reading, Rejection, Sample
from domain.states import MachineState
from domain.time import instant
from edge.sources.opcua.values import Structures
from lineproof.demo.model.behaviour import BEEF, SEAFOOD, Behaviour, StopKind
from lineproof.demo.model.packer_model import PackerModel
from lineproof.demo.model.plant_model import BLOCK_US, PlantModel
from lineproof.demo.model.weights import weights
from lineproof.demo.servers.checkweigher import NAMESPACE
from lineproof.demo.servers.line_server import FILLER_NAME, PACKER_NAME, LineServer
from lineproof.demo.servers.packml_machine import SHOWN, PackmlMachine
from lineproof.demo.servers.packml_nodes import PACKML_URI
from lineproof.demo.texts import profile_yaml

FAST = Behaviour(
    run_mean_s=1.0,
    run_min_s=0.4,
    reject_share=0.2,
    stops=(
        StopKind("Cup magazine empty", MachineState.STARVED, 1, 0.5),
        StopKind("Heat sealer over temperature", MachineState.FAULT, 1, 0.5),
        StopKind(
            "Downstream packer full", MachineState.BLOCKED, 1, 0.5, MachineState.FAULT, "Carton jam"
        ),
        StopKind("Lid film jam", MachineState.STOPPED, 1, 0.5),
        StopKind("Flavour changeover", MachineState.SETUP, 1, 0.5),
    ),
)


def _now_us() -> int:
    return time.time_ns() // 1000


def _model() -> PlantModel:
    return PlantModel(_now_us() - BLOCK_US // 2, 5, FAST)


@pytest.fixture
def model() -> PlantModel:
    return _model()


@pytest.fixture
async def line(model: PlantModel) -> AsyncIterator[LineServer]:
    server = LineServer(model, _now_us, tick_s=0.05)
    await server.start()
    yield server
    await server.stop()


async def _machines(client: Client) -> dict[str, Node]:
    """The objects below Objects whose type is PackMLBaseObjectType, found by names alone."""
    idx = await client.get_namespace_index(PACKML_URI)
    folder = await client.nodes.objects.get_child(f"{idx}:PackMLObjects")
    found = {}
    for child in await folder.get_children():
        definition = client.get_node(await child.read_type_definition())
        name = await definition.read_browse_name()
        if (name.Name, name.NamespaceIndex) == ("PackMLBaseObjectType", idx):
            found[str((await child.read_browse_name()).Name)] = child
    return found


async def test_a_client_finds_the_machines_by_type_and_reads_structured_counts(
    line: LineServer, model: PlantModel
) -> None:
    async with Client(line.url) as client:
        await client.load_data_type_definitions()
        machines = await _machines(client)
        assert set(machines) == {FILLER_NAME, PACKER_NAME}
        idx = await client.get_namespace_index(PACKML_URI)
        totals = {
            FILLER_NAME: model.counts(line.filler.played_us)[0],
            PACKER_NAME: PackerModel(model).counts(line.packer.played_us)[0],
        }
        for name, machine in machines.items():
            counts = await machine.get_child([f"{idx}:Admin", f"{idx}:ProdProcessedCount"])
            (count,) = await counts.read_value()
            assert type(count).__name__ == "PackMLCountDataType"
            assert count.AccCount == totals[name]
            assert count.Count == 0
            assert count.Unit.DisplayName.Text == "one"
            path = [f"{idx}:BaseStateMachine", "0:CurrentState", "0:Number"]
            assert await (await machine.get_child(path)).read_value() in (9, 19)


class _Changes:
    def __init__(self) -> None:
        self.seen: list[tuple[str, Any, Any]] = []

    def datachange_notification(self, node: Node, value: Any, data: Any) -> None:
        stamp = data.monitored_item.Value.SourceTimestamp
        self.seen.append((str(node.nodeid.Identifier), value, stamp))


async def test_changes_carry_the_time_at_which_the_model_made_them(
    line: LineServer, model: PlantModel
) -> None:
    """influxdata/telegraf's listener stamped arrival time; ours must have a source time to use."""
    changes = _Changes()
    playing = asyncio.create_task(line.run())
    async with Client(line.url) as client:
        machine = (await _machines(client))[FILLER_NAME]
        idx = await client.get_namespace_index(PACKML_URI)
        path = [f"{idx}:BaseStateMachine", f"{idx}:MachineState", f"{idx}:ExecuteState"]
        number = await machine.get_child([*path, "0:CurrentState", "0:Number"])
        subscription = await client.create_subscription(100, changes)
        await subscription.subscribe_data_change(number, queuesize=1000)
        start_us = _now_us()

        def expected(end_us: int) -> list[tuple[int, datetime]]:
            return [
                (SHOWN[segment.state].execute, instant(segment.start_us))
                for segment in model.segments(start_us, end_us)
                if segment.start_us > start_us
            ]

        def got(end_us: int) -> list[tuple[int, datetime]]:
            window = instant(start_us), instant(end_us)
            return [(value, at) for _, value, at in changes.seen if window[0] < at < window[1]]

        await until(lambda: len(expected(line.filler.played_us)) >= 4, "four changes")
        end_us = line.filler.played_us
        true = expected(end_us)
        await until(lambda: len(got(end_us)) >= len(true), "all of them to be told")
    playing.cancel()
    assert [value for value, _ in got(end_us)] == [value for value, _ in true]
    for (_, at), (_, truth) in zip(got(end_us), true, strict=True):
        assert abs(at - truth) <= timedelta(microseconds=100)


def _spied(machine: PackmlMachine, namespaces: list[str]) -> list[Reading]:
    """What the machine writes from now on, as an OPC UA client would read it."""
    written: list[Reading] = []
    structures = Structures(cast(UaSession, None), namespaces)

    async def spy(node: Node, value: ua.Variant, us: int) -> None:
        plain = structures.plain(value.Value)
        at = instant(us)
        written.append(
            Reading("machine", _address(str(node.nodeid.Identifier)), plain, at, at, Quality.GOOD)
        )

    machine._put = spy  # type: ignore[method-assign]  # to see it
    return written


@pytest.mark.parametrize("name", ["filler", "packer"])
async def test_the_profile_decodes_what_is_written_to_the_models_very_states(
    line: LineServer, model: PlantModel, name: str
) -> None:
    """One change of state for each of the model, at its microsecond, with the counts before it.

    No sliver of another state between: several variables make up a PackML state.
    """
    machine: PackmlMachine = getattr(line, name)
    truth = model if name == "filler" else PackerModel(model)
    start_us = machine.played_us
    end_us = start_us + 300_000_000
    written = _spied(machine, await line._server.get_namespace_array())
    await machine.show(start_us)
    await machine.play_until(end_us)
    decoder = Decoder(catalogue.load("packml/opcua"), "noodle-1", name)
    decoded = [item for reading in written for item in decoder.decode(reading)]
    rejected = [item for item in decoded if isinstance(item, Rejection)]
    assert not [item for item in rejected if "no signal" not in item.reason]
    samples = [item for item in decoded if isinstance(item, Sample)]
    states = [(item.time, item.text) for item in samples if item.signal == "state"]
    changes = [one for one, before in zip(states, [(None, None), *states], strict=False)
               if one[1] != before[1]]  # fmt: skip
    segments = list(truth.segments(start_us, end_us))
    expected = [(instant(it.start_us), it.state.value) for it in segments]
    expected = [one for one, before in zip(expected, [(None, None), *expected], strict=False)
                if one[1] != before[1]]  # fmt: skip
    wanted = {"producing", "starved", "fault", "setup"}
    assert {state for _, state in expected} >= wanted
    assert changes == expected
    for segment in segments[1:]:
        at = instant(segment.start_us)
        newest = [it for it in samples if it.signal == "total_count" and it.time <= at][-1]
        assert newest.value == truth.counts(segment.start_us)[0]


async def test_a_stop_without_a_reason_says_nothing_new(model: PlantModel) -> None:
    """The reason of the stop before stays where it is, with its own time."""
    silent = Behaviour(
        run_mean_s=1.0,
        stops=(
            StopKind("Lid film jam", MachineState.STOPPED, 1, 0.5),
            StopKind("", MachineState.STOPPED, 1, 0.5),
        ),
    )
    model = PlantModel(model.origin_us, 5, silent)
    line = LineServer(model, _now_us)
    await line.start()
    try:
        start_us = line.filler.played_us
        written = _spied(line.filler, await line._server.get_namespace_array())
        await line.filler.play_until(start_us + 300_000_000)
    finally:
        await line.stop()
    told = [it.source_time for it in written if "StopReason" in it.address]
    stops = model.truth(start_us, start_us + 300_000_000).stops
    began = [it for it in stops if it.start_us > start_us]
    assert {it.reason for it in began} == {"Lid film jam", ""}
    assert told == [instant(it.start_us) for it in began if it.reason]


async def test_the_checkweigher_is_read_by_its_own_profile(tmp_path: Path) -> None:
    """Recipe and weights of a day whose product changes within the minute that is played."""
    now_us = _now_us()
    model = PlantModel(
        now_us - 24 * BLOCK_US + 30_000_000,
        5,
        Behaviour(change_median_s=5.0),
        schedule=((0, SEAFOOD), (12, BEEF)),
    )
    line = LineServer(model, lambda: now_us)
    await line.start()
    values: list[tuple[str, Any, Any]] = []

    async def spy(name: str, value: ua.Variant, us: int) -> None:
        values.append((name, value.Value, instant(us)))

    line.checkweigher._put = spy  # type: ignore[method-assign]  # to see it
    try:
        await line.checkweigher.play_until(now_us + 20 * 60_000_000)
    finally:
        await line.stop()
    assert values[0] == ("Recipe", SEAFOOD.number, instant(model.origin_us + 24 * BLOCK_US))
    weighed = list(weights(model, now_us, now_us + 20 * 60_000_000))
    assert len(weighed) > 10
    assert values[1:] == [("Weight", weight_g, instant(us)) for us, weight_g in weighed]
    file = tmp_path / "profile.yaml"
    file.write_text(profile_yaml())
    decoder = Decoder(catalogue.load(str(file)), "noodle-1", "checkweigher")
    decoded = []
    for name, value, at in values[:2]:
        path = tuple((NAMESPACE, it) for it in ("Checkweigher", name))
        address = OpcUaAddress(OpcUaStart(), path).key
        reading = Reading("checkweigher", address, value, at, at, Quality.GOOD)
        decoded += [(it.signal, it.text, it.value) for it in decoder.decode(reading)
                    if isinstance(it, Sample)]  # fmt: skip
    assert decoded == [
        ("product", "cup-seafood", None),
        ("measurement.fill-weight", None, weighed[0][1]),
    ]


def _address(node: str) -> str:
    """The address under which the profile knows the demo machine's node."""
    standard = {"CurrentState", "Number", "Id"}
    path = tuple((OPC_UA if it in standard else PACKML_URI, it) for it in node.split(".")[1:])
    return OpcUaAddress(OpcUaStart((PACKML_URI, "PackMLBaseObjectType")), path).key


def test_every_state_of_the_model_can_be_shown() -> None:
    missing = set(MachineState) - set(SHOWN) - {MachineState.UNKNOWN, MachineState.OFF}
    assert not missing
