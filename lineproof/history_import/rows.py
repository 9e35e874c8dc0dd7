"""One chunk of a history file → samples that fit, and the rows that do not, with reasons.

Pure polars: no file, no clock, no store. A row is judged column by column in the order in which a
person reads it (time, machine, signal, value, quality); the first thing wrong is reported. Values
are kept as they are written beside what they mean.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import polars as pl

from collector.intake.row_rules import EARLIEST, LATEST
from domain.frames import SAMPLES, UTC_US
from domain.samples import RAW_LENGTH_MAX, TEXT_LENGTH_MAX, Quality
from domain.signals import MEASUREMENT_PATTERN, SIGNALS, SignalKind
from domain.states import MachineMode, MachineState
from lineproof.history_import.increments import RunningTotals
from lineproof.history_import.numbers import PLAIN, NumberFormat, number_advice, numbers
from lineproof.history_import.times import TimeFormat, instants, time_advice

REQUIRED = ("time", "machine", "signal", "value")
OPTIONAL = ("quality",)

# Rows that do not fit: row (where it stands in its file), column, value, and what to do about it.
BAD_ROWS = pl.Schema(
    {
        "row": pl.UInt64(),
        "time": UTC_US,
        "machine": pl.String(),
        "signal": pl.String(),
        "column": pl.String(),
        "value": pl.String(),
        "todo": pl.String(),
    }
)

# machine, signal, raw value as written → name of the closed list, or None.
RawCodes = Callable[[str, str, str], str | None]

_LISTS: Mapping[str, type[MachineState] | type[MachineMode]] = {
    "state": MachineState,
    "mode": MachineMode,
}


@dataclass(frozen=True, slots=True)
class RowRules:
    """What the rows of a file are judged by.

    `raw_codes` decodes raw values of state and mode (with a device profile); None: they are
    names of the closed list.
    """

    line: str
    machines: frozenset[str]
    time: TimeFormat
    received: datetime
    raw_codes: RawCodes | None = None
    numbers: NumberFormat = PLAIN
    scale: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sorted:
    """`samples` (SAMPLES): of the rows that fit. `bad` (BAD_ROWS): the others. `endings`
    (SAMPLES): what such a row says, if it says something that nobody can use: from then on its
    signal is unknown, and a counter did not stand still, as it is live."""

    samples: pl.DataFrame
    bad: pl.DataFrame
    endings: pl.DataFrame


def sort_out(chunk: pl.DataFrame, rules: RowRules, totals: RunningTotals | None = None) -> Sorted:
    """Judge the rows of a chunk; `totals` adds up the signals that it knows as increments.

    `chunk` has a column "row" (where the row stands), REQUIRED ones of any type and "quality".
    """
    texts = chunk.select(
        pl.col("row").cast(pl.UInt64),
        at=_possible(instants(chunk["time"], rules.time)),
        time=_text("time"),
        machine=_text("machine"),
        signal=_text("signal"),
        value=_text("value"),
        number=numbers(chunk["value"], rules.numbers),
        quality=_text("quality"),
    ).with_columns(grade=_grades(), kind=_kinds())
    texts = texts.with_columns(
        name=_names(texts, rules.raw_codes), scaled=_scaled(rules.scale), summed=pl.lit(False)
    )
    judged = texts.with_columns(column=_wrong_column(rules))
    fits = judged["column"].is_null()
    good, bad = judged.filter(fits), judged.filter(~fits)
    if totals is not None:
        good = totals.summed(good, bad)
    return Sorted(_samples(good, rules), _bad_rows(bad, rules), _endings(bad, rules))


def rest_of(totals: RunningTotals, rules: RowRules) -> pl.DataFrame:
    """The SAMPLES that `totals` kept back because more of their instant might have come."""
    return _samples(totals.rest(), rules)


def _possible(at: pl.Series) -> pl.Series:
    """The instants that can be one of a plant; null where one is not, or is none at all."""
    return at.set((~at.is_between(EARLIEST, LATEST)).fill_null(False), None)


def _text(column: str) -> pl.Expr:
    text = pl.col(column).cast(pl.String).str.strip_chars()
    return pl.when(text.str.len_bytes() > 0).then(text)


def _grades() -> pl.Expr:
    """The quality's number; good where none is written, null where it is no quality."""
    names = [quality.name.lower() for quality in Quality]
    return (
        pl.col("quality")
        .fill_null("good")
        .str.to_lowercase()
        .replace_strict(names, [int(it) for it in Quality], default=None, return_dtype=pl.UInt8)
    )


def _scaled(scale: Mapping[str, float]) -> pl.Expr:
    """The number in the signal's unit."""
    if not scale:
        return pl.col("number")
    factor = pl.col("signal").replace_strict(
        list(scale), list(scale.values()), default=1.0, return_dtype=pl.Float64
    )
    return pl.col("number") * factor


def _kinds() -> pl.Expr:
    known = pl.col("signal").replace_strict(
        list(SIGNALS),
        [signal.kind.value for signal in SIGNALS.values()],
        default=None,
        return_dtype=pl.String,
    )
    measured = pl.col("signal").str.contains(MEASUREMENT_PATTERN)
    return pl.when(measured).then(pl.lit(SignalKind.GAUGE.value)).otherwise(known)


def _names(texts: pl.DataFrame, raw_codes: RawCodes | None) -> pl.Series:
    """The name of the closed list that a state or mode row means; null where it means none."""
    if raw_codes is None:
        written = pl.col("value").str.to_lowercase()
        named = pl.coalesce(
            pl.when((pl.col("signal") == signal) & written.is_in(list(names.names()))).then(written)
            for signal, names in _LISTS.items()
        )
        return texts.select(named.alias("name"))["name"]
    keys = ["machine", "signal", "value"]
    coded = texts.filter(pl.col("signal").is_in(list(_LISTS))).select(keys).unique().drop_nulls()
    meaning = coded.with_columns(
        name=pl.Series([raw_codes(*row) for row in coded.rows()], dtype=pl.String)
    )
    return texts.select(keys).join(meaning, on=keys, how="left", maintain_order="left")["name"]


