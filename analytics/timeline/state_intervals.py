"""State intervals: what a line did at each instant of a window, as a partition of it."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import polars as pl

from analytics.arrays import sorted_unique
from analytics.calendar.planned_time import plan_segments
from analytics.timeline.history_reach import check_reach
from analytics.timeline.reasons import reason_track
from analytics.timeline.tracks import lost_track, state_track, states_at, text_track
from domain.frames import ORDER_LOST, UTC_US, LineHistory
from domain.plant import Line, Plant
from domain.states import MachineState
from domain.time import micros

# Columns of `state_intervals`: a partition of the window, cut also where plan, mode, order or
# reason change. `order` is as in FACTS; `reason` is the id of a node of the plant's reason tree, or
# a text as it was given (analytics.timeline.reasons).
STATE_INTERVALS = pl.Schema(
    {
        "start": UTC_US,
        "end": UTC_US,
        "state": pl.String(),
        "mode": pl.String(),
        "order": pl.String(),
        "reason": pl.String(),
        "plan": pl.String(),
        "shift": pl.String(),
        "shift_start": UTC_US,
    }
)


def needed_until(line: Line, end: datetime, now: datetime) -> datetime:
    """How far a history must reach for the line's states up to `end` as of `now`.

    After its last span a line is trusted for a while; but if it was heard again later, it was
    unknown in between. So the history must show whether another span came.
    """
    return now if end < now <= end + timedelta(seconds=line.stale_after_s) else end


def state_intervals(
    plant: Plant,
    line_id: str,
    history: LineHistory,
    start: datetime,
    end: datetime,
    now: datetime | None = None,
) -> pl.DataFrame:
    """STATE_INTERVALS of the line for [start, end); neighbours that are equal are joined.

    The history must reach as far as `analytics.timeline.history_reach` asks: a shorter one raises
    ValueError.
    """
    check_reach(history, start, end)
    line = plant.lines[line_id]
    state = state_track(line, history, now)
    texts = {name: text_track(line, history, name) for name in ("mode", "order")}
    lost = lost_track(line, history, "order", now)
    texts["reason"] = reason_track(plant, line, history, state)
    plan = plan_segments(line.calendar, plant.zone, start, end)
    plan_starts = plan["start"].cast(pl.Int64).to_numpy()
    tracks = (*texts.values(), lost)
    cuts = np.concatenate([state.times, plan_starts, *(track.times for track in tracks)])
    first, last = micros(start), micros(end)
    begins = sorted_unique(np.append(cuts[(cuts > first) & (cuts < last)], first))
    which = np.searchsorted(plan_starts, begins, side="right") - 1
    held = {name: track.at(begins) for name, track in texts.items()}
    held["order"] = held["order"].set(pl.Series(lost.codes_at(begins) >= 0), ORDER_LOST)
    frame = pl.DataFrame(
        {
            "start": begins,
            "end": np.append(begins[1:], last),
            "state": states_at(state, begins),
            **held,
            **{name: plan[name].gather(which) for name in ("plan", "shift", "shift_start")},
        }
    ).with_columns(
        pl.col("start", "end").cast(UTC_US),
        pl.col("state").replace_strict(
            list(range(len(MachineState))), list(MachineState.names()), return_dtype=pl.String
        ),
    )
    return _joined(frame.select(STATE_INTERVALS.names()))


def _joined(frame: pl.DataFrame) -> pl.DataFrame:
    what = [name for name in frame.columns if name not in ("start", "end")]
    return (
        frame.with_columns(pl.struct(what).rle_id().alias("run"))
        .group_by("run", maintain_order=True)
        .agg(pl.col("start").first(), pl.col("end").last(), pl.col(what).first())
        .select(frame.columns)
    )
