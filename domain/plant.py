"""A plant as its integrator describes it: machines, lines, calendars, products.

Plain frozen dataclasses; `store.files` reads them from YAML. Asset levels
follow ISA-95 (company, site, line, machine). A line names which machine plays
which role: whose state, whose counts, whose energy.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Literal
from zoneinfo import ZoneInfo

from domain.alerts import AlertRules
from domain.states import ReasonKind
from domain.time import Window

Text = dict[str, str]  # a text by language tag: en, zh-Hant, zh-Hans

DEFAULT_MINOR_STOP_S = 120.0
DEFAULT_STALE_AFTER_S = 60.0
DEFAULT_CHATTER_S = 1.0
# How far before an instant its facts may depend on the state, and on a reason.
CHATTER_MAX_S = 60.0
REASON_REACHES_BACK = timedelta(seconds=60)  # to the begin of what it is the reason of
REASON_HOLDS_MAX = timedelta(days=7)
FILES_OF_CONNECTIONS = (  # settings of a machine's connection that are paths
    "certificate",
    "key",
    "password_file",
    "user_certificate",
    "user_key",
    "server_certificate",
    "trusted_servers",
    "authority",
)
IMPORTED = "import"  # the profile of a machine without a live source
HK_GENERAL = "HK-general"  # all general holidays (Cap. 149); "HK": the statutory ones (Cap. 57)
ExceptionClass = Literal["planned_down", "closed", "overtime"]


class Confidential(StrEnum):
    """What a plant may keep from who looks at it from outside (domain.access)."""

    RAW_SAMPLES = "raw_samples"
    REASONS = "reasons"
    NAMES = "names"


Withheld = frozenset[Confidential]  # what of a line is not shown to somebody


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


OVERTIME = "overtime"


@dataclass(frozen=True, slots=True)
class CalendarException:
    """A dated change of plan: `planned_down` (PDOT), `closed` (not planned), `overtime` (busy).

    `author` and `decided_on` say who changed the plan and when; the plan is the same without.
    """

    start: datetime
    end: datetime
    kind: ExceptionClass
    reason: str = ""
    author: str = ""
    decided_on: date | None = None


@dataclass(frozen=True, slots=True)
class PatternChange:
    """From that local day on the week has these shifts instead of those before."""

    since: date
    shifts: tuple[Shift, ...]


@dataclass(frozen=True, slots=True)
class Calendar:
    """`holidays`: an ISO country code (holidays package), HK_GENERAL, explicit dates, or nothing.

    `shifts` hold until the first of `changes`, which are sorted by day.
    """

    name: str
    shifts: tuple[Shift, ...]
    holidays: str | frozenset[date] = frozenset()
    exceptions: tuple[CalendarException, ...] = ()
    changes: tuple[PatternChange, ...] = ()

    @property
    def shift_names(self) -> set[str]:
        """Of all its shifts, whenever they hold; what it plans beside them is called overtime."""
        patterns = (self.shifts, *(it.shifts for it in self.changes))
        overtime = {OVERTIME} if any(it.kind == OVERTIME for it in self.exceptions) else set()
        return {shift.name for each in patterns for shift in each} | overtime


@dataclass(frozen=True, slots=True)
class CycleTimeChange:
    """From that local day on the product takes this planned run time per item (PRI)."""

    since: date
    ideal_cycle_time_s: float


@dataclass(frozen=True, slots=True)
class Product:
    """`ideal_cycle_time_s` holds until the first of `changes`, which are sorted by day."""

    id: str
    name: Text
    ideal_cycle_time_s: float
    changes: tuple[CycleTimeChange, ...] = ()


@dataclass(frozen=True, slots=True)
class PlannedOrder:
    """So many good items are to be made on the line in `window`, evenly over its planned time (ISO
    22400-2: planned order quantity POQ, planned order execution time POET)."""

    id: str
    line: str
    quantity: float
    window: Window
    product: str | None = None


@dataclass(frozen=True, slots=True)
class StopReason:
    """A node of the plant's reason tree. `codes`: what machines say when they mean it.

    `kind` is the node's own or that of the nearest ancestor that has one.
    """

    id: str
    name: Text
    kind: ReasonKind = ReasonKind.UNPLANNED
    parent: str | None = None
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CounterRule:
    """What is known of a role's counter.

    `rollover`: the value at which it starts again from zero. `max_rate_per_s`: what the machine
    can make at most (items or kWh a second). `job`: it is set to zero for every job, so a fall
    to zero is nothing to flag.
    """

    rollover: float | None = None
    max_rate_per_s: float | None = None
    job: bool = False


@dataclass(frozen=True, slots=True)
class Measurement:
    """A process value under statistical control, from the signal `measurement.<id>`.

    Limits are in `unit`; a missing one is no limit on that side. `subgroup_size` 1: individuals.
    """

    id: str
    name: Text
    machine: str
    unit: str = ""
    lower_limit: float | None = None  # LSL
    upper_limit: float | None = None  # USL
    target: float | None = None
    subgroup_size: int = 5


@dataclass(frozen=True, slots=True)
class Calibration:
    """A laboratory's certificate of what gives a signal, by its number there. It covers the days
    from `calibrated_on` up to `due`. `document`: SHA-256 of the attached certificate, or ""."""

    laboratory: str
    number: str
    calibrated_on: date
    due: date
    document: str = ""


@dataclass(frozen=True, slots=True)
class Machine:
    """`profile` is a profile's name, or "import" for a machine without a live source. `name`: what
    people call it; the id where there is none."""

    id: str
    profile: str
    connection: dict[str, str] = field(default_factory=dict)
    parameters: dict[str, str] = field(default_factory=dict)
    name: Text = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Line:
    """`calendar` None: planned round the clock. `roles`: role name (state, mode, total_count,
    good_count, reject_count, rework_count, product, order, stop_reason, energy) → machine id.
    `counters`: by counter role. `calibrations`: by counter role or measurement. `chatter_s`:
    production shorter than this between two stops is chatter inside one stop (at most
    CHATTER_MAX_S). `sequence`: machine ids as the material flows. `target_oee`: what the plant
    wants of every shift. `hall`: where it stands. `alerts`: what somebody is called for.
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
    chatter_s: float = DEFAULT_CHATTER_S
    counters: dict[str, CounterRule] = field(default_factory=dict)
    sequence: tuple[str, ...] = ()
    measurements: dict[str, Measurement] = field(default_factory=dict)
    calibrations: dict[str, Calibration] = field(default_factory=dict)
    target_oee: float | None = None
    hall: Text = field(default_factory=dict)
    alerts: AlertRules = field(default_factory=AlertRules)


@dataclass(frozen=True, slots=True)
class Plant:
    id: str
    zone: ZoneInfo
    company: Text
    business_registration: str
    products: dict[str, Product]
    lines: dict[str, Line]
    reasons: dict[str, StopReason] = field(default_factory=dict)
    confidential: Withheld = frozenset()
    sector: Text = field(default_factory=dict)
    orders: dict[str, PlannedOrder] = field(default_factory=dict)


def line_called(plant: Plant, line: str, language: str) -> str:
    """What people call the line of that id, in the language; the id where the plant has none."""
    found = plant.lines.get(line)
    return (text_in(found.name, language) if found else "") or line


def machine_called(line: Line, machine: str, language: str) -> str:
    """What people call the machine of that id, in the language; the id where nobody named it, or
    where it is not of the line any more."""
    found = line.machines.get(machine)
    return (text_in(found.name, language) if found else "") or machine


def text_in(text: Text, language: str) -> str:
    """The text in that language, or English, or whatever there is."""
    return text.get(language) or text.get("en") or next(iter(text.values()), "")
