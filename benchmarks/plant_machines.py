"""The machines of a whole plant: one for each line, which publish what changed, as JSON over MQTT.

Rules: once a turn (a second, or less where signals change more often) a machine says which of its
signals changed, in one message with the machine's own time, at QoS 1. Which ones is drawn from a
seed, so that each changes once an interval in the mean. Machines speak one after the other, evenly
over the turn. What was said is added up by line and signal: how many values, and a checksum in
which the order does not matter; so a store that has the same sums has all of it, once.

Example, a turn of 1 s, an interval of 5 s, 50 signals: a message a second with ten values.

    python benchmarks/plant_machines.py --port N --lines N --signals N --interval S --result FILE

publishes until its standard input ends; a line there is a new interval.
"""

from __future__ import annotations

import argparse
import select
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import paho.mqtt.client as mqtt
from live_lines import MACHINE
from paho.mqtt.enums import CallbackAPIVersion

from domain.states import MachineState

TURN_S = 1.0
SLOTS = 20  # of a turn, in which machines speak together
TOPIC = "works"  # and below it each line, and SUFFIX
SUFFIX = "telemetry"
COUNT_FIELD, TIME_FIELD = "f1", "time"
_FIRST = ("state", "total_count", "reject_count", "energy")
_CODES = (MachineState.PRODUCING, MachineState.STOPPED)  # 1 and 2 on the wire
_STOP_EVERY = 16  # of so many changes of a state one is a stop
_ITEMS_A_S, _ITEMS_A_REJECT, _ITEMS_A_KWH = 2.0, 50, 1000
_TIMES, _VALUES = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F)
_Sums = npt.NDArray[np.uint64]
_Floats = npt.NDArray[np.float64]
PROFILE = """\
name: bench/plant
vendor: bench
model: bench
protocol: mqtt-json
title: {en: Bench, zh-Hant: 量度, zh-Hans: 量度}
documentation: ["https://example.org/"]
"""


def signal_names(signals: int) -> list[str]:
    """What Lineproof calls the signals of a machine: its state and counts, then measurements."""
    measured = [f"measurement.m{number:02}" for number in range(len(_FIRST), signals)]
    return [*_FIRST[:signals], *measured]


def profile_text(signals: int) -> str:
    """The device profile of the machines: each signal a field that need not be in a message."""
    source = f"topic: {SUFFIX}, time: /{TIME_FIELD}, time_unit: ms, optional: true"
    names = signal_names(signals)
    inputs = [f"  f{it}: {{sources: [{{{source}, field: /f{it}}}]}}" for it in range(signals)]
    codes = ", ".join(f'"{it + 1}": {state.value}' for it, state in enumerate(_CODES))
    said = [f"  {names[0]}: {{input: f0, codes: {{{codes}}}}}"]
    units = {"energy": ", unit: kWh"}
    said += [
        f"  {name}: {{input: f{it}{units.get(name, '')}}}" for it, name in enumerate(names) if it
    ]
    return "\n".join([PROFILE + "inputs:", *inputs, "signals:", *said, ""])


def line_topic(line: str) -> str:
    """What stands before SUFFIX in the topic of the line's machine."""
    return f"{TOPIC}/{line}/{MACHINE}"


def mixed(time_us: npt.NDArray[np.int64], value: _Floats) -> _Sums:
    """A number of 64 bits for each sample; sums of them wrap, whatever the order."""
    bits = value.astype(np.float64).view(np.uint64)
    hashed = time_us.astype(np.uint64) * _TIMES ^ bits * _VALUES
    mixed: _Sums = (hashed ^ hashed >> np.uint64(29)) * _TIMES
    return mixed


@dataclass
class Tally:
    """What was said: values and checksum of each line (rows) and signal (columns), messages, and
    how far behind their time the machines were at most (s)."""

    counts: npt.NDArray[np.int64]
    sums: _Sums
    messages: int = 0
    late_s_max: float = 0.0

    @staticmethod
    def of(lines: int, signals: int) -> Tally:
        return Tally(np.zeros((lines, signals), np.int64), np.zeros((lines, signals), np.uint64))

    def write(self, file: Path) -> None:
        told = np.array([self.messages, self.late_s_max])
        np.savez(file, counts=self.counts, sums=self.sums, told=told)

    @staticmethod
    def read(file: Path) -> Tally:
        with np.load(file) as kept:
            messages, late_s_max = kept["told"].tolist()
            return Tally(kept["counts"], kept["sums"], int(messages), late_s_max)


