"""The tabs of a line's page: who reads each, and what that costs. Each reads only what it shows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from analytics.methods import registry
from api.http.dependencies import Services
from api.i18n import Language
from api.pages.operator.control import control_parts
from api.pages.operator.kpi_tables import read_energy, read_kpis
from api.pages.operator.line_corrections import corrections_read
from api.pages.operator.line_day import read_day
from api.pages.operator.line_stops import read_losses, read_stops
from api.pages.operator.line_window import Asked
from api.queries.kpis import KpiQuestion, kpi_rows
from api.queries.lines import Queries
from api.queries.live import Live
from api.queries.prices import Price, check_samples, kpis_price, window_price
from domain.plant import Confidential
from domain.time import Window

Read = Callable[[Services, Queries, Live, Window, Asked, Language], dict[str, Any]]


def price_of(queries: Queries, line: str, asked: Asked) -> Price:
    """What it costs to read the tab. Raises TooDearError where it is asked for a lane."""
    plant, _ = queries.line(line)
    window = asked.window or asked.latest(queries.at(line), plant.zone)
    if asked.has_periods:
        return kpis_price(queries, line, window, asked.by, [registry.DEFAULT])
    return window_price("chart" if asked.tab == "quality" else "stops", queries, window)


def _day(
    services: Services, queries: Queries, live: Live, window: Window, asked: Asked, words: Language
) -> dict[str, Any]:
    return {"day": read_day(queries, live, window, words)}


def _stops(
    services: Services, queries: Queries, live: Live, window: Window, asked: Asked, words: Language
) -> dict[str, Any]:
    check_samples(queries, live.line, window)
    return read_stops(queries, live, window, words)


def _losses(
    services: Services, queries: Queries, live: Live, window: Window, asked: Asked, words: Language
) -> dict[str, Any]:
    check_samples(queries, live.line, window)
    return read_losses(queries, live, window, words)


def _quality(
    services: Services, queries: Queries, live: Live, window: Window, asked: Asked, words: Language
) -> dict[str, Any]:
    ((row,),) = kpi_rows(queries, [KpiQuestion(live.line, window)])
    control = []
    if Confidential.RAW_SAMPLES not in live.withheld:
        check_samples(queries, live.line, window)
        control = control_parts(queries, live.line, window, words)
    return {"row": row, "control": control}


def _energy(
    services: Services, queries: Queries, live: Live, window: Window, asked: Asked, words: Language
) -> dict[str, Any]:
    return read_energy(queries, live, window, asked, words)


def _kpis(
    services: Services, queries: Queries, live: Live, window: Window, asked: Asked, words: Language
) -> dict[str, Any]:
    return read_kpis(queries, live, window, asked, words)


def _corrections(
    services: Services, queries: Queries, live: Live, window: Window, asked: Asked, words: Language
) -> dict[str, Any]:
    return corrections_read(services, queries, live, words)


READERS: dict[str, Read] = {
    "day": _day,
    "stops": _stops,
    "losses": _losses,
    "quality": _quality,
    "energy": _energy,
    "kpis": _kpis,
    "corrections": _corrections,
}
