"""What a funding scheme's rules say, from a day on; and which of them holds on a day.

A scheme changes its amounts and its name, so each rule has a first day, and the rule of a project
is that of its day of approval. The day of a change is not always known. Then the older rule has a
day up to which it is known to hold, and of an approval between the two nobody says what held:

    rule 1   since 2018-08-22, known until 2023-10-30
    rule 2   since 2026-01-10                         an approval on 2024-05-01: neither is known

Every figure has its source; a source that was read only as an excerpt says so.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from domain.plant import Text


@dataclass(frozen=True, slots=True)
class Source:
    """Where a figure is from. `dated`: the day of the source. `is_excerpt`: only an excerpt of it
    was read, so check before money depends on it."""

    title: str
    dated: date
    is_excerpt: bool


@dataclass(frozen=True, slots=True)
class RuleNumber:
    """A number of a rule: dollars, projects, months, years, people, or a ratio."""

    value: Decimal
    source: Source


@dataclass(frozen=True, slots=True)
class Matching:
    """The Government pays so many parts, the company so many, as in 1 : 2."""

    government: int
    company: int
    source: Source


@dataclass(frozen=True, slots=True)
class HeadCount:
    """People whom a project may take on besides. `monthly_hkd`: the most that is paid a month for
    one of them; None: not known."""

    title: Text
    people: RuleNumber
    matching: Matching
    monthly_hkd: RuleNumber | None


@dataclass(frozen=True, slots=True)
class Item:
    """A kind of expenditure. `ceiling_hkd`: the most of it that counts, of one project."""

    name: str
    title: Text
    source: Source
    ceiling_hkd: RuleNumber | None = None


@dataclass(frozen=True, slots=True)
class Training:
    """`company_year_hkd`: the most for a company in a financial year (1 April to 31 March);
    `attendance`: the least that a trainee must attend, as a fraction."""

    company_year_hkd: RuleNumber
    courses_a_year: RuleNumber
    attendance: RuleNumber
    report_months: RuleNumber


@dataclass(frozen=True, slots=True)
class Limits:
    """What a project, and all of a company's, must keep to. None: no such limit is known.
    `company_counts`: which of a company's projects share its ceiling."""

    project_hkd: RuleNumber | None = None
    company_hkd: RuleNumber | None = None
    company_counts: Literal["running", "all"] = "all"
    projects_at_a_time: RuleNumber | None = None
    cost_min_hkd: RuleNumber | None = None
    company_min_hkd: RuleNumber | None = None
    months: RuleNumber | None = None


@dataclass(frozen=True, slots=True)
class OfficeRules:
    """How the officers' work goes on: for how long papers are kept, from which grant on two persons
    decide, from which probability a milestone is on track, after how many days a thing that waits
    is told to somebody else, how many days before a due day and after how many days of waiting
    people are reminded."""

    retention_years: RuleNumber
    two_persons_from_hkd: RuleNumber
    on_track_from: RuleNumber
    escalate_after_days: RuleNumber
    remind_before_days: RuleNumber
    remind_waiting_after_days: RuleNumber


@dataclass(frozen=True, slots=True)
class SchemeRule:
    """Of one scheme, from `since` on; `known_until`: the last day of which that is known."""

    scheme: str
    since: date
    until: date | None
    known_until: date | None
    title: Text
    matching: Matching
    limits: Limits
    office: OfficeRules
    eligible: tuple[Item, ...] = ()
    not_eligible: tuple[Item, ...] = ()
    head_counts: tuple[HeadCount, ...] = ()
    training: Training | None = None
    smart_points: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True)
class Scheme:
    """`rules` in the order of their days; `former_names`: what it was called before."""

    name: str
    former_names: tuple[str, ...]
    rules: tuple[SchemeRule, ...]

    def on(self, day: date) -> SchemeRule | None:
        """The rule that held on that day; None where none did, or nobody knows which."""
        began = [rule for rule in self.rules if rule.since <= day]
        if not began:
            return None
        last = began[-1]
        ended = last.until is not None and day > last.until
        unknown = last.known_until is not None and day > last.known_until
        return None if ended or unknown else last


def scheme_named(schemes: Iterable[Scheme], name: str) -> Scheme | None:
    """By its present or a former name."""
    return next((it for it in schemes if name in (it.name, *it.former_names)), None)
