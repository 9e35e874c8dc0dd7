"""What `doctor` finds in the telemetry store: it is held against the archive, and the stored facts
against what telemetry, plants and corrections give when they are computed again.

That reads everything anew, as `rebuild` does, but keeps nothing; so it is for a node that stands
still. What differs `rebuild` makes again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, cast

import polars as pl

from analytics.calendar.slices import WAITS_MAX
from analytics.facts.line_digest import line_digest
from collector.facts.keeper import FactsKeeper
from collector.intake.group_writer import batch_record
from collector.intake.payload import PayloadError, decode
from collector.intake.row_rules import AHEAD_MAX, EARLIEST, LATEST
from domain.batches import parse_batch
from domain.corrections import LineCorrections
from domain.errors import InputError, StorageError
from domain.frames import FACTS
from domain.plant import Plant
from domain.time import Window
from lineproof.upkeep.findings import REBUILD, Finding
from store.archive.arrivals import Arrival
from store.node.opening import Stores
from store.registry.facts_basis import FactsBasis
from store.telemetry.frames import FACT_KEYS
from store.telemetry.protocol import (
    BatchContent,
    BatchRecord,
    DirtyMark,
    LineFacts,
    StoredContents,
    TelemetryReader,
    TelemetryStore,
)

_GROUP_BATCHES, _GROUP_ROWS = 64, 50_000  # compared at a time
_LATELY = timedelta(hours=1)
_PARTS = {
    "ledger": "rows of the batch ledger",
    "samples": "samples",
    "spans": "confirmed times",
    "rejections": "rejected readings",
}


def contents(stores: Stores, records: Sequence[BatchRecord]) -> Iterator[Finding]:
    """The telemetry holds what the archived batches say, and nothing else."""
    kept = getattr(stores.telemetry, "contents", None)
    if not isinstance(kept, StoredContents):
        yield Finding(
            "telemetry", "ok", "this kind of store is not compared with the archive batch by batch"
        )
        return
    differing: Counter[str] = Counter()
    first: dict[str, BatchRecord] = {}
    for group in _groups(stores, records):
        for record, part in kept.differing(group):
            differing[part] += 1
            first.setdefault(part, record)
    for part, count in sorted(differing.items()):
        it = first[part]
        yield Finding(
            f"telemetry {part}",
            "problem",
            f"the {_PARTS[part]} of {count} batches are not what the archive says, the first is "
            f"batch {it.number} of {it.agent}",
            REBUILD,
        )
    faults = list(kept.faults())
    if faults:
        yield Finding("telemetry tables", "problem", f"they hold {'; '.join(faults)}", REBUILD)
    if not differing and not faults:
        yield Finding("telemetry", "ok", "holds what the archived batches say, and nothing else")


def _groups(
    stores: Stores, records: Sequence[BatchRecord]
) -> Iterator[list[tuple[BatchRecord, BatchContent]]]:
    """What the archive says of the batches, as many at a time as memory should hold. Those that
    cannot be read are told where the chains are checked."""
    arrivals = {it.digest: it for it in stores.archive.arrivals()}
    group: list[tuple[BatchRecord, BatchContent]] = []
    rows = 0
    for record in sorted(records, key=lambda it: it.received):
        archived = _archived(stores, record, arrivals.get(record.digest))
        if archived is None:
            continue
        group.append(archived)
        rows += archived[0].samples
        if len(group) == _GROUP_BATCHES or rows >= _GROUP_ROWS:
            yield group
            group, rows = [], 0
    yield group


def _archived(
    stores: Stores, record: BatchRecord, arrival: Arrival | None
) -> tuple[BatchRecord, BatchContent] | None:
    """The ledger row and the content that the archived batch gives."""
    try:
        batch = parse_batch(stores.archive.get(record.digest))
        received = arrival.received if arrival else record.received
        content = decode(batch, arrival.latest if arrival else received + AHEAD_MAX)
    except (InputError, StorageError, PayloadError):
        return None
    return batch_record(batch.header, batch.header.digest, content, received), content


def arrivals(stores: Stores, records: Sequence[BatchRecord]) -> Finding:
    """Of each batch it was noted when it arrived."""
    noted = {it.digest for it in stores.archive.arrivals()}
    undated = sum(it.digest not in noted for it in records)
    lost = len(noted - {it.digest for it in records})
    if undated:
        return Finding(
            "arrivals",
            "problem",
            f"of {undated} batches it is not noted in the archive when they arrived",
            "Put the archive back from a backup; without it 'lineproof rebuild' takes the time of "
            "their files.",
        )
    if lost:
        return Finding(
            "arrivals",
            "problem",
            f"{lost} batches arrived once that the batch ledger does not know",
            f"{REBUILD} It says which of them are missing in the archive, too.",
        )
    return Finding("arrivals", "ok", "noted of every batch")


def recomputed_facts(stores: Stores, now: datetime) -> Iterator[Finding]:
    """The stored facts are those that telemetry, plants and corrections give. Lines whose facts
    are not up to date are left out: they are told as such."""
    basis = stores.registry.facts_basis
    behind = {mark.line for mark in stores.telemetry.dirty()}
    compared = _Compared(stores.telemetry, behind, now)
    FactsKeeper(cast(TelemetryStore, compared), _Whole(basis, behind), lambda: now).refresh()
    compared.look_for_more(basis.plants())
    for line in sorted(compared.unstored - compared.differing.keys()):
        yield Finding(
            f"facts {line}",
            "warning",
            f"of line '{line}' not all facts are stored that its data give",
            "A running node mends it.",
        )
    for line, at in sorted(compared.differing.items()):
        yield Finding(
            f"facts {line}",
            "problem",
            f"the stored facts of line '{line}' are not what its data give, first at "
            f"{at.isoformat(timespec='minutes')}",
            REBUILD,
        )


class _Whole:
    """The plants and corrections, as if no facts were stored: nothing is remembered."""

    def __init__(self, basis: FactsBasis, behind: set[str]) -> None:
        self._basis = basis
        self._behind = behind

    @property
    def version(self) -> int:
        return self._basis.version

    def plants(self) -> list[Plant]:
        return self._basis.plants()

    def line_corrections(self, line: str) -> LineCorrections:
        told = self._basis.line_corrections(line)
        if told.not_yet_applied:
            self._behind.add(line)
        return LineCorrections(told.in_force, (), told.last)

    def mark_applied(self, line: str, number: int) -> None:
        raise AssertionError("nothing is new")


class _Compared:
    """A telemetry store in which no facts are; those that are to be stored are compared with what
    the real one has. Lines in `behind` are not compared."""

    def __init__(self, real: TelemetryReader, behind: set[str], now: datetime) -> None:
        self._now = now
        self.differing: dict[str, datetime] = {}  # each line, from when on
        self.unstored: set[str] = set()
        self._real = real
        self._behind = behind
        self._rows: Counter[str] = Counter()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def dirty(self, *_lines: str) -> list[DirtyMark]:
        return []

    def facts(self, *_asked: object) -> pl.DataFrame:
        return FACTS.to_frame()

    def replace_facts_of_lines(self, made: Sequence[LineFacts]) -> None:
        for it in made:
            self._rows[it.line] += it.facts.height
            for window in it.windows:
                due = it.facts.filter(pl.col("start") >= window.start, pl.col("end") <= window.end)
                self._compare(it, due, window)

    def _is_due(self, line: str, lacking: pl.DataFrame) -> bool:
        """Whether a node that stopped lately would have stored the first of them."""
        extent = self._real.extent(line)
        if extent is None or self._now - extent.end > _LATELY:
            return True
        ends: list[datetime] = lacking["end"].to_list()
        return min(ends) < extent.end - WAITS_MAX

    def look_for_more(self, plants: Sequence[Plant]) -> None:
        """Facts where none can be."""
        for plant in plants:
            for line in plant.lines:
                stored = self._real.facts(line, line_digest(plant, line), EARLIEST, LATEST)
                if line not in self._behind and stored.height > self._rows[line]:
                    self.differing.setdefault(line, stored["start"][0])

    def _compare(self, made: LineFacts, due: pl.DataFrame, window: Window) -> None:
        line = made.line
        if line in self._behind:
            return
        stored = self._real.facts(line, made.spec, window.start, window.end)
        due = due.sort(FACT_KEYS)
        if stored.equals(due):
            return
        lacking = due.join(stored, on=due.columns, how="anti", nulls_equal=True)
        other = stored.join(due, on=due.columns, how="anti", nulls_equal=True)
        times: list[datetime] = pl.concat([lacking, other])["start"].to_list()
        first = min(times, default=window.start)  # none where a row is there twice
        ends: list[datetime] = stored["end"].to_list()
        if times and other.is_empty() and first >= max(ends, default=first):
            if self._is_due(line, lacking):
                self.unstored.add(line)  # slices that closed since
        else:
            self.differing[line] = min(first, self.differing.get(line, first))
