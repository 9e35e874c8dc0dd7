"""The day of a line as its page shows it: figures, the band of states, stops, control charts.

Everything is as of one instant. Facts are read once and the history once; only measurements are
read apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from analytics.kpi.row_columns import KpiRow
from api.documents.kpi_rows import kpi_row_json
from api.documents.stops import stops_json
from api.i18n import Language
from api.pages.drawing.bars import BoundsBar, Timeline, bounds_bar, timeline
from api.pages.operator.control import ControlPart, control_parts
from api.pages.words import figures_sentence
from api.queries.kpis import KpiQuestion, kpi_rows
from api.queries.lines import Queries
from api.queries.live import Live
from api.queries.stops import StopsQuestion, line_stops
from api.queries.withheld import stops_without
from domain.plant import Confidential, text_in
from domain.reasons import reason_named
from domain.texts import N_
from domain.time import Window, midnight

DAY = timedelta(hours=24)


@dataclass(frozen=True)
class DrawnPeriod:
    """A KPI row with its drawing: `title` names the period, `times` says from when to when."""

    title: str
    times: str
    row: dict[str, Any]
    bar: BoundsBar
    figures: str
    target: float | None


@dataclass(frozen=True)
class LineDay:
    """What the page shows besides the live state."""

    window: Window
    tiles: list[DrawnPeriod]  # the running shift (where the line has shifts) and the day so far
    shifts: list[DrawnPeriod]
    hours: list[DrawnPeriod]
    drawn: Timeline | None  # where states with their times are shown
    stops: dict[str, Any]  # the stops document
    reasons: dict[str, str]  # names of the reasons that are drawn
    control: list[ControlPart]
    has_reasons: bool  # a stop without a reason is one that somebody could give


def read_day(queries: Queries, live: Live, language: Language) -> LineDay:
    """Figures of today and of the last 24 hours, from a whole hour on; without what is withheld of
    the live state. Raises NotFoundError."""
    plant, _ = queries.line(live.line)
    zone, at = plant.zone, queries.at(live.line)
    start_of_day = midnight(at.astimezone(zone).date(), zone)
    last = Window(_whole_hour(at - DAY, zone), at)
    questions = [KpiQuestion(live.line, last, by) for by in ("shift", "hour")]
    if start_of_day < at:
        questions.append(KpiQuestion(live.line, Window(start_of_day, at)))
    shifts, hours, *today = kpi_rows(queries, questions)
    stopped = line_stops(queries, live.line, last, StopsQuestion(language=language.tag))
    stopped = stops_without(stopped, live.withheld)
    shows_samples = Confidential.RAW_SAMPLES not in live.withheld
    named = {
        text: reason_named(plant, text)
        for text in stopped.intervals["reason"].drop_nulls().unique()
    }
    return LineDay(
        last,
        _tiles(live, today[0] if today else [], language),
        [_row(row, live, language) for row in shifts],
        [_row(row, live, language) for row in hours if row["planned_busy_time_s"]],
        timeline(stopped.intervals.to_dicts(), last, zone) if shows_samples else None,
        stops_json(stopped),
        {text: text_in(node.name, language.tag) for text, node in named.items() if node},
        control_parts(queries, live.line, last, language) if shows_samples else [],
        bool(plant.reasons) and Confidential.REASONS not in live.withheld,
    )


def _whole_hour(at: datetime, zone: ZoneInfo) -> datetime:
    """The local hour that runs then; facts are cut there, so it needs no computing."""
    local = at.astimezone(zone)
    return at - timedelta(
        minutes=local.minute, seconds=local.second, microseconds=local.microsecond
    )


def _tiles(live: Live, today: list[KpiRow], language: Language) -> list[DrawnPeriod]:
    tiles = []
    if live.kpis is not None and live.period is not None and live.period.name:
        title = language.text(N_("Shift %(name)s so far"), name=live.period.name)
        target = live.forecast.target_oee if live.forecast else None
        tiles.append(_period(live.kpis, language, title, target))
    return [*tiles, *(_period(row, language, language.text(N_("Today so far"))) for row in today)]


def _row(row: KpiRow, live: Live, language: Language) -> DrawnPeriod:
    """A row of the table: its title is the day, where that is not today's."""
    day = row.window.start.astimezone(live.zone).date()
    today = live.at.astimezone(live.zone).date()
    return _period(row, language, "" if day == today else language.short_day(day))


def _period(
    row: KpiRow, language: Language, title: str, target: float | None = None
) -> DrawnPeriod:
    figures = (row["oee"], row["oee_low"], row["oee_high"])
    return DrawnPeriod(
        title,
        from_to(row.window.start, row.window.end, language, row.period.zone),
        kpi_row_json(row),
        bounds_bar(*figures, target),
        figures_sentence(language, *figures, target=target, show=language.percent),
        target,
    )


def from_to(start: datetime, end: datetime, language: Language, zone: ZoneInfo) -> str:
    """'07:00–15:00'; with the days where the period is as long as one."""
    left, right = language.time(start, zone), language.time(end, zone)
    if end - start < DAY:
        return f"{left}–{right}"
    first, last = start.astimezone(zone).date(), end.astimezone(zone).date()
    return f"{language.day(first)} {left} – {language.day(last)} {right}"
