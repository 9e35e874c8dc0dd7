"""Tables for exports with what makes trouble in each kind of file."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from api.exports.tables import Column, ColumnKind, Table, Tables, Value

ZONE = ZoneInfo("Asia/Hong_Kong")
AT = datetime(2026, 3, 24, 17, 30, 15, 250_000, tzinfo=UTC)
ARABIC = "\u0645\u0631\u062d\u0628\u0627"
COLUMNS = (
    Column("Who"),
    Column("Begin", ColumnKind.TIME),
    Column("Day", ColumnKind.DAY),
    Column("Good", ColumnKind.NUMBER),
    Column("OEE", ColumnKind.SHARE, 1),
    Column("Time", ColumnKind.DURATION),
    Column("Energy", ColumnKind.NUMBER, 1, "kWh"),
)
# Texts that programs have taken for something else: formulas, quotes, lines, other directions,
# what no page and no sheet can show.
TEXTS = (
    "=1+1",
    "+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(A1:A9)",
    "\t=1+1",
    " =1+1",
    "＝1+1",
    'two\nlines, "quoted"; and more',
    f"{ARABIC} \u202etxt.exe",
    "\x00\x1b[31m\ufffe\ud800",
    "https://example.com/?a=1",
    "007",
    "a" * 40_000,
    "一號灌裝線",
    "",
)


def row(who: str) -> tuple[Value, ...]:
    return (who, AT, date(2026, 3, 25), 34_486.0, 0.728_412_345_678_9, 1_500.25, 165.6)


def tables(*rows: tuple[Value, ...], language: str = "en") -> Tables:
    """An export of one table."""
    table = Table("people", "Who: [did] *it*?", COLUMNS, rows, "A note.")
    about = (("Line", "=Filling line 1"),)
    return Tables("Filling line 1", about, (table,), language, ZONE, AT, "filler-1")
