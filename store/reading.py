"""Reads of a store that take more than one query, for those who derive facts.

An increment of a counter that crosses a window's border is shared out by the states between
its two samples; so the history for facts reaches back to the last counter sample before the
window and on to the first one after it, for every signal.
"""

from __future__ import annotations

from datetime import datetime

import polars as pl

from domain.frames import LineHistory
from domain.signals import SIGNALS, SignalKind
from store.protocol import TelemetryStore

_COUNTERS = [name for name, signal in SIGNALS.items() if signal.kind is SignalKind.COUNTER]


def line_history(store: TelemetryStore, line: str, start: datetime, end: datetime) -> LineHistory:
    """The line's history for the facts of [start, end)."""
    history = store.history(line, start, end)
    # Only a counter with samples on both sides of a border shares an increment across it.
    reach = (
        history.samples.filter(pl.col("signal").is_in(_COUNTERS))
        .group_by("machine", "signal")
        .agg(pl.col("time").min().alias("first"), pl.col("time").max().alias("last"), pl.len())
        .filter(pl.col("len") > 1)
    )
    first = min([start, *reach["first"].to_list()])
    last = max([end, *reach["last"].to_list()])
    if first == start and last == end:
        return history
    return store.history(line, first, last)
