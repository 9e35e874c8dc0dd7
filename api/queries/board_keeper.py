"""Keeps the live board up to date: by what came in, and by the clock. Readers never do.

A line is looked at again when it is due (`api.queries.board_due`). Little is read from the store:
the samples since the last stored slice, of many lines at once. Everything older on the board is
stored facts, read again only when a slice closed or changed. The figures are those that `facts_of`
gives for the same window at the same instant. One refresh runs at a time.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from analytics.calendar.slices import borders, stored_until
from analytics.facts.line_digest import line_digest
from analytics.facts.line_facts import FactsWindow, facts_of_windows
from analytics.shift_forecast import PlanNow, plan_now
from analytics.timeline.present import Present, last_said, present
from api.queries.board import Board, LineNow, lost_of, newest_of
from api.queries.board_ages import ToldLive
from api.queries.board_due import DueLines
from api.queries.closed_slices import ClosedPart, ClosedSlices
from api.queries.facts import changed_since
from api.queries.refused_readings import RefusedOnBoard
from domain.corrections import LineCorrections
from domain.frames import LineHistory
from domain.plant import Line, Plant
from domain.time import MICROSECOND, Window, instant
from store.history.anchored import anchored
from store.history.kept_past import KeptPast
from store.history.line_history import MARGIN, line_history
from store.history.live_histories import LiveHistories, Wanted
from store.registry.facts_basis import FactsBasis
from store.telemetry.protocol import LineChanges, TelemetryReader

# Facts on the board reach back this far from the last stored slice, to the whole hour: a day
# before now, and a shift over a change to winter time.
BACK = timedelta(hours=26)
# The board computes a closed slice only where its facts are not stored by then.
_STORED_WITHIN = timedelta(minutes=2)
# How far the beginning of a state is looked for: first shortly, then further.
LOOK_BACK = (timedelta(hours=2), timedelta(hours=26))


@dataclass(frozen=True, slots=True)
class _Look:
    """A line to look at as of `at`. Its slices are closed up to `open_start`, and on the board from
    `first` on; `read` is the window to read."""

    plant: Plant
    line: Line
    spec: str
    changes: LineChanges | None
    corrections: LineCorrections
    at: datetime
    first: datetime
    open_start: datetime
    read: Window


class BoardKeeper:
    """`now` is the clock; `told_live`: which lines are told before they are sealed, and what that
    is to this board; `share`: as in `api.queries.board_turns`. Thread-safe; raises StorageError
    when a store does."""

    def __init__(
        self,
        telemetry: TelemetryReader,
        registry: FactsBasis,
        board: Board,
        now: Callable[[], datetime],
        told_live: ToldLive | None = None,
        share: float = 1.0,
    ) -> None:
        self._share = share
        self._due = DueLines(telemetry, registry, board, now, told_live or ToldLive())
        self._telemetry = telemetry
        self._registry = registry
        self._board = board
        self._now = now
        self._histories = LiveHistories(telemetry)
        self._closed = ClosedSlices(telemetry)
        self._refused = RefusedOnBoard(telemetry)
        self._past: dict[str, tuple[tuple[datetime, int], KeptPast]] = {}
        # Per line: of which open slice the history had to reach back to where.
        self._reached: dict[str, tuple[datetime, datetime]] = {}
        self._plants: tuple[int, list[Plant]] | None = None
        self._corrected: frozenset[str] = frozenset()  # lines, at the beginning of a refresh
        self._lock = threading.Lock()

    def refresh(self) -> int:
        """Looks at the lines that are due, as far as it is their turn; gives how many these
        were."""
        count = 0
        with self._lock:
            version, changes = self._registry.version, self._telemetry.changes()
            plants = self._plants_of(version)
            self._corrected = self._registry.corrected_lines()
            turns = self._due.turns(plants, changes, version, self._corrected)
            turns.share = self._share
            for some in turns:
                looks = [self._look(it.plant, it.line, it.changes, self._now()) for it in some]
                self._publish(looks, version)
                count += len(some)
        return count

    def look_at(self, line: str) -> LineNow:
        """The line as of this instant, whether it is due or not. Raises KeyError for a line that
        no plant has."""
        with self._lock:
            version, changes = self._registry.version, self._telemetry.changes()
            plant = {name: it for it in self._plants_of(version) for name in it.lines}[line]
            self._corrected = self._registry.corrected_lines()
            look = self._look(plant, plant.lines[line], changes.get(line), self._now())
            return self._publish([look], version)[line]

    def _publish(self, looks: Sequence[_Look], version: int) -> dict[str, LineNow]:
        histories = self._histories.read(
            {look.line.id: Wanted(look.read, look.changes) for look in looks}
        )
        parts = [self._closed_part(look, histories.get(look.line.id)) for look in looks]
        facts = self._closed.facts(parts)
        opened = [self._open_part(look, part) for look, part in zip(looks, parts, strict=True)]
        open_facts = facts_of_windows(opened)
        entries = {}
        for look, part, closed, now, of_now in zip(
            looks, parts, facts, opened, open_facts, strict=True
        ):
            entry = self._entry(look, part, closed, now, of_now, version)
            entries[look.line.id] = entry
            self._due.note(entry, look.line, look.spec, look.changes, version)
        self._board.publish(entries)
        return entries

    def _plants_of(self, version: int) -> list[Plant]:
        """The plants, asked for only after something was recorded."""
        if self._plants is None or self._plants[0] != version:
            self._plants = version, self._registry.plants()
        if gone := self._due.gone(self._plants[1]):
            self._forget(gone)
        return self._plants[1]

    def _forget(self, lines: set[str]) -> None:
        self._board.forget(lines)
        for line in lines:
            self._due.forget(line)
            self._past.pop(line, None)
            self._reached.pop(line, None)
            self._closed.forget(line)
            self._refused.forget(line)
            self._histories.forget(line)

    def _look(
        self,
        plant: Plant,
        line: Line,
        changed: LineChanges | None,
        now: datetime,
    ) -> _Look:
        seen = self._due.seen(line.id)
        spec = seen.spec if seen and seen.plant is plant else line_digest(plant, line.id)
        extent = self._telemetry.extent(line.id)
        heard = self._telemetry.last_span_end(line.id)
        if extent is None:
            start = _hour_before(plant, line.id, now - BACK)
        else:
            known_until = min(extent.end, max([now, *heard.values()]))
            start = stored_until(plant, line.id, min(known_until, now), now, _STORED_WITHIN)
        corrected = line.id in self._corrected
        corrections = self._registry.line_corrections(line.id) if corrected else LineCorrections()
        entry = self._board.line(line.id)
        back = start
        if entry is not None and seen is not None and seen.plant is plant:
            back = min(start, entry.open.start)  # a slice closed that may not be stored yet
        reached = self._reached.get(line.id)
        if reached is not None and reached[0] == start:
            back = min(back, reached[1] + MARGIN)
        said = last_said(corrections.in_force)
        if said is not None and now - LOOK_BACK[-1] < said.end:
            back = min(back, said.end)  # a stop that people spoke of may go on still
        end = max(now, extent.end if extent else now) + MARGIN + MICROSECOND
        at = max(now, start + MICROSECOND)
        first = start if extent is None else _hour_before(plant, line.id, extent.start)
        return _Look(
            plant,
            line,
            spec,
            changed,
            corrections,
            at,
            min(start, max(first, _hour_before(plant, line.id, start - BACK))),
            start,
            Window(back - MARGIN, end),
        )

    def _closed_part(self, look: _Look, near: LineHistory | None) -> ClosedPart:
        line, telemetry = look.line.id, self._telemetry
        if near is None:  # there was no room to read it with the others
            near = telemetry.history(line, look.read.start, look.read.end)
            near = anchored(telemetry, near)
        marks = telemetry.dirty(line)
        return ClosedPart(
            look.plant,
            line,
            look.spec,
            _facts_version(look.changes),
            Window(look.first, look.open_start) if look.first < look.open_start else None,
            look.at,
            look.corrections,
            changed_since(telemetry, look.plant, line, marks, look.corrections, near),
            near,
        )

    def _open_part(self, look: _Look, part: ClosedPart) -> FactsWindow:
        """The line's open part, with the history that its facts need."""
        line, start, at = look.line.id, look.open_start, look.at
        past = self._past_of(look, _pending(look, part))
        history = line_history(past, line, start, at, look.corrections.in_force, part.near)
        if history.start < part.near.start:  # the next read will begin there
            self._reached[line] = start, history.start
        return FactsWindow(look.plant, line, history, start, at, at)

    def _entry(
        self,
        look: _Look,
        part: ClosedPart,
        closed_facts: pl.DataFrame,
        opened: FactsWindow,
        open_facts: pl.DataFrame,
        version: int,
    ) -> LineNow:
        """The line's new entry."""
        line, at, history = look.line, look.at, opened.history
        heard = self._telemetry.last_span_end(line.id)
        return LineNow(
            look.plant,
            line.id,
            self._present(look, history, closed_facts, at),
            self._plan(look),
            heard,
            lost_of(part.near, heard),
            newest_of(part.near, at),
            Window(look.first, at),
            Window(look.open_start, at),
            closed_facts,
            open_facts,
            history,
            look.corrections,
            _facts_version(look.changes),
            (look.spec, _facts_version(look.changes), look.corrections.last),
            version,
            _pending(look, part),
            self._refused.lately(
                closed_facts, (look.spec, _facts_version(look.changes)), opened, open_facts
            ),
        )

    def _plan(self, look: _Look) -> PlanNow:
        """What is planned, looked up once a slice."""
        entry = self._board.line(look.line.id)
        if (
            entry is not None
            and entry.plant is look.plant
            and entry.plan.since <= look.at < entry.plan.until
        ):
            return entry.plan
        return plan_now(look.plant, look.line, look.at)

    def _past_of(self, look: _Look, pending: Sequence[Window]) -> KeptPast:
        """What was read of the line from before its open slice, if nothing of that changed."""
        version = (look.open_start, _facts_version(look.changes))
        kept = self._past.get(look.line.id)
        if kept is None or kept[0] != version or pending:
            kept = version, KeptPast(self._telemetry, look.open_start)
            self._past[look.line.id] = kept
        return kept[1]

    def _present(
        self, look: _Look, history: LineHistory, closed: pl.DataFrame, at: datetime
    ) -> Present:
        """With the state's beginning, where the history does not reach back to it: as it was
        known, if nothing of the time since then changed; else it is looked for."""
        found = present(look.plant, look.line, history, at)
        if found.since is not None:
            return found
        entry, seen = self._board.line(look.line.id), self._due.seen(look.line.id)
        if (
            entry is not None
            and seen is not None
            and entry.present.state is found.state
            and entry.plant is look.plant
            and history.start <= entry.at <= at
            and _same_past(entry.closed_facts, closed)
        ):
            return Present(found.state, entry.present.since, found.reason)
        for back in LOOK_BACK:
            further = self._telemetry.history(look.line.id, at - back, at)
            further = anchored(self._telemetry, further)
            since = present(look.plant, look.line, further, at).since
            if since is not None:
                return Present(found.state, since, found.reason)
        return found


def _pending(look: _Look, part: ClosedPart) -> tuple[Window, ...]:
    """Where stored facts are no longer true."""
    return tuple(it for it in part.changed if it.start < look.open_start)


def _facts_version(changes: LineChanges | None) -> int:
    return changes.facts if changes else 0


def _hour_before(plant: Plant, line: str, at: datetime) -> datetime:
    """The beginning of the slice at that time."""
    return instant(int(borders(plant, line, Window(at, at + MICROSECOND))[0]))


def _same_past(before: pl.DataFrame, now: pl.DataFrame) -> bool:
    """Whether slices that are in both frames have the same facts."""
    if before is now:
        return True
    if before.is_empty() or now.is_empty():
        return False
    first, last = max(before["start"][0], now["start"][0]), before["end"][-1]
    inside = (pl.col("start") >= first) & (pl.col("end") <= last)
    return before.filter(inside).equals(now.filter(inside))
