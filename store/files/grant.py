"""grant.yaml: what an officer writes, to `domain.grants.Project`.

The digest of a milestone's terms is taken over them as they were written, before any default
is filled in, so that it stays the same in later versions of the program. What a field alone
cannot say (order of dates, target or change) is checked here with file, line and field.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field

from domain.errors import did_you_mean
from domain.grants import (
    DEFAULT_METHOD,
    AttestedTerms,
    CommissionedTerms,
    DayRange,
    DocumentTerms,
    KpiTerms,
    Milestone,
    OperatingTerms,
    Operator,
    OtherTerms,
    OutputTerms,
    Project,
    Terms,
)
from domain.yaml_text import Lines, load_yaml, validate_value
from store.files.fields import (
    AMOUNT_MAX,
    NOTE_LENGTH_MAX,
    Clause,
    Day,
    FileModel,
    Identifier,
    Number,
    PositiveDays,
    PositiveNumber,
    Texts,
    plain_text,
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
_Path = tuple[str | int, ...]


def _metric(name: str) -> str:
    if name not in METRICS:
        raise ValueError(f"unknown metric '{name}'. {did_you_mean(name, METRICS)}")
    return name


def _method(name: str) -> str:
    if name not in METHODS:
        raise ValueError(f"unknown method '{name}'. {did_you_mean(name, METHODS)}")
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
        raise ValueError(
            f"must be a text of at most {NOTE_LENGTH_MAX} characters, a number up to "
            f"{AMOUNT_MAX:g}, or lists and keys of them, at most {_DEPTH_MAX} deep"
        )
    for item in inner:
        _plain(item, depth + 1)
    return value


class DaysFile(FileModel):
    start: Day
    end: Day


class ProductionDaysFile(FileModel):
    production_days: PositiveDays


class KpiTermsFile(FileModel):
    kind: Literal["kpi"]
    metric: Annotated[str, AfterValidator(_metric), Field(json_schema_extra={"enum": [*METRICS]})]
    op: Annotated[Operator | None, BeforeValidator(_operator)] = None
    target: Number | None = None
    change: Annotated[float, Field(gt=-1, le=_CHANGE_MAX)] | None = None
    baseline: DaysFile | None = None
    window: ProductionDaysFile | DaysFile
    min_coverage: Annotated[float, Field(ge=0, le=1)] = 0.0
    method: Annotated[
        str, AfterValidator(_method), Field(json_schema_extra={"enum": [*METHODS]})
    ] = DEFAULT_METHOD


class OutputTermsFile(FileModel):
    kind: Literal["output"]
    good_units: PositiveNumber
    start: Day
    end: Day


class CommissionedTermsFile(FileModel):
    kind: Literal["commissioned"]
    good_units: PositiveNumber
    within_days: PositiveDays


class DocumentTermsFile(FileModel):
    kind: Literal["document"]
    document: Identifier


class OperatingTermsFile(FileModel):
    kind: Literal["operating"]
    production_days_per_month: Annotated[int, Field(ge=1, le=31)]
    months: Annotated[int, Field(ge=1, le=_MONTHS_MAX)]


class AttestedTermsFile(FileModel):
    """Figures that people attest with documents. Terms that say what has to be reached are judged,
    others kept and shown; further fields are free, but plain."""

    model_config = ConfigDict(extra="allow")
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


class MilestoneFile(FileModel):
    id: Identifier
    clause: Clause
    due: Day
    title: Texts
    terms: TermsFile


class GrantFile(FileModel):
    """grant.yaml, describes one funded project and its milestones."""

    project: Identifier
    scheme: Literal["NIFS", "NIAS", "MPUPS", "NITTP", "RTH"]
    plant: Identifier
    lines: Annotated[list[Identifier], Field(min_length=1)]
    approved_cost_hkd: PositiveNumber
    approved_on: Day
    start: Day
    end: Day
    milestones: Annotated[list[MilestoneFile], Field(min_length=1)]
    change_requests: list[PositiveDays] = Field(default_factory=list)


def read_grant(text: str, file: str) -> Project:
    """The text of a grant file as a Project; `file` names it in errors.

    Raises InputError for the first thing wrong: one sentence with file, line and field.
    """
    value, lines = load_yaml(text, file)
    model = validate_value(GrantFile, value, lines)
    if len(set(model.lines)) < len(model.lines):
        raise lines.error(("lines",), "a line is named twice", "Name each line once.")
    _check_order(model.start, model.end, ("end",), lines)
    seen: set[str] = set()
    milestones = []
    for index, milestone in enumerate(model.milestones):
        path = ("milestones", index)
        if milestone.id in seen:
            raise lines.error(
                (*path, "id"),
                f"the milestone '{milestone.id}' is there twice",
                "Give each milestone an id of its own.",
            )
        seen.add(milestone.id)
        if milestone.due < model.start:
            raise lines.error(
                (*path, "due"),
                f"milestone {milestone.id} is due on {milestone.due}, before the project "
                f"starts on {model.start}",
                "Correct one of the two days.",
            )
        milestones.append(_milestone(milestone, value["milestones"][index], path, lines))
    return Project(
        reference=model.project,
        scheme=model.scheme,
        plant=model.plant,
        lines=tuple(model.lines),
        approved_cost_hkd=model.approved_cost_hkd,
        approved_on=model.approved_on,
        start=model.start,
        end=model.end,
        milestones=tuple(milestones),
        change_requests=tuple(model.change_requests),
    )


def terms_digest(written: dict[str, Any]) -> str:
    """SHA-256, in hex, of `terms_text`."""
    return hashlib.sha256(terms_text(written)).hexdigest()


def terms_text(written: dict[str, Any]) -> bytes:
    """The terms as they were written, as canonical JSON (sorted keys, no spaces, UTF-8)."""
    canonical = json.dumps(
        written, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str
    )
    return canonical.encode()


def terms_texts(text: str) -> dict[str, bytes]:
    """`terms_text` of each milestone, by its id, in the text of a grant file that was applied."""
    value, _ = load_yaml(text, "the grant file that was applied")
    return {str(it["id"]): terms_text(it["terms"]) for it in value["milestones"]}


def _milestone(
    model: MilestoneFile, written: dict[str, Any], path: _Path, lines: Lines
) -> Milestone:
    return Milestone(
        id=model.id,
        clause=model.clause,
        due=model.due,
        title=plain_text(model.title),
        terms=_terms(model, written["terms"], (*path, "terms"), lines),
        terms_digest=terms_digest(written["terms"]),
    )


def _terms(model: MilestoneFile, written: dict[str, Any], path: _Path, lines: Lines) -> Terms:
    terms = model.terms
    if isinstance(terms, KpiTermsFile):
        return _kpi_terms(model, terms, path, lines)
    if isinstance(terms, OutputTermsFile):
        period = _within_due(model, terms.start, terms.end, (*path, "end"), lines)
        return OutputTerms(terms.good_units, period)
    if isinstance(terms, CommissionedTermsFile):
        return CommissionedTerms(terms.good_units, terms.within_days)
    if isinstance(terms, OperatingTermsFile):
        return OperatingTerms(terms.production_days_per_month, terms.months)
    if isinstance(terms, DocumentTermsFile):
        return DocumentTerms(terms.document)
    if isinstance(terms, PeopleTermsFile) and terms.people is not None:
        return AttestedTerms(terms.kind, terms.people)
    if isinstance(terms, ExpenditureTermsFile) and terms.amount_hkd is not None:
        return AttestedTerms(terms.kind, terms.amount_hkd, terms.category)
    fields = {key: item for key, item in written.items() if key != "kind"}
    return OtherTerms(terms.kind, fields)


def _kpi_terms(model: MilestoneFile, terms: KpiTermsFile, path: _Path, lines: Lines) -> KpiTerms:
    window: DayRange | int
    if isinstance(terms.window, DaysFile):
        window_path = (*path, "window", "end")
        window = _within_due(model, terms.window.start, terms.window.end, window_path, lines)
    else:
        window = terms.window.production_days
    baseline = None
    if terms.baseline is not None:
        baseline = DayRange(terms.baseline.start, terms.baseline.end)
        _check_order(baseline.start, baseline.end, (*path, "baseline", "end"), lines)
    if (terms.target is None) == (terms.change is None):
        raise lines.error(
            path,
            f"milestone {model.id} needs either a target or a change, "
            f"{'not both' if terms.target is not None else 'and has neither'}",
            "Give target: with op:, or change: with baseline:.",
        )
    if (terms.change is None) != (baseline is None):
        raise lines.error(
            path,
            f"milestone {model.id} has a {'baseline' if baseline else 'change'} without a "
            f"{'change' if baseline else 'baseline'}",
            "A change is measured against a baseline: give both or neither.",
        )
    if baseline and isinstance(window, DayRange) and baseline.end >= window.start:
        raise lines.error(
            (*path, "baseline", "end"),
            f"the baseline ends on {baseline.end}, not before the window starts on {window.start}",
            "Give a baseline that is over when the window begins.",
        )
    return KpiTerms(
        metric=terms.metric,
        op=_op(model.id, terms, path, lines),
        window=window,
        target=terms.target,
        change=terms.change,
        baseline=baseline,
        min_coverage=terms.min_coverage,
        method=terms.method,
    )


def _op(milestone: str, terms: KpiTermsFile, path: _Path, lines: Lines) -> Operator:
    if terms.change:
        derived: Operator = ">=" if terms.change > 0 else "<="
        if terms.op not in (None, derived):
            raise lines.error(
                (*path, "op"),
                f"milestone {milestone} asks for a change of {terms.change} and for "
                f"'{terms.op}', which contradict each other",
                f"Leave op: out; a change of {terms.change} means '{derived}'.",
            )
        return derived
    if terms.op is None:
        raise lines.error(
            path,
            f"milestone {milestone} does not say whether the value has to be at least or at "
            "most the target",
            'Add op: ">=" or op: "<=".',
        )
    return terms.op


def _within_due(
    model: MilestoneFile, start: date, end: date, path: _Path, lines: Lines
) -> DayRange:
    _check_order(start, end, path, lines)
    if end > model.due:
        raise lines.error(
            path,
            f"the window of milestone {model.id} ends on {end}, after it is due on {model.due}",
            "Correct one of the two days.",
        )
    return DayRange(start, end)


def _check_order(start: date, end: date, path: _Path, lines: Lines) -> None:
    if end < start:
        raise lines.error(
            path, f"the end {end} is before the start {start}", "Swap or correct the two days."
        )
