"""Readings of counters that were not believed, by machine, counter and day.

Figures that rest on them have a flag (`counter_out_of_line`, `implausible_count`); whoever runs the
node must hear of which counter it is. Stored facts say in which hours there are any, so samples are
read of these alone, and of what is too new to have facts: the newest MANY hours of a time at most,
and where there are more that is said.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from analytics.facts.line_digest import line_digest
from analytics.facts.refused_readings import FLAGS, refused_readings_in
from api.documents.source_faults import fault_words
from api.i18n import language
from domain.plant import Line, Plant
from domain.source_faults import FaultCode, SourceFault
from domain.time import MICROSECOND, Window, instant
from lineproof.undefined_names import LOOKED_BACK
from store.history.line_history import line_history
from store.telemetry.protocol import TelemetryReader

MANY = 300
_DAYS_SHOWN = 3
_DAY = timedelta(days=1)  # no slice is longer


@dataclass(frozen=True, slots=True)
class RefusedReadings:
    """Of the counter `role` of a machine: how many readings of which local day, in order. `leapt`:
    they rose by more than the machine can make; else they fitted neither neighbour. `more`: there
    are earlier ones."""

    line: str
    machine: str
    role: str
    leapt: bool
    days: tuple[tuple[date, int], ...]
    more: bool

    @property
    def detail(self) -> str:
        count = sum(number for _, number in self.days)
        shown = [f"{number} on {day.isoformat()}" for day, number in self.days[-_DAYS_SHOWN:]]
        earlier = " and earlier ones" if len(self.days) > _DAYS_SHOWN or self.more else ""
        readings = "1 reading" if count == 1 else f"{count} readings"
        were = "was" if count == 1 else "were"
        why = (
            "a leap that is more than the machine can make, which is in the upper bounds alone"
            if self.leapt
            else "out of line with those before and after, so that nothing is counted for it"
        )
        return (
            f"line '{self.line}': {readings} of {self.role} of machine '{self.machine}' {were} not "
            f"believed ({', '.join(shown)}{earlier}): {why}"
        )

    @property
    def todo(self) -> str:
        code = FaultCode.COUNTER_LEAPT if self.leapt else FaultCode.COUNTER_OUT_OF_LINE
        fault = SourceFault(code, subject=self.role)
        return fault_words(self.machine, fault, language("en"), ZoneInfo("UTC")).todo

    def __str__(self) -> str:
        return f"{self.detail}. {self.todo}"


def refused_readings(
    telemetry: TelemetryReader, plant: Plant, line: Line, window: Window | None = None
) -> list[RefusedReadings]:
    """Those of the window (None: lately)."""
    if window is None:
        extent = telemetry.extent(line.id)
        if extent is None:
            return []
        window = Window(extent.end - LOOKED_BACK, extent.end + MICROSECOND)
    hours = _doubtful(telemetry, plant, line, window)
    found: dict[tuple[str, str, bool], Counter[date]] = {}
    for hour in hours[-MANY:]:
        history = line_history(telemetry, line.id, hour.start, hour.end)
        for it in refused_readings_in(plant, line, history, hour):
            day = instant(it.at_us).astimezone(plant.zone).date()
            found.setdefault((it.machine, it.role, it.leapt), Counter())[day] += 1
    return [
        RefusedReadings(line.id, *key, tuple(sorted(days.items())), len(hours) > MANY)
        for key, days in sorted(found.items())
    ]


def _doubtful(telemetry: TelemetryReader, plant: Plant, line: Line, window: Window) -> list[Window]:
    """The slices that share time with the window and whose facts have one of the flags; and its
    end, of which there are no facts yet."""
    spec, start, end = line_digest(plant, line.id), window.start - _DAY, window.end + _DAY
    facts = telemetry.facts(line.id, spec, start, end)
    touched = (facts["end"] > window.start) & (facts["start"] < window.end)
    flagged = facts.filter(touched & ((facts["flags"] & FLAGS) != 0))
    found = [Window(*row) for row in flagged.select("start", "end").unique().sort("start").rows()]
    known = [window.start, window.end - _DAY, *facts["end"].tail(1)]
    return [*found, Window(max(known), window.end)] if max(known) < window.end else found
