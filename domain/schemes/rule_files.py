"""The rule files of this folder: YAML, one for each scheme, read once.

A file names its sources first; every figure then names one of them:

    sources:
      yearbook: {title: "Hong Kong Yearbook 2024, chapter 16", dated: 2024-12-31}
    rules:
      - since: 2024-01-08
        limits: {project_hkd: {is: 15000000, source: yearbook}}
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from domain.schemes.rules import (
    HeadCount,
    Item,
    Limits,
    Matching,
    OfficeRules,
    RuleNumber,
    Scheme,
    SchemeRule,
    Source,
    Training,
)
from domain.yaml_text import Lines, load_yaml, validate_value

_LANGUAGES = {"en", "zh-Hant", "zh-Hans"}
_Day = Annotated[date, BeforeValidator(lambda it: date.fromisoformat(str(it)))]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _texts(value: Any) -> Any:
    if isinstance(value, dict) and set(value) != _LANGUAGES:
        raise ValueError(f"needs a text in each of {', '.join(sorted(_LANGUAGES))}")
    return value


_Texts = Annotated[dict[str, str], BeforeValidator(_texts)]


class _SourceFile(_Model):
    title: str
    dated: _Day
    excerpt: bool = False


class _NumberFile(_Model):
    is_: Annotated[Decimal, Field(alias="is", ge=0), BeforeValidator(str)]
    source: str


class _MatchingFile(_Model):
    government: Annotated[int, Field(ge=0)]
    company: Annotated[int, Field(ge=0)]
    source: str


class _LimitsFile(_Model):
    project_hkd: _NumberFile | None = None
    company_hkd: _NumberFile | None = None
    company_counts: Literal["running", "all"] = "all"
    projects_at_a_time: _NumberFile | None = None
    cost_min_hkd: _NumberFile | None = None
    company_min_hkd: _NumberFile | None = None
    months: _NumberFile | None = None


class _ItemFile(_Model):
    title: _Texts
    source: str
    ceiling_hkd: _NumberFile | None = None


class _HeadCountFile(_Model):
    title: _Texts
    people: _NumberFile
    matching: _MatchingFile
    monthly_hkd: _NumberFile | None = None


class _TrainingFile(_Model):
    company_year_hkd: _NumberFile
    courses_a_year: _NumberFile
    attendance: _NumberFile
    report_months: _NumberFile


class _OfficeFile(_Model):
    retention_years: _NumberFile
    two_persons_from_hkd: _NumberFile
    on_track_from: _NumberFile
    escalate_after_days: _NumberFile
    remind_before_days: _NumberFile
    remind_waiting_after_days: _NumberFile


class _RuleFile(_Model):
    since: _Day
    until: _Day | None = None
    known_until: _Day | None = None
    title: _Texts
    matching: _MatchingFile
    limits: _LimitsFile
    office: _OfficeFile
    eligible: dict[str, _ItemFile] = {}
    not_eligible: dict[str, _ItemFile] = {}
    head_counts: list[_HeadCountFile] = []
    training: _TrainingFile | None = None
    smart_points: dict[str, _ItemFile] = {}


class _SchemeFile(_Model):
    scheme: str
    former_names: list[str] = []
    sources: dict[str, _SourceFile]
    rules: Annotated[list[_RuleFile], Field(min_length=1)]


@cache
def schemes() -> tuple[Scheme, ...]:
    """All that come with the program, by name."""
    folder = resources.files("domain.schemes") / "rules"
    files = sorted(it.name for it in folder.iterdir() if it.name.endswith(".yaml"))
    return tuple(read_scheme((folder / name).read_text(encoding="utf-8"), name) for name in files)


def read_scheme(text: str, file: str) -> Scheme:
    """The text of a rule file. Raises InputError for the first thing wrong, with file, line and
    field."""
    value, lines = load_yaml(text, file)
    model = validate_value(_SchemeFile, value, lines)
    days = [it.since for it in model.rules]
    if sorted(set(days)) != days:
        raise lines.error(("rules",), "the rules are not in the order of their days", "Sort them.")
    sources = {name: Source(it.title, it.dated, it.excerpt) for name, it in model.sources.items()}
    rules = [
        _Reader(sources, lines, ("rules", index)).rule(model.scheme, it)
        for index, it in enumerate(model.rules)
    ]
    return Scheme(model.scheme, tuple(model.former_names), tuple(rules))


class _Reader:
    """Puts each figure's source beside it."""

    def __init__(
        self, sources: Mapping[str, Source], lines: Lines, path: tuple[str | int, ...]
    ) -> None:
        self._sources = sources
        self._lines = lines
        self._path = path

    def rule(self, scheme: str, it: _RuleFile) -> SchemeRule:
        return SchemeRule(
            scheme=scheme,
            since=it.since,
            until=it.until,
            known_until=it.known_until,
            title=it.title,
            matching=self._matching(it.matching),
            limits=self._limits(it.limits),
            office=OfficeRules(
                self._must(it.office.retention_years),
                self._must(it.office.two_persons_from_hkd),
                self._must(it.office.on_track_from),
                self._must(it.office.escalate_after_days),
                self._must(it.office.remind_before_days),
                self._must(it.office.remind_waiting_after_days),
            ),
            eligible=self._items(it.eligible),
            not_eligible=self._items(it.not_eligible),
            head_counts=tuple(
                HeadCount(
                    each.title,
                    self._must(each.people),
                    self._matching(each.matching),
                    self._figure(each.monthly_hkd),
                )
                for each in it.head_counts
            ),
            training=None if it.training is None else self._training(it.training),
            smart_points=self._items(it.smart_points),
        )

    def _limits(self, it: _LimitsFile) -> Limits:
        return Limits(
            self._figure(it.project_hkd),
            self._figure(it.company_hkd),
            it.company_counts,
            self._figure(it.projects_at_a_time),
            self._figure(it.cost_min_hkd),
            self._figure(it.company_min_hkd),
            self._figure(it.months),
        )

    def _training(self, it: _TrainingFile) -> Training:
        return Training(
            self._must(it.company_year_hkd),
            self._must(it.courses_a_year),
            self._must(it.attendance),
            self._must(it.report_months),
        )

    def _items(self, items: Mapping[str, _ItemFile]) -> tuple[Item, ...]:
        return tuple(
            Item(name, it.title, self._source(it.source), self._figure(it.ceiling_hkd))
            for name, it in items.items()
        )

    def _matching(self, it: _MatchingFile) -> Matching:
        return Matching(it.government, it.company, self._source(it.source))

    def _figure(self, it: _NumberFile | None) -> RuleNumber | None:
        return None if it is None else self._must(it)

    def _must(self, it: _NumberFile) -> RuleNumber:
        return RuleNumber(it.is_, self._source(it.source))

    def _source(self, name: str) -> Source:
        if name not in self._sources:
            raise self._lines.error(
                self._path,
                f"there is no source '{name}'",
                f"Name one of {', '.join(self._sources)}.",
            )
        return self._sources[name]
