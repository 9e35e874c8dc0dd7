"""Exceptions of the calendar that were entered, or taken back, after they had begun.

A stop that is declared planned afterwards leaves the planned time, and with it every figure of that
time gets better. An example, a line that stood still on 10 March from 08:00 to 16:00:

    entered          says                                   found
    9 March 15:00    10 March 08:00-16:00 planned down      nothing
    10 March 09:00   10 March 08:00-16:00 planned down      told: a typhoon is no secret plan
    24 March 18:00   10 March 08:00-16:00 planned down      warned of: two weeks later

What the first version of a plant file says counts as entered in time: before it nothing could be.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from analytics.integrity.examined import Examined, hours_text
from domain.grants import Finding, FindingSeverity, Reason
from domain.plant import CalendarException, Plant
from domain.time import micros

EXCEPTION_ENTERED_LATE = "exception_entered_late"
SOON = timedelta(hours=24)  # after it began: whoever was there wrote it down


@dataclass(frozen=True, slots=True)
class _Entered:
    """An exception, and when it was entered or taken back."""

    exception: CalendarException
    at: datetime

    @property
    def late_by(self) -> timedelta:
        return self.at - self.exception.start


def late_exceptions(examined: Examined) -> Iterator[Finding]:
    """One finding for each line."""
    window = examined.window
    for line in examined.lines:
        late = [
            it
            for it in (*_of_files(examined, line), *_of_people(examined, line))
            if it.late_by > timedelta(0)
            and it.exception.start < window.end
            and window.start < it.exception.end
        ]
        if not late:
            continue
        start = max(min(it.exception.start for it in late), window.start)
        end = min(max(it.exception.end for it in late), window.end)
        worst = max(it.late_by for it in late)
        yield Finding(
            EXCEPTION_ENTERED_LATE,
            FindingSeverity.WARNS if worst > SOON else FindingSeverity.TELLS,
            (line,),
            examined.within(examined.day_of(start), examined.day_of(end - timedelta(seconds=1))),
            Reason(
                "Exceptions of the calendar of %(line)s were entered or taken back after they had "
                "begun: %(count)s, of %(hours)s hours in all, up to %(late)s hours late.",
                {
                    "line": line,
                    "count": len(late),
                    "hours": hours_text(sum(_inside_us(it.exception, examined) for it in late)),
                    "late": hours_text(worst / timedelta(microseconds=1)),
                },
            ),
            Reason("Ask what shows that this was decided before it began."),
        )


def _of_files(examined: Examined, line: str) -> Iterator[_Entered]:
    for old, new in pairwise(examined.versions):
        was, now = _exceptions(old.plant, line), _exceptions(new.plant, line)
        for key in was.keys() ^ now.keys():
            yield _Entered((was | now)[key], new.applied_at)


def _of_people(examined: Examined, line: str) -> Iterator[_Entered]:
    changes = examined.of_line(line).plan_changes
    entered = {it.id: it.exception for it in changes if it.exception is not None}
    for it in changes:
        exception = it.exception or entered.get(it.withdraws or "")
        if exception is not None:
            yield _Entered(exception, it.recorded_at)


def _exceptions(plant: Plant, line: str) -> dict[object, CalendarException]:
    known = plant.lines.get(line)
    calendar = known.calendar if known else None
    return {(it.start, it.end, it.kind): it for it in (calendar.exceptions if calendar else ())}


def _inside_us(exception: CalendarException, examined: Examined) -> int:
    window = examined.window
    return micros(min(exception.end, window.end)) - micros(max(exception.start, window.start))
