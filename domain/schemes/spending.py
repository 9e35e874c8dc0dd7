"""The grant on what a project really cost, and whether the company paid its share.

    approved cost 9,000,000, grant 3,000,000 (a third). Attested: machinery 6,000,000 and rent
    100,000 paid by the company, patents 400,000 by a sponsor; of patents 250,000 count at most.

    eligible     6,250,000      machinery, and patents up to their ceiling; rent is not
    grant        2,083,333.33   a third of it, never more than what was approved
    share        4,166,666.67   what the company has to bear
    own money    3,916,666.67   what it paid of the eligible, less the grant that it gets
    lacking        250,000      so much of its share somebody else paid

Where the rule names no kinds of expenditure, every kind counts and a sentence says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal

from domain.attested_figures import COMPANY, AttestedFigure, AttestedKind, not_withdrawn, total
from domain.grants import Funding, Project, Reason
from domain.schemes.funding import CENT, as_number, rule_for, share_of
from domain.schemes.rules import Item, SchemeRule


@dataclass(frozen=True, slots=True)
class Category:
    """What was spent of one kind, in HKD: all, what of it is eligible, and what of that the company
    paid. `item` is None where the rule does not name the kind."""

    name: str
    item: Item | None
    spent_hkd: Decimal
    eligible_hkd: Decimal
    by_company_hkd: Decimal


@dataclass(frozen=True, slots=True)
class Spending:
    """Amounts in HKD. `grant_hkd`: on actual cost; None where this version knows no rule, with all
    that rests on it. `own_hkd`: the company's own money in it; `lacking_hkd`: what that falls short
    of its share. `open_hkd`: what is still to be disbursed; below zero, to be refunded."""

    categories: tuple[Category, ...]
    eligible_hkd: Decimal
    not_eligible_hkd: Decimal
    disbursed_hkd: Decimal
    refunded_hkd: Decimal
    grant_hkd: Decimal | None
    share_hkd: Decimal | None
    own_hkd: Decimal | None
    lacking_hkd: Decimal | None
    open_hkd: Decimal | None
    says: tuple[Reason, ...]


def spending(project: Project, funding: Funding, figures: Sequence[AttestedFigure]) -> Spending:
    """`funding`: what was approved; `figures`: all of the project, withdrawals too."""
    counted = not_withdrawn(figures)
    rule = rule_for(project.scheme, project.approved_on)
    categories = tuple(_categories(rule, counted))
    eligible = sum((it.eligible_hkd for it in categories), Decimal())
    paid = sum((it.by_company_hkd for it in categories), Decimal())
    disbursed = total(it for it in counted if it.kind is AttestedKind.DISBURSEMENT)
    refunded = total(it for it in counted if it.kind is AttestedKind.REFUND)
    grant = share = own = lacking = still = None
    if rule is not None and funding.grant_hkd is not None:
        grant = min(share_of(eligible, rule.matching), Decimal(str(funding.grant_hkd)))
        share = eligible - grant
        own = max(paid - grant, Decimal())
        lacking = share - own
        still = grant - disbursed + refunded
    spent = sum((it.spent_hkd for it in categories), Decimal())
    return Spending(
        categories=categories,
        eligible_hkd=eligible,
        not_eligible_hkd=spent - eligible,
        disbursed_hkd=disbursed,
        refunded_hkd=refunded,
        grant_hkd=grant,
        share_hkd=share,
        own_hkd=own,
        lacking_hkd=lacking,
        open_hkd=still,
        says=tuple(_said(project, rule, categories, lacking, still)),
    )


def eligible_total(
    project: Project, figures: Sequence[AttestedFigure], category: str | None = None
) -> Decimal:
    """What the figures (in force) amount to that is eligible, of one kind or of all."""
    rule = rule_for(project.scheme, project.approved_on)
    counted = _categories(rule, figures)
    return sum((it.eligible_hkd for it in counted if category in (None, it.name)), Decimal())


def known_categories(project: Project) -> list[str]:
    """The kinds of expenditure that the project's rule names, eligible ones first."""
    rule = rule_for(project.scheme, project.approved_on)
    return [] if rule is None else [it.name for it in (*rule.eligible, *rule.not_eligible)]


def _categories(rule: SchemeRule | None, figures: Sequence[AttestedFigure]) -> Iterator[Category]:
    """In the order of the rule, then by name."""
    eligible = {it.name: it for it in rule.eligible} if rule is not None else {}
    refused = {it.name: it for it in rule.not_eligible} if rule is not None else {}
    by_name: dict[str, list[AttestedFigure]] = {name: [] for name in (*eligible, *refused)}
    for it in sorted(figures, key=lambda it: it.category):
        if it.kind is AttestedKind.EXPENDITURE:
            by_name.setdefault(it.category, []).append(it)
    for name, entries in by_name.items():
        if not entries:
            continue
        spent = total(entries)
        paid = total(it for it in entries if it.payer == COMPANY)
        item = eligible.get(name)
        if item is not None and item.ceiling_hkd is not None:
            most = min(spent, item.ceiling_hkd.value)
        else:
            most = spent if item is not None or not eligible else Decimal()
        # Where a ceiling cuts, it cuts everybody's part alike.
        by_company = (most * paid / spent).quantize(CENT, rounding=ROUND_FLOOR)
        yield Category(name, item or refused.get(name), spent, most, by_company)


def _said(
    project: Project,
    rule: SchemeRule | None,
    categories: Sequence[Category],
    lacking: Decimal | None,
    still: Decimal | None,
) -> Iterator[Reason]:
    if rule is None:
        yield Reason(
            "this version knows no funding rule of %(scheme)s for an approval on %(day)s",
            {"scheme": project.scheme, "day": project.approved_on.isoformat()},
        )
    elif categories and not rule.eligible:
        yield Reason(
            "this version knows no list of eligible expenditure of %(scheme)s: everything counts",
            {"scheme": project.scheme},
        )
    for it in categories:
        if it.item is not None and it.item.ceiling_hkd and it.spent_hkd > it.eligible_hkd > 0:
            yield Reason(
                "of %(category)s %(ceiling)s count at most",
                {"category": it.name, "ceiling": as_number(it.eligible_hkd)},
            )
    if lacking:
        yield Reason(
            "%(lacking)s of the company's share are not shown to be its own money",
            {"lacking": as_number(lacking)},
        )
    if still is not None and still < 0:
        yield Reason("%(amount)s are to be refunded", {"amount": as_number(-still)})
