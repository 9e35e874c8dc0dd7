"""What a scheme pays towards an approved project: the rule of its day and exact arithmetic.

Amounts are exact decimals; the grant is rounded down to the cent and the company bears the rest, so
that the two always sum to the approved cost. Where no rule is known for the day of approval there
are no amounts and a sentence that says so: never a guess.

    cost 54,000,000, NIFS in 2025: a third is 18,000,000, the ceiling 15,000,000    grant 15,000,000
    a company's fourth project of 15,000,000 at a time, where 45,000,000 is the most    grant 0
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_FLOOR, Decimal

from domain.grants import Funding, Project, Reason
from domain.schemes.rule_files import schemes
from domain.schemes.rules import Matching, SchemeRule, scheme_named

CENT = Decimal("0.01")
_APRIL = 4  # a financial year runs from 1 April to 31 March
# By (Government, company): with a ceiling, and without one.
_SHARES: dict[tuple[int, int], tuple[Reason, Reason]] = {
    (1, 2): (
        Reason("one third of %(cost)s or %(ceiling)s, whichever is lower"),
        Reason("one third of %(cost)s"),
    ),
    (1, 1): (
        Reason("one half of %(cost)s or %(ceiling)s, whichever is lower"),
        Reason("one half of %(cost)s"),
    ),
    (2, 1): (
        Reason("two thirds of %(cost)s or %(ceiling)s, whichever is lower"),
        Reason("two thirds of %(cost)s"),
    ),
    (1, 0): (
        Reason("all of %(cost)s or %(ceiling)s, whichever is lower"),
        Reason("all of %(cost)s"),
    ),
}


@dataclass(frozen=True, slots=True)
class _Ceiling:
    """The most for a project, as a whole and as the company's ceiling leaves it."""

    project: Decimal | None
    left: Decimal | None
    company: Decimal | None

    @property
    def lowest(self) -> Decimal | None:
        return min((it for it in (self.project, self.left) if it is not None), default=None)


def rule_for(scheme: str, approved_on: date) -> SchemeRule | None:
    """The rule that held on the day of approval; None where this version knows none."""
    found = scheme_named(schemes(), scheme)
    return None if found is None else found.on(approved_on)


def funding(project: Project, others: Sequence[Project] = ()) -> Funding:
    """Grant, ceiling and the company's share of a project, in HKD. `others`: the company's other
    projects, of which those of the scheme that were approved before share its ceiling.

    Whole amounts are integers, others floats of whole cents.
    """
    scheme = [it for it in others if it.scheme == project.scheme and _order(it) < _order(project)]
    granted: list[tuple[Project, Decimal]] = []
    for it in sorted(scheme, key=_order):
        granted.append((it, _decimal(_funding(it, granted).grant_hkd or 0)))
    return _funding(project, granted)


def _funding(project: Project, granted: Sequence[tuple[Project, Decimal]]) -> Funding:
    """`granted`: what the company's projects of the scheme get that were approved before."""
    cost = _decimal(project.approved_cost_hkd)
    rule = rule_for(project.scheme, project.approved_on)
    if rule is None:
        unknown = Reason(
            "this version knows no funding rule of %(scheme)s for an approval on %(day)s",
            {"scheme": project.scheme, "day": project.approved_on.isoformat()},
        )
        return Funding(project.scheme, as_number(cost), None, None, None, (unknown,))
    ceiling = _ceiling(project, rule, granted)
    share = share_of(cost, rule.matching)
    grant = share if ceiling.lowest is None else min(share, ceiling.lowest)
    return Funding(
        scheme=project.scheme,
        approved_cost_hkd=as_number(cost),
        ceiling_hkd=None if ceiling.project is None else as_number(ceiling.project),
        grant_hkd=as_number(grant),
        company_hkd=as_number(cost - grant),
        rule=tuple(_said(cost, rule, ceiling)),
    )


def two_persons_decide(project: Project, paid: Funding) -> bool:
    """Whether who recommends a milestone of it may not decide it as well. `paid`: what the project
    gets. Where this version knows no rule: yes."""
    rule = rule_for(project.scheme, project.approved_on)
    if rule is None or paid.grant_hkd is None:
        return True
    return _decimal(paid.grant_hkd) >= rule.office.two_persons_from_hkd.value


def share_of(cost: Decimal, matching: Matching) -> Decimal:
    """The Government's part of a cost, rounded down to the cent."""
    parts = matching.government + matching.company
    return (cost * matching.government / parts).quantize(CENT, rounding=ROUND_FLOOR)


def financial_years(start: date, end: date) -> int:
    """How many financial years the days touch."""
    first, last = (day.year - (day.month < _APRIL) for day in (start, end))
    return last - first + 1


def _ceiling(
    project: Project, rule: SchemeRule, granted: Sequence[tuple[Project, Decimal]]
) -> _Ceiling:
    limit, company = rule.limits.project_hkd, rule.limits.company_hkd
    most = None if limit is None else limit.value
    if rule.training is not None:
        years = financial_years(project.start, project.end)
        most = rule.training.company_year_hkd.value * years
    if company is None:
        return _Ceiling(most, None, None)
    counts_all = rule.limits.company_counts == "all"
    shared = (paid for it, paid in granted if counts_all or overlap(it, project))
    paid = sum(shared, Decimal())
    return _Ceiling(most, max(company.value - paid, Decimal()), company.value)


def overlap(one: Project, other: Project) -> bool:
    """Whether both run on some day."""
    return one.start <= other.end and other.start <= one.end


def _order(project: Project) -> tuple[date, str]:
    return project.approved_on, project.reference


def _said(cost: Decimal, rule: SchemeRule, ceiling: _Ceiling) -> Iterator[Reason]:
    limited, free = _SHARES[rule.matching.government, rule.matching.company]
    if ceiling.project is None:
        yield Reason(free.message, {"cost": as_number(cost)})
    else:
        yield Reason(
            limited.message, {"cost": as_number(cost), "ceiling": as_number(ceiling.project)}
        )
    if rule.training is not None:
        yield Reason(
            "the company may have %(ceiling)s a financial year",
            {"ceiling": as_number(rule.training.company_year_hkd.value)},
        )
    if ceiling.left is None or ceiling.company is None:
        return
    if ceiling.left < (ceiling.project or ceiling.company):
        yield Reason(
            "%(left)s are left of the company's ceiling of %(ceiling)s",
            {"left": as_number(ceiling.left), "ceiling": as_number(ceiling.company)},
        )


def _decimal(amount: float) -> Decimal:
    """The amount as it was written: 0.1 is a tenth, not its nearest binary fraction."""
    return Decimal(str(amount))


def as_number(amount: Decimal) -> int | float:
    """Whole amounts as integers."""
    return int(amount) if amount == amount.to_integral_value() else float(amount)
