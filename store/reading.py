"""Reads of a store that take more than one query, for those who derive facts.

An increment of a counter that crosses a window's border is shared out by the states between
its two samples, and a text holds across a bad sample; so the history for facts reaches back to
the last usable sample before the window and on to the first one after it, for every counter,
and for every other signal whose nearest sample says nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import polars as pl

from domain.corrections import Correction
from domain.frames import LineHistory
from domain.signals import SIGNALS, SignalKind
from store.protocol import TelemetryStore
from store.usable import usable, usable_neighbours

_COUNTERS = [name for name, signal in SIGNALS.items() if signal.kind is SignalKind.COUNTER]
_MICROSECOND = timedelta(microseconds=1)


def line_history(
    store: TelemetryStore,
    line: str,
    start: datetime,
    end: datetime,
    corrections: Sequence[Correction] = (),
) -> LineHistory:
    """The line's history for the facts of [start, end), with those of the corrections (in
    force) that touch it."""
    history = store.history(line, start, end)
    reached = [start, end, *_counter_reach(history), *_past_unusable(store, history)]
    first, last = min(reached), max(reached)
    if first != start or last != end:
        history = store.history(line, first, last)
    touching = (it for it in corrections if it.start <= last and it.end >= first)
    return replace(history, corrections=tuple(touching))


def _counter_reach(history: LineHistory) -> list[datetime]:
    """First and last samples of the counters that share an increment across a border.

    A counter with one sample shares nothing; so it does not make the history longer.
    """
    reach = (
        usable(history.samples.filter(pl.col("signal").is_in(_COUNTERS)))
        .group_by("machine", "signal")
        .agg(pl.col("time").min().alias("first"), pl.col("time").max().alias("last"), pl.len())
        .filter(pl.col("len") > 1)
    )
    return [*reach["first"], *reach["last"]]


def _past_unusable(store: TelemetryStore, history: LineHistory) -> list[datetime]:
    """Times of the nearest usable samples where the nearest one is not. A machine state that is
    not usable is `unknown`, which says something: it is left out."""
    outside = (pl.col("time") < history.start) | (pl.col("time") >= history.end)
    nearest = history.samples.filter(outside & (pl.col("signal") != "state"))
    silent = nearest.join(usable(nearest), on=nearest.columns, how="anti", nulls_equal=True)
    found: list[datetime] = []
    for machine, signal in silent.select("machine", "signal").unique().rows():
        around = usable_neighbours(
            store, history.line, machine, signal, history.start, history.end - _MICROSECOND
        )
        found += [at for at in around if at is not None]
    return found
