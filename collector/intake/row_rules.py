"""Rows of samples that can be right, and what is wrong with the others: pure polars.

A batch usually fits as a whole, which is found out over its few different texts; only where it does
not is each row judged. Both say the same (a test holds it).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl

from domain.batch_header import TIME_MAX_US
from domain.errors import InputError
from domain.frames import REJECTIONS, check
from domain.names import NAME_PATTERN, is_name
from domain.samples import RAW_LENGTH_MAX, TEXT_LENGTH_MAX, Quality
from domain.signals import (
    AGENT_SIGNALS,
    MEASUREMENT_PATTERN,
    SIGNALS,
    SignalKind,
    signal_named,
)
from domain.source_faults import REPORT_MAX
from domain.states import MachineMode, MachineState
from domain.time import instant

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)  # older than any plant's history that is digital
LATEST = datetime(2200, 1, 1, tzinfo=UTC)
AHEAD_MAX = timedelta(days=1)  # a machine's clock this far ahead of ours is no clock

_NAMES = {"state": MachineState, "mode": MachineMode}
_CODES = {signal: {name.value: name.code for name in names} for signal, names in _NAMES.items()}
# When an agent received a value: by its own clock, which may begin in 1970.
RECEIVED = (datetime(1970, 1, 1, tzinfo=UTC), instant(TIME_MAX_US))
NAMED = ("line", "machine")
_NEVER_NULL = ("line", "machine", "signal", "time", "received", "quality")
_GOOD_ENOUGH = pl.col("quality") < int(Quality.BAD)
_FINITE = pl.col("value").is_finite()


def sift(samples: pl.DataFrame, latest: datetime = LATEST) -> tuple[pl.DataFrame, pl.DataFrame]:
    """SAMPLES rows that fit, and the others as REJECTIONS with their reasons."""
    if _all_fit(samples, latest):
        return samples, REJECTIONS.to_frame()
    fits = samples.select(_fits(latest).fill_null(False).alias("fits"))["fits"]
    unfit = samples.filter(~fits).select(
        pl.col("line", "machine").fill_null(""),
        address=pl.col("signal").fill_null(""),
        raw=pl.coalesce("raw", _said()).fill_null("").str.slice(0, RAW_LENGTH_MAX),
        time=pl.col("time"),
        received=pl.col("received"),
        reason=_reason(latest),
    )
    return samples.filter(fits), check(unfit, REJECTIONS, "rejections")


def _said() -> pl.Expr:
    number, text = pl.col("value").cast(pl.String), pl.col("text")
    return (
        pl.when(_is_number()).then(pl.coalesce(number, text)).otherwise(pl.coalesce(text, number))
    )


def _all_fit(samples: pl.DataFrame, latest: datetime) -> bool:
    """Whether every row fits, found out over the few different texts: the usual case, at a
    third of the cost of judging row by row. May say no where `_fits` says yes."""
    if samples.is_empty():
        return True
    if any(samples[name].null_count() for name in _NEVER_NULL):
        return False
    # Not by the first and the last of them: they may be such that no datetime can be made of them.
    if not samples["time"].is_between(EARLIEST, latest).all():
        return False
    if not samples["received"].is_between(*RECEIVED).all():
        return False
    if not all(is_name(it) for name in NAMED for it in samples[name].unique().to_list()):
        return False
    value = pl.col("value")
    groups = samples.group_by("signal", "text", "quality").agg(
        rows=pl.len(),
        finite=value.is_finite().sum(),
        nulls=value.null_count(),
        low=value.min(),
        high=value.max(),
    )
    return all(_group_fits(*row) for row in groups.iter_rows())


def _group_fits(
    signal: str,
    text: str | None,
    quality: int,
    rows: int,
    finite: int,
    nulls: int,
    low: float | None,
    high: float | None,
) -> bool:
    """Whether the rows of one signal, text and quality fit. A bad one may have no value."""
    if quality >= int(Quality.BAD):
        return (
            quality == int(Quality.BAD)
            and text is None
            and nulls == rows
            and _kind(signal) is not None
        )
    if signal in _NAMES:
        codes = _CODES[signal]
        return finite == rows and text in codes and low == high == codes[text]
    if text is not None and len(text) > _length_max(signal):
        return False
    kind = _kind(signal)
    return text is not None if kind is SignalKind.TEXT else kind is not None and finite == rows


def _length_max(signal: str) -> int:
    """Characters that a text of that signal may have."""
    return REPORT_MAX if signal in AGENT_SIGNALS else TEXT_LENGTH_MAX


def _kind(signal: str) -> SignalKind | None:
    """None where it is not a signal."""
    if signal in AGENT_SIGNALS:
        return AGENT_SIGNALS[signal].kind
    try:
        return signal_named(signal).kind
    except InputError:
        return None


def _signals(*kinds: SignalKind) -> list[str]:
    every = (SIGNALS | AGENT_SIGNALS).values()
    return [signal.name for signal in every if signal.kind in kinds]


def _is_number() -> pl.Expr:
    known = pl.col("signal").is_in(_signals(SignalKind.COUNTER, SignalKind.GAUGE))
    return known | pl.col("signal").str.contains(MEASUREMENT_PATTERN)


def _is_text() -> pl.Expr:
    return pl.col("signal").is_in(_signals(SignalKind.TEXT))


def _named(signal: str) -> pl.Expr:
    """A state or mode: name and permanent code agree; of bad quality it may have neither."""
    names = list(_NAMES[signal])
    code = pl.col("text").replace_strict(
        [name.value for name in names],
        [float(name.code) for name in names],
        default=None,
        return_dtype=pl.Float64,
    )
    nothing = pl.col("value").is_null() & pl.col("text").is_null()
    agrees = (code == pl.col("value")).fill_null(False) | (~_GOOD_ENOUGH & nothing)
    return (pl.col("signal") == signal) & agrees


def _in_time(latest: datetime) -> pl.Expr:
    return pl.col("time").is_between(EARLIEST, latest).fill_null(False)


def _fits(latest: datetime) -> pl.Expr:
    finite = _FINITE.fill_null(~_GOOD_ENOUGH)
    text = (pl.col("text").is_not_null() | ~_GOOD_ENOUGH) & _short()
    value = (_is_number() & finite) | (_is_text() & text) | _named("state") | _named("mode")
    return value & _in_time(latest) & _addressed() & (pl.col("quality") <= int(Quality.BAD))


def _short() -> pl.Expr:
    """Whether the text of a row, if it has one, is no longer than one of its signal may be."""
    report = pl.col("signal").is_in(list(AGENT_SIGNALS))
    most = pl.when(report).then(REPORT_MAX).otherwise(TEXT_LENGTH_MAX)
    return (pl.col("text").str.len_chars() <= most).fill_null(value=True)


def _addressed() -> pl.Expr:
    named = [pl.col(name).str.contains(NAME_PATTERN).fill_null(False) for name in NAMED]
    return pl.all_horizontal(named) & pl.col("received").is_between(*RECEIVED).fill_null(False)


def _reason(latest: datetime) -> pl.Expr:
    """Why a row that does not fit does not: the first cause in reading order."""
    state = pl.col("signal").is_in(list(_NAMES))
    return (
        pl.when(~_addressed())
        .then(pl.lit("no line, machine or time of receipt"))
        .when((state | _is_number() | _is_text()).not_().fill_null(True))
        .then(pl.lit("unknown signal"))
        .when(pl.col("time").is_null())
        .then(pl.lit("no time"))
        .when(~_in_time(latest))
        .then(pl.lit("impossible time"))
        .when((pl.col("quality") <= int(Quality.BAD)).not_().fill_null(True))
        .then(pl.lit("unknown quality"))
        .when(state)
        .then(pl.lit("not a name of the closed list, or another code than its name's"))
        .when(_is_number())
        .then(pl.lit("not a finite number"))
        .when(~_short())
        .then(pl.lit("a text that is too long"))
        .otherwise(pl.lit("no text"))
    )
