"""Stops of a line: a list cut at the plan's borders, and a Pareto of their causes.

A stop is a maximal run of stop states (`domain.states.STOP_STATES`) in planned busy time: a
fault that the operator turns into "stopped" is still one stop. Setup, maintenance and unknown
time are listed beside the stops under their own category: unknown is no stop, but it ends one.
A stop that outlives its shift is listed once for each shift and counted once; whether it is
minor is a matter of its whole length. What lies in breaks or outside the plan is left out, so
a stop with a break in it is two.

A stop's state is the one that it began with (what brought the line down); its reason is the
last one given while it lasted (what people settled on).
"""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from domain.frames import UTC_US, check
from domain.states import STOP_STATES, MachineState, Plan
from domain.time import Window

# The columns that `stop_list` needs; others (mode, order) may stand beside them.
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
STOPS = pl.Schema(
    {
        "start": UTC_US,
        "end": UTC_US,
        "duration_s": pl.Float64(),
        "state": pl.String(),
        "reason": pl.String(),  # null where none was given
        "category": pl.String(),  # minor, major, setup, maintenance, unknown
        "shift": pl.String(),  # null outside every shift
        "continued": pl.Boolean(),  # goes on from the shift before: listed, not counted again
    }
)
PARETO = pl.Schema(
    {
        "cause": pl.String(),
        "by": pl.String(),  # "reason", or "state" where no reason was given
        "duration_s": pl.Float64(),
        "count": pl.Int64(),
        "share": pl.Float64(),
        "cumulative_share": pl.Float64(),
    }
)
_KINDS = {
    **{state.value: "stop" for state in STOP_STATES},
    **{
        state.value: state.value
        for state in (MachineState.SETUP, MachineState.MAINTENANCE, MachineState.UNKNOWN)
    },
}


def stop_list(intervals: pl.DataFrame, minor_stop_s: float) -> pl.DataFrame:
    """STOPS in order of time from INTERVALS that partition a window (in any order).

    A stop shorter than `minor_stop_s` is minor.
    """
    pieces = check(intervals.select(INTERVALS.names()), INTERVALS, "state intervals")
    limit_us = minor_stop_s * 1e6
    length_us = (pl.col("end") - pl.col("start")).dt.total_microseconds()
    kind_changed = pl.col("kind") != pl.col("kind").shift(1)
    # By its start: the next shift may have the same name.
    shift_changed = pl.col("shift_start").ne_missing(pl.col("shift_start").shift(1))
    apart = pl.col("start") != pl.col("end").shift(1)
    return (
        pieces.filter(pl.col("plan") == Plan.BUSY.value, pl.col("state").is_in(list(_KINDS)))
        .sort("start")
        .with_columns(
            pl.col("state").replace_strict(_KINDS, return_dtype=pl.String).alias("kind"),
            _given("reason"),
            _given("shift"),
        )
        .with_columns((kind_changed | apart).fill_null(True).cum_sum().alias("run"))
        .with_columns(
            shift_changed.fill_null(False).cum_sum().alias("piece"),
            pl.col("state").first().over("run"),
            pl.col("reason").drop_nulls().last().over("run"),
            length_us.sum().over("run").alias("run_us"),
        )
        .group_by("run", "piece", maintain_order=True)
        .agg(
            pl.col("start").first(),
            pl.col("end").last(),
            (length_us.sum() / 1e6).alias("duration_s"),
            pl.col("state", "reason", "shift").first(),
            _category(limit_us).first().alias("category"),
        )
        .with_columns((pl.col("run") == pl.col("run").shift(1)).fill_null(False).alias("continued"))
        .pipe(lambda frame: check(frame.select(STOPS.names()), STOPS, "stops"))
    )


def pareto(stops: pl.DataFrame) -> pl.DataFrame:
    """PARETO of STOPS, the longest cause first; unknown time has no cause and is left out."""
    ours = stops.filter(pl.col("category") != MachineState.UNKNOWN.value)
    has_reason = pl.col("reason").is_not_null()
    return (
        ours.group_by(
            pl.coalesce("reason", "state").alias("cause"),
            pl.when(has_reason).then(pl.lit("reason")).otherwise(pl.lit("state")).alias("by"),
        )
        .agg(
            pl.col("duration_s").sum(),
            (~pl.col("continued")).sum().cast(pl.Int64).alias("count"),
        )
        .sort(pl.col("duration_s"), "cause", "by", descending=[True, False, False])
        .with_columns((pl.col("duration_s") / pl.col("duration_s").sum()).alias("share"))
        .with_columns(pl.col("share").cum_sum().alias("cumulative_share"))
        .pipe(lambda frame: check(frame, PARETO, "pareto of stops"))
    )


def stops_json(line_id: str, window: Window, zone: ZoneInfo, stops: pl.DataFrame) -> dict[str, Any]:
    """The document of `lineproof stops --json` and of `GET lines/{line}/stops`; local times."""
    return {
        "line": line_id,
        "start": window.start.astimezone(zone).isoformat(),
        "end": window.end.astimezone(zone).isoformat(),
        "stops": [
            {
                **row,
                "start": row["start"].astimezone(zone).isoformat(),
                "end": row["end"].astimezone(zone).isoformat(),
            }
            for row in stops.iter_rows(named=True)
        ],
        "pareto": pareto(stops).to_dicts(),
    }


def _category(limit_us: float) -> pl.Expr:
    minor = pl.when(pl.col("run_us") < limit_us).then(pl.lit("minor")).otherwise(pl.lit("major"))
    return pl.when(pl.col("kind") == "stop").then(minor).otherwise(pl.col("kind"))


def _given(column: str) -> pl.Expr:
    """The text, or null where it is empty."""
    return pl.when(pl.col(column) != "").then(pl.col(column)).alias(column)
