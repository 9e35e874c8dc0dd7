"""The tab of a line's day: its figures, the band of its states, and the same by shift and hour.

Everything is as of one instant. Facts are read once and the history once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from analytics.kpi.row_columns import KpiRow
from api.i18n import Language
from api.pages.drawing.bars import Timeline, timeline
from api.pages.operator.kpi_tables import FACTORS, ShownKpis, figures_of, period_title
from api.queries.kpis import KpiQuestion, kpi_rows
from api.queries.lines import Queries
from api.queries.live import Live
from api.queries.prices import check_samples
from api.queries.withheld import states_without
from domain.plant import Confidential, text_in
from domain.reasons import reason_named
from domain.texts import N_
from domain.time import Window, midnight

DRAWN_MAX = timedelta(days=8)  # in more, a stop is thinner than a pixel


@dataclass(frozen=True)
class LineDay:
    """What the tab shows. `tiles`: the running shift (where that is asked for) and the window;
    `by`: tables of periods with their titles."""

    tiles: list[ShownKpis]
    by: list[tuple[str, list[ShownKpis]]]
    drawn: Timeline | None  # where states with their times are shown
    reasons: dict[str, str]  # names of the reasons that are drawn


def read_day(queries: Queries, live: Live, window: Window, language: Language) -> LineDay:
    """Figures of the window and of today, without what is withheld of the live state. Raises
    NotFoundError."""
    plant, _ = queries.line(live.line)
    is_latest = window.end >= queries.at(live.line)
    questions = [KpiQuestion(live.line, window, by) for by in ("shift", "hour", None)]
    today = Window(midnight(live.at.astimezone(plant.zone).date(), plant.zone), live.at)
    if is_latest and today.start < today.end:
        questions[2] = KpiQuestion(live.line, today)
    shifts, hours, (whole,) = kpi_rows(queries, questions)
    title = N_("Today so far") if questions[2].window == today else N_("The whole time")
    tiles = [figures_of(whole, language, language.text(title), FACTORS)]
    if is_latest and live.kpis is not None and live.period is not None and live.period.name:
        so_far = language.text(N_("Shift %(name)s so far"), name=live.period.name)
        tiles.insert(0, figures_of(live.kpis, language, so_far, FACTORS, _target(live)))
    planned = [row for row in hours if row["planned_busy_time_s"]]
    drawn, reasons = _band(queries, live, window, language)
    return LineDay(
        tiles,
        [
            (language.text(N_("Shifts")), _rows(shifts, "shift", language)),
            (language.text(N_("Hours")), _rows(planned, "hour", language)),
        ],
        drawn,
        reasons,
    )


def _band(
    queries: Queries, live: Live, window: Window, language: Language
) -> tuple[Timeline | None, dict[str, str]]:
    if Confidential.RAW_SAMPLES in live.withheld or window.end - window.start > DRAWN_MAX:
        return None, {}
    check_samples(queries, live.line, window)
    plant, _ = queries.line(live.line)
    intervals = states_without(queries.states(live.line, window), live.withheld)
    nodes = {it: reason_named(plant, it) for it in intervals["reason"].drop_nulls().unique()}
    reasons = {text: text_in(node.name, language.tag) for text, node in nodes.items() if node}
    return timeline(intervals.to_dicts(), window), reasons


def _target(live: Live) -> float | None:
    if live.target is not None and live.target.oee is not None:
        return live.target.oee
    return live.forecast.target_oee if live.forecast else None


def _rows(rows: list[KpiRow], by: str, language: Language) -> list[ShownKpis]:
    return [figures_of(row, language, period_title(row, by, language, {})) for row in rows]
