"""What agents told of what they have not sealed yet, in memory: for the live board alone.

By agent and by the number of the batch that will bring it for good. Rules: it is let go once that
batch is stored, or when its agent was not heard for `LASTS`; frames count once and without gaps;
what is held is bounded. Whoever reads it reads the store first (store.telemetry.with_unsealed), so
what is in both counts once. Nothing here outlasts the process. Thread-safe.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import chain

import polars as pl

from domain.frames import SAMPLES, SPANS
from store.telemetry.frames import checked, marks_of
from store.telemetry.protocol import BatchContent

LASTS = timedelta(minutes=10)  # after the last frame of the agent
_LASTS_S = LASTS.total_seconds()
TOLD_LIVE = timedelta(minutes=2)
ROWS_OF_AGENT_MAX = 100_000
UNSEALED_ROWS_MAX = 1_000_000
FRAMES_MAX = 10_000  # of one batch: an hour's
_CHANGES_KEPT = 256  # of a line


@dataclass(frozen=True, slots=True)
class UnsealedRows:
    """SAMPLES and SPANS of one line that are not sealed."""

    samples: pl.DataFrame
    spans: pl.DataFrame


@dataclass(frozen=True, slots=True)
class _Frame:
    """What is kept of a frame beside the rows of its lines. `marks`: MARKS of all of them."""

    rows: int
    lines: tuple[str, ...]
    marks: pl.DataFrame


@dataclass(slots=True)
class _OfAgent:
    """`frames`: of each number those that came, in their order; `rows`: of all of them."""

    heard: float
    rows: int = 0
    frames: dict[int, list[_Frame]] = field(default_factory=dict)


@dataclass(slots=True)
class _OfLine:
    """`parts`: what each frame told of it, by agent and number; `joined`: all of that, made when
    somebody asks for it."""

    parts: dict[tuple[str, int], list[UnsealedRows]] = field(default_factory=dict)
    joined: UnsealedRows | None = None


class Unsealed:
    """`clock`: seconds that never go back."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._agents: dict[str, _OfAgent] = {}
        self._rows = 0  # of all agents
        self._told: dict[str, float] = {}  # line → when a frame told of it last
        self._lines: dict[str, _OfLine] = {}
        self._changes: list[pl.DataFrame] = []  # MARKS that nobody has taken yet
        self._nothing_expires_before = math.inf

    def add(self, agent: str, number: int, sequence: int, content: BatchContent) -> int | None:
        """The content of a frame. Gives which sequence of that number comes next, the frame's own
        where others are missing before it; None where there is no room."""
        content = checked(content)
        # A frame may tell of hundreds of lines: nobody waits while it is taken apart.
        of_lines = _by_line(content)
        rows = content.samples.height + content.spans.height
        frame = _Frame(rows, tuple(of_lines), marks_of(content.samples, content.spans))
        with self._lock:
            now = self._clock()
            self._nothing_expires_before = min(self._nothing_expires_before, now + _LASTS_S)
            of_agent = self._agents.setdefault(agent, _OfAgent(now))
            of_agent.heard = now
            frames = of_agent.frames.setdefault(number, [])
            if sequence != len(frames):
                return len(frames)
            if len(frames) >= FRAMES_MAX or not self._has_room(of_agent, rows):
                return None
            frames.append(frame)
            of_agent.rows += rows
            self._rows += rows
            for line, part in of_lines.items():
                self._told[line] = now
                of_line = self._lines.setdefault(line, _OfLine())
                of_line.parts.setdefault((agent, number), []).append(part)
                of_line.joined = None
            self._changed(frame)
            return len(frames)

    def sealed(self, agent: str, number: int) -> None:
        """The agent's batch of that number is stored, and all before it."""
        with self._lock:
            of_agent = self._agents.get(agent)
            if of_agent is not None:
                self._drop(agent, of_agent, [it for it in of_agent.frames if it <= number])

    def is_told_live(self, line: str) -> bool:
        """Whether frames tell of the line, so that what is sealed of it may be older."""
        with self._lock:
            told = self._told.get(line)
            return told is not None and self._clock() - told < TOLD_LIVE.total_seconds()

    def of_line(self, line: str) -> UnsealedRows | None:
        """What is held of the line; None: nothing."""
        with self._lock:
            self._expire()
            of_line = self._lines.get(line)
            if of_line is None:
                return None
            if of_line.joined is None:
                of_line.joined = _joined([it for of in of_line.parts.values() for it in of])
            return of_line.joined

    def take_changes(self) -> list[pl.DataFrame]:
        """MARKS of what was added and let go since this was last asked."""
        with self._lock:
            self._expire()
            taken, self._changes = self._changes, []
            return taken

    def _has_room(self, of_agent: _OfAgent, rows: int) -> bool:
        if of_agent.rows + rows > ROWS_OF_AGENT_MAX:
            return False
        return self._rows + rows <= UNSEALED_ROWS_MAX

    def _drop(self, agent: str, of_agent: _OfAgent, numbers: list[int]) -> None:
        for number in numbers:
            for frame in of_agent.frames.pop(number):
                of_agent.rows -= frame.rows
                self._rows -= frame.rows
                for line in frame.lines:
                    self._drop_of_line(line, (agent, number))
                self._changed(frame)

    def _drop_of_line(self, line: str, of: tuple[str, int]) -> None:
        of_line = self._lines.get(line)
        if of_line is None or of_line.parts.pop(of, None) is None:
            return
        of_line.joined = None
        if not of_line.parts:
            del self._lines[line]

    def _expire(self) -> None:
        now = self._clock()
        if now <= self._nothing_expires_before:
            return
        limit = now - _LASTS_S
        for agent in [name for name, it in self._agents.items() if it.heard < limit]:
            of_agent = self._agents.pop(agent)
            self._drop(agent, of_agent, list(of_agent.frames))
        self._told = {line: told for line, told in self._told.items() if told >= limit}
        heard = (it.heard for it in self._agents.values())
        oldest = min(chain(heard, self._told.values()), default=math.inf)
        self._nothing_expires_before = oldest + _LASTS_S

    def _changed(self, frame: _Frame) -> None:
        self._changes.append(frame.marks)
        if len(self._changes) > _CHANGES_KEPT:  # nobody takes them, or too seldom
            joined = pl.concat(self._changes).group_by("line", "machine", "signal")
            self._changes = [joined.agg(pl.col("start").min(), pl.col("end").max())]


def _by_line(content: BatchContent) -> dict[str, UnsealedRows]:
    """What the content tells of each of its lines."""
    samples, spans = _parts(content.samples), _parts(content.spans)
    no_samples, no_spans = SAMPLES.to_frame(), SPANS.to_frame()
    return {
        line: UnsealedRows(samples.get(line, no_samples), spans.get(line, no_spans))
        for line in sorted(samples.keys() | spans.keys())
    }


def _parts(frame: pl.DataFrame) -> dict[str, pl.DataFrame]:
    parts = frame.partition_by("line", as_dict=True)
    return {str(line): part for (line,), part in parts.items()}


def _joined(parts: Sequence[UnsealedRows]) -> UnsealedRows:
    return UnsealedRows(
        pl.concat([it.samples for it in parts], rechunk=True),
        pl.concat([it.spans for it in parts], rechunk=True),
    )
