"""Site visits: an officer goes to a line, reads what its machines' own panels show, writes it down.

A visit and its readings are kept as they were entered, and never changed; what was written down
wrongly is put right by the note of a further visit. One that is withdrawn stays. An example:

    visit 1   unannounced, press-1, 2026-03-18 10:00, chan
        press/total_count   10:12   18204      read by chan
        meter/energy        10:15   1250.4     read by lee

A panel shows a figure to its last digit, cut off or rounded; so 1250.4 may be anything from 1250.35
to 1250.5 (`PanelReading.shown_low`, `shown_high`). What the sealed series says of that minute is
held against it in analytics.milestones.panel_readings. Standard library only.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from domain.errors import InputError, did_you_mean
from domain.signals import SignalKind, signal_named
from domain.texts import N_

READINGS_MAX = 50  # of one visit
VISIT_TEXT_MAX = 4_000  # characters of a note
READ_BY_MAX = 200  # characters of a name
VISIT_LASTS_MAX = timedelta(hours=24)
MINUTE = timedelta(minutes=1)
_VALUE = re.compile(r"-?\d{1,15}(\.\d{1,6})?\Z", re.ASCII)
_READABLE = frozenset({SignalKind.COUNTER, SignalKind.GAUGE})


class VisitKind(StrEnum):
    PLANNED = "planned"
    UNANNOUNCED = "unannounced"


@dataclass(frozen=True, slots=True)
class PanelReading:
    """What a machine's panel showed in the minute that begins with `read_at`: of which signal (unit
    as in domain.signals), the figure with all digits that were shown, who read it."""

    machine: str
    signal: str
    read_at: datetime
    value: Decimal
    read_by: str
    note: str = ""

    @property
    def shown_low(self) -> float:
        """The least that a panel would show so."""
        return float(self.value - self._last_digit / 2)

    @property
    def shown_high(self) -> float:
        """What it shows so is below this."""
        return float(self.value + self._last_digit)

    @property
    def _last_digit(self) -> Decimal:
        return Decimal(1).scaleb(int(self.value.as_tuple().exponent))


@dataclass(frozen=True, slots=True)
class VisitWithdrawal:
    """That a visit was entered wrongly; who says so and why."""

    author: str
    withdrawn_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class SiteVisit:
    """`number` counts from 1 within the project; `milestone` is empty for one of the whole project.
    `author`: the officer who entered it, at `recorded_at`."""

    project: str
    milestone: str
    number: int
    line: str
    kind: VisitKind
    visited_at: datetime
    author: str
    recorded_at: datetime
    note: str = ""
    readings: tuple[PanelReading, ...] = ()
    withdrawn: VisitWithdrawal | None = None


def visit_kind_named(name: str) -> VisitKind:
    """Raises InputError."""
    if name not in list(VisitKind):
        raise InputError(
            N_("there is no kind of visit '%(name)s'"),
            where="kind",
            todo=did_you_mean(name, list(VisitKind)),
            values={"name": name},
        )
    return VisitKind(name)


def shown_value(text: str) -> Decimal:
    """The figure as it stood on the panel. Raises InputError."""
    if not _VALUE.match(text.strip()):
        raise InputError(
            N_("'%(text)s' is no figure of a panel"),
            where="value",
            todo=N_(
                "Write its digits alone, as in 18204 or 1250.4, with a point and no separators."
            ),
            values={"text": text},
        )
    return Decimal(text.strip())


def check_visit(new: SiteVisit, lines: Mapping[str, Collection[str]]) -> None:
    """Whether it can be so. `lines`: those of the project, with their machines. Raises
    InputError."""
    if new.line not in lines:
        raise InputError(
            N_("project %(project)s has no line '%(line)s'"),
            where="line",
            todo=did_you_mean(new.line, list(lines)),
            values={"project": new.project, "line": new.line},
        )
    if new.visited_at > new.recorded_at:
        raise InputError(
            N_("the visit has not been yet"), where="visited_at", todo=N_("Enter it then.")
        )
    if not new.readings and not new.note:
        raise InputError(
            N_("a visit says what was seen: it has neither a reading nor a note"),
            where="readings",
            todo=N_("Give what a panel showed, or write a note."),
        )
    if len(new.readings) > READINGS_MAX:
        raise InputError(
            N_("the visit has %(count)s readings"),
            where="readings",
            todo=N_("Enter at most %(most)s with one visit, and the others with another."),
            values={"count": len(new.readings), "most": READINGS_MAX},
        )
    _check_text(new.note, VISIT_TEXT_MAX, "note")
    for number, it in enumerate(new.readings, start=1):
        _check_reading(it, new, lines[new.line], f"readings[{number}]")


def check_visit_withdrawal(visit: SiteVisit, reason: str) -> None:
    """Whether it can be withdrawn so. Raises InputError."""
    if (earlier := visit.withdrawn) is not None:
        raise InputError(
            N_("visit %(number)s was withdrawn on %(withdrawn_at)s by %(author)s"),
            where="visit",
            todo=N_("Enter the visit as it was with a further one."),
            values={
                "number": visit.number,
                "withdrawn_at": f"{earlier.withdrawn_at:%Y-%m-%d}",
                "author": earlier.author,
            },
        )
    if not reason:
        raise InputError(
            N_("a withdrawal says why"), where="reason", todo=N_("Write what was wrong.")
        )
    _check_text(reason, VISIT_TEXT_MAX, "reason")


def _check_reading(
    it: PanelReading, visit: SiteVisit, machines: Collection[str], where: str
) -> None:
    if it.machine not in machines:
        raise InputError(
            N_("line %(line)s has no machine '%(machine)s'"),
            where=where,
            todo=did_you_mean(it.machine, list(machines)),
            values={"line": visit.line, "machine": it.machine},
        )
    if signal_named(it.signal).kind not in _READABLE:
        raise InputError(
            N_("'%(signal)s' is no number that a panel shows"),
            where=where,
            todo=N_("Read a counter, a meter or a measured value."),
            values={"signal": it.signal},
        )
    last = min(visit.visited_at + VISIT_LASTS_MAX, visit.recorded_at)
    if not _minute(visit.visited_at) <= it.read_at <= last:
        raise InputError(
            "it was read before the visit began, after it was entered, or more than "
            f"{VISIT_LASTS_MAX.total_seconds() / 3600:.0f} hours after the visit began",
            where=where,
            todo="Give the minute in which it was read.",
        )
    if not it.read_by:
        raise InputError(N_("nobody is named who read it"), where=where, todo=N_("Say who it was."))
    _check_text(it.read_by, READ_BY_MAX, where)
    _check_text(it.note, VISIT_TEXT_MAX, where)


def minute_of(reading: PanelReading) -> tuple[datetime, datetime]:
    """Begin and end of the minute in which it was read."""
    start = _minute(reading.read_at)
    return start, start + MINUTE


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def _check_text(text: str, length_max: int, where: str) -> None:
    if len(text) > length_max:
        raise InputError(
            N_("a text has %(count)s characters"),
            where=where,
            todo=N_("Keep it within %(most)s."),
            values={"count": len(text), "most": length_max},
        )
