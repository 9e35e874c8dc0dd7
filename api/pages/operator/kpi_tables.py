"""KPI rows as tables and tiles of pages: titles of periods, bars, and what a figure is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from analytics.kpi.row_columns import KpiRow
from api.documents.kpi_rows import kpi_row_json
from api.i18n import Language
from api.pages.drawing.bars import BoundsBar, bounds_bar
from api.pages.operator.kpi_details import KpiDetails, kpi_details
from api.pages.operator.line_window import Asked
from api.pages.operator.texts import DAY, from_to
from api.pages.words import figures_sentence
from api.queries.kpis import KpiQuestion, kpi_rows
from api.queries.lines import Queries
from api.queries.live import Live
from domain.plant import Text, text_in
from domain.texts import N_
from domain.time import MICROSECOND, Window

FACTORS = ("oee", "availability", "effectiveness", "quality_ratio")
_ENERGY = ("energy_per_good_unit", "comprehensive_energy_consumption")


@dataclass(frozen=True)
class ShownKpis:
    """A KPI row with its drawing: `title` names the period, `times` says from when to when;
    `details` where they are asked for. `share`: of the longest bar, in per cent."""

    title: str
    times: str
    row: dict[str, Any]
    bar: BoundsBar
    figures: str
    target: float | None
    details: list[KpiDetails]
    share: float = 0.0


def figures_of(
    row: KpiRow,
    language: Language,
    title: str,
    details: tuple[str, ...] = (),
    target: float | None = None,
    share: float = 0.0,
) -> ShownKpis:
    """What is shown of the row's OEE, with the details of the named KPIs."""
    figures = (row["oee"], row["oee_low"], row["oee_high"])
    return ShownKpis(
        title,
        from_to(row.window.start, row.window.end, language, row.period.zone),
        kpi_row_json(row),
        bounds_bar(*figures, target),
        figures_sentence(language, *figures, target=target, show=language.percent),
        target,
        [kpi_details(row, it, language) for it in details],
        share,
    )


def period_title(row: KpiRow, by: str, language: Language, products: dict[str, Text]) -> str:
    """'A · 5 Mar 07:00–15:00', '5 Mar 2026', 'Juice 330 ml': whatever the row is of."""
    zone = row.period.zone
    start, end = (at.astimezone(zone) for at in (row.window.start, row.window.end))
    if by == "product":
        name = products.get(row.key or "")
        return text_in(name, language.tag) if name else row.key or language.text(N_("Unknown"))
    last = (end - MICROSECOND).date()
    if by == "day" or (by in ("week", "month") and start.date() == last):
        return language.day(start.date())
    if by in ("week", "month"):
        return language.days(start.date(), last)
    times = from_to(start, end, language, zone)
    times = times if end - start >= DAY else f"{language.short_day(start.date())} {times}"
    return f"{row.key} · {times}" if by == "shift" and row.key else times


def read_kpis(
    queries: Queries, live: Live, window: Window, asked: Asked, language: Language
) -> dict[str, Any]:
    """A row for each period of the window, and one of all of it. Raises NotFoundError."""
    rows, (whole,) = _rows(queries, live, window, asked)
    return {
        "whole": figures_of(whole, language, language.text(N_("The whole time")), FACTORS),
        "rows": [
            figures_of(it, language, period_title(it, asked.by, language, live.texts))
            for it in rows
        ],
    }


def read_energy(
    queries: Queries, live: Live, window: Window, asked: Asked, language: Language
) -> dict[str, Any]:
    """The same of energy; bars on one scale."""
    rows, (whole,) = _rows(queries, live, window, asked)
    most = max([0.0, *(it["energy_kwh"] or 0.0 for it in rows)]) or 1.0
    return {
        "whole": figures_of(whole, language, language.text(N_("The whole time")), _ENERGY),
        "rows": [
            figures_of(
                it,
                language,
                period_title(it, asked.by, language, live.texts),
                share=round((it["energy_kwh"] or 0.0) / most * 100, 2),
            )
            for it in rows
        ],
    }


def _rows(
    queries: Queries, live: Live, window: Window, asked: Asked
) -> tuple[list[KpiRow], list[KpiRow]]:
    """Those of the periods, the latest first (products as they come), and that of all."""
    questions = [KpiQuestion(live.line, window, by) for by in (asked.by, None)]
    rows, whole = kpi_rows(queries, questions)
    planned = [it for it in rows if it["planned_busy_time_s"] or it["total_count"]]
    return (planned if asked.by == "product" else planned[::-1]), whole
