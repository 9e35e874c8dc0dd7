"""The data that the benchmarks of the analytics share: lines, made up from seeds, in real stores.

A line of a year has 730,000 changes of state (one in ~43 s, one gap a day) and 525,600 readings
of its total count (one a minute, most of them one or a few items more). The samples are made
line by line with numpy, and stored through the store's own `append`, a week in a batch, so a
file of any size is made in the memory of one line.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from datetime import time as time_of_day
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from domain.corrections import LineCorrections
from domain.frames import HISTORY, REJECTIONS, SAMPLES, SPANS, UTC_US, LineHistory
from domain.plant import Calendar, Line, Machine, Plant, Shift
from domain.signals import REACH_MARGIN
from domain.states import MachineState
from domain.time import micros
from store.telemetry.duckdb.store import DuckDBStore
from store.telemetry.protocol import BatchContent, BatchRecord

START = datetime(2024, 12, 31, 16, tzinfo=UTC)  # midnight in Hong Kong
CHANGES_A_DAY = 2000
COUNT_EVERY_US = 60_000_000
DAY_US = 86_400_000_000
BATCH_DAYS = 7
MACHINE = "m"
_BORDERS = ("start", "end")
_ROLES = ("state", "total_count")


def a_plant(lines: int) -> Plant:
    """Two shifts on six days, holidays of Hong Kong; every line with one machine."""
    shifts = tuple(
        Shift(name, frozenset(range(6)), time_of_day(start), time_of_day(end))
        for name, start, end in (("A", 7, 15), ("B", 15, 23))
    )
    calendar = Calendar("two-shift", shifts, "HK")
    machines = {MACHINE: Machine(MACHINE, "import")}
    roles = dict.fromkeys(_ROLES, MACHINE)
    return Plant(
        "p",
        ZoneInfo("Asia/Hong_Kong"),
        {"en": "P"},
        "1",
        {},
        {
            name: Line(name, {"en": name}, machines, roles, calendar, 1.0)
            for name in map(line_name, range(lines))
        },
    )


def line_name(number: int) -> str:
    return f"line-{number:04}"


def end_of(days: float) -> datetime:
    """So many days after the start, on a whole second."""
    return START + timedelta(seconds=round(days * 86_400))


def line_samples(number: int, days: float, first_day: float = 0) -> pl.DataFrame:
    """SAMPLES of one line over that many days, sorted by time: the same for the same numbers."""
    first_us, length_us = round(first_day * DAY_US), round(days * DAY_US)
    random = np.random.default_rng((number, first_us))
    origin = micros(START) + first_us
    changes = origin + np.unique(random.integers(0, length_us, round(days * CHANGES_A_DAY)))
    states = random.integers(1, len(MachineState), len(changes))
    states[::CHANGES_A_DAY] = MachineState.UNKNOWN.code
    counts = origin + np.arange(0, length_us, COUNT_EVERY_US)
    # A counter does not begin again with another stretch: it goes on where the days are.
    totals = first_day * 1e5 + np.cumsum(random.integers(0, 60, len(counts)))
    return pl.concat(
        [
            _signal(number, "state", changes, states.astype(float), _names(states)),
            _signal(number, "total_count", counts, totals, None),
        ]
    ).sort("time")


def a_history(number: int, days: int) -> LineHistory:
    """The same as the history that a store gives for the facts of those days."""
    samples = line_samples(number, days).select(HISTORY.names()).sort("signal", "time")
    spans = pl.DataFrame({"machine": [MACHINE], "start": [START], "end": [end_of(days)]})
    return LineHistory(
        line_name(number),
        START - REACH_MARGIN,
        end_of(days) + REACH_MARGIN,
        samples,
        spans.cast(dict.fromkeys(_BORDERS, UTC_US)),
    )


def _names(states: np.ndarray) -> pl.Series:
    return pl.Series(MachineState.names()).gather(states)


def _signal(
    number: int, signal: str, times: np.ndarray, values: np.ndarray, texts: pl.Series | None
) -> pl.DataFrame:
    at = pl.Series(times).cast(SAMPLES["time"])
    return pl.select(
        line=pl.lit(line_name(number)),
        machine=pl.lit(MACHINE),
        signal=pl.lit(signal),
        time=at,
        received=at,
        value=pl.Series(values),
        text=pl.lit(None, dtype=pl.String) if texts is None else texts,
        quality=pl.lit(0, dtype=pl.UInt8),
        raw=pl.lit(None, dtype=pl.String),
    ).cast(SAMPLES)


def fill(store: DuckDBStore, lines: int, days: float, first_day: float = 0) -> int:
    """Store the lines' samples for those days; how many there are. A year at a time is made."""
    rows = 0
    for number in range(lines):
        done = first_day
        while done < first_day + days:
            part = min(365.0, first_day + days - done)
            samples = line_samples(number, part, done)
            rows += samples.height
            for begin in np.arange(done, done + part, BATCH_DAYS):
                store.append([_batch(number, samples, begin, min(begin + BATCH_DAYS, done + part))])
            done += part
    return rows


def _batch(
    number: int, samples: pl.DataFrame, first_day: float, end_day: float
) -> tuple[BatchRecord, BatchContent]:
    start, end = end_of(first_day), end_of(end_day)
    part = samples.filter(pl.col("time") >= start, pl.col("time") < end)
    spans = pl.DataFrame([(line_name(number), MACHINE, start, end)], schema=SPANS, orient="row")
    record = BatchRecord(
        agent=line_name(number),
        number=round(first_day * 24) + 1,
        digest=f"{number:032}{round(first_day * 24):032}",
        samples=part.height,
        rejections=0,
        first_time=start,
        last_time=end,
        received=end,
    )
    return record, BatchContent(part, spans, REJECTIONS.to_frame())


class Plants:
    """What a facts keeper asks of the registry."""

    version = 1

    def __init__(self, plant: Plant) -> None:
        self._plant = plant

    def plants(self) -> list[Plant]:
        return [self._plant]

    def line_corrections(self, _line: str) -> LineCorrections:
        return LineCorrections()

    def mark_applied(self, _line: str, _number: int) -> None:
        """There are no corrections to follow."""
