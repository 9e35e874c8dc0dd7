"""Batches as tables hold them against what they are: the part of a doctor's look that does not
depend on the database.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Protocol

import polars as pl

from domain.frames import REJECTIONS, SPANS
from store.telemetry.frames import checked
from store.telemetry.protocol import BatchContent, BatchRecord

# What a batch has in each table, beside the batch's number.
PARTS: Mapping[str, tuple[str, ...]] = {
    "samples": ("line", "machine", "signal", "time", "value", "text", "quality"),
    "spans": tuple(SPANS.names()),
    "rejections": tuple(REJECTIONS.names()),
}


class BatchTables(Protocol):
    """What a database has of some batches."""

    def numbered(self, records: Sequence[BatchRecord]) -> Mapping[int, BatchRecord]:
        """The rows of the ledger that are there of their agents, in the range of their numbers;
        by the number under which the tables know them."""
        ...

    def stored(self, part: str, batches: Collection[int]) -> pl.DataFrame:
        """The rows of `PARTS` of these batches, and their `batch`."""
        ...


def differing_batches(
    tables: BatchTables, batches: Sequence[tuple[BatchRecord, BatchContent]]
) -> list[tuple[BatchRecord, str]]:
    """See `store.telemetry.protocol.StoredContents`."""
    if not batches:
        return []
    found = tables.numbered([record for record, _ in batches])
    numbers = {(it.agent, it.number): number for number, it in found.items()}
    expected = [
        (numbers[record.agent, record.number], record, checked(content))
        for record, content in batches
        if found.get(numbers.get((record.agent, record.number), -1)) == record
    ]
    whole = {(record.agent, record.number) for _, record, _ in expected}
    wrong = [(it, "ledger") for it, _ in batches if (it.agent, it.number) not in whole]
    for part in PARTS:
        wrong += _differing(tables, part, expected)
    return wrong


def _differing(
    tables: BatchTables, part: str, expected: Sequence[tuple[int, BatchRecord, BatchContent]]
) -> Iterator[tuple[BatchRecord, str]]:
    """Batches of which that part is not as it must be."""
    if not expected:
        return
    due = pl.concat(
        getattr(content, part).with_columns(batch=pl.lit(number, dtype=pl.Int64))
        for number, _, content in expected
    ).select(*PARTS[part], "batch")
    stored = tables.stored(part, [number for number, _, _ in expected])
    stored = stored.select(due.columns).cast(dict(due.schema))
    if _same(stored, due):
        return
    for number, record, _ in expected:
        of_batch = pl.col("batch") == number
        if not _same(stored.filter(of_batch), due.filter(of_batch)):
            yield record, part


def _same(stored: pl.DataFrame, due: pl.DataFrame) -> bool:
    return stored.height == due.height and stored.sort(due.columns).equals(due.sort(due.columns))
