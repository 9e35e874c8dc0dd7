"""Which samples of a batch are stored to make facts, findings and comparisons again.

Measured values (`measurement.<name>`) say nothing of states and counts, and where a line is told
twenty of them every second they are nearly all there is. What is read of them is how far each
reaches, and what it said around the readings of a machine's panel (`api.queries.site_visits`). So
of each series of a batch its first and its last sample are kept, and all of those that were read of
a panel. Whether a batch can be believed is judged of all of it before. Pure but for the record.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet

import polars as pl

from domain.signals import MEASUREMENT_PREFIX, is_measurement
from store.registry.project_work.site_visits import SiteVisits
from store.telemetry.frames import SERIES, distinguishing


def measured_on_panels(visits: SiteVisits, project: str) -> frozenset[str]:
    """The measurements, as signals, that the record tells readings of."""
    readings = (reading for visit in visits.of_project(project) for reading in visit.readings)
    return frozenset(it.signal for it in readings if is_measurement(it.signal))


def needed_samples(samples: pl.DataFrame, on_panels: AbstractSet[str]) -> pl.DataFrame:
    """Of SAMPLES that were let in those that are needed. The marks of a store
    (`store.telemetry.frames.marks_of`) are those of all of them."""
    signal, time = samples["signal"], pl.col("time")
    is_unread = signal.str.starts_with(MEASUREMENT_PREFIX)
    if on_panels:
        is_unread &= ~signal.is_in(list(on_panels))
    if not is_unread.any():
        return samples
    ends = (
        samples.select(*SERIES, "time")
        .with_row_index("row")
        .filter(is_unread)
        .group_by(distinguishing(samples))
        .agg(
            first=pl.col("row").get(time.arg_min()),
            last=pl.col("row").get(time.arg_max()),
        )
    )
    rows = pl.concat([ends["first"], ends["last"]]).unique().sort()
    return pl.concat([samples.filter(~is_unread), samples[rows]])
