"""Counts that a file gives as increments (pulses, pieces a cycle) → running totals. Pure polars.

Increments are added up in the file's order, which must be that of time: a chunk at a time, so
that memory stays bounded. Each series begins at 0, its first increment's interval before its
first row; where nobody says how long that is, the first increment cannot be placed in time and
only begins the count. The 0 is said four times, a microsecond apart: a single one between the
totals of two files would be taken for a wrong reading. An example, increments of every minute:

    time         08:00  08:01  08:02  08:03
    increments              4      6      5
    totals           0      4     10     15      interval_s: 60
    totals                  0      6     11      interval_s not given
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from domain.samples import Quality
from domain.time import MICROSECOND

# Up to three in a row may be taken for wrong readings (analytics.facts.counters.out_of_line).
_ZEROS = 4


class OrderError(Exception):
    """Rows that cannot be added up: where the first one stands, what is wrong, what to do."""

    def __init__(self, row: int, what: str, todo: str) -> None:
        self.row, self.what, self.todo = row, what, todo
        super().__init__(what)


@dataclass(slots=True)
class _Series:
    total: float
    at: datetime
    kept_back: pl.DataFrame  # the last row: more of its instant may come


class RunningTotals:
    """Adds up `signals` of one file; holds one row of each series until the next chunk."""

    def __init__(self, signals: frozenset[str], interval_s: float | None) -> None:
        self._signals = signals
        self._interval = None if interval_s is None else timedelta(seconds=interval_s)
        self._series: dict[tuple[str, str], _Series] = {}

    def summed(self, good: pl.DataFrame, bad: pl.DataFrame) -> pl.DataFrame:
        """`good` with totals in "scaled" where it has increments.

        Columns as `lineproof.history_import.rows` judges rows by. Raises OrderError where an
        increment is earlier than the one before, negative, or cannot be used.
        """
        wanted = pl.col("signal").is_in(list(self._signals))
        unusable = pl.col("grade") == int(Quality.BAD)
        lost = [bad.filter(wanted), good.filter(wanted & (unusable | (pl.col("number") < 0)))]
        for rows in lost:
            for row in rows.head(1).iter_rows(named=True):
                raise OrderError(
                    row["row"],
                    f"the increment of {row['signal']} cannot be used: '{row['value'] or ''}'",
                    "Without it every later total would be wrong. Mend the row.",
                )
        parts = [good.filter(~wanted)]
        counted = good.filter(wanted)
        keys = counted.select("machine", "signal").unique(maintain_order=True).rows()
        for machine, signal in keys:
            own = counted.filter(machine=machine, signal=signal)
            parts += self._added((machine, signal), own)
        return pl.concat(parts)

    def rest(self) -> pl.DataFrame:
        """The rows that were kept back. There is at least one series."""
        return pl.concat([series.kept_back for series in self._series.values()])

    def __bool__(self) -> bool:
        return bool(self._series)

    def _added(self, key: tuple[str, str], rows: pl.DataFrame) -> Iterator[pl.DataFrame]:
        series = self._series.get(key)
        self._check_order(rows, series)
        first = rows[:1]
        if series is None:
            begun = first["at"][0]
            offset = 0.0 if self._interval else -first["scaled"][0]
            if self._interval:
                # From a microsecond later on, or it might meet the last total of the file before.
                zeros = [begun - self._interval + it * MICROSECOND for it in range(1, _ZEROS + 1)]
            else:  # the first total is one itself
                zeros = [begun - it * MICROSECOND for it in range(_ZEROS - 1, 0, -1)]
            yield pl.concat([first] * len(zeros)).with_columns(
                at=pl.Series(zeros).cast(rows.schema["at"]),
                scaled=pl.lit(0.0),
                summed=pl.lit(True),
            )
        else:
            offset = series.total
            if series.at < first["at"][0]:
                yield series.kept_back
        totals = (rows["scaled"].cum_sum() + offset).alias("scaled")
        added = rows.with_columns(totals, summed=pl.lit(True)).unique(
            "at", keep="last", maintain_order=True
        )
        yield added[:-1]
        self._series[key] = _Series(totals[-1], rows["at"][-1], added[-1:])

    def _check_order(self, rows: pl.DataFrame, series: _Series | None) -> None:
        before = rows["at"].shift(1, fill_value=rows["at"][0] if series is None else series.at)
        for row in rows.filter(rows["at"] < before).head(1).iter_rows(named=True):
            raise OrderError(
                row["row"],
                f"the increment of {row['signal']} is earlier than the one before it",
                "Increments are added up in the file's order: sort the file by time.",
            )
