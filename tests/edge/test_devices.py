"""Devices as they are in the field, from the broker or server to sealed batches.

Each of the cases is from another system's bug report (`field` in the reference data): a value that
can be read counts, at a time that can be believed, and what cannot is told.
"""

from __future__ import annotations

import asyncio
import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from edge_samples import spans_of
from mqtt_machine import PROFILE, TWO_SIGNALS, MqttMachine, mqtt_machine
from opcua_server import VENDOR, counting_machine, opcua_server
from peers import require_shared_data
from recording_sink import until, utc_now
from running_agent import running_agent
from scripted_collector import ScriptedCollector, scripted_collector

from domain.batches import parse_batch
from domain.samples import Quality
from domain.states import MachineState
from edge.agent import Agent
from edge.config import AgentConfig

NAMES = {state.code: state.value for state in MachineState}
UNKNOWN = float(MachineState.UNKNOWN.code)
PRODUCING = float(MachineState.PRODUCING.code)


def field_case(name: str) -> tuple[str, str, list[str]]:
    """The profile of a case, the topic of its messages, and their payloads."""
    folder = require_shared_data(f"field/{name}")
    lines = (folder / "messages.txt").read_text(encoding="utf-8").splitlines()
    parts = [line.partition(" ") for line in lines]
    profile = (folder / "profile.yaml").read_text(encoding="utf-8")
    return profile, parts[0][0], [payload for _, _, payload in parts]


async def test_a_number_that_is_none_costs_no_neighbour(tmp_path: Path) -> None:
    profile, topic, payloads = field_case("mqtt-nan-neighbour")
    async with mqtt_machine(tmp_path, profile) as device:
        await device.publish(topic, *payloads)
        assert await device.has_rejected(1) == ["not a finite number"]
        assert [value for _, value, _ in device.samples("energy")] == [320.5, 321.5, None]


async def test_a_number_as_a_text_is_no_number_unless_the_profile_says_so(tmp_path: Path) -> None:
    profile, topic, payloads = field_case("mqtt-number-as-text")
    payloads.append('{"value": "317,4"}')
    async with mqtt_machine(tmp_path, profile) as device:
        await device.publish(topic, *payloads)
        assert await device.has_rejected(3) == ["not a number"] * 3
        assert [value for _, value, _ in device.samples("energy")] == [None] * 3
    (tmp_path / "told").mkdir()
    told = profile.replace("field: /value", 'field: /value, decimal_mark: "."')
    async with mqtt_machine(tmp_path / "told", told) as device:
        await device.publish(topic, *payloads)
        assert await device.has_rejected(2) == ["not a number written as a text with '.'"] * 2
        assert [value for _, value, _ in device.samples("energy")] == [317.3988, None, None]


async def test_a_list_of_timed_values_is_read_whole_or_the_rest_is_told(tmp_path: Path) -> None:
    profile, topic, payloads = field_case("mqtt-timed-list")
    async with mqtt_machine(tmp_path, profile) as device:
        await device.publish(topic, *payloads)
        (reason,) = await device.has_rejected(1)
        assert "elements that the profile does not read" in reason
        assert [value for _, value, _ in await device.has("total_count", 1)] == [100]
    (tmp_path / "each").mkdir()
    first = "field: /0/values/total, time: /0/ts"
    assert first in profile
    each = profile.replace(first, "each: '', field: /values/total, time: /ts")
    async with mqtt_machine(tmp_path / "each", each) as device:
        await device.publish(topic, *payloads)
        samples = await device.has("total_count", 3)
        assert device.reasons == []
    start = datetime.fromtimestamp(1_772_409_600, UTC)
    assert samples == [
        (start + timedelta(seconds=n), 100.0 + 10 * n, Quality.GOOD) for n in range(3)
    ]


async def test_local_times_as_texts_and_payloads_that_end_in_nul(tmp_path: Path) -> None:
    source = "topic: main, field: /v, time: /t, time_unit: iso, time_zone: Asia/Hong_Kong"
    profile = f"""{PROFILE}
inputs:
  total: {{sources: [{{{source}, ends_in_nul: true}}]}}
signals:
  total_count: {{input: total}}
"""
    async with mqtt_machine(tmp_path, profile) as device:
        await device.publish(
            "main", b'{"v": 1, "t": "2026-03-02 08:55:31"}\0', b'{"v": 2, "t": "?"}'
        )
        (timed, untimed) = await device.has("total_count", 2)
        assert device.reasons == ["no time can be read at '/t': the value stands at its receipt"]
    assert timed == (datetime(2026, 3, 2, 0, 55, 31, tzinfo=UTC), 1.0, Quality.GOOD)
    assert untimed[1:] == (2.0, Quality.UNCERTAIN)


# What confirms


