"""Exceptions of a line's calendar that people enter at the node, besides those of the plant file.

They are laid over the line's plan behind those of the file, in the order of recording, and stay
when the file is applied again. Nothing is overwritten: an exception is withdrawn by a record of its
own.
Standard library only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from domain.plant import CalendarException, Line, Plant


@dataclass(frozen=True, slots=True)
class PlanChange:
    """An exception of that line, or the withdrawal of one (`withdraws`: its id)."""

    id: str
    line: str
    author: str
    recorded_at: datetime
    exception: CalendarException | None = None
    withdraws: str | None = None
    comment: str = ""


def holding(
    changes: Iterable[PlanChange], known_at: datetime | None = None
) -> tuple[PlanChange, ...]:
    """The exceptions recorded up to `known_at` (None: all) and not withdrawn up to then."""
    known = [it for it in changes if known_at is None or it.recorded_at <= known_at]
    withdrawn = {it.withdraws for it in known}
    return tuple(it for it in known if it.exception is not None and it.id not in withdrawn)


def with_exceptions(plant: Plant, entered: Mapping[str, Sequence[CalendarException]]) -> Plant:
    """The plant with those that were entered, by line; a line without calendar has no plan."""

    def changed(line: Line) -> Line:
        more = entered.get(line.id)
        if not more or line.calendar is None:
            return line
        exceptions = (*line.calendar.exceptions, *more)
        return replace(line, calendar=replace(line.calendar, exceptions=exceptions))

    return replace(plant, lines={name: changed(line) for name, line in plant.lines.items()})
