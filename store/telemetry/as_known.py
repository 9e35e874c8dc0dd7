"""A telemetry store as it stood at an earlier time, to read.

Nothing derived is of that time: stored facts are today's, so there are none here, and no dirty
marks. Whoever asks computes anew from what was known. The ledger and its counts are the
store's own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import polars as pl

from domain.frames import FACT_SUMS, FACTS, HISTORY, LineHistory
from domain.time import MICROSECOND, Window
from store.telemetry.batches_of_store import BatchesOfStore
from store.telemetry.frames import MACHINE_SPANS
from store.telemetry.protocol import (
    CalendarPeriod,
    DirtyMark,
    LineChanges,
    TelemetryReader,
)


class KnownTelemetry(BatchesOfStore):
    """A `store.telemetry.protocol.TelemetryReader` of what `store` had received at `known_at`.

    What reads telemetry raises StorageError where the store was begun without times of receipt.
    """

    def __init__(self, store: TelemetryReader, known_at: datetime) -> None:
        self._store = store
        self._known_at = known_at

    # telemetry

    def history(
        self, line: str, start: datetime, end: datetime, known_at: datetime | None = None
    ) -> LineHistory:
        limit = self._known_at if known_at is None else min(known_at, self._known_at)
        return self._store.history(line, start, end, limit)

    def histories(
        self, lines: Sequence[str], start: datetime, end: datetime, *, neighbours: bool = True
    ) -> list[LineHistory]:
        return [self.history(line, start, end) for line in lines]

    def said(
        self, line: str, machine: str, signal: str, start: datetime, end: datetime
    ) -> pl.DataFrame:
        found, _ = self.history(line, start, end).said(machine, signal)
        return found.filter(pl.col("time").is_between(start, end, closed="left"))

    def sample_count(self, line: str, start: datetime, end: datetime) -> int:
        inside = self.history(line, start, end).samples.filter(
            pl.col("time").is_between(start, end, closed="left")
        )
        return inside.height

    def latest(self, line: str) -> pl.DataFrame:
        time = pl.col("time")
        return self._whole(line).samples.filter(time == time.max().over("machine", "signal"))

    def last_span_end(self, line: str) -> dict[str, datetime]:
        ends = self._whole(line).spans.group_by("machine").agg(pl.col("end").max())
        return dict(ends.sort("machine").iter_rows())

    def extent(self, line: str) -> Window | None:
        """The present one: nothing that was known lies outside it."""
        return self._store.extent(line)

    def neighbours(
        self, line: str, machine: str, signal: str, start: datetime, end: datetime
    ) -> tuple[datetime | None, datetime | None]:
        samples = self.history(line, start, end + MICROSECOND).samples
        times = samples.filter(machine=machine, signal=signal)["time"]
        return (
            times.filter(times < start).max(),  # type: ignore[return-value]  # of times, times
            times.filter(times > end).min(),
        )

    def _whole(self, line: str) -> LineHistory:
        extent = self._store.extent(line)
        if extent is None:
            at = self._known_at
            return LineHistory(line, at, at, HISTORY.to_frame(), MACHINE_SPANS.to_frame())
        return self.history(line, extent.start, extent.end + MICROSECOND)

    # what is derived

    def facts_replaced_since(self, line: str, number: int) -> list[Window] | None:
        return []

    def dirty(self, *lines: str) -> list[DirtyMark]:
        return []

    def facts(self, line: str, spec: str, start: datetime, end: datetime) -> pl.DataFrame:
        return FACTS.to_frame()

    def facts_of_lines(
        self, specs: Mapping[str, str], start: datetime, end: datetime
    ) -> dict[str, pl.DataFrame]:
        return {line: FACTS.to_frame() for line in specs}

    def fact_sums(
        self, specs: Mapping[str, str], start: datetime, end: datetime, period: CalendarPeriod
    ) -> pl.DataFrame:
        return FACT_SUMS.to_frame()

    # what is not of the past

    def changes(self) -> dict[str, LineChanges]:
        return {}  # what was known then changes no more

    def marks_since(self, line: str, mark: int) -> list[DirtyMark] | None:
        return []