@pytest.mark.parametrize(
    "rubbish",
    ['{"status": "run", "n": 7}', '{"state": "run", "total": "7"}', "RUN;7", '{"state": 1', ""],
)
async def test_a_device_that_changes_its_format_becomes_unknown(
    tmp_path: Path, rubbish: str
) -> None:
    async with mqtt_machine(tmp_path, TWO_SIGNALS, stale_after_s=1) as device:
        for n in range(4):
            await device.publish("main", f'{{"state": 1, "total": {n}}}')
        await device.has("total_count", 4)
        changed = utc_now()
        until_then = utc_now() + timedelta(seconds=2)
        while utc_now() < until_then:
            await device.publish("main", rubbish)
            await asyncio.sleep(0.1)
        await device.has_rejected(10)
        assert all(span.end <= changed for span in device.spans)


async def test_other_values_do_not_keep_a_state_that_cannot_be_read(tmp_path: Path) -> None:
    async with mqtt_machine(tmp_path, TWO_SIGNALS, stale_after_s=1) as device:
        await device.publish("main", '{"state": 1, "total": 0}')
        await device.has("state", 1)
        changed, count = utc_now(), 0
        while len(device.samples("state")) < 2:
            count += 1
            await device.publish("main", f'{{"status": 1, "total": {count}}}')
            await asyncio.sleep(0.1)
        ended = device.samples("state")[1]
        assert ended[1] == UNKNOWN
        assert changed <= ended[0] <= changed + timedelta(seconds=60)
        assert device.spans[-1].end > changed
        await device.publish("main", '{"state": 1, "total": 0}')
        assert [value for _, value, _ in await device.has("state", 3)] == [
            PRODUCING, UNKNOWN, PRODUCING,
        ]  # fmt: skip


# Clocks


async def test_after_a_clock_ahead_comes_right_values_count_as_ever(tmp_path: Path) -> None:
    profile = TWO_SIGNALS.replace("field: /state", "field: /state, time: /ts")
    profile = profile.replace("field: /total", "field: /total, time: /ts")

    async def says(device: MqttMachine, state: int, total: int, ahead_s: float = 0) -> None:
        ts = utc_now().timestamp() + ahead_s
        await device.publish("main", f'{{"state": {state}, "total": {total}, "ts": {ts}}}')
        await device.has("total_count", total + 1)

    async with mqtt_machine(tmp_path, profile) as device:
        await says(device, 1, 0)
        await says(device, 1, 1, ahead_s=7200)
        await says(device, 2, 2)
        now = utc_now()
        states, totals = device.samples("state"), device.samples("total_count")
        assert device.status.time_doubts == (
            ("source time ahead of receipt: the value stands at its receipt", 2),
        )
    assert [value for _, value, _ in totals] == [0, 1, 2]
    assert max(states)[1] == float(MachineState.STOPPED.code)
    for samples in (states, totals):
        times = [time for time, _, _ in samples]
        assert times == sorted(times)
        assert times[-1] <= now
        assert [quality for *_, quality in samples] == [
            Quality.GOOD, Quality.UNCERTAIN, Quality.GOOD,
        ]  # fmt: skip


async def test_a_clock_that_is_set_back_shows_nothing_old_as_current(tmp_path: Path) -> None:
    """And the next value of a clock that is right stands."""
    profile = TWO_SIGNALS.replace("field: /state", "field: /state, time: /ts")
    async with mqtt_machine(tmp_path, profile) as device:

        async def says(state: int, count: int, ahead_s: float = 0) -> list[tuple[datetime, float]]:
            ts = utc_now().timestamp() + ahead_s
            await device.publish("main", f'{{"state": {state}, "total": 0, "ts": {ts}}}')
            await device.has("state", count)
            return [(time, value) for time, value, _ in sorted(device.samples("state"))]

        await says(2, 1)
        told = utc_now()
        [*_, producing] = await says(1, 2)
        assert producing[1] == PRODUCING
        [*_, ended] = await says(2, 4, ahead_s=-3600)
        assert ended[0] > producing[0]
        assert ended[1] == UNKNOWN
        [kept, *_] = sorted(device.samples("state"))
        assert kept[0] < told - timedelta(minutes=59)
        [*_, again] = await says(2, 5)
        assert again[1] == float(MachineState.STOPPED.code)
        assert await device.has_rejected(1) == [
            "older than the value before it: what holds now is not known"
        ]


