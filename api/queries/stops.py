"""The stops of a line, for command line, HTTP and pages alike: one path.

Reads what the analytics need and hands it to them; knows no figures of its own. Reliability and
what was made are those of the KPI row of the same window: nothing is computed twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from analytics.kpi.row_columns import KpiRow
from analytics.methods import registry
from analytics.stops.pareto import explained
from analytics.stops.six_big_losses import Losses, Made, losses, start_ups
from analytics.stops.stop_list import (
    INTERVALS,
    PRODUCING,
    stop_pieces,
    stops_from_pieces,
    surroundings,
)
from analytics.stops.waiting_causes import DEFAULT_LAG_S, FirstCauses, first_causes, machine_tracks
from analytics.timeline.state_intervals import STATE_INTERVALS, state_intervals
from api.i18n import language_named
from api.queries.kpis import KpiQuestion, kpi_rows
from api.queries.lines import Queries
from domain.corrections import Correction, CorrectionKind, in_force, waiting
from domain.errors import InputError
from domain.frames import LineHistory
from domain.plant import Line, Plant, Withheld
from domain.time import Window
from store.registry.project_work.accepted_periods import FrozenPeriod

# How far the production before and after the window's first and last stop is looked for.
_REACHES = (timedelta(0), timedelta(hours=2), timedelta(hours=26), timedelta(hours=74))
# How far back the beginning of a waiting is looked for.
_WAITING_LOOK_BACK = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class StopsQuestion:
    """How the document is asked for.

    `level` of the reason tree (None: the reasons as given), `language` of its names, `method`
    of the losses, `start_up_s`: for how long after a start rejects are start-up losses (None:
    they are not told apart), `lag_s`: how long before a machine waits another may have stood.
    Raises InputError for values that mean nothing.
    """

    level: int | None = None
    language: str = "en"
    method: str = registry.DEFAULT
    start_up_s: float | None = None
    lag_s: float = DEFAULT_LAG_S

    def __post_init__(self) -> None:
        registry.method_named(self.method)
        language_named(self.language)
        for name, value in (("start_up_s", self.start_up_s), ("lag_s", self.lag_s)):
            if value is not None and not 0 <= value <= _WAITING_LOOK_BACK.total_seconds():
                raise InputError(
                    f"{value} is no length that makes sense",
                    where=name,
                    todo="Give seconds from 0 to 3600.",
                )

    def parameters(self) -> dict[str, str]:
        """As the query string of `GET lines/{line}/stops` has it."""
        optional = {"level": self.level, "start_up_s": self.start_up_s}
        return {
            "lang": self.language,
            "method": self.method,
            "lag_s": str(self.lag_s),
            **{name: str(value) for name, value in optional.items() if value is not None},
        }


DEFAULT_STOPS_QUESTION = StopsQuestion()


@dataclass(frozen=True, slots=True)
class StopsAnswer:
    """What stopped a line in the past of a window. `rows`: EXPLAINED stops;
    `intervals`: STATE_INTERVALS that partition it; `reliability`: the KPI
    row of the window, None where nothing of it has been; `frozen`: the periods for which that row
    stands as it was accepted, while all else is as it is now; `waiting`: corrections of its time
    that wait for approval and change nothing; `withheld`: what is left out
    (api.queries.withheld)."""

    plant: Plant
    line: Line
    window: Window
    question: StopsQuestion
    rows: pl.DataFrame
    intervals: pl.DataFrame
    reliability: KpiRow | None = None
    losses: Losses | None = None
    frozen: tuple[FrozenPeriod, ...] = ()
    waiting: tuple[Correction, ...] = ()
    causes: FirstCauses | None = None
    withheld: Withheld = frozenset()


def line_stops(
    queries: Queries, line_id: str, window: Window, question: StopsQuestion = DEFAULT_STOPS_QUESTION
) -> StopsAnswer:
    """What stopped the line. Raises NotFoundError for an unknown line."""
    plant, line = queries.line(line_id)
    now = queries.at(line_id)
    if window.start >= now:
        nothing = explained(
            plant, stops_from_pieces(stop_pieces(INTERVALS.to_frame(), line.minor_stop_s))
        )
        return StopsAnswer(plant, line, window, question, nothing, STATE_INTERVALS.to_frame())
    past = Window(window.start, min(window.end, now))
    history, intervals = _surroundings(queries, plant, line, past, now)
    pieces = stop_pieces(intervals, line.minor_stop_s, line.chatter_s, past, history.corrections)
    start_up_windows = (
        start_ups(intervals, past, question.start_up_s, line.chatter_s)
        if question.start_up_s is not None
        else None
    )
    row, made = _made(queries, line_id, past, question, start_up_windows)
    inside = (pl.col("start") < past.end) & (pl.col("end") > past.start)
    return StopsAnswer(
        plant,
        line,
        window,
        question,
        explained(plant, stops_from_pieces(pieces)),
        intervals.filter(inside).with_columns(
            pl.col("start").clip(past.start), pl.col("end").clip(upper_bound=past.end)
        ),
        row,
        losses(plant, pieces, made, question.method),
        tuple(
            it
            for it in queries.frozen_periods(line_id)
            if it.start < past.end and past.start < it.end
        ),
        tuple(
            it
            for it in waiting(queries.corrections(line_id))
            if it.start < past.end and past.start <= it.end
        ),
        _causes(plant, line, history, past, now, question.lag_s) if line.sequence else None,
    )


def _surroundings(
    queries: Queries, plant: Plant, line: Line, past: Window, now: datetime
) -> tuple[LineHistory, pl.DataFrame]:
    """The history and its state intervals around the window: from production to production
    (as far as _REACHES), over every merge, so that nothing that is told of a stop depends on
    where a window cuts it."""
    whole = _with_merges(queries, line, past)
    near = surroundings(line, whole, now)
    for reach in _REACHES:
        around = Window(near.start - reach, max(near.end, min(near.end + reach, now)))
        back = past.start - _WAITING_LOOK_BACK
        since = min(around.start, back) if line.sequence else around.start
        history = queries.history(line.id, Window(since, around.end))
        intervals = state_intervals(plant, line.id, history, around.start, around.end, now)
        if _produces_around(intervals, line, whole, up_to_now=around.end >= now):
            break
    return history, intervals


def _produces_around(
    intervals: pl.DataFrame, line: Line, window: Window, *, up_to_now: bool
) -> bool:
    """Whether production that is not chatter begins before the window, and ends after it."""
    lasts = pl.col("end") - pl.col("start") >= timedelta(seconds=line.chatter_s)
    producing = intervals.filter((pl.col("state") == PRODUCING) & lasts)
    before = (producing["start"] < window.start).any()
    return before and (up_to_now or (producing["end"] > window.end).any())


def _with_merges(queries: Queries, line: Line, past: Window) -> Window:
    """The window with every merge that touches it: the stops of one may lie outside."""
    said = in_force(queries.corrections(line.id))
    merges = [
        it
        for it in said
        if it.kind is CorrectionKind.MERGE and it.start < past.end and it.end > past.start
    ]
    return Window(
        min([past.start, *(it.start for it in merges)]),
        max([past.end, *(it.end for it in merges)]),
    )


def _made(
    queries: Queries,
    line_id: str,
    past: Window,
    question: StopsQuestion,
    start_up_windows: Sequence[Window] | None,
) -> tuple[KpiRow, Made]:
    """The KPI row of the window; and what was made by the present facts, as the intervals are, also
    where that row shows what a frozen period was accepted with."""
    asked = [KpiQuestion(line_id, it) for it in (past, *(start_up_windows or ()))]
    (whole,), *parts = kpi_rows(queries, asked, question.method)
    rejects: float | None = None
    if start_up_windows is not None:
        rejects = sum((_present(row)["reject_count"] or 0.0 for (row,) in parts), 0.0)
    made = _present(whole)
    # Production of which there is no count is no speed that was lost.
    is_heard = not made["production_unheard_s"]
    return whole, Made(
        made["ideal_time_s"] if is_heard else None,
        _in_plan(made, "total_count"),
        _in_plan(made, "good_count"),
        made["reject_count"],
        rejects,
    )


def _in_plan(made: Mapping[str, Any], name: str) -> float | None:
    """How many of the items were made within the plan, which losses are measured against."""
    every: float | None = made[name]
    return None if every is None else every - made[f"{name}_outside_plan"]


def _present(row: KpiRow) -> Mapping[str, Any]:
    """The figures of the present facts, where others were accepted."""
    return row.figures if row.restated is None else row.restated.figures


def _causes(
    plant: Plant,
    line: Line,
    history: LineHistory,
    past: Window,
    now: datetime,
    lag_s: float,
) -> FirstCauses:
    since = past.start - _WAITING_LOOK_BACK
    tracks = machine_tracks(line, history, now)
    return first_causes(plant, line.id, tracks, since, past, lag_s)