def _wrong_column(rules: RowRules) -> pl.Expr:
    """The first column of a row that does not fit; null where all do."""
    kind, value = pl.col("kind"), pl.col("value")
    needed = pl.col("grade") != int(Quality.BAD)  # a bad sample may come without a value
    present = value.is_not_null() | needed
    wrong_value = (
        pl.when(kind == SignalKind.STATE.value)
        .then(pl.col("name").is_null() & present)
        .when(kind == SignalKind.TEXT.value)
        # Nothing is a text too: no order, no reason.
        .then((value.str.len_chars() > TEXT_LENGTH_MAX).fill_null(False))
        .otherwise(pl.col("number").is_null() & present)
    )
    return (
        pl.when(pl.col("at").is_null())
        .then(pl.lit("time"))
        .when(pl.col("machine").is_in(list(rules.machines)).not_().fill_null(True))
        .then(pl.lit("machine"))
        .when(kind.is_null())
        .then(pl.lit("signal"))
        .when(pl.col("grade").is_null())
        .then(pl.lit("quality"))
        .when(wrong_value.fill_null(True))
        .then(pl.lit("value"))
    )


def _samples(rows: pl.DataFrame, rules: RowRules) -> pl.DataFrame:
    kind = pl.col("kind")
    is_state, is_text = kind == SignalKind.STATE.value, kind == SignalKind.TEXT.value
    text = pl.coalesce("value", pl.when(pl.col("grade") != int(Quality.BAD)).then(pl.lit("")))
    meant = pl.when(is_state).then(pl.col("name")).when(is_text).then(text)
    is_other = is_state & (pl.col("value") != pl.col("name"))
    is_computed = pl.col("summed") | (pl.col("scaled") != pl.col("number"))
    return rows.select(
        line=pl.lit(rules.line),
        machine=pl.col("machine"),
        signal=pl.col("signal"),
        time=pl.col("at"),
        received=pl.lit(rules.received).cast(UTC_US),
        value=pl.when(is_state).then(_code()).when(~is_text).then(pl.col("scaled")),
        text=meant,
        quality=pl.col("grade"),
        raw=pl.when(is_other | is_computed).then(pl.col("value").str.slice(0, RAW_LENGTH_MAX)),
    ).cast(SAMPLES)


def _endings(bad: pl.DataFrame, rules: RowRules) -> pl.DataFrame:
    """Of the rows whose value or quality alone cannot be used, what the decoder of live readings
    gives: a state or mode that is unknown, of everything else a bad sample."""
    named = pl.col("signal").is_in(list(_LISTS))
    return (
        bad.filter(pl.col("column").is_in(["value", "quality"]))
        .with_columns(name=pl.when(named).then(pl.lit(MachineState.UNKNOWN.value)))
        .select(
            line=pl.lit(rules.line),
            machine=pl.col("machine"),
            signal=pl.col("signal"),
            time=pl.col("at"),
            received=pl.lit(rules.received).cast(UTC_US),
            value=_code(),
            text=pl.col("name"),
            quality=pl.when(named).then(int(Quality.GOOD)).otherwise(int(Quality.BAD)),
            raw=pl.col("value").str.slice(0, RAW_LENGTH_MAX),
        )
        .cast(SAMPLES)
    )


def _code() -> pl.Expr:
    """The number of the state or mode in column "name"."""
    return pl.coalesce(
        pl.when(pl.col("signal") == signal).then(
            pl.col("name").replace_strict(
                list(names.names()),
                [float(name.code) for name in names],
                default=None,
                return_dtype=pl.Float64,
            )
        )
        for signal, names in _LISTS.items()
    )


def _bad_rows(rows: pl.DataFrame, rules: RowRules) -> pl.DataFrame:
    column = pl.col("column")
    said = pl.coalesce(
        pl.when(column == name).then(pl.col(name).cast(pl.String))
        for name in (*REQUIRED, *OPTIONAL)
    )
    return rows.select(
        pl.col("row"),
        time=pl.col("at"),
        machine=pl.col("machine").fill_null(""),
        signal=pl.col("signal").fill_null(""),
        column=column,
        value=said.fill_null("").str.slice(0, RAW_LENGTH_MAX),
        todo=_todo(rules),
    ).cast(BAD_ROWS)


def _todo(rules: RowRules) -> pl.Expr:
    column = pl.col("column")
    states = ", ".join(MachineState.names())
    modes = ", ".join(MachineMode.names())
    profile = rules.raw_codes is not None
    coded = "a raw code that the profile or the map file knows"
    return (
        pl.when(column == "time")
        .then(time_advice(rules.time))
        .when(column == "machine")
        .then(pl.lit(f"Line {rules.line} has the machines {', '.join(sorted(rules.machines))}."))
        .when(column == "signal")
        .then(pl.lit(f"Use one of {', '.join(SIGNALS)}, or measurement.<name>."))
        .when(column == "quality")
        .then(pl.lit("Write good, uncertain or bad, or nothing."))
        .when(pl.col("signal") == "state")
        .then(pl.lit(f"Write {coded if profile else 'one of ' + states}."))
        .when(pl.col("signal") == "mode")
        .then(pl.lit(f"Write {coded if profile else 'one of ' + modes}."))
        .when(pl.col("kind") == SignalKind.TEXT.value)
        .then(pl.lit(f"Write a text of at most {TEXT_LENGTH_MAX} characters."))
        .otherwise(number_advice(rules.numbers))
    )
