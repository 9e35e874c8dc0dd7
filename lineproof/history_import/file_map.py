"""How the columns of a file become time, machine, signal, value and quality. Pure polars.

Either a row has one value and says of which machine and signal (long), or it has a column for each
signal (wide): then every filled cell is a row of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from lineproof.history_import.increments import RunningTotals
from lineproof.history_import.numbers import PLAIN, NumberFormat
from lineproof.history_import.rows import REQUIRED

Codes = Mapping[str, Mapping[str, str]]  # signal → value as written → name of the closed list


@dataclass(frozen=True, slots=True)
class WideColumn:
    """A column that holds the values of one signal of a machine; None: the row says which."""

    column: str
    signal: str
    machine: str | None = None


@dataclass(frozen=True, slots=True)
class FileMap:
    """What a map file says; without one, all of it as `docs/import.md` describes it.

    `time`, `machine`, `signal`, `value`, `quality`: names of columns; time may be parted over
    several. `one_machine`, `one_signal`: of every row, in place of a column. `machines`,
    `signals`: names as the file has them → as the plant has them, None: leave the row out.
    `increments`: signals whose values are what came since the row before, `interval_s`: how long
    before the first row its increment began. `scale`: signal → factor to its unit.
    """

    time: tuple[str, ...] = ("time",)
    machine: str = "machine"
    signal: str = "signal"
    value: str = "value"
    quality: str = "quality"
    one_machine: str | None = None
    one_signal: str | None = None
    wide: tuple[WideColumn, ...] = ()
    machines: Mapping[str, str | None] = field(default_factory=dict)
    signals: Mapping[str, str | None] = field(default_factory=dict)
    codes: Codes = field(default_factory=dict)
    increments: frozenset[str] = frozenset()
    interval_s: float | None = None
    scale: Mapping[str, float] = field(default_factory=dict)
    time_format: str = "iso"
    zone: str | None = None
    numbers: NumberFormat = PLAIN
    encoding: str | None = None
    separator: str | None = None
    skip_lines: int = 0
    sheet: str | None = None

    @property
    def needed(self) -> tuple[str, ...]:
        """The columns that a file must have."""
        names = [*self.time]
        is_named = bool(self.wide) and all(it.machine is not None for it in self.wide)
        if self.one_machine is None and not is_named:
            names.append(self.machine)
        if self.wide:
            return (*names, *(it.column for it in self.wide))
        if self.one_signal is None:
            names.append(self.signal)
        return (*names, self.value)

    def totals(self) -> RunningTotals | None:
        """What adds up a file's increments, where it has any."""
        return RunningTotals(self.increments, self.interval_s) if self.increments else None

    def column_named(self, column: str, machine: str, signal: str) -> str:
        """How the file names what is `column` (time, machine, …) here."""
        if column == "time":
            return " ".join(self.time)
        if column == "value":
            for it in self.wide:
                if it.signal == signal and it.machine in (machine, None):
                    return it.column
        return {"machine": self.machine, "signal": self.signal, "value": self.value}.get(
            column, self.quality
        )


AS_DOCUMENTED = FileMap()


def mapped(rows: pl.DataFrame, how: FileMap) -> pl.DataFrame:
    """`rows` ("row" and the file's columns) → row, REQUIRED and quality, without empty rows."""
    cells = [pl.col(name).cast(pl.String).str.strip_chars() for name in how.needed]
    rows = rows.filter(~pl.all_horizontal((cell.is_null() | (cell == "")) for cell in cells))
    quality = pl.col(how.quality) if how.quality in rows.columns else pl.lit(None, pl.String)
    common = [pl.col("row"), _time(how).alias("time")]
    if how.wide:
        filled = [
            rows.select(
                *common,
                machine=_named(_machine(how, it.machine), how.machines),
                signal=pl.lit(it.signal),
                value=_as_text(rows, it.column),
                quality=quality.cast(pl.String),
            ).filter(pl.col("value").str.strip_chars() != "")
            for it in how.wide
        ]
        found = pl.concat(filled)
    else:
        signal = pl.col(how.signal) if how.one_signal is None else pl.lit(how.one_signal)
        found = rows.select(
            *common,
            machine=_named(_machine(how, None), how.machines),
            signal=_named(signal, how.signals),
            value=pl.col(how.value),
            quality=quality,
        )
    left_out = [
        pl.col(column).is_in([_LEFT_OUT])
        for column, names in (("machine", how.machines), ("signal", how.signals))
        if None in names.values()
    ]
    if left_out:
        found = found.filter(~pl.any_horizontal(left_out).fill_null(False))
    return found.select("row", *REQUIRED, "quality")


_LEFT_OUT = "\0"  # no text of a file


def _time(how: FileMap) -> pl.Expr:
    if len(how.time) == 1:
        return pl.col(how.time[0])
    parts = [pl.col(name).cast(pl.String).str.strip_chars() for name in how.time]
    return pl.concat_str(parts, separator=" ")


def _machine(how: FileMap, own: str | None) -> pl.Expr:
    fixed = own if own is not None else how.one_machine
    return pl.col(how.machine) if fixed is None else pl.lit(fixed)


def _named(names: pl.Expr, known: Mapping[str, str | None]) -> pl.Expr:
    if not known:
        return names
    meant = [_LEFT_OUT if name is None else name for name in known.values()]
    return names.cast(pl.String).str.strip_chars().replace(list(known), meant)


def _as_text(rows: pl.DataFrame, column: str) -> pl.Expr:
    cell = pl.col(column)
    if rows.schema[column] == pl.Boolean:
        cell = cell.cast(pl.Int8)
    return cell.cast(pl.String)
