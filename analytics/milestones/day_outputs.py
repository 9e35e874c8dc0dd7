"""Good units of each day: how many were counted, and what may be wrong about their number.

All good units count, whenever they were made. What hides more of them, and what may belong to other
days (or, where only some shifts count, to other shifts), stands beside.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from analytics.milestones.evidence import Evidence, with_runs
from domain.condensing import pace
from domain.grants import DayRange
from domain.states import Plan

_IN_PLAN = pl.col("plan") == Plan.BUSY.value
_UNSURE = {"unsure_start_count": "start", "unsure_end_count": "end"}


@dataclass(frozen=True, slots=True)
class DayOutput:
    """One day's good units, and how many more its unknown planned time, and the time in which they
    were not heard, could hold at most.

    None: no counter for good units, or it was not heard; or no ideal cycle time to bound them.
    `overstated_units`: how many of the good ones may have been rejects that their counter missed.
    `unsure_start_units`: how many may belong to the day before, or came in from there;
    `unsure_end_units`: the same of the day behind. `unsure_reset_units`: how many may have been
    counted before already. `unsure_inside_units`: where only some shifts count, how many may belong
    to the others.
    """

    day: date
    good_units: float | None
    possible_units: float | None
    overstated_units: float = 0.0
    unsure_start_units: float = 0.0
    unsure_end_units: float = 0.0
    unsure_reset_units: float = 0.0
    unsure_inside_units: float = 0.0


def day_outputs(evidence: Evidence, days: DayRange) -> list[DayOutput]:
    """Each of the days that had ended and has facts, in order."""
    pace_by_line = paces(evidence, days)
    possible = possible_units(evidence, pace_by_line)
    is_counted = pl.any_horizontal(pl.col("good_count", "good_unheard_s").is_not_null()).any()
    by_day = (
        _with_unsure(evidence, days, pace_by_line)
        .group_by("day", maintain_order=True)
        .agg(
            pl.when(pl.col("good_count").is_not_null().any())
            .then(pl.col("good_count").sum())
            .alias("good"),
            pl.when(is_counted & possible.is_not_null().all())
            .then(possible.sum())
            .alias("possible"),
            pl.sum_horizontal("reject_count_missed", "unsure_judged_count").sum(),
            pl.col("unsure_start_count", "unsure_end_count").sum(),
            pl.col("unsure_reset_count").fill_null(0.0).sum(),
            pl.col("unsure_inside").sum(),
        )
    )
    return [DayOutput(*row) for row in by_day.iter_rows()]


def paces(evidence: Evidence, days: DayRange) -> dict[str, float]:
    """How much faster than planned hidden time of those days may have been, by line: as in the
    fastest known hour, at least 1."""
    fastest = dict(evidence.rows(days).group_by("line").agg(pace().max()).iter_rows())
    return {line: max(fastest.get(line) or 1.0, 1.0) for line in evidence.lines}


def possible_units(evidence: Evidence, pace_by_line: Mapping[str, float]) -> pl.Expr:
    """Of a row of FACTS, what may hide good units: unknown planned time, and production without
    their count. It may have run at the shortest ideal cycle of any product that was told, or that
    it may have been where nobody knows the product (`possible_count`), or as fast as `pace_by_line`
    says; what a counter vouches for in it is none of it, unless it may have been made outside the
    plan, and what it missed is beside it. Null where nothing bounds it."""
    cycles = {line: _shortest_cycle_s(evidence, line) for line in evidence.lines}
    cycle_s = pl.col("line").replace_strict(cycles, return_dtype=pl.Float64)
    line_pace = pace_of_line(pace_by_line)
    unknown_s = pl.when(_IN_PLAN).then(pl.col("unknown_us") / 1e6).otherwise(0.0)
    quiet_s = pl.max_horizontal("total_quiet_s", "good_quiet_s")
    silent_s = pl.sum_horizontal("good_unheard_s", quiet_s)
    hidden_s = unknown_s + pl.min_horizontal(silent_s, pl.col("producing_us") / 1e6)
    vouched = pl.when(_IN_PLAN).then(pl.col("good_count_unknown").fill_null(0.0)).otherwise(0.0)
    outside = pl.col("unsure_plan_s").fill_null(0.0) / cycle_s * line_pace
    within = (vouched - outside).clip(lower_bound=0.0)
    missed = pl.max_horizontal("total_count_missed", "good_count_missed").fill_null(0.0)
    at_ideal = pl.max_horizontal(hidden_s / cycle_s, pl.col("possible_count").fill_null(0.0))
    fits = pl.when(cycle_s.is_not_null()).then(at_ideal * line_pace)
    return missed + (
        pl.when(hidden_s > 0).then((fits - within).clip(lower_bound=0.0)).otherwise(0.0)
    )


def pace_of_line(pace_by_line: Mapping[str, float]) -> pl.Expr:
    """Of a row of FACTS."""
    return pl.col("line").replace_strict(pace_by_line, return_dtype=pl.Float64)


def _with_unsure(
    evidence: Evidence, days: DayRange, pace_by_line: Mapping[str, float]
) -> pl.DataFrame:
    """The rows with what may belong elsewhere, at full pace: at the day's borders, and in
    `unsure_inside` at those of the shifts that count."""
    rows, inside = evidence.summable_rows(days), []
    amounts = {it: pl.col(it).fill_null(0.0) * pace_of_line(pace_by_line) for it in _UNSURE}
    at_day = {it: _is_edge(edge, "day") for it, edge in _UNSURE.items()}
    if evidence.shifts:
        rows, runs = with_runs(rows)
        at_run = {it: _is_edge(edge, *runs) for it, edge in _UNSURE.items()}
        inside = [amounts[it] * at_run[it] for it in _UNSURE]
        at_day = {it: at_day[it] & ~at_run[it] for it in _UNSURE}
    return rows.with_columns(
        *((amounts[it] * at_day[it]).alias(it) for it in _UNSURE),
        pl.sum_horizontal(pl.lit(0.0), *inside).alias("unsure_inside"),
    )


def _is_edge(edge: str, *of: str) -> pl.Expr:
    """Whether a row is of the first or last slice of its line's day, or of its run."""
    at = pl.col(edge)
    return at == (at.min() if edge == "start" else at.max()).over("line", *of)


def _shortest_cycle_s(evidence: Evidence, line_id: str) -> float | None:
    line, products = evidence.plant.lines[line_id], evidence.plant.products
    seen = set(evidence.facts.filter(pl.col("line") == line_id)["product"].unique())
    cycles = [
        products[product].ideal_cycle_time_s if product in products else line.ideal_cycle_time_s
        for product in {*seen, line.product}
    ]
    return min((cycle for cycle in cycles if cycle), default=None)
