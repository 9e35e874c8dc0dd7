"""Numbers with the marks of other countries: read when they are named, never guessed."""

from __future__ import annotations

import polars as pl
import pytest

from lineproof.history_import.numbers import NumberFormat, number_advice, numbers

PLAIN, COMMA = NumberFormat(), NumberFormat(",")


@pytest.mark.parametrize(
    ("how", "text", "number"),
    [
        (PLAIN, "1234.5", 1234.5),
        (PLAIN, "1234,5", None),
        (PLAIN, "1,234", None),
        (PLAIN, "nan", None),
        (COMMA, "1234,5", 1234.5),
        (COMMA, "1.234", None),
        (COMMA, "1.234,5", None),
        (NumberFormat(",", "."), "1.234.567,5", 1234567.5),
        (NumberFormat(",", "."), "1.5", None),
        (NumberFormat(".", ","), "1,234.5", 1234.5),
        (NumberFormat(".", ","), "12,34", None),
        (NumberFormat(",", " "), "1\u202f234,5", 1234.5),
        (NumberFormat(".", "'"), "1'234", 1234.0),
    ],
)
def test_numbers_are_read_as_they_are_said_to_be_written(
    how: NumberFormat, text: str, number: float | None
) -> None:
    assert numbers(pl.Series([text]), how).to_list() == [number]


@pytest.mark.parametrize(
    ("how", "text", "todo"),
    [
        (PLAIN, "1234,5", "is not guessed"),
        (PLAIN, "1.234,5", "between thousands"),
        (PLAIN, "12 kg", "without its unit"),
        (PLAIN, "n/a", "Write a number, with a point"),
        (COMMA, "1.234", "points part thousands"),
        (COMMA, "n/a", "with a comma for decimals"),
    ],
)
def test_the_advice_fits_what_was_found(how: NumberFormat, text: str, todo: str) -> None:
    frame = pl.DataFrame({"value": [text]})
    assert todo in frame.select(number_advice(how).alias("todo"))["todo"][0]
