"""`profile record`: a machine's readings on disk, whole at any time, without what identifies."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from command_line import Outcome, answer, refused, run, start
from live_machine import STATE_CODES, STOPPED, LiveMachine, live_machine
from mqtt_broker import MqttBroker, mqtt_broker
from peers import PATIENCE_S, wait_until

from device_profiles.files.catalogue import parse
from device_profiles.proving.recording import read_recording
from device_profiles.proving.redaction import Redaction
from domain.samples import Quality, Reading
from lineproof.recorder import Recorder

GENERIC = "generic/opcua-counters"
BADGE = """
name: mine/badge
vendor: mine
model: Press with a badge reader
title: {en: Press}
protocol: mqtt-json
documentation: [https://example.org/press]
inputs:
  state: {sources: [{topic: state, field: /now}]}
  serial: {sources: [{topic: state, field: /device/serial}]}
  weight: {sources: [{topic: state, field: /kg}]}
signals:
  state: {input: state, codes: {run: producing, halt: stopped}}
  serial_number: {input: serial}
  measurement.weight: {input: weight}
"""
MESSAGE = {
    "now": "run",
    "kg": "Chan Tai Man",
    "device": {"serial": "4711-A", "mac": "a8:03:2a:b1:23:45"},
    "operator": {"name": "Chan Tai Man", "pin": "1234"},
}


@pytest.fixture(scope="module")
def machine() -> Iterator[LiveMachine]:
    with live_machine() as running:
        yield running


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MqttBroker]:
    with mqtt_broker(tmp_path_factory.mktemp("broker")) as running:
        yield running


def parameters(machine: LiveMachine) -> list[str]:
    given = {**machine.addresses, "state_codes": STATE_CODES}
    return [word for name, it in given.items() for word in ("--parameter", f"{name}={it}")]


class Command:
    """`profile record` in a process of its own, until it is told to end."""

    def __init__(self, folder: Path, *words: str | Path) -> None:
        self.output, self.errors = folder / "output", folder / "errors"
        command = ("profile", "record", *words, "--data", folder / "keys", "--json")
        self.process = start(*command, output=self.output, errors=self.errors)

    def end(self, number: int = signal.SIGINT) -> Outcome:
        os.kill(self.process.pid, number)
        status = self.process.wait(PATIENCE_S)
        return Outcome(status, self.output.read_text(), self.errors.read_text())


def test_what_came_is_kept_when_the_command_is_interrupted(
    machine: LiveMachine, tmp_path: Path
) -> None:
    folder = tmp_path / "packer"
    file = folder / "recording.jsonl"
    command = Command(tmp_path, machine.url, GENERIC, "-o", folder, *parameters(machine))
    wait_until(file.exists, "the first readings on disk, whole")
    before = machine.made
    wait_until(lambda: machine.made > before + 2, "more items")
    machine.turn(STOPPED, "卡瓶")

    def is_stopped() -> bool:
        recording = read_recording(file)
        return recording is not None and any(it.value == STOPPED for it in recording.readings)

    wait_until(is_stopped, "the stop on disk while the recording goes on")
    shown = f"state=stopped stop_reason=卡瓶 total_count={machine.made} good_count={machine.good}"
    accept = ("profile", "accept", folder, "--read-by", "Chan", "--real", "--reading")
    assert answer(*accept, shown)["mismatches"] == []
    assert run(*accept, "state=setup").status == 1, "the panel says another thing"
    outcome = command.end()
    assert outcome.status == 0, outcome.errors
    said = outcome.json
    recording = read_recording(file)
    assert recording is not None
    assert (said["wrong"], said["readings"]) == ([], len(recording.readings))
    assert said["texts"] == ["卡瓶"]
    assert recording.begin is not None
    assert recording.begin < recording.readings[0].received
    assert {path.name for path in folder.iterdir()} == {
        "profile.yaml", "recording.jsonl", "panel.yaml",
    }  # fmt: skip
    checked = run("profile", "check", folder, "--json")
    assert (checked.status, checked.json["level"], len(checked.json["mismatches"])) == (
        1,
        "draft",
        1,
    )
    panel = folder / "panel.yaml"
    panel.write_text(panel.read_text().replace("state: setup", "state: stopped"))
    checked = answer("profile", "check", folder)
    assert (checked["level"], checked["ok"], checked["faults"]) == ("panel-verified", True, [])
    said = refused("profile", "record", machine.url, folder)
    assert "there is a recording already" in said


def test_who_is_in_a_message_is_not_in_the_recording(broker: MqttBroker, tmp_path: Path) -> None:
    profile = tmp_path / "badge.yaml"
    profile.write_text(BADGE)
    command = Command(tmp_path, broker.url, profile, "--setting", "topic=press")
    file = tmp_path / "badge.recording.jsonl"

    def is_there() -> bool:
        broker.publish("press/state", json.dumps(MESSAGE))
        return file.exists()

    wait_until(is_there, "a reading on disk")
    said = command.end(signal.SIGTERM).json
    text = file.read_text()
    assert not {it for it in ("Chan", "4711", "a8:03", "1234") if it in text}
    kept: dict[str, Any] = {}
    recording = read_recording(file)
    assert recording is not None
    for it in recording.readings:
        kept[it.address] = it.value
    assert kept == {
        "state#/now": "run", "state#/device/serial": "serial-1", "state#/kg": "text-1",
    }  # fmt: skip
    assert said["replaced"] == ["serial-1", "text-1"]
    assert "Chan" not in (tmp_path / "output").read_text()


def test_what_cannot_be_recorded_is_one_sentence_and_leaves_no_recording(
    broker: MqttBroker, tmp_path: Path
) -> None:
    profile = tmp_path / "badge.yaml"
    profile.write_text(BADGE)
    command = ("profile", "record", broker.url)
    assert "Say with -o" in refused(*command, "shelly/pro3em-mqtt", "--setting", "topic=x")
    assert "'orrder' is no text of this profile" in refused(*command, profile, "--hide", "orrder")
    silent = run(*command, profile, "--setting", "topic=none", "--seconds", "0.5")
    assert silent.status == 2
    assert "nothing came of the machine that could be recorded" in silent.errors
    other = tmp_path / "other"
    other.mkdir()
    (other / "profile.yaml").write_text("another: profile\n")
    said = refused(*command, profile, "--setting", "topic=x", "-o", other)
    assert "there is another profile already" in said
    assert not [*tmp_path.rglob("*recording*")]


def test_a_recording_has_its_size_and_keeps_no_repetition(tmp_path: Path) -> None:
    at, stop = datetime(2026, 11, 29, tzinfo=UTC), asyncio.Event()
    file = tmp_path / "press" / "recording.jsonl"
    redaction = Redaction(parse(BADGE, "badge.yaml"), {}, {})
    told: list[Path] = []
    recorder = Recorder(
        redaction, file.with_name("profile.yaml"), BADGE, file, at, stop, told.append, bytes_max=999
    )

    def keep(value: str, unchanged: bool = False) -> None:
        recorder.keep(Reading("m", "state#/now", value, at, at, Quality.GOOD, unchanged=unchanged))

    keep("halt")
    keep("halt", unchanged=True)
    assert (len(recorder.lines), stop.is_set()) == (1, False)
    for _ in range(50):
        keep("run")
    recorder.write(at)
    recording = read_recording(file)
    assert recording is not None
    assert (recorder.is_full, stop.is_set(), told) == (True, True, [file])
    assert 1 < len(recording.readings) < 20
    assert file.stat().st_size < 1_200
    assert file.with_name("profile.yaml").read_text() == BADGE
