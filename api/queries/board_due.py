"""Which lines of a board are due for another look, and in which order their turns come.

A line is due when its samples, stored facts, plant or corrections changed, when a border of its
plan passes, when a machine turns silent or is heard again, and else every few seconds, because time
itself goes on: that a machine was heard on is seen then. Something that was recorded of other lines
changes nothing but the number of the registry that the entry holds for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from api.queries.board import Board, LineNow
from api.queries.board_ages import Serves, ToldLive, serves
from api.queries.board_turns import LookTurns, tell_amounts_alone
from domain.plant import Line, Plant
from store.registry.facts_basis import FactsBasis
from store.telemetry.protocol import LineChanges, TelemetryReader

_BEFORE_ALL = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class LookedAt:
    """What an entry was made from, and how long it is good if none of that changes."""

    plant: Plant
    spec: str
    changes: LineChanges | None
    registry: int
    serves: Serves


@dataclass(frozen=True, slots=True)
class Due:
    """A line whose entry is not what another look would make it."""

    plant: Plant
    line: Line
    changes: LineChanges | None


class DueLines:
    """What a keeper's board was made from. For one thread at a time."""

    def __init__(
        self,
        telemetry: TelemetryReader,
        registry: FactsBasis,
        board: Board,
        now: Callable[[], datetime],
        told_live: ToldLive,
    ) -> None:
        self._telemetry = telemetry
        self._registry = registry
        self._board = board
        self._now = now
        self._told_live = told_live
        self._looked_at: dict[str, LookedAt] = {}

    def seen(self, line: str) -> LookedAt | None:
        """None for a line that was not looked at yet."""
        return self._looked_at.get(line)

    def note(
        self, entry: LineNow, line: Line, spec: str, changes: LineChanges | None, registry: int
    ) -> None:
        """The line was looked at: the entry came of it."""
        lasts = serves(entry, line, self._told_live.age_max(line.id))
        self._looked_at[line.id] = LookedAt(entry.plant, spec, changes, registry, lasts)

    def forget(self, line: str) -> None:
        self._looked_at.pop(line, None)

    def gone(self, plants: Sequence[Plant]) -> set[str]:
        """Lines that were looked at and come on the board no more."""
        kept = {line for plant in plants for line in plant.lines if self._told_live.has(line)}
        return self._looked_at.keys() - kept

    def turns(
        self,
        plants: Sequence[Plant],
        changes: Mapping[str, LineChanges],
        version: int,
        corrected: frozenset[str],
    ) -> LookTurns[Due]:
        """The lines that are due. `corrected`: of which people ever said something."""
        self._follow(plants, version, corrected)
        watched, now = self._board.watched(), self._now()
        turns: LookTurns[Due] = LookTurns()
        others: list[tuple[datetime | None, Due]] = []
        for due in self._due(plants, changes, version, now):
            seen, entry = self._looked_at.get(due.line.id), self._board.line(due.line.id)
            if due.line.id in watched:
                turns.watched.append(due)
            elif seen and entry and self._is_event(due, seen, entry, version, now):
                turns.events.append(due)
            else:
                others.append((entry.at if seen and entry else None, due))
        others.sort(key=lambda waits: waits[0] or _BEFORE_ALL)
        turns.others = [due for _, due in others]
        turns.are_new = any(at is None for at, _ in others)
        return turns

    def _follow(self, plants: Sequence[Plant], version: int, corrected: frozenset[str]) -> None:
        """Entries of lines of which nothing was recorded hold for what was recorded since."""
        held = {}
        for plant in plants:
            for line in plant.lines:
                seen, entry = self._looked_at.get(line), self._board.line(line)
                if seen is None or entry is None or seen.registry == version:
                    continue
                said = self._registry.line_corrections(line).last if line in corrected else 0
                if seen.plant is plant and said == entry.corrections.last:
                    held[line] = replace(entry, registry=version)
                    self._looked_at[line] = replace(seen, registry=version)
        if held:
            self._board.publish(held)

    def _due(
        self,
        plants: Sequence[Plant],
        changes: Mapping[str, LineChanges],
        version: int,
        now: datetime,
    ) -> Iterator[Due]:
        for plant in plants:
            for line in plant.lines.values():
                seen, changed = self._looked_at.get(line.id), changes.get(line.id)
                if self._told_live.has(line.id) and not (
                    seen is not None
                    and seen.plant is plant
                    and seen.registry == version
                    and self._is_fresh(line, seen, changed, now)
                ):
                    yield Due(plant, line, changed)

    def _is_fresh(
        self, line: Line, seen: LookedAt, changed: LineChanges | None, now: datetime
    ) -> bool:
        """Whether the entry says what another look would say, but for the time that went by."""
        entry = self._board.line(line.id)
        if entry is None or not entry.at <= now < seen.serves.until:
            return False
        if seen.changes == changed:
            return True
        if seen.changes is None or changed is None:
            return False
        if replace(seen.changes, spans=changed.spans) != changed:
            return False
        return now < entry.at + self._told_live.age_max(line.id) and not self._is_heard_again(
            entry, line
        )

    def _is_heard_again(self, entry: LineNow, line: Line) -> bool:
        """Whether a machine was heard that was silent, or never heard before."""
        limit = entry.at - timedelta(seconds=line.stale_after_s)
        silent = [
            it for it in line.machines if it in entry.lost or entry.heard.get(it, limit) <= limit
        ]
        if not silent:
            return False
        heard = self._telemetry.last_span_end(line.id)
        return any(heard.get(machine) != entry.heard.get(machine) for machine in silent)

    def _is_event(
        self, due: Due, seen: LookedAt, entry: LineNow, version: int, now: datetime
    ) -> bool:
        """Whether more happened at the line than that it goes on."""
        if seen.plant is not due.plant or seen.registry != version:
            return True
        if now >= seen.serves.event_at or self._is_heard_again(entry, due.line):
            return True
        known = seen.changes or LineChanges()
        marks = self._telemetry.marks_since(due.line.id, max(known.samples, known.spans))
        return not tell_amounts_alone(marks)
