"""A plant as its integrator describes it: machines, lines, calendars, products.

Plain frozen dataclasses; `store.documents` reads them from YAML. Asset levels
follow ISA-95 (company, site, line, machine). A line names which machine plays
which role: whose state, whose counts, whose energy.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Literal
from zoneinfo import ZoneInfo

Text = dict[str, str]  # a text by language tag: en, zh-Hant, zh-Hans

DEFAULT_MINOR_STOP_S = 120.0
DEFAULT_STALE_AFTER_S = 60.0
ExceptionClass = Literal["planned_down", "closed", "overtime"]


@dataclass(frozen=True, slots=True)
class Break:
    start: time
    end: time


@dataclass(frozen=True, slots=True)
class Shift:
    """A shift on weekdays (0 = Monday), local times; an end not after the start is overnight."""

    name: str
    days: frozenset[int]
    start: time
    end: time
    breaks: tuple[Break, ...] = ()


@dataclass(frozen=True, slots=True)
class CalendarException:
    """A dated change of plan: `planned_down` (PDOT), `closed` (not planned), `overtime` (busy)."""

    start: datetime
    end: datetime
    kind: ExceptionClass
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Calendar:
    """`holidays`: an ISO country code (holidays package), explicit dates, or nothing."""

    name: str
    shifts: tuple[Shift, ...]
    holidays: str | frozenset[date] = frozenset()
    exceptions: tuple[CalendarException, ...] = ()


@dataclass(frozen=True, slots=True)
class Product:
    id: str
    name: Text
    ideal_cycle_time_s: float


@dataclass(frozen=True, slots=True)
class Machine:
    """`profile` is a profile's name, or "import" for a machine without a live source."""

    id: str
    profile: str
    connection: dict[str, str] = field(default_factory=dict)
    parameters: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Line:
    """`calendar` None: planned round the clock. `roles`: role name (state, mode, total_count,
    good_count, reject_count, rework_count, product, order, stop_reason, energy) → machine id.
    `rollover`: counter role → the value at which the counter starts again from zero.
    """

    id: str
    name: Text
    machines: dict[str, Machine]
    roles: dict[str, str]
    calendar: Calendar | None = None
    ideal_cycle_time_s: float | None = None
    product: str | None = None
    minor_stop_s: float = DEFAULT_MINOR_STOP_S
    stale_after_s: float = DEFAULT_STALE_AFTER_S
    rollover: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plant:
    id: str
    zone: ZoneInfo
    company: Text
    business_registration: str
    products: dict[str, Product]
    lines: dict[str, Line]


def text_in(text: Text, language: str) -> str:
    """The text in that language, or English, or whatever there is."""
    return text.get(language) or text.get("en") or next(iter(text.values()), "")
