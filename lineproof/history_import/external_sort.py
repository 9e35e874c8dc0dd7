"""Sorts more rows than memory holds: sorted runs on disk, read back in buckets of time.

What comes out (SAMPLES, sorted by content, without repeats) does not depend on the order in
which rows went in. Each bucket has about BUCKET_ROWS rows; rows of one instant are never
torn apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import polars as pl

from domain.errors import StorageError
from domain.frames import SAMPLES
from lineproof.stopping import temporary_folder

BUCKET_ROWS = 1_000_000
ORDER = ("time", "machine", "signal", "value", "text", "quality", "raw")
_PROBE_ROWS = 1_000  # every so many rows of a run, a time is noted to cut buckets by
_GROUP_ROWS = 100_000  # rows that are read or skipped together


class SortedRuns:
    """A context: the files live in a folder of their own under `folder` and go with it."""

    def __init__(self, folder: Path, bucket_rows: int = BUCKET_ROWS) -> None:
        self._parent = folder
        self._bucket_rows = bucket_rows
        self._probes: list[datetime] = []
        self._runs: list[Path] = []

    def __enter__(self) -> Self:
        self._opened = temporary_folder("import-", self._parent)
        self._folder = self._opened.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._opened.__exit__(kind, error, trace)

    def add(self, samples: pl.DataFrame) -> None:
        """Put SAMPLES rows in. Raises StorageError when the disk does not take them."""
        if samples.is_empty():
            return
        run = self._folder / f"{len(self._runs)}.parquet"
        ordered = _ordered(samples)
        try:
            ordered.write_parquet(run, row_group_size=_GROUP_ROWS, compression="lz4")
        except (OSError, pl.exceptions.PolarsError) as error:
            raise StorageError(
                f"the rows could not be sorted on disk ({error})",
                where=str(self._folder),
                todo="Make room on this disk and import again. Nothing was changed.",
            ) from None
        self._runs.append(run)
        self._probes += ordered["time"].gather_every(_PROBE_ROWS).to_list()

    def buckets(self) -> Iterator[pl.DataFrame]:
        """All rows, sorted, in frames that do not overlap in time."""
        if not self._runs:
            return
        rows = pl.scan_parquet(self._runs)
        edges = self._edges()
        for start, end in zip([None, *edges], [*edges, None], strict=True):
            inside = rows
            if start is not None:
                inside = inside.filter(pl.col("time") >= start)
            if end is not None:
                inside = inside.filter(pl.col("time") < end)
            yield _ordered(inside.collect())

    def _edges(self) -> list[datetime]:
        times = sorted(self._probes)
        step = max(1, self._bucket_rows // _PROBE_ROWS)
        return sorted(set(times[step::step]) - {times[0]})


def _ordered(samples: pl.DataFrame) -> pl.DataFrame:
    return (
        samples.select(SAMPLES.names())
        .sort(ORDER, nulls_last=True)
        .unique(ORDER, keep="first", maintain_order=True)
    )
