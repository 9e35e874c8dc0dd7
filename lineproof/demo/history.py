"""The history of the demo's lines as files for `lineproof import`.

Columns time, machine, signal, value, as an integrator would export them from an older system:
states, stop reasons and the product when they change, counters and the energy meter every ten
minutes, and the weights of the last week: it kept them no longer.
A file counts as complete from its first row to its last. Where the old system kept nothing one file
ends and the next begins, so the time between them is unknown.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from domain.time import HOUR_US
from lineproof.demo.model.lines import DemoLine
from lineproof.demo.model.weights import weights

COUNTER_PERIOD_US = 600_000_000
_Row = tuple[int, str, str, str]


def write_history(folder: Path, line: DemoLine, until_us: int) -> list[Path]:
    """Write the line's history up to `until_us` as Parquet files, in order of time."""
    files = []
    for number, told_us in enumerate(line.told(line.model.origin_us, until_us), start=1):
        path = folder / f"history-{line.id}-{number}.parquet"
        history_frame(line, *told_us).write_parquet(path)
        files.append(path)
    return files


def write_tail(folder: Path, line: DemoLine, start_us: int, end_us: int) -> list[Path]:
    """Write what was told in [start_us, end_us), some seconds, as CSV: no process of its own reads
    that when it is imported."""
    files = []
    for told_us in line.told(start_us, end_us):
        path = folder / f"history-{line.id}-tail.csv"
        history_frame(line, *told_us).write_csv(path)
        files.append(path)
    return files


def history_frame(line: DemoLine, start_us: int, end_us: int) -> pl.DataFrame:
    """time (UTC), machine, signal, value (text) for [start_us, end_us], sorted by time."""
    rows = [*_changes(line, start_us, end_us), *_counters(line, start_us, end_us)]
    if line.weights_from_us is not None and line.weights_from_us < end_us:
        rows += _weights(line, max(start_us, line.weights_from_us), end_us)
    frame = pl.DataFrame(
        rows,
        schema={
            "time": pl.Int64,
            "machine": pl.String,
            "signal": pl.String,
            "value": pl.String,
        },
        orient="row",
    )
    in_utc = pl.from_epoch("time", time_unit="us").dt.replace_time_zone("UTC")
    return frame.with_columns(in_utc).sort("time", "machine", "signal")


def _changes(line: DemoLine, start_us: int, end_us: int) -> Iterator[_Row]:
    """State and reason of each machine, the product, each from the start on."""
    for machine, truth in line.machines.items():
        for segment in truth.segments(start_us, end_us):
            us = max(start_us, segment.start_us)
            yield us, machine, "state", segment.state.value
            if segment.reason:
                yield us, machine, "stop_reason", segment.reason
    made = ""
    if line.product_machine:
        for us in (start_us, *range(_next(start_us, HOUR_US), end_us, HOUR_US)):
            if made != (made := line.model.recipe(us).product):
                yield us, line.product_machine, "product", made


def _counters(line: DemoLine, start_us: int, end_us: int) -> Iterator[_Row]:
    """At the borders and at every full ten minutes between."""
    first = _next(start_us, COUNTER_PERIOD_US)
    for us in (start_us, *range(first, end_us, COUNTER_PERIOD_US), end_us):
        totals = line.model.totals(us)
        yield us, line.main, "total_count", str(totals.items)
        yield us, line.main, "reject_count", str(totals.rejects)
        if line.meter:
            yield us, line.meter, "energy", f"{totals.energy_kwh:.3f}"


def _weights(line: DemoLine, start_us: int, end_us: int) -> Iterator[_Row]:
    for us, weight_g in weights(line.model, start_us, end_us):
        yield us, "checkweigher", "measurement.fill-weight", f"{weight_g:.3f}"


def _next(us: int, period_us: int) -> int:
    return us - us % period_us + period_us
