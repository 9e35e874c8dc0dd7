"""Frames as line protocol, and InfluxQL's CSV as frames."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from telemetry import at

from domain.errors import StorageError
from domain.frames import UTC_US
from store.telemetry.influxdb.line_protocol import from_csv, line_protocol, string_literal

SCHEMA = pl.Schema(
    {
        "line": pl.String(),
        "time_ns": pl.Int64(),
        "value": pl.Float64(),
        "text": pl.String(),
        "number": pl.Int64(),
        "seen": UTC_US,
        "day": pl.Date(),
    }
)


def written(*rows: tuple) -> list[str]:
    frame = pl.DataFrame(rows, schema=SCHEMA, orient="row")
    return b"\n".join(line_protocol("samples", frame, ["line"])).decode().splitlines()


def test_a_row_is_a_line_and_what_is_absent_is_no_field() -> None:
    assert written(
        ("a", 5, 1.5, "jam", 7, at(0), date(1970, 1, 3)), ("b", 6, None, None, 8, None, None)
    ) == [
        'samples,line=a value=1.5,text="jam",number=7i,seen=1772409600000000i,day=2i 5',
        "samples,line=b number=8i 6",
    ]


def test_texts_may_hold_anything() -> None:
    assert written(('x, y= "z"', 1, None, 'a "b" \\ c', None, None, None)) == [
        'samples,line=x\\,\\ y\\=\\ "z" text="a \\"b\\" \\\\ c" 1'
    ]


@pytest.mark.parametrize("text", ["", "∅", "∅∅x", "plain"])
def test_an_empty_text_is_told_from_an_absent_one(text: str) -> None:
    (line,) = written(("a", 1, None, text, None, None, None))
    kept = line.split('"')[1]
    found = from_csv(f"name,time,text\nsamples,1,{kept}\n".encode(), pl.Schema({"text": pl.String}))
    assert found["text"].to_list() == [text]


@pytest.mark.parametrize("name", ["", None, "two\nlines", "ends with \\"])
def test_a_name_that_a_tag_cannot_be_is_refused(name: str | None) -> None:
    with pytest.raises(StorageError, match="InfluxDB cannot keep the line name"):
        written((name, 1, 1.0, None, None, None, None))


def test_nothing_is_written_and_nothing_is_read() -> None:
    assert list(line_protocol("samples", SCHEMA.to_frame(), ["line"])) == []
    assert from_csv(b"\n", SCHEMA).schema == SCHEMA


def test_an_answer_has_the_columns_and_kinds_that_were_asked_for() -> None:
    answer = b"name,time,value,number,seen,day\nsamples,5,1.5,7,1772409600000000,2\nsamples,6,,,,\n"
    wanted = pl.Schema(
        {name: kind for name, kind in SCHEMA.items() if name not in ("line", "text")}
    )
    assert from_csv(answer, wanted).rows() == [
        (5, 1.5, 7, at(0), date(1970, 1, 3)),
        (6, None, None, None, None),
    ]


def test_a_string_cannot_leave_its_quotes() -> None:
    assert string_literal("it's \\ a\nname") == "'it\\'s \\\\ a\\nname'"
