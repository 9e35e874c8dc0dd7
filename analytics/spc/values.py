"""Measured values of a line's history: those of one measurement, with what separates them.

A value belongs to the confirmed span of its machine; spans are never bridged. A value outside
every span stands alone. Product and order are those that hold at the value's time. Values of
bad quality are left out and counted, as are samples without a number.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from analytics.spc.subgroups import Integers, Values
from analytics.timeline.tracks import text_track
from domain.frames import LineHistory
from domain.plant import Line, Measurement
from domain.samples import Quality
from domain.time import Window, micros


@dataclass(frozen=True)
class Measured:
    """The values of a window. `product` and `order` (String) have shape (n,) as the values;
    null: no such signal. The counts are of samples."""

    data: Values
    product: pl.Series
    order: pl.Series
    bad_quality: int
    uncertain_quality: int
    without_value: int


def measured_values(
    line: Line, measurement: Measurement, history: LineHistory, window: Window
) -> Measured:
    """The measurement's values inside the window, by time.

    `history` must reach over the window, with the neighbours of its product and order
    (store.history.line_history.line_history gives them).
    """
    samples = history.series(measurement.machine, _signal(measurement)).filter(
        (pl.col("time") >= window.start) & (pl.col("time") < window.end)
    )
    bad = samples["quality"] == Quality.BAD.value
    nameless = ~bad & samples["value"].is_null()
    used = samples.filter(~bad & ~nameless)
    times = used["time"].to_physical().to_numpy()
    products = text_track(line, history, "product").at(times)
    if line.product is not None:
        products = products.fill_null(line.product)
    orders = text_track(line, history, "order").at(times)
    stretches = _stretches(history, measurement.machine, times)
    made = pl.DataFrame({"stretch": stretches, "product": products, "order": orders})
    runs = made.select(pl.struct(pl.all()).rle_id().cast(pl.Int64)).to_series().to_numpy()
    return Measured(
        Values(times, used["value"].to_numpy(), runs, stretches),
        products.alias("product"),
        orders.alias("order"),
        bad_quality=int(bad.sum()),
        uncertain_quality=int((used["quality"] == Quality.UNCERTAIN.value).sum()),
        without_value=int(nameless.sum()),
    )


def has_samples(measurement: Measurement, history: LineHistory, window: Window) -> bool:
    """Whether there is any sample of the measurement inside the window, by bisection."""
    rows = history.rows_of(measurement.machine, _signal(measurement))
    times = history.times[rows.start : rows.stop]
    first, last = times.searchsorted([micros(window.start), micros(window.end)])
    return bool(first < last)


def _signal(measurement: Measurement) -> str:
    return f"measurement.{measurement.id}"


def _stretches(history: LineHistory, machine: str, times: Integers) -> Integers:
    """For each time a number that changes wherever unknown time lies between two of them."""
    spans = history.spans.filter(pl.col("machine") == machine).sort("start")
    begins = spans["start"].to_physical().to_numpy()
    ends = spans["end"].to_physical().to_numpy()
    last = np.searchsorted(begins, times, side="right") - 1
    # A span's end is its last confirmed instant: a value at it is still inside.
    outside = np.ones(len(times), dtype=np.bool_)
    within = last >= 0
    outside[within] = times[within] > ends[last[within]]
    fresh = np.ones(len(times), dtype=np.bool_)
    fresh[1:] = (last[1:] != last[:-1]) | outside[1:] | outside[:-1]
    return np.cumsum(fresh).astype(np.int64)
