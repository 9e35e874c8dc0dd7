"""CSV files, read back as programs read them."""

from __future__ import annotations

import csv
import io

import pytest
from export_tables import ARABIC, TEXTS, ZONE, row, tables

from api.exports.csv_file import csv_parts
from api.exports.tables import Tables, Value
from api.i18n import language
from store.work import NoLongerWantedError, Work, working


def read(found: Tables) -> list[list[str]]:
    file = b"".join(csv_parts(found.tables[0], found.zone, language(found.language)))
    return list(csv.reader(io.StringIO(file.decode("utf-8-sig"), newline="")))


def test_figures_have_every_digit_and_times_their_offset() -> None:
    head, line = read(tables(row("Chan")))
    assert head[0] == "Who"
    assert head[1] == "Begin (Asia/Hong_Kong)"
    assert line == [
        "Chan", "2026-03-25T01:30:15.250000+08:00", "2026-03-25", "34486.0", "0.7284123456789",
        "1500.25", "165.6",
    ]  # fmt: skip


def test_excel_knows_its_letters() -> None:
    found = tables(row("一號灌裝線"))
    file = b"".join(csv_parts(found.tables[0], ZONE, language("en")))
    assert file.startswith(b"\xef\xbb\xbf")
    assert "一號灌裝線" in file.decode("utf-8-sig")


@pytest.mark.parametrize("text", TEXTS)
def test_no_text_becomes_a_formula_or_another_cell(text: str) -> None:
    _, line = read(tables(row(text)))
    assert len(line) == 7
    assert line[0].lstrip()[:1] not in tuple("=+-@＝＋－＠")
    assert line[0].isprintable() or "\n" in line[0]


def test_what_is_harmless_stays_as_it_is() -> None:
    said = ["007", 'two\nlines, "quoted"; and more', "一號灌裝線", ARABIC, "https://example.com/"]
    assert [it[0] for it in read(tables(*map(row, said)))[1:]] == said


def test_a_number_below_zero_is_a_number_and_none_is_nothing() -> None:
    values: tuple[Value, ...] = ("x", None, None, -1.5, float("inf"), float("nan"), 0)
    assert read(tables(values))[1] == ["x", "", "", "-1.5", "", "", "0"]


def test_it_ends_where_nobody_waits() -> None:
    found, work = tables(*[row("Chan")] * 10_000), Work()
    parts = csv_parts(found.tables[0], ZONE, language("en"))
    with working(work):
        assert next(parts).count(b"\r\n") == 501
        work.end()
        with pytest.raises(NoLongerWantedError):
            next(parts)


def test_a_part_begins_when_it_is_asked_for() -> None:
    """So that a long file never stands whole in memory."""
    found = tables(*[row("Chan")] * 10_000)
    sizes = [len(it) for it in csv_parts(found.tables[0], ZONE, language("en"))]
    assert max(sizes) < sum(sizes) / 15
