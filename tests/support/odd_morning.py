"""A morning of one line in which nearly everything goes wrong, as rows that can be told in any way.

Machine `a` has the state, `b` counts. Both tell their speed every six minutes, so that they are
heard all the time; in between they stop, say two things at once, count wrongly, and cannot be read.
One row comes late, as far as a machine is believed then. The plant has the morning twice, on lines
that differ only in which machine speaks which protocol: what is told is the same.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

START = datetime(2026, 3, 1, 23, tzinfo=UTC)  # 7 in the morning in Hong Kong
TICK = timedelta(minutes=6)
TICKS = 32
END = START + TICKS * TICK
SIGNALS: Mapping[str, tuple[str, ...]] = {
    "a": ("state", "order", "product", "stop_reason", "speed"),
    "b": ("total_count", "reject_count", "energy", "speed"),
}
TEXTS = ("state", "order", "product", "stop_reason")
LINES = {"line-1": ("opcua", "mqtt"), "line-2": ("mqtt", "opcua")}  # of a, of b
LATE_BY = timedelta(seconds=90)


@dataclass(frozen=True, slots=True)
class Row:
    """`bad`: its quality. `garbled`: it comes as something that is no value of its signal. `late`:
    how much after `at` it comes. `apart`: in a message of its own. `repeats`: it says what was said
    before."""

    at: datetime
    machine: str
    signal: str
    value: str | float
    bad: bool = False
    garbled: bool = False
    late: timedelta = timedelta(0)
    apart: bool = False
    repeats: bool = False


def morning() -> list[Row]:
    """All of it, in order of time."""
    return sorted([*_a(), *_b(), *_speeds()], key=lambda it: (it.at, not it.repeats))


def _at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def _a() -> list[Row]:
    states: list[tuple[float, str]] = [
        (0, "producing"),
        (1800.25, "stopped"),
        (2400.5, "producing"),
        (4300.75, "producing"),
        (5600, "producing"),
        (6801, "producing"),
        (8000.125, "setup"),
        (8600, "producing"),
    ]
    texts: list[tuple[float, str, str]] = [
        (0, "order", "A1"),
        (0, "product", "cola"),
        (0, "stop_reason", ""),
        (1820.5, "stop_reason", "jam"),
        (2400.5, "stop_reason", ""),
        (8000.125, "order", "A2"),
        (8600, "product", "mystery"),
        (9800.5, "product", "water"),
    ]
    return [
        *(Row(_at(seconds), "a", "state", value) for seconds, value in states),
        *(Row(_at(seconds), "a", signal, value) for seconds, signal, value in texts),
        # The old state and the new one, as exports write them.
        Row(_at(2400.5), "a", "state", "stopped", repeats=True),
        Row(_at(4000), "a", "state", "broken", garbled=True),
        Row(_at(5000.5), "a", "state", "producing", apart=True, repeats=True),
        Row(_at(5000.5), "a", "state", "fault", apart=True),
        Row(_at(6500), "a", "state", "producing", bad=True),
        Row(_at(10500), "a", "order", "", bad=True),
        Row(_at(10800), "a", "order", "A3"),
    ]


def _b() -> list[Row]:
    rows: dict[tuple[int, str], Row] = {}
    made = 1000.25
    for tick in range(TICKS + 1):
        at = _tick(tick)
        made = 13.5 if tick == 13 else made + 360 / 7 * (tick % 5 + 1)
        rows[tick, "total_count"] = Row(at, "b", "total_count", made)
        rows[tick, "energy"] = Row(at, "b", "energy", 1254.1 + 0.47 * tick)
        if tick % 3 == 0:
            rows[tick, "reject_count"] = Row(at, "b", "reject_count", 10.0 + tick // 3)
    for tick, signal, value in (
        (5, "total_count", 0.0),
        (23, "total_count", 65535.0),
        (15, "energy", 0.0),
        (27, "energy", 1254.1),
        (24, "reject_count", 7000.0),
    ):
        rows[tick, signal] = replace(rows[tick, signal], value=value)
    # At the border of an hour, where it matters that a counter could not be read.
    rows[10, "total_count"] = replace(rows[10, "total_count"], garbled=True)
    rows[20, "energy"] = replace(rows[20, "energy"], bad=True)
    rows[17, "total_count"] = replace(rows[17, "total_count"], late=LATE_BY)
    # A clock of whole seconds: two counts at one instant, on the border of an hour.
    made_by_ten = float(rows[30, "total_count"].value)
    twice = [Row(_at(10800), "b", "total_count", made_by_ten + it) for it in (1.0, 2.0)]
    return [*rows.values(), *twice]


def _speeds() -> list[Row]:
    return [
        Row(_tick(tick), machine, "speed", tick + 0.5)
        for tick in range(TICKS + 1)
        for machine in SIGNALS
    ]


def _tick(tick: int) -> datetime:
    """A little before the full minute, so that no border is met but the first one."""
    return START + tick * TICK - timedelta(microseconds=333_333 * (tick > 0))


def write_rows(path: Path, rows: Iterable[Row]) -> Path:
    """The rows as a history file, as `lineproof import --keep-good` reads it."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("time", "machine", "signal", "value", "quality"))
        for it in rows:
            value = "garbled" if it.garbled else "" if it.bad else it.value
            quality = "bad" if it.bad else ""
            writer.writerow((it.at.isoformat(), it.machine, it.signal, value, quality))
    return path


def plant_text(machines: Mapping[tuple[str, str], str]) -> str:
    """The plant; `machines`: line and protocol → what stands below `machines:` of one."""
    return f"""\
plant: odd
timezone: Asia/Hong_Kong
company: {{name: {{en: Odd Ltd}}, business_registration: "1"}}
calendars:
  early:
    holidays: none
    shifts:
      - name: A
        days: [mon]
        start: "07:00"
        end: "10:00"
        breaks: [{{start: "08:30", end: "08:45"}}]
products:
  cola: {{name: {{en: Cola}}, ideal_cycle_time_s: 0.9}}
  water: {{name: {{en: Water}}, ideal_cycle_time_s: 0.7}}
reasons:
  jam: {{name: {{en: Jam}}, kind: breakdown}}
lines:
{"".join(_line(line, protocols, machines) for line, protocols in LINES.items())}"""


def _line(line: str, protocols: Sequence[str], machines: Mapping[tuple[str, str], str]) -> str:
    of = dict(zip(SIGNALS, protocols, strict=True))
    return f"""\
  {line}:
    name: {{en: Line}}
    calendar: early
    ideal_cycle_time_s: 1.0
    stale_after_s: 600
    machines:
      a: {machines[line, of["a"]]}
      b: {machines[line, of["b"]]}
    roles: {{state: a, total_count: b, reject_count: b, energy: b}}
"""
