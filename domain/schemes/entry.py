"""Whether a project may be what its grant file says, by the rule of its day of approval.

What a scheme demands before it approves: that there was a scheme, that the project is large enough
and the company's part too, and that the company has no more projects at a time than are allowed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from domain.grants import Project
from domain.schemes.funding import overlap, rule_for, share_of
from domain.schemes.rule_files import schemes
from domain.schemes.rules import RuleNumber, SchemeRule, scheme_named


@dataclass(frozen=True, slots=True)
class EntryFault:
    """`field`: of the grant file."""

    field: str
    says: str
    todo: str


def entry_faults(project: Project, others: Sequence[Project]) -> Iterator[EntryFault]:
    """What does not fit; `others`: the company's other projects."""
    rule = rule_for(project.scheme, project.approved_on)
    if rule is None:
        yield from _no_rule(project)
        return
    yield from _too_small(project, rule)
    yield from _too_many(project, rule, others)


def _no_rule(project: Project) -> Iterator[EntryFault]:
    """Of a day for which it is only not known what held, nothing is said."""
    found = scheme_named(schemes(), project.scheme)
    if found is None:
        return
    day, first, last = project.approved_on, found.rules[0], found.rules[-1]
    if day < first.since:
        yield EntryFault(
            "approved_on",
            f"approved on {day}, but {found.name} began on {first.since}",
            "Correct the day or the scheme.",
        )
    elif last.until is not None and day > last.until:
        yield EntryFault(
            "approved_on",
            f"approved on {day}, but {found.name} ended on {last.until}",
            "Correct the day or the scheme.",
        )


def _too_small(project: Project, rule: SchemeRule) -> Iterator[EntryFault]:
    cost = Decimal(str(project.approved_cost_hkd))
    cost_min, company_min = rule.limits.cost_min_hkd, rule.limits.company_min_hkd
    if cost_min is not None and cost < cost_min.value:
        yield EntryFault(
            "approved_cost_hkd",
            f"{_hkd(cost)} is less than a project of {rule.scheme} must cost: "
            f"{_hkd(cost_min.value)} ({_since(rule, cost_min)})",
            "Correct the cost, the day of approval or the scheme.",
        )
        return
    limit = rule.limits.project_hkd
    share = share_of(cost, rule.matching)
    company = cost - (share if limit is None else min(share, limit.value))
    if company_min is not None and company < company_min.value:
        yield EntryFault(
            "approved_cost_hkd",
            f"of {_hkd(cost)} the company pays {_hkd(company)}, less than {rule.scheme} asks of "
            f"it: {_hkd(company_min.value)} ({_since(rule, company_min)})",
            "Correct the cost, the day of approval or the scheme.",
        )


def _too_many(
    project: Project, rule: SchemeRule, others: Sequence[Project]
) -> Iterator[EntryFault]:
    most = rule.limits.projects_at_a_time
    if most is None:
        return
    beside = [
        it
        for it in others
        if it.reference != project.reference
        and it.scheme == project.scheme
        and overlap(it, project)
    ]
    # The most that run on one day: on a first day of one of them, or on the project's own.
    days = [project.start, *(it.start for it in beside if it.start > project.start)]
    for day in days:
        running = [it.reference for it in beside if it.start <= day <= it.end]
        if len(running) >= most.value:
            yield EntryFault(
                "start",
                f"on {day} the company has {', '.join(running)} running already; "
                f"{rule.scheme} allows {most.value} at a time ({_since(rule, most)})",
                "Correct the days of this project or of those.",
            )
            return


def _since(rule: SchemeRule, figure: RuleNumber) -> str:
    return f"rule since {rule.since}; {figure.source.title}"


def _hkd(amount: Decimal) -> str:
    return f"HK${amount:,}"
