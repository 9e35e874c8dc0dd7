"""One chunk of a history file → samples that fit, and the rows that do not, with reasons.

Pure polars: no file, no clock, no store. A row is judged column by column in the order in which a
person reads it (time, machine, signal, value, quality); the first thing wrong is reported. Values
are kept as they are written beside what they mean.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import polars as pl

from collector.intake.payload import EARLIEST, LATEST
from domain.frames import SAMPLES, UTC_US
from domain.samples import Quality
from domain.signals import SIGNALS, SignalKind
from domain.states import MachineMode, MachineState

REQUIRED = ("time", "machine", "signal", "value")
OPTIONAL = ("quality",)

# Rows that do not fit: row (0 = first data row), column, value, and what to do about it.
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

# How a time may be written, after "T" took the place of a space; True: with an offset.
_TIMES = (
    ("%Y-%m-%dT%H:%M:%S%.f%#z", True),
    ("%Y-%m-%dT%H:%M:%S%.f", False),
    ("%Y-%m-%dT%H:%M%#z", True),
    ("%Y-%m-%dT%H:%M", False),
    ("%Y-%m-%d", False),
)
_LOCAL_TIME = r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?$"
_MEASUREMENT = r"^measurement\.[a-z][a-z0-9_-]*$"
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
    zone: ZoneInfo
    received: datetime
    raw_codes: RawCodes | None = None


def sort_out(chunk: pl.DataFrame, rules: RowRules) -> tuple[pl.DataFrame, pl.DataFrame]:
    """SAMPLES of the rows that fit, and BAD_ROWS.

    `chunk` has a column "row" (number of the data row) and REQUIRED ones of any type, and
    perhaps "quality". Rows that are empty throughout are left out.
    """
    columns = [name for name in (*REQUIRED, *OPTIONAL) if name in chunk.columns]
    chunk = chunk.select("row", *columns).filter(~pl.all_horizontal(pl.col(columns).is_null()))
    if "quality" not in chunk.columns:
        chunk = chunk.with_columns(quality=pl.lit(None, pl.String))
    texts = chunk.select(
        pl.col("row").cast(pl.UInt64),
        at=_instants(chunk["time"], rules.zone),
        time=pl.col("time").cast(pl.String),
        machine=_text("machine"),
        signal=_text("signal"),
        value=_text("value"),
        number=_number(chunk),
        quality=_text("quality"),
    ).with_columns(grade=_grades(), kind=_kinds())
    texts = texts.with_columns(name=_names(texts, rules.raw_codes))
    judged = texts.with_columns(column=_wrong_column(rules))
    fits = judged["column"].is_null()
    return _samples(judged.filter(fits), rules), _bad_rows(judged.filter(~fits), rules)


def _text(column: str) -> pl.Expr:
    text = pl.col(column).cast(pl.String).str.strip_chars()
    return pl.when(text.str.len_bytes() > 0).then(text)


def _number(chunk: pl.DataFrame) -> pl.Expr:
    value = pl.col("value")
    if chunk.schema["value"] == pl.String:
        value = value.str.strip_chars()
    number = value.cast(pl.Float64, strict=False)
    return pl.when(number.is_finite()).then(number + 0.0)  # one zero, not two


def _instants(time: pl.Series, zone: ZoneInfo) -> pl.Series:
    """The times as instants; null where one is none, or lies in an hour that daylight saving
    repeats or leaves out and no offset says which."""
    kind = time.dtype
    if isinstance(kind, pl.Datetime):
        exact = time.dt.cast_time_unit("us")
        return exact.dt.convert_time_zone("UTC") if kind.time_zone else _local(exact, zone)
    if kind == pl.Date:
        return _local(time.cast(pl.Datetime("us")), zone)
    text = time.cast(pl.String).str.strip_chars().str.replace(" ", "T", literal=True)
    found = pl.Series(time.name, [None], UTC_US).new_from_index(0, len(time))
    for written, has_offset in _TIMES:
        if found.null_count():
            utc = "UTC" if has_offset else None
            parsed = text.str.to_datetime(written, time_unit="us", time_zone=utc, strict=False)
            found = found.zip_with(
                found.is_not_null(), parsed if has_offset else _local(parsed, zone)
            )
    return found


def _local(written: pl.Series, zone: ZoneInfo) -> pl.Series:
    return written.dt.replace_time_zone(
        zone.key, ambiguous="null", non_existent="null"
    ).dt.convert_time_zone("UTC")


def _grades() -> pl.Expr:
    """The quality's number; good where none is written, null where it is no quality."""
    names = [quality.name.lower() for quality in Quality]
    return (
        pl.col("quality")
        .fill_null("good")
        .str.to_lowercase()
        .replace_strict(names, [int(it) for it in Quality], default=None, return_dtype=pl.UInt8)
    )


def _kinds() -> pl.Expr:
    known = pl.col("signal").replace_strict(
        list(SIGNALS),
        [signal.kind.value for signal in SIGNALS.values()],
        default=None,
        return_dtype=pl.String,
    )
    measured = pl.col("signal").str.contains(_MEASUREMENT)
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
        .then(pl.lit(False))  # nothing is a text too: no order, no reason
        .otherwise(pl.col("number").is_null() & present)
    )
    return (
        pl.when(pl.col("at").is_between(EARLIEST, LATEST).not_().fill_null(True))
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
    code = pl.coalesce(
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
    text = pl.coalesce("value", pl.when(pl.col("grade") != int(Quality.BAD)).then(pl.lit("")))
    meant = pl.when(is_state).then(pl.col("name")).when(is_text).then(text)
    return rows.select(
        line=pl.lit(rules.line),
        machine=pl.col("machine"),
        signal=pl.col("signal"),
        time=pl.col("at"),
        received=pl.lit(rules.received).cast(UTC_US),
        value=pl.when(is_state).then(code).when(~is_text).then(pl.col("number")),
        text=meant,
        quality=pl.col("grade"),
        raw=pl.when(is_state & (pl.col("value") != pl.col("name"))).then(pl.col("value")),
    ).cast(SAMPLES)


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
        value=said.fill_null(""),
        todo=_todo(rules),
    ).cast(BAD_ROWS)


def _todo(rules: RowRules) -> pl.Expr:
    column = pl.col("column")
    states = ", ".join(MachineState.names())
    modes = ", ".join(MachineMode.names())
    profile = rules.raw_codes is not None
    coded = "a raw code that the profile knows"
    dated = pl.col("time").str.strip_chars().str.contains(_LOCAL_TIME)
    return (
        pl.when((column == "time") & dated)
        .then(
            pl.lit(
                "Write the offset, as in 2026-03-02T07:00:00+08:00: no such time exists, or "
                f"daylight saving in {rules.zone.key} makes it unclear."
            )
        )
        .when(column == "time")
        .then(
            pl.lit(
                f"Write ISO 8601, as in 2026-03-02T07:00:00+08:00, from {EARLIEST.year} "
                f"to {LATEST.year}."
            )
        )
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
        .otherwise(pl.lit("Write a number, with a point for decimals."))
    )
