"""A funded project, its milestones and their verdicts.

Scheme → project → milestone (clause, due date, terms) → verdict. A verdict is
computed from facts, never typed in; a decision is an officer's (domain.milestone_states).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Literal

from domain.plant import Text
from domain.singulars import for_one

Operator = Literal[">=", "<="]
DEFAULT_METHOD = "iso22400"  # where nobody names another


class VerdictStatus(StrEnum):
    PENDING = "pending"  # its window has not begun
    ON_TRACK = "on_track"
    AT_RISK = "at_risk"
    MET = "met"
    NOT_MET = "not_met"
    NOT_PROVABLE = "not_provable"


@dataclass(frozen=True, slots=True)
class DayRange:
    """Days in the plant's zone, both included."""

    start: date
    end: date


@dataclass(frozen=True, slots=True)
class FirstProductionDays:
    """The first `count` production days from the day `start` on."""

    start: date
    count: int


# A range of days; or the first production days from a day on; or so many production days in a row,
# wherever they lie (a rolling window).
WindowTerms = DayRange | FirstProductionDays | int


@dataclass(frozen=True, slots=True)
class KpiTerms:
    """A metric over a window: against `target`, or against a baseline changed by `change`.

    A rolling window may lie anywhere between the project's start and the due date. `method`: how
    time is classified (analytics.methods.registry). `shifts`: the names of those that count, of
    window and baseline; none: all time counts.
    """

    metric: str
    op: Operator
    window: WindowTerms
    target: float | None = None
    change: float | None = None
    baseline: DayRange | None = None
    min_coverage: float = 0.0
    method: str = DEFAULT_METHOD
    shifts: tuple[str, ...] = ()
    kind: Literal["kpi"] = "kpi"


@dataclass(frozen=True, slots=True)
class OutputTerms:
    """So many good units within a window; of several shifts, or of all time."""

    good_units: float
    period: WindowTerms
    shifts: tuple[str, ...] = ()
    kind: Literal["output"] = "output"


@dataclass(frozen=True, slots=True)
class CommissionedTerms:
    """First sustained production run: `good_units` within `within_days` consecutive days."""

    good_units: float
    within_days: int
    kind: Literal["commissioned"] = "commissioned"


@dataclass(frozen=True, slots=True)
class OperatingTerms:
    """After the project's end the line produces on so many days of each of the next `months`."""

    production_days_per_month: int
    months: int
    shifts: tuple[str, ...] = ()
    kind: Literal["operating"] = "operating"


@dataclass(frozen=True, slots=True)
class ProducingDaysTerms:
    """The line produces on so many days of a window; a rolling one lies behind the project."""

    producing_days: int
    window: WindowTerms
    shifts: tuple[str, ...] = ()
    kind: Literal["operating"] = "operating"


@dataclass(frozen=True, slots=True)
class DocumentTerms:
    document: str
    kind: Literal["document"] = "document"


@dataclass(frozen=True, slots=True)
class AttestedTerms:
    """A figure that people attest with documents is at least `target`: people trained in all,
    people employed last, or HKD of eligible expenditure, of one `category` or of all."""

    kind: Literal["training", "headcount", "expenditure"]
    target: float
    category: str | None = None


@dataclass(frozen=True, slots=True)
class OtherTerms:
    """Terms that name no figure to reach: kept, shown, never guessed."""

    kind: str
    fields: dict[str, Any]


Terms = (
    KpiTerms
    | OutputTerms
    | CommissionedTerms
    | OperatingTerms
    | ProducingDaysTerms
    | DocumentTerms
    | AttestedTerms
    | OtherTerms
)


def shifts_of(terms: Terms) -> tuple[str, ...]:
    """The names of the shifts that count; none: all time does."""
    limited = KpiTerms | OutputTerms | OperatingTerms | ProducingDaysTerms
    return terms.shifts if isinstance(terms, limited) else ()