async def test_browse_names_with_reserved_characters(tmp_path: Path) -> None:
    """As a controller's programs have them: field case opcua-reserved-names."""
    async with opcua_server() as server:
        index = await server.server.get_namespace_index(VENDOR)
        program = await server.server.nodes.objects.add_object(index, "Program:MainProgram")
        total = await program.add_variable(index, "Line1/Total", 7)
        state = await program.add_variable(index, "State&1", 1)
        machine = counting_machine(server.url)
        machine["parameters"] |= {
            "total_count": f"{VENDOR}:Program&:MainProgram/Line1&/Total",
            "state": f"{VENDOR}:Program&:MainProgram/State&&1",
        }
        with scripted_collector() as collector:
            settings = {
                "name": "agent-1",
                "data": tmp_path / "agent-1",
                "collector": collector.url,
                "batch": {"max_age_s": 0.2},
                "machines": [{"line": "line-1", "machine": "m", **machine}],
            }
            async with running_agent(Agent(AgentConfig.model_validate(settings))):
                await until(
                    lambda: all(
                        _signal(collector, "line-1", it) for it in ("total_count", "state")
                    ),
                    "the first values",
                )
                await total.write_value(8)
                await state.write_value(2)
                await until(
                    lambda: (
                        _signal(collector, "line-1", "total_count")[-1][1] == 8
                        and NAMES[_signal(collector, "line-1", "state")[-1][1]] == "stopped"
                    ),
                    "what changed",
                )
            assert _signal(collector, "line-1", "total_count")[0][1] == 7
            assert NAMES[_signal(collector, "line-1", "state")[0][1]] == "producing"


PACE = 5  # the clocks of this test run so much faster than the wall's


def _clocks_and_changes() -> tuple[dict[str, float], list[tuple[float, str, int]]]:
    """By how much the clock of each machine is off; and when which variable becomes what."""
    folder = require_shared_data("field/opcua-clock-off")
    with (folder / "machines.csv").open() as file:
        offsets = {row["machine"]: float(row["offset_s"]) for row in csv.DictReader(file)}
    with (folder / "changes.csv").open() as file:
        rows = list(csv.DictReader(file))
    return offsets, [(float(it["at_s"]), it["variable"], int(it["value"])) for it in rows]


async def test_a_machine_whose_clock_is_hours_off(tmp_path: Path) -> None:
    offsets, changes = _clocks_and_changes()
    began = utc_now()

    def fast() -> datetime:
        return began + (utc_now() - began) * PACE

    async with opcua_server() as server:

        async def write(variable: str, value: int) -> None:
            for machine, offset_s in offsets.items():
                await server.write(
                    f"{machine}{variable}", value, fast() + timedelta(seconds=offset_s)
                )

        for machine in offsets:
            await server.add(f"{machine}State", 1)
            await server.add(f"{machine}Total", 0)
        await write("State", 1)
        await write("Total", 0)
        with scripted_collector() as collector:
            collector.now = fast
            settings = {
                "name": "agent-1",
                "data": tmp_path / "agent-1",
                "collector": collector.url,
                "batch": {"max_age_s": 0.2},
                "machines": [
                    {"line": name, "machine": "m", **counting_machine(server.url, name)}
                    for name in offsets
                ],
            }
            agent = Agent(AgentConfig.model_validate(settings), now=fast)
            async with running_agent(agent):
                await until(
                    lambda: all(_signal(collector, line, "total_count") for line in offsets),
                    "the first values",
                )
                start, written = fast(), dict[int, datetime]()
                for at_s, variable, value in changes:
                    due = start + timedelta(seconds=at_s)
                    await asyncio.sleep(max(0.0, (due - fast()).total_seconds() / PACE))
                    if variable == "Total":
                        written[value] = fast()
                    await write(variable, value)
                await until(
                    lambda: all(
                        _signal(collector, line, "total_count")[-1][1] == 40 for line in offsets
                    ),
                    "the last count",
                )
                ended, status = fast(), {it.line: it for it in agent.status().machines}
            spans = spans_of(collector.batches)
        for line, offset_s in offsets.items():
            error = status[line].clock_error
            assert error is not None
            assert error.zone_hours == offset_s / 3600
            counts = {value: time for time, value in _signal(collector, line, "total_count")}
            assert set(counts) == set(range(41))
            assert all(written[n] <= counts[n] <= ended for n in range(1, 41))
            states = _signal(collector, line, "state")
            confirmed = min(span.start for span in spans if span.line == line)
            assert [NAMES[code] for _, code in states] == [
                "producing", "stopped", "producing", "stopped", "producing",
            ]  # fmt: skip
            assert all(start <= time <= ended for time, _ in states[1:])
            assert states == sorted(states)
            assert states[0][0] <= confirmed


def _signal(collector: ScriptedCollector, line: str, signal: str) -> list[tuple[datetime, float]]:
    return [
        row
        for data in collector.batches
        for row in pl.read_ipc_stream(parse_batch(data).samples_bytes)
        .filter(pl.col("line") == line, pl.col("signal") == signal)
        .select("time", "value")
        .iter_rows()
    ]
