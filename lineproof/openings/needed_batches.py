"""Which batches the facts of some days are computed from.

All batches are put into a store of their own, the days' histories are read there, and every batch
counts that brought one of the samples that were read: those of the day, what held when it began,
and the next ones behind it as far as facts reach (domain.signals.Reach). Beside them count those
that an agent sealed on the day, whatever is in them (`day_facts.is_sealed_on`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from collector.intake.group_writer import batch_record
from collector.intake.payload import decode
from domain.batches import SealedBatch, parse_batch
from domain.corrections import Correction
from domain.frames import UTC_US, LineHistory
from domain.signals import SignalKind, signal_kind
from domain.time import Window
from lineproof.dossier.batch_files import ArrivedBatch
from lineproof.openings.day_facts import LineDay, is_sealed_on
from store.history.line_history import line_history
from store.history.neighbours import HistoryReader
from store.telemetry.protocol import BatchContent, TelemetryStore

_GROUP_BATCHES = 64
_KEYS = ["line", "machine", "signal", "time"]
_WHERE = ["line", "machine", "signal"]
# From when to when a batch has samples of a series.
_REACHES = pl.Schema(
    {
        "agent": pl.String(),
        "number": pl.Int64(),
        **{it: pl.String() for it in _WHERE},
        "first": UTC_US,
        "last": UTC_US,
    }
)

BatchName = tuple[str, int]  # agent, number


class _Reading:
    """A store that remembers what was read to find out what held when a history began."""

    def __init__(self, store: HistoryReader) -> None:
        self._store = store
        self.read: list[pl.DataFrame] = []

    def extent(self, line: str) -> Window | None:
        return self._store.extent(line)

    def neighbours(
        self, line: str, machine: str, signal: str, start: datetime, end: datetime
    ) -> tuple[datetime | None, datetime | None]:
        return self._store.neighbours(line, machine, signal, start, end)

    def history(self, line: str, start: datetime, end: datetime) -> LineHistory:
        return self._store.history(line, start, end)

    def said(
        self, line: str, machine: str, signal: str, start: datetime, end: datetime
    ) -> pl.DataFrame:
        found = self._store.said(line, machine, signal, start, end)
        if signal_kind(signal) is not SignalKind.COUNTER:  # of these the history has what counts
            self.read.append(_keyed(found, line))
        return found


@dataclass(frozen=True, slots=True)
class ArchivedBatches:
    """The batches of a plant: `names` in their order, and the one of a name as it arrived."""

    names: Sequence[BatchName]
    get: Callable[[BatchName], ArrivedBatch]


def needed_batches(
    batches: ArchivedBatches,
    days: Sequence[LineDay],
    corrections: Callable[[str], Sequence[Correction]],
    store: TelemetryStore,
) -> list[BatchName]:
    """Sorted. `store`: an empty one, which is filled; `corrections`: those of a line that are in
    force."""
    sealed, reaches = _stored(batches, days, store)
    read = pl.concat([_read(store, it, corrections(it.line)) for it in days]).unique()
    found = set(sealed)
    for name in set(_reaching(reaches, read)) - found:
        content = _content(batches.get(name))[1]
        if _keyed(content.samples).join(read, on=_KEYS, how="semi").height:
            found.add(name)
    return sorted(found)


def _stored(
    batches: ArchivedBatches, days: Sequence[LineDay], store: TelemetryStore
) -> tuple[list[BatchName], pl.DataFrame]:
    """Which were sealed on one of the days; and of every batch from when to when it has samples of
    each series."""
    sealed: list[BatchName] = []
    reaches: list[pl.DataFrame] = [_REACHES.to_frame()]
    for start in range(0, len(batches.names), _GROUP_BATCHES):
        group = []
        for name in batches.names[start : start + _GROUP_BATCHES]:
            arrived = batches.get(name)
            batch, content = _content(arrived)
            header = batch.header
            if any(is_sealed_on(header, it) for it in days):
                sealed.append(name)
            reaches.append(_reach(name, content))
            group.append((batch_record(header, header.digest, content, arrived.received), content))
        store.append(group)
    return sealed, pl.concat(reaches)


def _content(arrived: ArrivedBatch) -> tuple[SealedBatch, BatchContent]:
    batch = parse_batch(arrived.data)
    return batch, decode(batch, arrived.latest)


def _read(store: TelemetryStore, of: LineDay, corrections: Sequence[Correction]) -> pl.DataFrame:
    reading = _Reading(store)
    history = line_history(reading, of.line, of.window.start, of.window.end, corrections)
    return pl.concat([_keyed(history.samples, of.line), *reading.read])


def _keyed(samples: pl.DataFrame, line: str | None = None) -> pl.DataFrame:
    if line is not None:
        samples = samples.with_columns(pl.lit(line).alias("line"))
    return samples.select(_KEYS)


def _reach(name: BatchName, content: BatchContent) -> pl.DataFrame:
    time = pl.col("time")
    return (
        content.samples.group_by(_WHERE)
        .agg(time.min().alias("first"), time.max().alias("last"))
        .with_columns(pl.lit(name[0]).alias("agent"), pl.lit(name[1]).alias("number"))
        .select(_REACHES.names())
        .cast(_REACHES)
    )


def _reaching(reaches: pl.DataFrame, read: pl.DataFrame) -> Iterator[BatchName]:
    """Batches that may hold one of the samples: whose stretch of the series has it inside."""
    for (line, machine, signal), of in read.group_by(_WHERE):
        same = reaches.filter(line=line, machine=machine, signal=signal)
        times = of["time"].sort()
        begins = times.search_sorted(same["first"], side="left")
        ends = times.search_sorted(same["last"], side="right")
        yield from same.filter(ends > begins).select("agent", "number").iter_rows()
