"""The live board: what each line does now, kept in memory for every reader of this process.

Whoever keeps it (`api.queries.board_keeper`) writes; pages, API and event streams only read, so
a look at a line costs the same however long its history is and however many look. An entry is
never changed: a new one takes its place. What is on the board holds as of the entry's `at`.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from threading import Lock
from time import monotonic

import polars as pl

from analytics.shift_forecast import PlanNow
from analytics.timeline.confirmation import is_lost_since
from analytics.timeline.present import Present
from api.queries.refused_readings import RefusedLately
from domain.corrections import LineCorrections
from domain.frames import LineHistory
from domain.plant import Plant
from domain.samples import Quality
from domain.time import Window, micros

Series = tuple[str, str]  # machine, signal
WATCHED_S = 15.0  # so long after the last question somebody still looks at a line


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest sample of a series, unless it is bad."""

    value: float | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class LineNow:
    """A line as of `window.end`.

    `open` is the part of `window` behind the last slice that is stored: mostly one slice, shortly
    after a border two. Its samples are in `history`.
    `pending`: where stored facts from before the window are no longer true. `corrections`: those
    that all this contains.
    """

    plant: Plant
    line: str
    present: Present
    plan: PlanNow
    heard: Mapping[str, datetime]  # until when each machine was confirmed alive
    lost: frozenset[str]  # machines whose connection was lost after that
    newest: Mapping[Series, Newest]
    window: Window
    open: Window
    closed_facts: pl.DataFrame
    open_facts: pl.DataFrame
    history: LineHistory
    corrections: LineCorrections
    facts_number: int  # of the line's stored facts (LineChanges)
    version: Hashable  # of all that closed slices depend on: plant, samples, corrections
    registry: int  # the registry's version when it was made
    pending: tuple[Window, ...] = ()
    refused: tuple[RefusedLately, ...] = ()  # readings of counters, in `window`
    number: int = field(default_factory=count(1).__next__)  # no other entry has it

    @property
    def at(self) -> datetime:
        return self.window.end

    @property
    def facts(self) -> pl.DataFrame:
        """FACTS of `window`, sorted: put together for who reads them, which is not every look."""
        return pl.concat([self.closed_facts, self.open_facts])


class Board:
    """`below`: the board that has the lines which this one has not. Thread-safe."""

    def __init__(
        self, entries: Mapping[str, LineNow] | None = None, below: Board | None = None
    ) -> None:
        self._lock = Lock()
        self._entries = entries or {}
        self._below = below
        self._asked_s: dict[str, float] = {}  # when somebody asked for that line last

    def still(self) -> Board:
        """The board as it is now, which nobody keeps: entries that fit each other."""
        return Board(self._entries, self._below and self._below.still())

    def line(self, line: str) -> LineNow | None:
        """None for a line that was not looked at yet."""
        entry = self._entries.get(line)
        return self._below.line(line) if entry is None and self._below else entry

    def watch(self, line: str) -> None:
        """Somebody looks at this very line: it is kept before others, here and below."""
        with self._lock:
            if line in self._entries:
                self._asked_s[line] = monotonic()
        if self._below:
            self._below.watch(line)

    def watched(self) -> frozenset[str]:
        """The lines that somebody looks at."""
        with self._lock:
            since_s = monotonic() - WATCHED_S
            self._asked_s = {line: at for line, at in self._asked_s.items() if at >= since_s}
            return frozenset(self._asked_s)

    def publish(self, entries: Mapping[str, LineNow]) -> None:
        """These entries take the place of the older ones."""
        with self._lock:
            self._entries = {**self._entries, **entries}

    def forget(self, lines: set[str]) -> None:
        """Drops lines that no plant has any more."""
        with self._lock:
            self._entries = {line: it for line, it in self._entries.items() if line not in lines}


def newest_of(history: LineHistory, at: datetime) -> dict[Series, Newest]:
    """The newest sample of each series; what has a time to come is not shown."""
    found = {}
    for machine, signal in history.all_series:
        rows = history.rows_of(machine, signal)
        upto = int(history.times[rows.start : rows.stop].searchsorted(micros(at), side="right"))
        if upto:
            _, value, text, quality = history.samples.row(rows.start + upto - 1)[2:]
            bad = quality == Quality.BAD.value
            found[machine, signal] = Newest() if bad else Newest(value, text)
    return found


def lost_of(history: LineHistory, heard: Mapping[str, datetime]) -> frozenset[str]:
    """The machines whose connection was lost after they were heard last."""
    return frozenset(it for it, end in heard.items() if is_lost_since(history, it, micros(end)))
