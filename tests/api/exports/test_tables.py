"""What an export says of its columns and of its file."""

from __future__ import annotations

from datetime import date

import pytest
from export_tables import AT, COLUMNS, ZONE, row, tables

from api.exports.tables import Column, ColumnKind, file_name, heading, shown
from api.i18n import language
from domain.errors import InputError

ENGLISH, CHINESE = language("en"), language("zh-Hant")


def test_a_heading_names_unit_and_zone() -> None:
    assert [heading(it, ZONE, ENGLISH) for it in COLUMNS] == [
        "Who", "Begin (Asia/Hong_Kong)", "Day", "Good", "OEE", "Time (s)", "Energy (kWh)",
    ]  # fmt: skip
    assert heading(COLUMNS[1], ZONE, CHINESE) == "Begin（Asia/Hong_Kong）"


@pytest.mark.parametrize(
    ("column", "value", "says"),
    [
        (COLUMNS[1], AT, "25 Mar 2026 01:30"),  # on the plant's clocks
        (COLUMNS[2], date(2026, 3, 25), "25 Mar 2026"),
        (COLUMNS[3], 34_486.0, "34,486"),
        (COLUMNS[4], 0.7284, "72.8%"),
        (COLUMNS[4], None, "–"),
        (COLUMNS[5], 1_500.0, "25 mins"),
        (COLUMNS[5], -90.0, "−1 min 30 secs"),
        (COLUMNS[6], 165.61, "165.6"),
        (Column("Coverage", ColumnKind.COVERAGE), 0.999_99, "99.9%"),
    ],
)
def test_a_reader_sees_what_a_page_shows(column: Column, value: object, says: str) -> None:
    assert shown(column, value, ZONE, ENGLISH).replace("\xa0", " ") == says  # type: ignore[arg-type]  # of the column's kind


def test_a_table_that_is_not_there_is_told_with_those_that_are() -> None:
    found = tables(row("Chan"))
    assert found.table("") == found.table("people")
    with pytest.raises(InputError, match=r"no table 'x' .* Use one of people"):
        found.table("x")


@pytest.mark.parametrize(
    ("parts", "name"),
    [
        (("filler-1", "stops", "2026-03-24"), "filler-1_stops_2026-03-24"),
        (('a"; x=1\r\nSet-Cookie: b', "../../etc"), "a-x-1-Set-Cookie-b_etc"),
        (("一號線",), "export"),
        (("a" * 300,), "a" * 80),
    ],
)
def test_a_file_has_a_name_that_every_system_takes(parts: tuple[str, ...], name: str) -> None:
    assert file_name(*parts) == name
