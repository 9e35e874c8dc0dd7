"""Numbers as files write them → floats, and what to do about those that are none. Pure polars."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

_DATE = r"^\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([T ].*)?$|^\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)?$"
_SPACES = r"[\s\u00a0\u202f]"


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """`decimal`: the mark before fractions; `thousands`: the mark between groups of three digits,
    "" for none."""

    decimal: str = "."
    thousands: str = ""


PLAIN = NumberFormat()


def numbers(value: pl.Series, how: NumberFormat) -> pl.Series:
    """The values as finite floats, null where one is none. Only groups of three digits count as
    thousands: 1.5 is not 15 where the point parts thousands."""
    if not value.dtype.is_numeric() and value.dtype != pl.Boolean:
        value = value.cast(pl.String)  # a category too
    if value.dtype == pl.String:
        value = value.str.strip_chars()
        if how.thousands:
            value = _without_thousands(value, how)
        if how.decimal != ".":
            # A point is no decimal mark here: 1.234 may be meant as a thousand.
            value = value.set(value.str.contains(".", literal=True).fill_null(False), None)
            value = value.str.replace(how.decimal, ".", literal=True)
    found = value.cast(pl.Float64, strict=False)
    found = found.set((~found.is_finite()).fill_null(False), None)
    return found.set((found == 0).fill_null(False), 0.0)  # one zero, not two


def _without_thousands(value: pl.Series, how: NumberFormat) -> pl.Series:
    mark = _SPACES if how.thousands == " " else _escaped(how.thousands)
    grouped = rf"^[+-]?\d{{1,3}}(?:{mark}\d{{3}})+(?:{_escaped(how.decimal)}\d+)?$"
    fits = value.str.contains(grouped).fill_null(False)
    return value.zip_with(~fits, value.str.replace_all(mark, ""))


def _escaped(mark: str) -> str:
    return f"[{mark}]"


def number_advice(how: NumberFormat) -> pl.Expr:
    """What to do about a text in column "value" that is no number."""
    value = pl.col("value")
    mark = "comma" if how.decimal == "," else "point"
    wanted = f"Write a number, with a {mark} for decimals."
    plain = (
        pl.when(value.str.contains(_DATE))
        .then(
            pl.lit(
                "This is a date or a time and no number: see whether the columns are the right "
                f"ones, or whether a spreadsheet made a date of a number. {wanted}"
            )
        )
        .otherwise(pl.lit(wanted))
    )
    if how.decimal == ",":
        return (
            pl.when(value.str.contains(r"^[+-]?[\d.]*\.[\d.]*(,\d+)?$"))
            .then(
                pl.lit(
                    "The map file says that the decimal mark is a comma; if points part thousands "
                    'here, say `thousands: "."` in it.'
                )
            )
            .otherwise(plain)
        )
    return (
        pl.when(value.str.contains(r"^[+-]?\d+,\d+$"))
        .then(
            pl.lit(
                "Whether this comma stands before decimals or between thousands is not guessed: "
                'write a number with a point for decimals, or say `decimal: ","` or `thousands: '
                '","` in a map file and give it with --map.'
            )
        )
        .when(value.str.contains(rf"^[+-]?\d{{1,3}}(([.,']|{_SPACES})\d{{3}})+([.,]\d+)?$"))
        .then(
            pl.lit(
                "Write a number without marks between thousands and with a point for decimals, or "
                "say `decimal` and `thousands` in a map file and give it with --map."
            )
        )
        .when(value.str.contains(r"^[+-]?\d+([.,]\d+)?\s*[^\d\s.,]+$"))
        .then(pl.lit("Write a number without its unit, with a point for decimals."))
        .otherwise(plain)
    )
