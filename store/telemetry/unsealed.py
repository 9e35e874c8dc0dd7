"""What agents told of what they have not sealed yet, in memory: for the live board alone.

By agent and by the number of the batch that will bring it for good. Rules: it is let go once that
batch is stored, or when its agent was not heard for `LASTS`; frames count once and without gaps;
what is held is bounded. Whoever reads it reads the store first (store.telemetry.with_unsealed), so
what is in both counts once. Nothing here outlasts the process. Thread-safe.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import polars as pl

from domain.frames import SAMPLES, SPANS
from store.telemetry.frames import checked, marks_of
from store.telemetry.protocol import BatchContent

LASTS = timedelta(minutes=10)  # after the last frame of the agent
TOLD_LIVE = timedelta(minutes=2)
ROWS_OF_AGENT_MAX = 100_000
UNSEALED_ROWS_MAX = 1_000_000
FRAMES_MAX = 10_000  # of one batch: an hour's
_CHANGES_KEPT = 256  # of a line


@dataclass(slots=True)
class _OfAgent:
    """`parts`: of each number the contents of its frames, in their order."""

    heard: float
    parts: dict[int, list[BatchContent]] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        return sum(_rows(it) for parts in self.parts.values() for it in parts)


@dataclass(frozen=True, slots=True)
class UnsealedRows:
    """SAMPLES and SPANS of one line that are not sealed."""

    samples: pl.DataFrame
    spans: pl.DataFrame

    def joined(self, more: UnsealedRows) -> UnsealedRows:
        return UnsealedRows(
            pl.concat([self.samples, more.samples], rechunk=True),
            pl.concat([self.spans, more.spans], rechunk=True),
        )


_NOTHING = UnsealedRows(SAMPLES.to_frame(), SPANS.to_frame())


class Unsealed:
    """`clock`: seconds that never go back."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._agents: dict[str, _OfAgent] = {}
        self._told: dict[str, float] = {}  # line → when a frame told of it last
        self._held: dict[str, UnsealedRows] = {}  # by line, made when it is asked for
        self._changes: list[pl.DataFrame] = []  # MARKS that nobody has taken yet

    def add(self, agent: str, number: int, sequence: int, content: BatchContent) -> int | None:
        """The content of a frame. Gives which sequence of that number comes next, the frame's own
        where others are missing before it; None where there is no room."""
        content = checked(content)
        with self._lock:
            now = self._clock()
            of_agent = self._agents.setdefault(agent, _OfAgent(now))
            of_agent.heard = now
            parts = of_agent.parts.setdefault(number, [])
            if sequence != len(parts):
                return len(parts)
            if len(parts) >= FRAMES_MAX or not self._has_room(of_agent, _rows(content)):
                return None
            parts.append(content)
            for line in _lines(content):
                self._told[line] = now
                if line in self._held:
                    self._held[line] = self._held[line].joined(_of_line(content, line))
            self._changed(content)
            return len(parts)

    def sealed(self, agent: str, number: int) -> None:
        """The agent's batch of that number is stored, and all before it."""
        with self._lock:
            of_agent = self._agents.get(agent)
            if of_agent is not None:
                self._drop(of_agent, [it for it in of_agent.parts if it <= number])

    def is_told_live(self, line: str) -> bool:
        """Whether frames tell of the line, so that what is sealed of it may be older."""
        with self._lock:
            told = self._told.get(line)
            return told is not None and self._clock() - told < TOLD_LIVE.total_seconds()

    def of_line(self, line: str) -> UnsealedRows | None:
        """What is held of the line; None: nothing."""
        with self._lock:
            self._expire()
            held = self._held.get(line)
            if held is None:
                held = self._held[line] = self._all_of(line)
        return held if held.samples.height or held.spans.height else None

    def take_changes(self) -> list[pl.DataFrame]:
        """MARKS of what was added and let go since this was last asked."""
        with self._lock:
            self._expire()
            taken, self._changes = self._changes, []
            return taken

    def _has_room(self, of_agent: _OfAgent, rows: int) -> bool:
        if of_agent.rows + rows > ROWS_OF_AGENT_MAX:
            return False
        return sum(it.rows for it in self._agents.values()) + rows <= UNSEALED_ROWS_MAX

    def _all_of(self, line: str) -> UnsealedRows:
        found = _NOTHING
        for of_agent in self._agents.values():
            for contents in of_agent.parts.values():
                for content in contents:
                    found = found.joined(_of_line(content, line))
        return found

    def _drop(self, of_agent: _OfAgent, numbers: list[int]) -> None:
        for number in numbers:
            for content in of_agent.parts.pop(number):
                for line in _lines(content):
                    self._held.pop(line, None)
                self._changed(content)

    def _expire(self) -> None:
        limit = self._clock() - LASTS.total_seconds()
        for agent in [name for name, it in self._agents.items() if it.heard < limit]:
            of_agent = self._agents.pop(agent)
            self._drop(of_agent, list(of_agent.parts))
        self._told = {line: told for line, told in self._told.items() if told >= limit}

    def _changed(self, content: BatchContent) -> None:
        self._changes.append(marks_of(content.samples, content.spans))
        if len(self._changes) > _CHANGES_KEPT:  # nobody takes them, or too seldom
            joined = pl.concat(self._changes).group_by("line", "machine", "signal")
            self._changes = [joined.agg(pl.col("start").min(), pl.col("end").max())]


def _rows(content: BatchContent) -> int:
    return content.samples.height + content.spans.height


def _lines(content: BatchContent) -> set[str]:
    return {*content.samples["line"].unique(), *content.spans["line"].unique()}


def _of_line(content: BatchContent, line: str) -> UnsealedRows:
    is_of_line = pl.col("line") == line
    return UnsealedRows(content.samples.filter(is_of_line), content.spans.filter(is_of_line))
