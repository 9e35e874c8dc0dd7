"""`/lines/{line}/export`: a tab of a line's page as a file: CSV, Excel, PDF.

It is asked as the page is, by `tab`, `start` and `end`, `by`, and by `format`; it has the page's
language, costs what the page costs, and shows whom the page shows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.exports.tables import Tables, file_name
from api.http.dependencies import Services, ServicesDep, WithheldDep
from api.http.exported import asked_file, exported
from api.i18n import Language
from api.pages.exports import ExportLink, about_rows, export_links
from api.pages.labels import WITHHELD
from api.pages.operator.floor import line_name
from api.pages.operator.line_tables import PARTS, chart_choices, table_choices
from api.pages.operator.line_tabs import price_of
from api.pages.operator.line_window import TABS, WITHOUT_WINDOW, Asked, asked_of
from api.pages.operator.texts import from_to
from api.pages.templates import language_of
from api.queries.lines import Queries
from api.queries.live import Live
from api.queries.withheld import live_without
from domain.errors import InputError
from domain.texts import N_
from domain.time import MICROSECOND, Window

router = APIRouter()


@router.get("/lines/{line}/export")
async def line_export(
    line: str, request: Request, services: ServicesDep, withheld: WithheldDep
) -> Response:
    """`tab`, `start`, `end`, `by` as of the page; `format`, and `table` of a CSV file."""
    file = asked_file(request)
    queries = services.live.still()
    asked = asked_of(request.query_params, queries, line)
    if asked.tab not in PARTS:
        raise InputError(
            "what a line does now is no table",
            where="tab",
            todo=f"Use one of {', '.join(PARTS)}.",
        )
    live = live_without(await services.feed.live(line), withheld)
    of = _Line(services, queries, live, asked, language_of(request), request)
    return await exported(request, services.lanes, file, price_of(queries, line, asked), of.tables)


@dataclass(frozen=True)
class _Line:
    """What is asked of a line; `live` without what is withheld from who asks."""

    services: Services
    queries: Queries
    live: Live
    asked: Asked
    language: Language
    request: Request

    def tables(self) -> Tables:
        """As of the instant until which the line is known."""
        live, asked, language = self.live, self.asked, self.language
        at = self.queries.at(live.line)
        window = asked.window or asked.latest(at, live.zone)
        window = Window(window.start, max(min(window.end, at), window.start + timedelta(seconds=1)))
        read = PARTS[asked.tab]
        parts = read(self.services, self.queries, live, window, asked, language)
        name = line_name(live, language)
        return Tables(
            f"{name} · {language.text(TABS[asked.tab])}",
            tuple(self._about(name, window, at)),
            tuple(parts.tables),
            language.tag,
            live.zone,
            at,
            file_name(live.line, asked.tab, *self._days(window)),
            tuple(parts.charts),
        )

    def _about(self, name: str, window: Window, at: datetime) -> Iterator[tuple[str, str]]:
        live, language = self.live, self.language
        yield language.text(N_("Line")), f"{name} ({live.line})"
        if self._has_window:
            shown = from_to(window.start, window.end, language, live.zone)
            yield language.text(N_("Period")), f"{shown} ({live.zone.key})"
        page = f"/lines/{quote(live.line, safe='')}"
        yield from about_rows(self.request, page, at, live.zone, language)
        for kept in sorted(live.withheld):
            yield language.text(N_("Left out")), language.text(WITHHELD[kept])

    def _days(self, window: Window) -> list[str]:
        """The first and the last one, for the name of the file."""
        if not self._has_window:
            return []
        zone = self.live.zone
        ends = window.start.astimezone(zone), (window.end - MICROSECOND).astimezone(zone)
        return list(dict.fromkeys(it.date().isoformat() for it in ends))

    @property
    def _has_window(self) -> bool:
        return self.asked.tab not in WITHOUT_WINDOW


def line_links(queries: Queries, live: Live, asked: Asked, language: Language) -> list[ExportLink]:
    """To the tab as files."""
    if asked.tab not in PARTS:
        return []
    _, line = queries.line(live.line)
    names = {it: measurement.name for it, measurement in line.measurements.items()}
    given = {"tab": asked.tab, "by": asked.by if asked.has_periods else ""}
    if asked.window is not None:
        given |= {"start": asked.first_day, "end": asked.last_day}
    path = f"/lines/{quote(live.line, safe='')}/export"
    of = (names, live, asked.tab, language)
    return export_links(path, given, language, table_choices(*of), chart_choices(*of))
