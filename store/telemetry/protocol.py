"""What every telemetry store can do: two protocols, several databases, one conformance suite.

`TelemetryReader` is what questions need; a store as it stood at an earlier time
(`store.telemetry.as_known`) is nothing more. `TelemetryStore` can be written to as well. Who only
reads asks for a reader. Rules that every implementation keeps:

- `append` lasts when it returns; a second append of the same (agent, number) changes
  nothing and says so. Samples, spans, rejections, the ledger row and the dirty marks of a
  batch become visible together, or a repeat of the same batch mends what a crash left.
- Reading never depends on the order of arrival. The same sample twice counts once; different
  things that a signal said at one instant are all kept and given, sorted by value, text and
  quality (null is the smallest). Which of them holds, is not for a store to say.
- A value that is no finite number is kept as null; texts and microseconds come back exactly.
- Frames have the columns of `domain.frames`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol, runtime_checkable

import polars as pl

from domain.frames import LineHistory
from domain.time import Window

CalendarPeriod = Literal["day", "week", "month"]  # of local days; a week begins on Monday


@dataclass(frozen=True, slots=True)
class BatchRecord:
    """One row of the batch ledger: what is known of an accepted batch."""

    agent: str
    number: int
    digest: str
    samples: int
    rejections: int
    first_time: datetime | None
    last_time: datetime | None
    received: datetime


@dataclass(frozen=True, slots=True)
class BatchContent:
    """The decoded content of one batch: SAMPLES, SPANS and REJECTIONS frames."""

    samples: pl.DataFrame
    spans: pl.DataFrame
    rejections: pl.DataFrame


REJECTED_MAX = 1_000  # rows that one question about what could not be used is answered with
SPAN = ""  # the signal of a mark that a confirmed span made


@dataclass(frozen=True, slots=True)
class DirtyMark:
    """Facts of `line` are out of date where `machine`'s `signal` changed in [start, end].

    `start` and `end` are the first and last new sample time (or a span's borders, with
    signal SPAN): how far that reaches depends on the neighbours, which only the reader knows.
    `id` orders marks; clearing up to an id leaves later marks alone.
    """

    id: int
    line: str
    machine: str
    signal: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class LineReach:
    """`extent` of a line that has data, and its machines' `last_span_end`."""

    extent: Window
    heard: Mapping[str, datetime]


@dataclass(frozen=True, slots=True)
class LineFacts:
    """Facts of a line made anew under the line specification with digest `spec`: `facts`
    (FACTS) are all that there is inside `windows`, and follow the marks up to id `clear`."""

    line: str
    spec: str
    windows: Sequence[Window]
    facts: pl.DataFrame
    clear: int


@dataclass(frozen=True, slots=True)
class LineChanges:
    """Numbers that grow: `samples` with every batch that has samples of the line, `spans` with
    every one that confirms a machine of it (a store that does not tell them apart counts these
    as samples too), `facts` whenever its stored facts were replaced."""

    samples: int = 0
    spans: int = 0
    facts: int = 0


