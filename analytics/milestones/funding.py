"""What a scheme pays towards an approved project: dated rules and exact arithmetic.

A rule is chosen by the day of approval, because schemes change their amounts and their names.
Amounts are computed as exact decimals; the grant is rounded down to the cent and the company
bears the rest, so that the two always sum to the approved cost. A scheme without a rule here
gets no amounts and a sentence that says so: never a guess.

Sources. New Industrialisation Funding Scheme (NIFS), until late 2023 Re-industrialisation
Funding Scheme (RFS): one third of the approved project's total expenditure or HK$15,000,000,
whichever is lower (Hong Kong Yearbook 2024, chapter 16; smelink.gov.hk); launched in July 2020
(news.gov.hk, 27 July 2020); present terms since 8 January 2024 (hongkongbusiness.hk).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_FLOOR, Decimal

from domain.grants import Funding, Project
from domain.plant import Text

CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class SchemeRule:
    """The Government bears one `parts`th of the cost, at most `ceiling_hkd` a project.

    It holds for approvals from `since` until the scheme's next rule begins.
    """

    scheme: str
    since: date
    title: Text
    parts: int
    parts_text: str
    ceiling_hkd: int


SCHEME_RULES: tuple[SchemeRule, ...] = (
    SchemeRule(
        scheme="NIFS",
        since=date(2020, 7, 27),
        title={
            "en": "Re-industrialisation Funding Scheme",
            "zh-Hant": "再工業化資助計劃",
            "zh-Hans": "再工业化资助计划",
        },
        parts=3,
        parts_text="one third",
        ceiling_hkd=15_000_000,
    ),
    SchemeRule(
        scheme="NIFS",
        since=date(2024, 1, 8),
        title={
            "en": "New Industrialisation Funding Scheme",
            "zh-Hant": "新型工業化資助計劃",
            "zh-Hans": "新型工业化资助计划",
        },
        parts=3,
        parts_text="one third",
        ceiling_hkd=15_000_000,
    ),
)
_FORMER_NAMES = {"RFS": "NIFS"}


def rule_for(scheme: str, approved_on: date) -> SchemeRule | None:
    """The rule that held on the day of approval; None where this version knows none."""
    name = _FORMER_NAMES.get(scheme, scheme)
    holding = [rule for rule in SCHEME_RULES if rule.scheme == name and rule.since <= approved_on]
    return max(holding, key=lambda rule: rule.since, default=None)


def funding(project: Project) -> Funding:
    """Grant, ceiling and the company's share of a project, in HKD.

    Whole amounts are integers, others floats of whole cents.
    """
    cost = _decimal(project.approved_cost_hkd)
    rule = rule_for(project.scheme, project.approved_on)
    if rule is None:
        return Funding(
            scheme=project.scheme,
            approved_cost_hkd=_number(cost),
            ceiling_hkd=None,
            grant_hkd=None,
            company_hkd=None,
            rule=f"this version knows no funding rule of {project.scheme} "
            f"for an approval on {project.approved_on.isoformat()}",
        )
    share = (cost / rule.parts).quantize(CENT, rounding=ROUND_FLOOR)
    grant = min(share, Decimal(rule.ceiling_hkd))
    return Funding(
        scheme=project.scheme,
        approved_cost_hkd=_number(cost),
        ceiling_hkd=rule.ceiling_hkd,
        grant_hkd=_number(grant),
        company_hkd=_number(cost - grant),
        rule=f"{rule.parts_text} of {_number(cost)} or {rule.ceiling_hkd}, whichever is lower",
    )


def _decimal(amount: float) -> Decimal:
    """The amount as it was written: 0.1 is a tenth, not its nearest binary fraction."""
    return Decimal(str(amount))


def _number(amount: Decimal) -> int | float:
    return int(amount) if amount == amount.to_integral_value() else float(amount)