@dataclass(frozen=True, slots=True)
class Milestone:
    """`terms_digest`: SHA-256 over the canonical JSON of the terms as they were written.
    `agreed_due`: the due day of the grant file, where an officer has moved it."""

    id: str
    clause: str
    due: date
    title: Text
    terms: Terms
    terms_digest: str
    agreed_due: date | None = None


@dataclass(frozen=True, slots=True)
class Project:
    """`change_requests`: the numbers of those that this version carries out, and earlier ones."""

    reference: str
    scheme: str
    plant: str
    lines: tuple[str, ...]
    approved_cost_hkd: float
    approved_on: date
    start: date
    end: date
    milestones: tuple[Milestone, ...]
    change_requests: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class LegalHold:
    """Somebody's word that a document must stay, whatever its day."""

    put_by: str
    put_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class AttachedDocument:
    """A document that a person attached to a milestone ("": to the project). `attached_on` is the
    day of `attached_at` in the plant's zone; the bytes are known by their SHA-256. `size`: how many
    there are; None: not noted when it was attached. `retain_until`: the last day on which they must
    be there; None: for ever. `removed_at`: when they were removed."""

    project: str
    milestone: str
    kind: str
    file_name: str
    sha256: str
    attached_at: datetime
    attached_on: date
    attached_by: str
    size: int | None = None
    retain_until: date | None = None
    hold: LegalHold | None = None
    removed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Funding:
    """What the scheme pays. Amounts in HKD; None where this version knows no rule, and `ceiling`
    where the rule has none. `rule`: in words, one thing each."""

    scheme: str
    approved_cost_hkd: float
    ceiling_hkd: float | None
    grant_hkd: float | None
    company_hkd: float | None
    rule: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Reason:
    """A sentence for people, translatable: a message id with named values."""

    message: str
    values: dict[str, str | float] = field(default_factory=dict)

    def __str__(self) -> str:
        return for_one(self.message, self.values) % self.values if self.values else self.message


class FindingSeverity(StrEnum):
    TELLS = "tells"  # may well be right: it is told so that nobody overlooks it
    WARNS = "warns"  # somebody should ask before money is paid


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found odd in a milestone's days: it lowers trust and changes no figure.

    `flag`: its name among the flags of a verdict. `days`: the days that it concerns, as far as the
    verdict looks at them. `says`: what was found, with numbers; `asks`: what an officer should ask.
    """

    flag: str
    severity: FindingSeverity
    lines: tuple[str, ...]
    days: DayRange
    says: Reason
    asks: Reason


@dataclass(frozen=True, slots=True)
class MilestoneForecast:
    """How probable it is that a milestone will be met. `probability`: the share of drawn futures in
    which it is; `days`: production days that they were drawn from; `days_left`: those that are
    still planned. `needed_a_day`: what each of these must give on average, in the unit of the
    value, where the window is fixed."""

    probability: float
    days: int
    days_left: int
    needed_a_day: float | None = None


@dataclass(frozen=True, slots=True)
class MixShare:
    """A product's share of the good units of a window, with bounds; None: nobody knows."""

    value: float | None
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class ProductMix:
    """What was made in the baseline and in the window, side by side: by product, the share of the
    good units. `moved_by`: how large a share has moved to other products, 0 to 1; None: nobody
    knows."""

    baseline: Mapping[str, MixShare]
    window: Mapping[str, MixShare]
    moved_by: float | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the data say about one milestone at `as_of`. Ratios as fractions, days local."""

    milestone: Milestone
    as_of: datetime
    status: VerdictStatus
    value: float | None = None
    low: float | None = None
    high: float | None = None
    target: float | None = None
    op: Operator | None = None
    coverage: float | None = None
    window: DayRange | None = None
    met_on: date | None = None
    baseline_value: float | None = None
    reasons: tuple[Reason, ...] = ()
    flags: tuple[str, ...] = ()
    facts_digest: str | None = None
    forecast: MilestoneForecast | None = None
    findings: tuple[Finding, ...] = ()
    product_mix: ProductMix | None = None
