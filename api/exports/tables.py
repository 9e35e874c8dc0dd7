"""What an export says, whatever file it becomes: tables whose columns have kinds.

A cell holds the value itself, never a text of it: CSV and Excel keep each digit, and only a PDF
rounds, as the pages do. Texts that people or machines gave may hold anything; each writer makes
them harmless in its own way.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TypeVar
from zoneinfo import ZoneInfo

from api.exports.charts import Chart
from api.i18n import DASH, Language
from domain.errors import InputError
from domain.texts import N_

Value = str | float | int | datetime | date | None
_UNIT = N_("%(heading)s (%(unit)s)")
_FILE_NAME = re.compile(r"[^A-Za-z0-9._-]+")
_NAME_CHARACTERS_MAX = 80


class ColumnKind(StrEnum):
    """What the values of a column are. A duration is a number of seconds, a share one of 1; a
    coverage is a share that is shown as 100 % only where nothing is missing."""

    TEXT = "text"
    NUMBER = "number"
    SHARE = "share"
    COVERAGE = "coverage"
    DURATION = "duration"
    TIME = "time"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class Column:
    """`heading`: in the reader's language; `digits`: decimals that a reader is shown of a number;
    `printed`: whether it is in a PDF, too, where there is little room."""

    heading: str
    kind: ColumnKind = ColumnKind.TEXT
    digits: int = 0
    unit: str = ""
    printed: bool = True


@dataclass(frozen=True, slots=True)
class Table:
    """`name` names it in addresses and file names; `note`: what a reader has to know of it."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: Sequence[Sequence[Value]]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Tables:
    """An export: its title; `about`: what it is of, from when to when, as of when, how it was made
    (label, text); the language's tag, the zone of its times, the name of its file without end.
    `made_at`: the instant as of which it holds."""

    title: str
    about: tuple[tuple[str, str], ...]
    tables: tuple[Table, ...]
    language: str
    zone: ZoneInfo
    made_at: datetime
    file_name: str
    charts: tuple[Chart, ...] = ()

    def table(self, name: str) -> Table:
        """The one of that name; the first for "". Raises InputError with those that there are."""
        return _named(self.tables, name, "table")

    def chart(self, name: str) -> Chart:
        """The same of charts."""
        return _named(self.charts, name, "chart")


_Named = TypeVar("_Named", Table, Chart)


def _named(every: Sequence[_Named], name: str, kind: str) -> _Named:
    found = [it for it in every if not name or it.name == name]
    if not found:
        names = ", ".join(it.name for it in every)
        raise InputError(
            f"there is no {kind} '{name}' in this export",
            where=kind,
            todo=f"Use one of {names}." if names else "Take another format.",
        )
    return found[0]


def heading(column: Column, zone: ZoneInfo, language: Language) -> str:
    """What stands above the numbers themselves: with their unit, times with their zone."""
    unit = column.unit
    if column.kind is ColumnKind.DURATION:
        unit = "s"
    elif column.kind is ColumnKind.TIME:
        unit = zone.key
    if not unit:
        return column.heading
    return language.text(_UNIT, heading=column.heading, unit=unit)


def shown(column: Column, value: Value, zone: ZoneInfo, language: Language) -> str:
    """The value as a page shows it."""
    if value is None:
        return DASH
    if isinstance(value, datetime):
        return language.moment(value, zone)
    if isinstance(value, date):
        return language.day(value)
    if isinstance(value, str):
        return value
    if column.kind is ColumnKind.SHARE:
        return language.percent(value, column.digits)
    if column.kind is ColumnKind.COVERAGE:
        return language.coverage(value)
    if column.kind is ColumnKind.DURATION:
        return f"−{language.duration(-value)}" if value < 0 else language.duration(value)
    return language.number(value, column.digits)


def file_name(*parts: str) -> str:
    """A name that every system takes, of ids and days: whatever else is in them becomes a dash."""
    words = (_FILE_NAME.sub("-", it).strip("-.") for it in parts)
    return "_".join(it for it in words if it)[:_NAME_CHARACTERS_MAX] or "export"
