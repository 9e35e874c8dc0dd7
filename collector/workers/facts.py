"""Facts of lines computed by workers, by line and month.

Facts of a slice depend on the history around it and on nothing else that was computed, so slices
can be made anywhere (`collector.facts.keeper`). The owner of the store reads what a piece needs,
with its neighbours, sends it to whatever worker is free, and stores what comes back in order. A
piece ends with its calendar month, or earlier where a month has many samples.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from analytics.facts.line_facts import line_facts
from collector.facts.keeper import Progress, next_piece
from collector.facts.plan import Planner, PlantSource, Task
from collector.workers.cluster import Piece, Workers
from collector.workers.packing import packed, unpacked
from domain.corrections import Correction
from domain.frames import FACTS, LineHistory
from domain.plant import Plant
from domain.time import Window, instant, micros
from store.history.line_history import line_history
from store.telemetry.protocol import LineFacts, TelemetryStore

ROWS_SENT = 500_000  # samples that travel to a worker, unless a few slices have more


@dataclass(frozen=True, slots=True)
class FactsPiece:
    """What a worker gets: the line in its plant, the history around the window, packed."""

    plant: Plant
    line: str
    window: Window
    history: bytes
    corrections: tuple[Correction, ...]

    def identity(self, program: str, spec: str) -> str:
        """Of what comes out: all that it depends on. `spec`: digest of the line's
        specification."""
        window = micros(self.window.start), micros(self.window.end)
        told = ["facts", program, self.line, spec, window, self.corrections]
        return hashlib.sha256(repr(told).encode() + self.history).hexdigest()


@dataclass(frozen=True, slots=True)
class _Part:
    """A piece of a task. `clear`: up to where the line's marks are followed with it."""

    task: Task
    window: Window
    slices: int
    clear: int
    is_last: bool


def refresh_by(
    workers: Workers,
    telemetry: TelemetryStore,
    registry: PlantSource,
    now: Callable[[], datetime],
    progress: Progress | None = None,
) -> int:
    """Bring the facts of all lines up to date, as `FactsKeeper.refresh` does, computed by the
    workers; how many slices it took. Raises StorageError when the store does, or where the workers
    are gone; what was stored before it is kept."""
    planner = Planner(telemetry, registry, now)
    tasks = [planner.task(line, None) for line in planner.changed_lines(None)]
    total, done = sum(len(task.slices) for task in tasks), 0
    for task in tasks:
        if not len(task.slices):
            line, none = task.line, FACTS.to_frame()
            telemetry.replace_facts(line.id, line.spec, [], none, line.clear)
            planner.done(task)
    for part, data in workers.results(_pieces(telemetry, workers.program, tasks)):
        line = part.task.line
        _, (facts,) = unpacked(data)
        telemetry.replace_facts_of_lines(
            [LineFacts(line.id, line.spec, [part.window], facts, part.clear)]
        )
        if part.is_last:
            planner.done(part.task)
        done += part.slices
        if progress is not None:
            progress(done, total)
    return done


def _pieces(
    telemetry: TelemetryStore, program: str, tasks: list[Task]
) -> Iterator[tuple[_Part, Piece]]:
    for task in tasks:
        line, done = task.line, 0
        while done < len(task.slices):
            rest = task.slices[done:]
            until = _month_end(instant(int(rest[0, 0])), line.plant)
            window, count = next_piece(telemetry, line.id, rest, until, ROWS_SENT)
            done += count
            is_last = done == len(task.slices)
            history = line_history(
                telemetry, line.id, window.start, window.end, line.corrections.in_force
            )
            piece = FactsPiece(
                line.plant, line.id, window, _packed_history(history), history.corrections
            )
            part = _Part(task, window, count, line.clear if is_last else 0, is_last)
            yield part, Piece(piece.identity(program, line.spec), facts_computed, piece)


def facts_computed(piece: FactsPiece) -> bytes:
    """What a worker does: the FACTS of the window, packed."""
    told, (samples, spans) = unpacked(piece.history)
    history = LineHistory(
        piece.line,
        instant(told["start"]),
        instant(told["end"]),
        samples,
        spans,
        piece.corrections,
    )
    facts = line_facts(piece.plant, piece.line, history, piece.window.start, piece.window.end)
    return packed({}, [facts])


def _packed_history(history: LineHistory) -> bytes:
    told = {"start": micros(history.start), "end": micros(history.end)}
    return packed(told, [history.samples, history.spans])


def _month_end(at: datetime, plant: Plant) -> datetime:
    """Where the calendar month of that time ends, in the plant's zone."""
    local = at.astimezone(plant.zone)
    year, month = (local.year + 1, 1) if local.month == 12 else (local.year, local.month + 1)
    return datetime(year, month, 1, tzinfo=plant.zone)
