"""What pages with exports share: the links to them, and what each file says of itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from starlette.requests import Request

from api.i18n import Language
from domain.texts import N_

_OF_THE_FILE = ("format", "table", "chart", "lang")  # of its address alone


@dataclass(frozen=True, slots=True)
class ExportLink:
    """A file of what a page shows: its address, its kind of file, what of the page it has ("": all
    of it)."""

    address: str
    kind: str
    of: str = ""


def export_links(
    path: str,
    asked: Mapping[str, str],
    language: Language,
    tables: Sequence[tuple[str, str]],
    charts: Sequence[tuple[str, str]] = (),
) -> list[ExportLink]:
    """One for Excel, one for PDF, one for CSV for each of the tables (name, title), one for PNG and
    for SVG for each of the charts. `asked`: by what the page is asked for."""

    def address(**more: str) -> str:
        given = {name: it for name, it in asked.items() if it and name not in _OF_THE_FILE}
        return f"{path}?{urlencode({**given, **more, 'lang': language.tag})}"

    return [
        ExportLink(address(format="xlsx"), "Excel"),
        ExportLink(address(format="pdf"), "PDF"),
        *(ExportLink(address(format="csv", table=it), "CSV", title) for it, title in tables),
        *(
            ExportLink(address(format=kind, chart=it), kind.upper(), title)
            for it, title in charts
            for kind in ("png", "svg")
        ),
    ]


def about_rows(
    request: Request, page: str, at: datetime, zone: ZoneInfo, language: Language
) -> list[tuple[str, str]]:
    """As of when a file holds, where the same can be seen now (`page`: its path), what made it."""
    asked = {k: v for k, v in request.query_params.items() if k not in _OF_THE_FILE}
    address = f"{str(request.base_url).rstrip('/')}{page}"
    if asked:
        address = f"{address}?{urlencode(asked)}"
    return [
        (language.text(N_("As of")), f"{language.moment(at, zone)} ({zone.key})"),
        (language.text(N_("Page")), address),
        (language.text(N_("Made by")), f"Lineproof {request.app.version}"),
    ]
