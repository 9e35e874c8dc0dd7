"""Ninety production days of the demo line as files for `lineproof import`.

Columns time, machine, signal, value, as an integrator would export them from an older system:
states, stop reasons and the product when they change, counters and the energy meter every five
minutes, and the weights of the last fortnight: it kept them no longer.
Two files, because for some days the old system kept nothing: a file counts as complete from
its first row to its last, so the days between the files are unknown.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl

from domain.time import HOUR_US, micros, midnight
from lineproof.demo.model.days import ZONE, DemoDays
from lineproof.demo.model.packer_model import PackerModel
from lineproof.demo.model.plant_model import PlantModel
from lineproof.demo.model.weights import weights

COUNTER_PERIOD_US = 300_000_000
_Row = tuple[int, str, str, str]


def write_history(folder: Path, model: PlantModel, days: DemoDays, until_us: int) -> list[Path]:
    """Write the history up to `until_us` as Parquet files, in order of time."""
    zone = ZoneInfo(ZONE)
    gap_first, gap_last = days.gap
    weights_from_us = micros(midnight(days.first_weight, zone))
    stretches = (
        (model.origin_us, micros(midnight(gap_first, zone))),
        (micros(midnight(gap_last + timedelta(days=1), zone)), until_us),
    )
    files = []
    for number, (start_us, end_us) in enumerate(stretches, start=1):
        path = folder / f"history-{number}.parquet"
        history_frame(model, start_us, end_us, weights_from_us).write_parquet(path)
        files.append(path)
    return files


def history_frame(
    model: PlantModel, start_us: int, end_us: int, weights_from_us: int = 0
) -> pl.DataFrame:
    """time (UTC), machine, signal, value (text) for [start_us, end_us], sorted by time."""
    rows = [*_changes(model, start_us, end_us), *_counters(model, start_us, end_us)]
    if weights_from_us < end_us:
        rows += _weights(model, max(start_us, weights_from_us), end_us)
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
    """State and reason of filler and packer, the product, each from the start on."""
    for machine, truth in (("filler", model), ("packer", PackerModel(model))):
        for segment in truth.segments(start_us, end_us):
            us = max(start_us, segment.start_us)
            yield us, machine, "state", segment.state.value
            if segment.reason:
                yield us, machine, "stop_reason", segment.reason
    made = ""
    for us in (start_us, *range(_next(start_us, HOUR_US), end_us, HOUR_US)):
        if made != (made := model.recipe(us).product):
            yield us, "checkweigher", "product", made


def _counters(model: PlantModel, start_us: int, end_us: int) -> Iterator[_Row]:
    """At the borders and at every full five minutes between."""
    first = _next(start_us, COUNTER_PERIOD_US)
    for us in (start_us, *range(first, end_us, COUNTER_PERIOD_US), end_us):
        totals = model.totals(us)
        yield us, "filler", "total_count", str(totals.items)
        yield us, "filler", "reject_count", str(totals.rejects)
        yield us, "meter", "energy", f"{totals.energy_kwh:.3f}"


def _weights(model: PlantModel, start_us: int, end_us: int) -> Iterator[_Row]:
    for us, weight_g in weights(model, start_us, end_us):
        yield us, "checkweigher", "measurement.fill-weight", f"{weight_g:.3f}"


def _next(us: int, period_us: int) -> int:
    return us - us % period_us + period_us
