"""Ninety production days of the demo line as files for `lineproof import`.

Columns time, machine, signal, value, as an integrator would export them from an older system:
states and stop reasons when they change, counters and the energy meter every five minutes.
Two files, because for some days the old system kept nothing: a file counts as complete from
its first row to its last, so the days between the files are unknown.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl

from domain.time import HOUR_US, instant, micros, midnight
from lineproof.demo.plant_model import PlantModel
from lineproof.demo.texts import ZONE, DemoDays

COUNTER_PERIOD_US = 300_000_000
_Row = tuple[int, str, str, str]


def write_history(folder: Path, model: PlantModel, days: DemoDays, until_us: int) -> list[Path]:
    """Write the history up to `until_us` as Parquet files, in order of time."""
    zone = ZoneInfo(ZONE)
    gap_first, gap_last = days.gap
    stretches = (
        (model.origin_us, micros(midnight(gap_first, zone))),
        (micros(midnight(gap_last + timedelta(days=1), zone)), until_us),
    )
    files = []
    for number, (start_us, end_us) in enumerate(stretches, start=1):
        path = folder / f"history-{number}.parquet"
        history_frame(model, start_us, end_us).write_parquet(path)
        files.append(path)
    return files


def history_frame(model: PlantModel, start_us: int, end_us: int) -> pl.DataFrame:
    """time (UTC), machine, signal, value (text) for [start_us, end_us], sorted by time."""
    rows = [*_changes(model, start_us, end_us), *_counters(model, start_us, end_us)]
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


def _changes(model: PlantModel, start_us: int, end_us: int) -> Iterator[_Row]:
    for segment in model.segments(start_us, end_us):
        us = max(start_us, segment.start_us)
        yield us, "filler", "state", segment.state.value
        if segment.reason:
            yield us, "filler", "stop_reason", segment.reason


def _counters(model: PlantModel, start_us: int, end_us: int) -> Iterator[_Row]:
    """At the borders and at every full five minutes between."""
    first = start_us - start_us % COUNTER_PERIOD_US + COUNTER_PERIOD_US
    for us in (start_us, *range(first, end_us, COUNTER_PERIOD_US), end_us):
        totals = model.totals(us)
        yield us, "filler", "total_count", str(totals.items)
        yield us, "filler", "reject_count", str(totals.rejects)
        yield us, "meter", "energy", f"{totals.energy_kwh:.3f}"


def demo_model(days: DemoDays, seed: int) -> PlantModel:
    """The demo's line from its first day on."""
    zone = ZoneInfo(ZONE)
    begin = micros(midnight(days.overhaul, zone) + timedelta(hours=7))
    overhaul_us = (begin, begin + 8 * HOUR_US)
    return PlantModel(micros(midnight(days.first, zone)), seed, overhaul_us=overhaul_us)


def pick_seed(days: DemoDays, now_us: int) -> int:
    """A seed with which the line is producing at `now_us` and soon has a short stop.

    Whoever looks at the pages for half a minute shall see counts move, so a day on which the
    line happens to stand for long just then is not the day that we tell of.
    """
    for seed in range(1000):
        ahead = list(demo_model(days, seed).segments(now_us, now_us + 90_000_000))
        standing = [s for s in ahead if s.speed == 0.0]
        short = all(s.end_us - s.start_us < 15_000_000 for s in standing)
        if ahead[0].speed > 0.0 and ahead[0].end_us > now_us + 20_000_000 and standing and short:
            return seed
    raise RuntimeError(f"no seed lets the line run at {instant(now_us).isoformat()}")
