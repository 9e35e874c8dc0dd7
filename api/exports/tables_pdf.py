"""Tables, with charts before them, as a PDF that can be printed and read out.

Of each table at most PRINTED_ROWS_MAX rows are printed, as nobody reads more; how many are left out
stands with it, and CSV and Excel have them all. Figures are rounded as on the pages.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

from api.exports.tables import Column, ColumnKind, Table, Tables, Value, heading, shown
from api.exports.typesetting import fonts_here, typeset
from api.i18n import Language, language_named
from domain.texts import N_

PDF_TYPE = "application/pdf"
PRINTED_ROWS_MAX = 500
PRINTED_TEXT_MAX = 1_000  # characters of a cell
_WIDE_FROM = 7  # columns: a sheet that lies on its side
_LONG_FROM = 22  # characters: a column that takes the space that others leave
_NUMBERS = (ColumnKind.NUMBER, ColumnKind.SHARE, ColumnKind.COVERAGE, ColumnKind.DURATION)
_PAGE = N_("Page %(page)s of %(pages)s")
_LEFT_OUT = N_("%(count)s more rows are not printed; the CSV and Excel files have all of them.")
_NOTHING = N_("There is nothing in this table.")


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart as SVG, and what it says in words (`alt`)."""

    title: str
    alt: str
    svg: str


def tables_pdf(tables: Tables, pictures: Sequence[Picture] = ()) -> bytes:
    """The file. Raises InputError where no font of this machine has its Chinese characters."""
    language = language_named(tables.language)
    made = tables.made_at.astimezone(tables.zone)
    texts = {
        "title": tables.title,
        "about": [list(it) for it in tables.about],
        "date": [made.year, made.month, made.day, made.hour, made.minute, made.second],
        "as_of": language.moment(tables.made_at, tables.zone),
        "page": language.text(_PAGE, page="{page}", pages="{pages}"),
        "nothing": language.text(_NOTHING),
        "wide": any(_printed_columns(it) > _WIDE_FROM for it in tables.tables),
        "charts": [{"title": it.title, "alt": it.alt} for it in pictures],
        "tables": [_table(it, tables.zone, language) for it in tables.tables],
    }
    template = files("api.exports").joinpath("tables.typ").read_bytes()
    drawn = {f"chart {number}": it.svg for number, it in enumerate(pictures)}
    return typeset(template, "export", texts, language, fonts_here(), files=drawn)


def _printed_columns(table: Table) -> int:
    return sum(it.printed for it in table.columns)


def _table(table: Table, zone: ZoneInfo, language: Language) -> dict[str, Any]:
    printed = [(at, it) for at, it in enumerate(table.columns) if it.printed]
    rows = [
        [_cell(column, row[at], zone, language) for at, column in printed]
        for row in table.rows[:PRINTED_ROWS_MAX]
    ]
    note = table.note
    if len(table.rows) > PRINTED_ROWS_MAX:
        left_out = language.number(len(table.rows) - PRINTED_ROWS_MAX)
        note = f"{note} {language.text(_LEFT_OUT, count=left_out)}".strip()
    return {
        "title": table.title,
        "note": note,
        "columns": [
            {"heading": _heading(it, zone, language), "is_number": it.kind in _NUMBERS}
            for _, it in printed
        ],
        "long": [
            place
            for place, (_, it) in enumerate(printed)
            if it.kind is ColumnKind.TEXT and any(len(row[place]) >= _LONG_FROM for row in rows)
        ],
        "rows": rows,
    }


def _cell(column: Column, value: Value, zone: ZoneInfo, language: Language) -> str:
    text = shown(column, value, zone, language)
    return text if len(text) <= PRINTED_TEXT_MAX else text[: PRINTED_TEXT_MAX - 1] + "…"


def _heading(column: Column, zone: ZoneInfo, language: Language) -> str:
    """Durations carry their units themselves."""
    return column.heading if column.kind is ColumnKind.DURATION else heading(column, zone, language)
