"""What every view of a store's telemetry has from the store itself: batches and rejections."""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl

from store.telemetry.protocol import BatchRecord, TelemetryReader


class BatchesOfStore:
    """A view over `_store` that shows other samples, and the same batches."""

    _store: TelemetryReader

    def last_batch(self, agent: str) -> BatchRecord | None:
        return self._store.last_batch(agent)

    def batches(
        self, *, agent: str | None = None, after: tuple[str, int] | None = None, limit: int = 100
    ) -> list[BatchRecord]:
        return self._store.batches(agent=agent, after=after, limit=limit)

    def late_batches(
        self, agent: str, start: datetime, end: datetime, late: timedelta, limit: int
    ) -> list[BatchRecord]:
        return self._store.late_batches(agent, start, end, late, limit)

    def rejections(self, *, line: str | None = None, limit: int = 100) -> pl.DataFrame:
        return self._store.rejections(line=line, limit=limit)

    def rejection_counts(self) -> pl.DataFrame:
        return self._store.rejection_counts()

    def rejected(self, start: datetime, end: datetime, *, line: str | None = None) -> pl.DataFrame:
        return self._store.rejected(start, end, line=line)

    def check(self) -> None:
        self._store.check()
