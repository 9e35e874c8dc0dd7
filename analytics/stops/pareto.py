"""The reasons of stops by the plant's tree, and the Pareto of these causes.

A reason that names a node of the tree (by id or by one of its codes) has the node's kind; any other
text is still a reason, shown as it is and unplanned. Setup and maintenance are planned unless
people gave them a reason that is not. Unknown time has no cause: it is in no Pareto.
"""

from __future__ import annotations

from typing import Literal

import polars as pl

from analytics.stops.stop_list import STOPS, counted
from domain.errors import InputError
from domain.frames import check
from domain.plant import Plant
from domain.reasons import kind_of, path_of
from domain.states import MachineState, ReasonKind

# STOPS with what the reason means.
EXPLAINED = pl.Schema(
    {
        **STOPS,
        "path": pl.List(pl.String()),  # ids from the root of the tree to the node; or empty
        "kind": pl.String(),  # domain.states.ReasonKind; null for unknown time
        "planned": pl.Boolean(),  # null for unknown time
    }
)
PARETO = pl.Schema(
    {
        "cause": pl.String(),  # a node's id, a reason's text, or a state
        "by": pl.String(),  # "reason", or "state" where no reason was given
        "planned": pl.Boolean(),
        "duration_s": pl.Float64(),
        "count": pl.Int64(),
        "share": pl.Float64(),  # of the measure that the rows are sorted by
        "cumulative_share": pl.Float64(),
    }
)
Measure = Literal["duration_s", "count"]
_UNPLANNED = (ReasonKind.UNPLANNED.value, ReasonKind.BREAKDOWN.value)
_STATE_KINDS = {
    MachineState.SETUP.value: ReasonKind.SETUP,
    MachineState.MAINTENANCE.value: ReasonKind.MAINTENANCE,
}


def explained(plant: Plant, stops: pl.DataFrame) -> pl.DataFrame:
    """EXPLAINED from STOPS."""
    pairs = stops.select("reason", "category").unique().rows()
    kinds = [kind_of_stop(plant, reason, category) for reason, category in pairs]
    meaning = pl.DataFrame(
        [
            (reason, category, [node.id for node in path_of(plant, reason or "")], kind)
            for (reason, category), kind in zip(pairs, kinds, strict=True)
        ],
        schema={
            "reason": pl.String(),
            "category": pl.String(),
            "path": pl.List(pl.String()),
            "kind": pl.String(),
        },
        orient="row",
    )
    return (
        stops.join(
            meaning,
            on=["reason", "category"],
            how="left",
            nulls_equal=True,
            maintain_order="left",
        )
        .with_columns((~pl.col("kind").is_in(_UNPLANNED)).alias("planned"))
        .pipe(lambda frame: check(frame, EXPLAINED, "explained stops"))
    )


def kind_of_stop(plant: Plant, reason: str | None, category: str) -> ReasonKind | None:
    """The kind of a stop of that category (analytics.stops.stop_list) with that reason; None:
    unknown time."""
    if category == MachineState.UNKNOWN.value:
        return None
    said = kind_of(plant, reason) if reason else ReasonKind.UNPLANNED
    own = _STATE_KINDS.get(category, ReasonKind.UNPLANNED)
    return own if said is ReasonKind.UNPLANNED else said


def pareto(
    stops: pl.DataFrame, level: int | None = None, measure: Measure = "duration_s"
) -> pl.DataFrame:
    """PARETO of EXPLAINED stops, the greatest cause first.

    `level` 1 is the root of the tree; at a level deeper than its own node a reason is its own
    cause. None: every reason for itself. Planned and unplanned time of one cause are two rows.
    Raises InputError for a level below 1.
    """
    if level is not None and level < 1:
        raise InputError(
            f"there is no level {level} of the reason tree",
            where="level",
            todo="Give 1 for its roots, 2 for what is below them, and so on.",
        )
    depth = pl.col("path").list.len().cast(pl.Int64)
    place = (depth if level is None else pl.min_horizontal(depth, pl.lit(level))) - 1
    node = pl.when(depth > 0).then(pl.col("path").list.get(place, null_on_oob=True))
    has_reason = pl.col("reason").is_not_null()
    return (
        stops.filter(pl.col("category") != MachineState.UNKNOWN.value)
        .group_by(
            pl.coalesce(node, "reason", "state").alias("cause"),
            pl.when(has_reason).then(pl.lit("reason")).otherwise(pl.lit("state")).alias("by"),
            "planned",
        )
        .agg(
            pl.col("duration_s").sum(),
            (counted() | _once_beside()).sum().cast(pl.Int64).alias("count"),
        )
        .sort(
            measure,
            "duration_s",
            "cause",
            "by",
            "planned",
            descending=[True, True, False, False, False],
        )
        .pipe(_shared, measure)
        .pipe(lambda frame: check(frame.select(PARETO.names()), PARETO, "pareto of stops"))
    )


def _once_beside() -> pl.Expr:
    """Setup and maintenance, counted where they begin."""
    return pl.col("category").is_in(list(_STATE_KINDS)) & ~pl.col("continued")


def _shared(rows: pl.DataFrame, measure: Measure) -> pl.DataFrame:
    whole = rows[measure].sum()
    share = pl.col(measure) / whole if whole else pl.lit(None, dtype=pl.Float64)
    return rows.with_columns(share.cast(pl.Float64).alias("share")).with_columns(
        pl.col("share").cum_sum().alias("cumulative_share")
    )