class TelemetryReader(Protocol):
    """Questions to telemetry and facts; none of them changes anything that an answer shows."""

    # batches
    def last_batch(self, agent: str) -> BatchRecord | None:
        """The accepted batch with the agent's highest number."""
        ...

    def batches(
        self, *, agent: str | None = None, after: tuple[str, int] | None = None, limit: int = 100
    ) -> list[BatchRecord]:
        """Ledger rows ordered by (agent, number), those behind `after`."""
        ...

    def late_batches(
        self, agent: str, start: datetime, end: datetime, late: timedelta, limit: int
    ) -> list[BatchRecord]:
        """The agent's batches with samples in [start, end) that came more than `late` after the
        first of them, by number; of many the first ones."""
        ...

    def rejections(self, *, line: str | None = None, limit: int = 100) -> pl.DataFrame:
        """REJECTIONS rows, newest first."""
        ...

    def rejection_counts(self) -> pl.DataFrame:
        """line, machine, reason (String), count (Int64)."""
        ...

    def rejected(self, start: datetime, end: datetime, *, line: str | None = None) -> pl.DataFrame:
        """What was received in [start, end) and could not be used: REJECTED, the most frequent
        first, REJECTED_MAX rows at most."""
        ...

    # telemetry
    def history(
        self, line: str, start: datetime, end: datetime, known_at: datetime | None = None
    ) -> LineHistory:
        """Samples and spans of a line for [start, end) with their neighbours; with `known_at`
        of the batches received up to then alone: a sample counts from the first batch that
        brought it. Raises StorageError where the store was begun without such times."""
        ...

    def histories(
        self, lines: Sequence[str], start: datetime, end: datetime, *, neighbours: bool = True
    ) -> list[LineHistory]:
        """The `history` of each of the lines, for less than asking line by line. With `neighbours`
        False those need not be there, which spares looking for them."""
        ...

    def said(
        self, line: str, machine: str, signal: str, start: datetime, end: datetime
    ) -> pl.DataFrame:
        """HISTORY rows of one series in [start, end), without neighbours."""
        ...

    def sample_count(self, line: str, start: datetime, end: datetime) -> int:
        """How many samples the line has in [start, end), repeats possibly among them: what a
        history of that window takes to read."""
        ...

    def latest(self, line: str) -> pl.DataFrame:
        """The newest samples by source time of each machine and signal: HISTORY columns."""
        ...

    def last_span_end(self, line: str) -> dict[str, datetime]:
        """For each machine of the line, until when it was last confirmed alive."""
        ...

    def extent(self, line: str) -> Window | None:
        """From the first to the last sample or span border of the line; None without data."""
        ...

    def changes(self) -> dict[str, LineChanges]:
        """For each line that has any what changed up to now: equal to an earlier answer where
        nothing did, as long as the store is open. Costs next to nothing."""
        ...

    def marks_since(self, line: str, mark: int) -> list[DirtyMark] | None:
        """Every mark of the line with a greater id, cleared or not; None where they are not known
        any more. Costs next to nothing."""
        ...

    # facts
    def facts_replaced_since(self, line: str, number: int) -> list[Window] | None:
        """Where stored facts of the line were replaced after its LineChanges had that number of
        `facts`: every window of it that a `facts` answer may show; [] if none were. None where
        that is not known any more, or it may be everywhere."""
        ...

    def dirty(self, *lines: str) -> list[DirtyMark]:
        """The marks of the lines (of all without any) that no `replace_facts` has cleared, by
        id."""
        ...

    def neighbours(
        self, line: str, machine: str, signal: str, start: datetime, end: datetime
    ) -> tuple[datetime | None, datetime | None]:
        """Time of the last sample before `start` and of the first one after `end`."""
        ...

    def facts(self, line: str, spec: str, start: datetime, end: datetime) -> pl.DataFrame:
        """FACTS rows of slices wholly inside [start, end), sorted by start and keys.
        Slices that were never computed under `spec` are simply absent."""
        ...

    def facts_of_lines(
        self, specs: Mapping[str, str], start: datetime, end: datetime
    ) -> dict[str, pl.DataFrame]:
        """The `facts` of each of the lines (each with its specification's digest), for less than
        asking line by line."""
        ...

    def fact_sums(
        self, specs: Mapping[str, str], start: datetime, end: datetime, period: CalendarPeriod
    ) -> pl.DataFrame:
        """FACT_SUMS of the lines (each with its specification's digest) over the facts that
        `facts` would give, for each month, week or day that has any; sorted by line, period
        and keys. Sums of floats may differ in their last digits from one time to the next."""
        ...

    def check(self) -> None:
        """Whether the store takes a write and gives it back: else StorageError, with a sentence."""
        ...


class TelemetryStore(TelemetryReader, Protocol):
    """A reader that takes batches and facts; its owner closes it."""

    def append(self, batches: Sequence[tuple[BatchRecord, BatchContent]]) -> list[bool]:
        """Store batches in one commit, marking their lines dirty. For each: False where it
        was known already. Raises StorageError when it could not be made to last."""
        ...

    def reaches(self, lines: Sequence[str]) -> dict[str, LineReach]:
        """How far the data of those of the lines reach that have any, for less than asking line by
        line."""
        ...

    def lines_to_keep(self, lines: Sequence[str]) -> Mapping[str, int]:
        """Those of the lines whose facts this process is to keep now, each with a number: another
        one than before says that somebody else kept the line meanwhile. A store of one keeper
        gives all of them."""
        ...

    def replace_facts(
        self, line: str, spec: str, windows: Sequence[Window], facts: pl.DataFrame, clear: int
    ) -> None:
        """Replace the slices inside `windows` by `facts` (FACTS) made under the line
        specification with digest `spec`, drop facts of other specifications of this line,
        and clear its dirty marks up to id `clear`; all in one step. Raises ValueError where
        facts are of another line or lie outside `windows`, BusyError where the line was to be kept
        by this process and another one has taken it since."""
        ...

    def replace_facts_of_lines(self, made: Sequence[LineFacts]) -> None:
        """The same for several lines, each once, for less than line by line; each line in one
        step, or all of them."""
        ...

    def close(self) -> None: ...


@runtime_checkable
class StoredContents(Protocol):
    """Whether a store holds what was put into it. Not every store can say."""

    def differing(
        self, batches: Sequence[tuple[BatchRecord, BatchContent]]
    ) -> list[tuple[BatchRecord, str]]:
        """Those of which another ledger row, other samples, spans or rejections are kept, each
        with what it is that differs: "ledger", "samples", "spans" or "rejections"."""
        ...

    def faults(self) -> Iterator[str]:
        """What in the store contradicts itself, as the count of something and its name."""
        ...
