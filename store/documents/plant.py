"""plant.yaml: what an integrator writes, to `domain.plant.Plant`.

The models hold one value at a time; `_check…` functions hold what spans several (a role that
names a machine, a break inside its shift) and say file, line and field. Times without offset
are in the plant's zone. Reads no files and no clock.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import holidays as holiday_calendars
from pydantic import BeforeValidator, Field

from domain.plant import (
    DEFAULT_MINOR_STOP_S,
    DEFAULT_STALE_AFTER_S,
    Break,
    Calendar,
    CalendarException,
    CounterRule,
    ExceptionClass,
    Line,
    Machine,
    Plant,
    Product,
    Shift,
)
from domain.time import parse_instant
from domain.yaml_text import Lines, did_you_mean, load_yaml, validate_value
from store.documents.fields import (
    Clock,
    Day,
    FileModel,
    Identifier,
    LocalTime,
    PositiveSeconds,
    Texts,
    is_bare_day,
    plain_text,
)
from store.documents.shifts import check_shifts

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Role = Literal[
    "state",
    "mode",
    "total_count",
    "good_count",
    "reject_count",
    "rework_count",
    "product",
    "order",
    "stop_reason",
    "energy",
]
CounterRole = Literal["total_count", "good_count", "reject_count", "rework_count", "energy"]
_EXCEPTION_CLASSES: dict[str, ExceptionClass] = {
    "planned_down": "planned_down",
    "maintenance": "planned_down",
    "closed": "closed",
    "overtime": "overtime",
}


@cache
def _holiday_countries() -> frozenset[str]:
    return frozenset(holiday_calendars.list_supported_countries())


def _holidays(value: Any) -> Any:
    if value is None or value == "none":
        return []
    if isinstance(value, str) and value not in _holiday_countries():
        raise ValueError(
            f"'{value}' is no country whose holidays are known: write an ISO code as HK, "
            'a list of days, or "none"'
        )
    return value


def _setting(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int | float):
        return str(value)
    raise ValueError("must be a text or a number")


Setting = Annotated[str, BeforeValidator(_setting)]
PositiveNumber = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class CompanyFile(FileModel):
    name: Texts
    business_registration: str = ""


class BreakFile(FileModel):
    start: Clock
    end: Clock


class ShiftFile(FileModel):
    name: Annotated[str, Field(min_length=1)]
    days: Annotated[list[Weekday], Field(min_length=1)]
    start: Clock
    end: Clock
    breaks: list[BreakFile] = Field(default_factory=list)


class ExceptionFile(FileModel):
    start: LocalTime
    end: LocalTime
    kind: Annotated[
        Literal["planned_down", "maintenance", "closed", "overtime"], Field(alias="class")
    ]
    reason: str = ""


class CalendarFile(FileModel):
    holidays: Annotated[str | list[Day], BeforeValidator(_holidays)] = Field(default_factory=list)
    shifts: Annotated[list[ShiftFile], Field(min_length=1)]
    exceptions: list[ExceptionFile] = Field(default_factory=list)


class ProductFile(FileModel):
    name: Texts | None = None
    ideal_cycle_time_s: PositiveSeconds


class MachineFile(FileModel):
    profile: Annotated[str, Field(min_length=1)]
    connection: dict[str, Setting] = Field(default_factory=dict)
    parameters: dict[str, Setting] = Field(default_factory=dict)


class CounterFile(FileModel):
    rollover: PositiveNumber | None = None
    max_rate_per_s: PositiveNumber | None = None
    job: bool = False


class LineFile(FileModel):
    name: Texts | None = None
    calendar: Identifier | None = None
    ideal_cycle_time_s: PositiveSeconds | None = None
    product: str | None = None
    minor_stop_s: Annotated[float, Field(ge=0, allow_inf_nan=False)] = DEFAULT_MINOR_STOP_S
    stale_after_s: PositiveSeconds = DEFAULT_STALE_AFTER_S
    counters: dict[CounterRole, CounterFile] = Field(default_factory=dict)
    machines: Annotated[dict[Identifier, MachineFile], Field(min_length=1)]
    roles: dict[Role, Identifier]


class PlantFile(FileModel):
    """plant.yaml, describes one plant: its calendars, products, lines and machines."""

    plant: Identifier
    timezone: str = "Asia/Hong_Kong"
    company: CompanyFile
    calendars: dict[Identifier, CalendarFile] = Field(default_factory=dict)
    products: dict[Identifier, ProductFile] = Field(default_factory=dict)
    lines: Annotated[dict[Identifier, LineFile], Field(min_length=1)]


def read_plant(text: str, file: str) -> Plant:
    """The text of a plant file as a Plant; `file` names it in errors.

    Raises InputError for the first thing wrong: one sentence with file, line and field.
    """
    value, lines = load_yaml(text, file)
    model = validate_value(PlantFile, value, lines)
    zone = _zone(model.timezone, lines)
    calendars = {
        name: _calendar(name, calendar, zone, lines) for name, calendar in model.calendars.items()
    }
    for line_id, line in model.lines.items():
        _check_line(line_id, line, model, lines)
    return Plant(
        id=model.plant,
        zone=zone,
        company=plain_text(model.company.name),
        business_registration=model.company.business_registration,
        products={
            name: Product(
                name, plain_text(product.name or {"en": name}), product.ideal_cycle_time_s
            )
            for name, product in model.products.items()
        },
        lines={name: _line(name, line, calendars) for name, line in model.lines.items()},
    )


def _zone(name: str, lines: Lines) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise lines.error(
            ("timezone",),
            f"unknown time zone '{name}'",
            "Write a name of the tz database, as in Asia/Hong_Kong.",
        ) from None


def _calendar(name: str, model: CalendarFile, zone: ZoneInfo, lines: Lines) -> Calendar:
    shifts = tuple(
        Shift(
            name=shift.name,
            days=frozenset(WEEKDAYS.index(day) for day in shift.days),
            start=shift.start,
            end=shift.end,
            breaks=tuple(Break(pause.start, pause.end) for pause in shift.breaks),
        )
        for shift in model.shifts
    )
    check_shifts(shifts, ("calendars", name, "shifts"), lines)
    exceptions = tuple(
        _exception(item, zone, ("calendars", name, "exceptions", index), lines)
        for index, item in enumerate(model.exceptions)
    )
    holidays = model.holidays
    return Calendar(
        name=name,
        shifts=shifts,
        holidays=holidays if isinstance(holidays, str) else frozenset(holidays),
        exceptions=exceptions,
    )


def _exception(
    model: ExceptionFile, zone: ZoneInfo, path: tuple[str | int, ...], lines: Lines
) -> CalendarException:
    start = parse_instant(model.start, zone)
    end = parse_instant(model.end, zone)
    if is_bare_day(model.end):  # an end that is a day includes that day
        next_day = date.fromisoformat(model.end) + timedelta(days=1)
        end = datetime.combine(next_day, time(0), tzinfo=zone).astimezone(UTC)
    if end <= start:
        raise lines.error(
            (*path, "end"),
            f"the exception ends ({model.end}) before it starts ({model.start})",
            "Give an end later than the start.",
        )
    return CalendarException(start, end, _EXCEPTION_CLASSES[model.kind], model.reason)


def _check_line(line_id: str, line: LineFile, plant: PlantFile, lines: Lines) -> None:
    path = ("lines", line_id)
    if line.calendar is not None and line.calendar not in plant.calendars:
        raise lines.error(
            (*path, "calendar"),
            f"the calendar '{line.calendar}' is not in this file",
            did_you_mean(line.calendar, list(plant.calendars)) or "Add it under 'calendars'.",
        )
    if line.product is not None and line.product not in plant.products:
        raise lines.error(
            (*path, "product"),
            f"the product '{line.product}' is not in this file",
            did_you_mean(line.product, list(plant.products)) or "Add it under 'products'.",
        )
    for role, machine in line.roles.items():
        if machine not in line.machines:
            raise lines.error(
                (*path, "roles", role),
                f"the machine '{machine}' is not one of this line",
                did_you_mean(machine, list(line.machines)),
            )
    if "state" not in line.roles:
        raise lines.error(
            (*path, "roles"),
            "no machine has the role 'state', so nobody could say when the line runs",
            "Add state: and the machine that the line's output hangs on.",
        )


def _line(line_id: str, model: LineFile, calendars: dict[str, Calendar]) -> Line:
    return Line(
        id=line_id,
        name=plain_text(model.name or {"en": line_id}),
        machines={
            name: Machine(name, machine.profile, machine.connection, machine.parameters)
            for name, machine in model.machines.items()
        },
        roles={str(role): machine for role, machine in model.roles.items()},
        calendar=calendars[model.calendar] if model.calendar else None,
        ideal_cycle_time_s=model.ideal_cycle_time_s,
        product=model.product,
        minor_stop_s=model.minor_stop_s,
        stale_after_s=model.stale_after_s,
        counters={
            str(role): CounterRule(rule.rollover, rule.max_rate_per_s, rule.job)
            for role, rule in model.counters.items()
        },
    )
