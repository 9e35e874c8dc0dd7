"""The stops of a line, for command line, HTTP and pages alike: one document, one path.

Reads what the analytics need and hands it to them; knows no figures of its own. Reliability and
what was made are those of the KPI row of the same window: nothing is computed twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from analytics.kpi.rows import kpi_rows
from analytics.methods import registry
from analytics.stops.pareto import explained
from analytics.stops.six_big_losses import Made, losses, start_ups
from analytics.stops.stop_list import INTERVALS, PRODUCING, listed, stop_pieces, surroundings
from analytics.stops.waiting_causes import DEFAULT_LAG_S, first_causes, machine_tracks
from analytics.timeline.state_intervals import state_intervals
from api.documents.accepted_periods import period_json
from api.documents.stops import causes_document, stops_document
from api.i18n import language_named
from api.queries.lines import Queries
from domain.corrections import CorrectionKind
from domain.errors import InputError
from domain.frames import LineHistory
from domain.plant import Line, Plant
from domain.time import Window

# What of the KPI row tells how reliable the line was.
RELIABILITY = (
    "stops",
    "failures",
    "repair_time_s",
    "mean_time_between_failures_s",
    "mean_time_to_failure_s",
    "mean_time_to_repair_s",
)
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


DEFAULT_QUESTION = StopsQuestion()


def stops(
    queries: Queries, line_id: str, window: Window, question: StopsQuestion = DEFAULT_QUESTION
) -> dict[str, Any]:
    """The stop document of the window up to now (api.documents.stops), with `losses`
    (analytics.stops.six_big_losses), `reliability` and, where the line has a sequence,
    `first_causes`. `frozen`, where there are such periods: there `reliability` is as it was
    accepted, all else as it is now.

    Raises NotFoundError for an unknown line, InputError for a level that no tree has.
    """
    plant, line = queries.line(line_id)
    now = queries.now()
    if window.start >= now:
        nothing = explained(plant, listed(stop_pieces(INTERVALS.to_frame(), line.minor_stop_s)))
        empty = stops_document(plant, line_id, window, nothing, question.level, question.language)
        return {**empty, "reliability": None, "losses": None}
    past = Window(window.start, min(window.end, now))
    history, intervals = _told(queries, plant, line, past, now)
    pieces = stop_pieces(intervals, line.minor_stop_s, line.chatter_s, past, history.corrections)
    rows = explained(plant, listed(pieces))
    document = stops_document(plant, line_id, window, rows, question.level, question.language)
    (row,) = queries.kpis(line_id, past, method=question.method)
    document["reliability"] = _reliability(row)
    made = _made(queries, plant, line_id, past, intervals, question, row)
    document["losses"] = losses(plant, pieces, made, question.method)
    frozen = [
        period_json(it, plant.zone)
        for it in queries.registry.frozen(line_id)
        if it.start < past.end and past.start < it.end
    ]
    if frozen:
        document["frozen"] = frozen
    if line.sequence:
        document["first_causes"] = _causes(plant, line, history, past, now, question.lag_s)
    return document


def _told(
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
    said = queries.registry.line_corrections(line.id).in_force
    merges = [
        it
        for it in said
        if it.kind is CorrectionKind.MERGE and it.start < past.end and it.end > past.start
    ]
    return Window(
        min([past.start, *(it.start for it in merges)]),
        max([past.end, *(it.end for it in merges)]),
    )


def _reliability(row: dict[str, Any]) -> dict[str, Any]:
    """Of the KPI row, with the denominators and what cannot be computed as it says."""
    found: dict[str, Any] = {name: row[name] for name in RELIABILITY}
    for name in ("denominators", "not_computable"):
        found[name] = {key: text for key, text in row[name].items() if key in RELIABILITY}
    return found


def _made(
    queries: Queries,
    plant: Plant,
    line_id: str,
    past: Window,
    intervals: pl.DataFrame,
    question: StopsQuestion,
    accepted: dict[str, Any],
) -> Made:
    """Of the present facts, as the intervals are, also where the KPI row `accepted` shows what
    a frozen period was accepted with."""

    def present(window: Window) -> dict[str, Any]:
        facts = queries.present_facts(line_id, window)
        return kpi_rows(plant, line_id, facts, window, None, question.method)[0]

    whole = present(past) if queries.frozen(line_id, past) else accepted
    rejects: float | None = None
    if question.start_up_s is not None:
        chatter_s = plant.lines[line_id].chatter_s
        found = start_ups(intervals, past, question.start_up_s, chatter_s)
        rejects = sum((present(window)["reject_count"] or 0.0 for window in found), 0.0)
    return Made(
        whole["ideal_time_s"],
        whole["total_count"],
        whole["good_count"],
        whole["reject_count"],
        rejects,
    )


def _causes(
    plant: Plant,
    line: Line,
    history: LineHistory,
    past: Window,
    now: datetime,
    lag_s: float,
) -> dict[str, Any]:
    since = past.start - _WAITING_LOOK_BACK
    tracks = machine_tracks(line, history, now)
    found = first_causes(plant, line.id, tracks, since, past, lag_s)
    return causes_document(plant, line.sequence, lag_s, found)
