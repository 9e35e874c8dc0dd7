"""Stops of a line: a list cut at the plan's borders and at those of the window.

A stop is a maximal run of stop states (`domain.states.STOP_STATES`), whatever the plan says; one
that follows the one before after less than the line's `chatter_s` of other time is the same stop
after chatter. Corrections of people come last: SPLIT begins another stop at an instant, MERGE
makes one of several. What chatter was it stays in every sum of time: a stop's `duration_s` is
stopped time alone.

Listed is what lies in planned busy time inside the window, once for each shift and each stretch
between breaks. It is counted where the stop begins, and nowhere if that was before the window or
outside the plan: the number of stops is that of the facts. Setup, maintenance and unknown time
are listed beside the stops under their own category: unknown is no stop, but it ends one.

A stop's state is the one that it began with (what brought the line down); its reason is the last
one given while it lasted: by people, or else in planned time, or else at all. Whether it is minor
depends on all its stopped time in the plan. So the intervals should reach from production to
production, and further than the window: see `surroundings`.

An example with a `chatter_s` of 1 and a `minor_stop_s` of 120. Half a second of production does not
end the first stop; the second reaches from the shift into a break and is listed as far as the plan
was busy:

    time     08:00       08:05     08:06            08:07      08:30     08:31     08:35
    plan     busy . . . . . . . . . . . . . . . . . . . . . . . . . . . | break . |
    state    producing   fault    (0.5 s prod.)     producing  stopped . . . . .   producing
                                   fault

    list     08:05  fault    120 s  major  flickers 1
             08:30  stopped   60 s  minor  flickers 0     (the 240 s in the break do not count)
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl

from analytics.timeline.onsets import onsets
from domain.corrections import Correction, CorrectionKind, in_force
from domain.frames import UTC_US, check
from domain.plant import DEFAULT_CHATTER_S, Line
from domain.signals import REACH_MARGIN
from domain.states import STOP_STATES, MachineState, Plan
from domain.time import Window

# The columns that the list needs; others (mode, order) may stand beside them.
INTERVALS = pl.Schema(
    {
        "start": UTC_US,
        "end": UTC_US,
        "state": pl.String(),
        "reason": pl.String(),
        "plan": pl.String(),
        "shift": pl.String(),
        "shift_start": UTC_US,
    }
)
# What `stop_pieces` adds to the intervals.
PIECES = pl.Schema(
    {
        "what": pl.String(),  # stop, setup, maintenance, unknown, producing
        "event": pl.Int64(),  # when the stop began (µs), counted by the rule of the facts
        "stretch": pl.Int64(),  # of one plan and one shift
        "first_state": pl.String(),
        "last_reason": pl.String(),
        "category": pl.String(),  # minor, major; else as `what`
    }
)
STOPS = pl.Schema(
    {
        "start": UTC_US,
        "end": UTC_US,
        "duration_s": pl.Float64(),  # stopped time: less than end − start where it chattered
        "state": pl.String(),
        "reason": pl.String(),  # null where none was given
        "category": pl.String(),  # minor, major, setup, maintenance, unknown
        "shift": pl.String(),  # null outside every shift
        "continued": pl.Boolean(),  # it began before this row: listed, not counted (again)
        "flickers": pl.Int64(),  # how often other time was joined over
    }
)
PRODUCING = MachineState.PRODUCING.value
_WHAT = {state.value: "stop" if state in STOP_STATES else state.value for state in MachineState}
_EVENT = ("what", "event")
_JOINING = (CorrectionKind.SPLIT, CorrectionKind.MERGE)


def surroundings(line: Line, window: Window, now: datetime) -> Window:
    """How far intervals should reach to judge the stops at the window's borders: when they
    began, and whether they are minor. Never past `now`."""
    before = REACH_MARGIN + timedelta(seconds=line.minor_stop_s)
    return Window(window.start - before, max(window.end, min(window.end + before, now)))


def stop_pieces(
    intervals: pl.DataFrame,
    minor_stop_s: float,
    chatter_s: float = DEFAULT_CHATTER_S,
    window: Window | None = None,
    corrections: Sequence[Correction] = (),
) -> pl.DataFrame:
    """The busy intervals inside the window (None: all), each with what it is part of.

    `intervals` (INTERVALS and what stands beside, in any order) partition the window or more. A
    stop shorter than `minor_stop_s` is minor. `corrections`: those in force; of reasons, which
    the intervals have already, only the times matter. Gives the same columns with those of
    PIECES, sorted by start.
    """
    check(intervals.select(INTERVALS.names()), INTERVALS, "state intervals")
    holding = in_force(corrections)
    ours = [it for it in holding if it.kind in _JOINING]
    cuts = [it.start for it in ours if it.kind is CorrectionKind.SPLIT]
    if window is not None:
        cuts += [window.start, window.end]
    pieces = (
        _cut(intervals, cuts)
        .with_columns(
            pl.col("state").replace_strict(_WHAT, return_dtype=pl.String).alias("what"),
            _given("reason"),
            _given("shift"),
        )
        .pipe(_events, chatter_s * 1e6, ours)
        .with_columns(_last_reason(holding))
        .filter(pl.col("plan") == Plan.BUSY.value)
    )
    length_us = (pl.col("end") - pl.col("start")).dt.total_microseconds()
    minor = pl.when(length_us.sum().over(_EVENT) < minor_stop_s * 1e6)
    is_stop = pl.col("what") == "stop"
    pieces = pieces.with_columns(
        pl.col("state").first().over(_EVENT).alias("first_state"),
        pl.when(is_stop)
        .then(minor.then(pl.lit("minor")).otherwise(pl.lit("major")))
        .otherwise("what")
        .alias("category"),
    )
    if window is not None:
        pieces = pieces.filter(
            (pl.col("start") >= window.start) & (pl.col("end") <= window.end),
        )
    check(pieces.select(PIECES.names()), PIECES, "pieces of stops")
    return pieces


def stops_from_pieces(pieces: pl.DataFrame) -> pl.DataFrame:
    """STOPS from `stop_pieces`, in order of time."""
    length_us = (pl.col("end") - pl.col("start")).dt.total_microseconds()
    begun = pl.from_epoch("event", time_unit="us").dt.replace_time_zone("UTC")
    return (
        pieces.filter(pl.col("what") != PRODUCING)
        .group_by("what", "event", "stretch", maintain_order=True)
        .agg(
            pl.col("start").first(),
            pl.col("end").last(),
            (length_us.sum() / 1e6).alias("duration_s"),
            pl.col("first_state").first().alias("state"),
            pl.col("last_reason").first().alias("reason"),
            pl.col("category", "shift").first(),
            (pl.col("start") != pl.col("end").shift(1)).sum().cast(pl.Int64).alias("flickers"),
        )
        .with_columns((pl.col("start") != begun).alias("continued"))
        .pipe(lambda frame: check(frame.select(STOPS.names()), STOPS, "stops"))
    )


def counted() -> pl.Expr:
    """Which rows of STOPS are stops that count: what the facts call `stops`."""
    return pl.col("category").is_in(["minor", "major"]) & ~pl.col("continued")


def _cut(intervals: pl.DataFrame, instants: Sequence[datetime]) -> pl.DataFrame:
    """The intervals in order, cut at the instants."""
    for instant in instants:
        at = pl.lit(instant.astimezone(UTC), dtype=UTC_US)
        inside = intervals.filter((pl.col("start") < at) & (pl.col("end") > at))
        if inside.height:
            whole = intervals.filter((pl.col("start") >= at) | (pl.col("end") <= at))
            parts = (inside.with_columns(at.alias("end")), inside.with_columns(at.alias("start")))
            intervals = pl.concat([whole, *parts])
    return intervals.sort("start")


def _events(
    pieces: pl.DataFrame, chatter_us: float, corrections: Sequence[Correction]
) -> pl.DataFrame:
    """With the columns `event` and `stretch`."""
    changed = pl.col("what") != pl.col("what").shift(1)
    # By its start: the next shift may have the same name.
    bordered = pl.struct("plan", "shift_start").ne_missing(
        pl.struct("plan", "shift_start").shift(1)
    )
    pieces = pieces.with_columns(
        changed.fill_null(True).cum_sum().alias("run"),
        bordered.fill_null(True).cum_sum().cast(pl.Int64).alias("stretch"),
    ).with_columns(pl.col("start").first().over("run").dt.epoch("us").alias("event"))
    stopped = (pieces["what"] == "stop").to_numpy()
    starts = pieces["start"].to_physical().to_numpy()
    begun = onsets(starts, stopped, chatter_us, corrections)
    event = pieces["event"].to_numpy(writable=True)
    event[stopped] = begun[np.searchsorted(begun, starts[stopped], side="right") - 1]
    return pieces.with_columns(pl.Series("event", event, dtype=pl.Int64))


def _last_reason(corrections: Sequence[Correction]) -> pl.Expr:
    """The last reason of each event: of people; or else in the plan; or else at all."""
    by_people = pl.any_horizontal(
        pl.lit(value=False),
        *(
            (pl.col("start") < it.end) & (pl.col("end") > it.start)
            for it in corrections
            if it.kind is CorrectionKind.REASON
        ),
    )
    planned = pl.col("plan") == Plan.BUSY.value
    reason = pl.col("reason")
    given = (reason.filter(by_people), reason.filter(planned), reason)
    last = (each.drop_nulls().last().over(_EVENT) for each in given)
    return pl.coalesce(*last).alias("last_reason")


def _given(column: str) -> pl.Expr:
    """The text, or null where it is empty."""
    return pl.when(pl.col(column) != "").then(pl.col(column)).alias(column)
