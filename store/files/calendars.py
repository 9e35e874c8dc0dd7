"""The `calendars:` of plant.yaml: shifts, breaks, holidays, exceptions, and changes of pattern.

A shift of the old pattern that still runs when a new one begins is no error: the calendar lets
it end (analytics.calendar.planned_time). Times without offset are in the plant's zone.
"""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

import holidays as holiday_calendars
from pydantic import BeforeValidator, Field

from domain.errors import WrongValueError
from domain.plant import (
    HK_GENERAL,
    Break,
    Calendar,
    CalendarException,
    ExceptionClass,
    PatternChange,
    Shift,
)
from domain.texts import N_
from domain.yaml_text import Lines, Path
from store.files.fields import (
    NAME_LENGTH_MAX,
    Clock,
    Day,
    FileModel,
    LocalTime,
    Name,
    read_window,
    refuse_day_twice,
)
from store.files.shifts import check_shifts

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_EXCEPTION_CLASSES: dict[str, ExceptionClass] = {
    "planned_down": "planned_down",
    "maintenance": "planned_down",
    "closed": "closed",
    "overtime": "overtime",
}


@cache
def _holiday_countries() -> frozenset[str]:
    return frozenset(holiday_calendars.list_supported_countries()) | {HK_GENERAL}


def _holidays(value: Any) -> Any:
    if value is None or value == "none":
        return []
    if isinstance(value, str) and value not in _holiday_countries():
        raise WrongValueError(
            N_(
                "'%(value)s' is no country whose holidays are known: write an ISO code as HK, "
                '%(general)s, a list of days, or "none"'
            ),
            {"value": value, "general": HK_GENERAL},
        )
    return value


class BreakFile(FileModel):
    start: Clock
    end: Clock


class ShiftFile(FileModel):
    name: Name
    days: Annotated[list[Weekday], Field(min_length=1)]
    start: Clock
    end: Clock
    breaks: list[BreakFile] = Field(default_factory=list)


class PatternFile(FileModel):
    since: Annotated[Day, Field(alias="from")]
    shifts: Annotated[list[ShiftFile], Field(min_length=1)]


class ExceptionFile(FileModel):
    start: LocalTime
    end: LocalTime
    kind: Annotated[
        Literal["planned_down", "maintenance", "closed", "overtime"], Field(alias="class")
    ]
    reason: str = ""
    author: Annotated[str, Field(max_length=NAME_LENGTH_MAX)] = ""
    decided_on: Day | None = None


class CalendarFile(FileModel):
    holidays: Annotated[str | list[Day], BeforeValidator(_holidays)] = Field(default_factory=list)
    shifts: Annotated[list[ShiftFile], Field(min_length=1)]
    changes: list[PatternFile] = Field(default_factory=list)
    exceptions: list[ExceptionFile] = Field(default_factory=list)


def read_calendar(name: str, model: CalendarFile, zone: ZoneInfo, lines: Lines) -> Calendar:
    """The calendar of that name. Raises InputError with file, line and field."""
    path = ("calendars", name)
    shifts = _shifts(model.shifts, (*path, "shifts"), lines)
    refuse_day_twice([change.since for change in model.changes], (*path, "changes"), lines)
    changes = [
        PatternChange(change.since, _shifts(change.shifts, (*path, "changes", n, "shifts"), lines))
        for n, change in enumerate(model.changes)
    ]
    exceptions = tuple(
        _exception(item, zone, (*path, "exceptions", n), lines)
        for n, item in enumerate(model.exceptions)
    )
    holidays = model.holidays
    return Calendar(
        name=name,
        shifts=shifts,
        holidays=holidays if isinstance(holidays, str) else frozenset(holidays),
        exceptions=exceptions,
        changes=tuple(sorted(changes, key=lambda change: change.since)),
    )


def _shifts(models: list[ShiftFile], path: Path, lines: Lines) -> tuple[Shift, ...]:
    shifts = tuple(
        Shift(
            name=shift.name,
            days=frozenset(WEEKDAYS.index(day) for day in shift.days),
            start=shift.start,
            end=shift.end,
            breaks=tuple(Break(pause.start, pause.end) for pause in shift.breaks),
        )
        for shift in models
    )
    check_shifts(shifts, path, lines)
    return shifts


def _exception(model: ExceptionFile, zone: ZoneInfo, path: Path, lines: Lines) -> CalendarException:
    window = read_window(N_("exception"), model.start, model.end, zone, path, lines)
    return CalendarException(
        start=window.start,
        end=window.end,
        kind=_EXCEPTION_CLASSES[model.kind],
        reason=model.reason,
        author=model.author,
        decided_on=model.decided_on,
    )
