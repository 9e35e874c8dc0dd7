"""What an officer may write as the terms of a milestone; `store.files.terms` reads it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field

from domain.errors import WrongValueError, suggestion
from domain.grants import DEFAULT_METHOD, Operator
from domain.texts import N_
from store.files.fields import (
    AMOUNT_MAX,
    NOTE_LENGTH_MAX,
    Day,
    FileModel,
    Identifier,
    Name,
    Number,
    PositiveDays,
    PositiveNumber,
)

# The KPIs of analytics.kpi.evaluation that need nothing but what machines tell (a test holds it).
METRICS = (
    "allocation_ratio",
    "throughput_rate",
    "allocation_efficiency",
    "utilization_efficiency",
    "oee",
    "net_equipment_effectiveness",
    "availability",
    "effectiveness",
    "quality_ratio",
    "setup_ratio",
    "technical_efficiency",
    "production_process_ratio",
    "scrap_ratio",
    "rework_ratio",
    "comprehensive_energy_consumption",
    "mean_time_between_failures_s",
    "mean_time_to_failure_s",
    "mean_time_to_repair_s",
    "corrective_maintenance_ratio",
    "utilisation",
    "energy_per_good_unit",
    "ooe",
    "teep",
)
# The methods that come with the program (a test holds the two lists together).
METHODS = ("iso22400", "oee-com", "planned-changeover-excluded", "semi-e10")
_CHANGE_MAX = 1_000.0  # times as much again
_MONTHS_MAX = 1_200
_DEPTH_MAX = 5
_PERCENT = re.compile(r"\s*([-+]?\d+(?:\.\d+)?)\s*[%％]\s*\Z")


def _metric(name: str) -> str:
    if name not in METRICS:
        todo, values = suggestion(name, METRICS)
        raise WrongValueError(N_("unknown metric '%(name)s'"), {"name": name, **values}, todo=todo)
    return name


def _method(name: str) -> str:
    if name not in METHODS:
        todo, values = suggestion(name, METHODS)
        raise WrongValueError(N_("unknown method '%(name)s'"), {"name": name, **values}, todo=todo)
    return name


def _operator(value: Any) -> Any:
    return {"≥": ">=", "≤": "<="}.get(value, value) if isinstance(value, str) else value


def _plain(value: Any, depth: int = 0) -> Any:
    """What the digest of the terms can be taken over, in every program: text, numbers, lists."""
    inner: list[Any] = []
    if isinstance(value, Mapping):
        inner = [*value.keys(), *value.values()]
        fits = depth < _DEPTH_MAX and all(isinstance(key, str) for key in value)
    elif isinstance(value, list):
        inner = value
        fits = depth < _DEPTH_MAX
    elif isinstance(value, str):
        fits = len(value) <= NOTE_LENGTH_MAX
    else:
        fits = value is None or (isinstance(value, int | float) and abs(value) <= AMOUNT_MAX)
    if not fits:
        raise WrongValueError(
            N_(
                "must be a text of at most %(most)s characters, a number up to %(greatest)s, or "
                "lists and keys of them, at most %(depth)s deep"
            ),
            {"most": NOTE_LENGTH_MAX, "greatest": f"{AMOUNT_MAX:g}", "depth": _DEPTH_MAX},
        )
    for item in inner:
        _plain(item, depth + 1)
    return value


def _share(value: Any) -> Any:
    """Numbers have no unit: a share of 65 % is written 0.65."""
    if isinstance(value, str) and (match := _PERCENT.match(value)):
        raise WrongValueError(
            N_("'%(value)s' is a text: write %(share)s for %(number)s %%"),
            {"value": value, "share": f"{float(match[1]) / 100:g}", "number": match[1]},
        )
    return value


def _no_window(_: Any) -> None:
    raise WrongValueError(
        N_(
            "terms of this kind have no window: kpi, output and operating have, commissioned has "
            "within_days"
        )
    )


NoWindow = Annotated[None, BeforeValidator(_no_window)]


class DaysFile(FileModel):
    start: Day
    end: Day


def _names(value: Any) -> Any:
    """A number of shifts is one of production days of the shifts that are named."""
    if isinstance(value, int) and not isinstance(value, bool):
        raise WrongValueError(
            N_(
                "has the names of shifts, not how many: for %(count)s shifts A in a row write "
                "shifts: [A] and production_days: %(count)s"
            ),
            {"count": value},
        )
    return value


Shifts = Annotated[list[Name], Field(min_length=1), BeforeValidator(_names)]


class WindowFile(FileModel):
    """Either `end` or `production_days`; without `start`, these may lie anywhere."""

    start: Day | None = None
    end: Day | None = None
    production_days: PositiveDays | None = None
    shifts: Shifts | None = None


def _complete(window: WindowFile) -> WindowFile:
    if (window.end is None) == (window.production_days is None):
        raise WrongValueError(
            N_(
                "give start: and end: for a range of days, start: and production_days: for the "
                "first production days from a day on, or production_days: alone for so many in a "
                "row, wherever they lie"
            )
        )
    return window


Window = Annotated[WindowFile, AfterValidator(_complete)]


class KpiTermsFile(FileModel):
    kind: Literal["kpi"]
    metric: Annotated[str, AfterValidator(_metric), Field(json_schema_extra={"enum": [*METRICS]})]
    op: Annotated[Operator | None, BeforeValidator(_operator)] = None
    target: Annotated[Number | None, BeforeValidator(_share)] = None
    change: Annotated[
        Annotated[float, Field(gt=-1, le=_CHANGE_MAX)] | None, BeforeValidator(_share)
    ] = None
    baseline: DaysFile | None = None
    window: Window
    min_coverage: Annotated[Annotated[float, Field(ge=0, le=1)], BeforeValidator(_share)] = 0.0
    method: Annotated[
        str, AfterValidator(_method), Field(json_schema_extra={"enum": [*METHODS]})
    ] = DEFAULT_METHOD


class OutputTermsFile(FileModel):
    """Good units from `start` to `end`, as in the first grant files, or within a `window`."""

    kind: Literal["output"]
    good_units: PositiveNumber
    start: Day | None = None
    end: Day | None = None
    window: Window | None = None


class CommissionedTermsFile(FileModel):
    kind: Literal["commissioned"]
    good_units: PositiveNumber
    within_days: PositiveDays
    window: NoWindow = None


class DocumentTermsFile(FileModel):
    kind: Literal["document"]
    document: Identifier
    window: NoWindow = None


class OperatingTermsFile(FileModel):
    """So many days of each of so many months, or `producing_days` of a `window`."""

    kind: Literal["operating"]
    production_days_per_month: Annotated[int, Field(ge=1, le=31)] | None = None
    months: Annotated[int, Field(ge=1, le=_MONTHS_MAX)] | None = None
    shifts: Shifts | None = None
    producing_days: PositiveDays | None = None
    window: Window | None = None


class AttestedTermsFile(FileModel):
    """Figures that people attest with documents. Terms that say what has to be reached are judged,
    others kept and shown; further fields are free, but plain."""

    model_config = ConfigDict(extra="allow")
    window: NoWindow = None
    __pydantic_extra__: dict[str, Annotated[Any, AfterValidator(_plain)]]


class PeopleTermsFile(AttestedTermsFile):
    kind: Literal["training", "headcount"]
    people: PositiveDays | None = None


class ExpenditureTermsFile(AttestedTermsFile):
    kind: Literal["expenditure"]
    amount_hkd: PositiveNumber | None = None
    category: Identifier | None = None


TermsFile = Annotated[
    KpiTermsFile
    | OutputTermsFile
    | CommissionedTermsFile
    | DocumentTermsFile
    | OperatingTermsFile
    | PeopleTermsFile
    | ExpenditureTermsFile,
    Field(discriminator="kind"),
]
