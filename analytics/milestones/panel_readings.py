"""What a machine's panel showed, held against the sealed series of that minute.

The series says the least and the most that the signal can have been in the minute: of the last
sample before it, those in it and the first one after it. An example, a counter read at 10:12:

    samples   10:11:40  18,199    10:12:10  18,204    10:13:05  18,209
    sealed    18,199 to 18,209
    reading   18204     agrees
    reading   18190     differs by -9: it is that far below the least
    reading   18260     differs by 51

Nothing is said where the series does not reach around the minute: no sample before it, or none
after it while the machine was not heard to its end. A value that goes up and down is only known
while its machine is heard; a counter also across a silence, because it only grows (the wider its
range, the less an agreement says: the times of both samples are told).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import polars as pl

from domain.frames import LineHistory
from domain.instants import says_something
from domain.signals import SignalKind, signal_kind
from domain.site_visits import PanelReading, minute_of


class Agreement(StrEnum):
    AGREES = "agrees"
    DIFFERS = "differs"
    NOT_SEALED = "not_sealed"  # nothing was sealed then


@dataclass(frozen=True, slots=True)
class Comparison:
    """`low`, `high`: what the signal can have been in the minute, in its unit; from the sample at
    `before` to that at `after` (None: the machine was heard to the minute's end). `difference`: by
    how much the reading lies outside, below zero where it is less. None where nothing was sealed,
    and the difference where it agrees."""

    agreement: Agreement
    low: float | None = None
    high: float | None = None
    before: datetime | None = None
    after: datetime | None = None
    difference: float | None = None


def held_against_series(reading: PanelReading, history: LineHistory) -> Comparison:
    """`history`: of the reading's line; it reaches over its minute, and of its signal to the
    nearest usable samples on both sides."""
    start, end = minute_of(reading)
    said, _ = history.said(reading.machine, reading.signal)
    usable = said.filter(says_something(said) & said["value"].is_not_null())
    time = pl.col("time")
    before = usable.filter(time <= start)
    after = usable.filter(time >= end)
    of_machine = history.spans.filter(machine=reading.machine)
    is_heard = of_machine.filter((pl.col("start") <= start) & (pl.col("end") >= end)).height > 0
    is_counter = signal_kind(reading.signal) is SignalKind.COUNTER
    if before.is_empty() or not (is_heard or (is_counter and not after.is_empty())):
        return Comparison(Agreement.NOT_SEALED)
    first = before["time"][-1]
    last = None if after.is_empty() else after["time"][0]
    around = usable.filter(time.is_between(first, end if last is None else last))
    values = [float(it) for it in around["value"]]
    return _told(reading, min(values), max(values), first, last)


def _told(
    reading: PanelReading, low: float, high: float, before: datetime, after: datetime | None
) -> Comparison:
    value = float(reading.value)
    if reading.shown_high <= low:
        return Comparison(Agreement.DIFFERS, low, high, before, after, value - low)
    if reading.shown_low > high:
        return Comparison(Agreement.DIFFERS, low, high, before, after, value - high)
    return Comparison(Agreement.AGREES, low, high, before, after)
