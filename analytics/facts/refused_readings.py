"""Which readings of a line's counters were not believed, and when: behind the flags of the facts.

They fit neither the reading before nor the one behind (flag `counter_out_of_line`), or leapt by
more than the machine can make (`implausible_count`). A reading at a border belongs to the time
before it, as what it counted does.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from analytics import integrity_flags
from analytics.facts.line_counters import line_counters
from analytics.facts.products import cycle_range_s
from domain.frames import LineHistory
from domain.plant import Line, Plant
from domain.time import Window, micros

FLAGS = integrity_flags.COUNTER_OUT_OF_LINE | integrity_flags.IMPLAUSIBLE_COUNT


@dataclass(frozen=True, slots=True)
class RefusedReading:
    """Of the counter `role` of a machine, at that microsecond. `leapt`: it rose by more than the
    machine can make; else it fitted neither neighbour."""

    machine: str
    role: str
    leapt: bool
    at_us: int


def refused_readings_in(
    plant: Plant, line: Line, history: LineHistory, window: Window
) -> Iterator[RefusedReading]:
    """Those of the window, counter by counter in the order of time."""
    counters, machines = line_counters(line, history, cycle_range_s(plant, line)[0])
    start, end = micros(window.start), micros(window.end)
    for role, counted in counters.items():
        machine = machines[role]
        if counted is None or machine is None:
            continue
        for leapt, pairs in ((False, counted.out_of_line), (True, counted.jumps)):
            times = counted.times[pairs + 1]
            for at_us in times[(times > start) & (times <= end)].tolist():
                yield RefusedReading(machine, role, leapt, at_us)