@dataclass
class Machines:
    """What the machines of these lines say, turn by turn."""

    lines: list[str]
    signals: int
    seed: int = 0
    tally: Tally = field(init=False)

    def __post_init__(self) -> None:
        lines = len(self.lines)
        self._random = np.random.default_rng(self.seed)
        self._items = np.zeros(lines)
        self._reports = np.zeros(lines, np.int64)  # of the state
        self._is_stopped = np.zeros(lines, bool)
        self._last_ms = np.zeros(lines, np.int64)
        self._codes = np.array([state.code for state in _CODES], float)
        self.tally = Tally.of(lines, self.signals)

    def say(self, who: npt.NDArray[np.int64], at_ms: int, chance: float) -> list[tuple[str, str]]:
        """Topic and message of those lines in which anything changed; each signal by `chance`."""
        at_ms = max(at_ms, int(self._last_ms[who].max(initial=0)) + 1)  # a time is said once
        changed = self._random.random((len(who), self.signals)) < chance
        values = self._values(who, at_ms, changed[:, 0])
        told = values.copy()
        told[:, 0] = self._is_stopped[who] + 1
        hashes = mixed(np.full(values.shape, at_ms * 1000, np.int64), values)
        self.tally.counts[who] += changed
        self.tally.sums[who] += np.where(changed, hashes, np.uint64(0))
        said = []
        for row, number in enumerate(who.tolist()):
            places = np.flatnonzero(changed[row]).tolist()
            if places:
                of_line = told[row].tolist()
                fields = ",".join(f'"f{it}":{_number(of_line[it])}' for it in places)
                topic = f"{line_topic(self.lines[number])}/{SUFFIX}"
                said.append((topic, f'{{"{TIME_FIELD}":{at_ms},{fields}}}'))
        self.tally.messages += len(said)
        return said

    def _values(
        self, who: npt.NDArray[np.int64], at_ms: int, new_state: npt.NDArray[np.bool_]
    ) -> _Floats:
        past_s = np.where(self._last_ms[who] > 0, (at_ms - self._last_ms[who]) / 1000, 0.0)
        self._last_ms[who] = at_ms
        self._items[who] += np.where(self._is_stopped[who], 0.0, past_s * _ITEMS_A_S)
        self._reports[who] += new_state
        stops = (self._reports[who] + who) % _STOP_EVERY == 0
        self._is_stopped[who] = np.where(new_state, stops, self._is_stopped[who])
        items = np.floor(self._items[who])
        first = np.stack(
            [
                self._codes[self._is_stopped[who].astype(int)],
                items,
                items // _ITEMS_A_REJECT,
                np.round(items / _ITEMS_A_KWH, 3),
            ],
            axis=1,
        )[:, : self.signals]
        measured = self._random.normal(50, 3, (len(who), self.signals - first.shape[1]))
        return np.concatenate([first, np.round(measured, 2)], axis=1)


def _number(value: float) -> str:
    """As in JSON: a whole one without a point, as machines write counts and codes."""
    return repr(int(value)) if value.is_integer() else repr(value)


def publish(port: int, machines: Machines, interval_s: float) -> None:
    """Until standard input ends; lines there are new intervals. A slot's messages have reached the
    broker before the next one's are said."""
    client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="machines")
    client.max_inflight_messages_set(2000)
    client.connect("127.0.0.1", port)
    client.loop_start()
    numbers, due = np.arange(len(machines.lines)), time.monotonic()
    slot = 0
    print("ready", flush=True)
    while True:
        turn_s = min(TURN_S, interval_s)
        wait_s = due - time.monotonic()
        if select.select([sys.stdin], [], [], max(0.0, wait_s))[0]:
            line = sys.stdin.readline()
            if not line:
                break
            interval_s = float(line)
            continue
        machines.tally.late_s_max = max(machines.tally.late_s_max, time.monotonic() - due)
        who = numbers[numbers % SLOTS == slot % SLOTS]
        said = machines.say(who, time.time_ns() // 1_000_000, turn_s / interval_s)
        sent = [client.publish(topic, message, qos=1) for topic, message in said]
        for it in sent[-1:]:
            it.wait_for_publish(60)
        slot, due = slot + 1, due + turn_s / SLOTS
    client.disconnect()
    client.loop_stop()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--lines", required=True, help="their names, with commas")
    parser.add_argument("--signals", type=int, required=True)
    parser.add_argument("--interval", type=float, required=True)
    parser.add_argument("--result", type=Path, required=True)
    given = parser.parse_args()
    machines = Machines(given.lines.split(","), given.signals)
    publish(given.port, machines, given.interval)
    machines.tally.write(given.result)


if __name__ == "__main__":
    main()
