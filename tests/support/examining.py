"""Days to be looked through for findings: of a plant that works ten hours from Monday to Friday."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from datetime import date, datetime, timedelta
from typing import Any

import polars as pl
from facts_frames import ZONE, morning_of, plant

from analytics.integrity.examined import Examined, LineRecorded, PlantVersion, ProjectFacts
from domain.change_requests import ChangeRequest
from domain.frames import FACTS
from domain.grants import DayRange, Finding
from domain.plant import Plant

LINE = "filler-1"
MONDAY = date(2026, 3, 2)


def at(day: date, hour: float = 0.0) -> datetime:
    """That local hour of the day."""
    return datetime.combine(day, datetime.min.time(), tzinfo=ZONE) + timedelta(hours=hour)


def examined(
    first: date,
    last: date,
    *,
    given: pl.DataFrame | None = None,
    due: date | None = None,
    of: Plant | None = None,
    lines: tuple[str, ...] = (LINE,),
    versions: Sequence[PlantVersion] = (),
    recorded: Mapping[str, LineRecorded] | None = None,
    documents: Set[str] = frozenset(),
    requests: Sequence[ChangeRequest] = (),
) -> Examined:
    """Examined of the days from `first` to `last`, with what else a test gives."""
    return Examined(
        of or plant(*lines),
        lines,
        DayRange(first, last),
        due or last,
        morning_of(last + timedelta(days=1)),
        ProjectFacts(FACTS.to_frame() if given is None else given, (of or plant(*lines)).zone),
        versions,
        recorded or {},
        documents,
        requests,
    )


def told(look: Callable[[Examined], Iterable[Finding]], days: Examined) -> list[dict[str, Any]]:
    """What was found: flag, severity, lines, days and the sentence."""
    return [
        {
            "flag": it.flag,
            "severity": it.severity.value,
            "lines": it.lines,
            "days": (it.days.start, it.days.end),
            "says": str(it.says),
        }
        for it in look(days)
    ]
