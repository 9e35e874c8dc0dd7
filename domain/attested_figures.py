"""Figures that a person attests with a document, because no machine measures them.

Money spent and paid out, people trained, people employed: each is entered once, with the document
that shows it, and never changed. What was wrong is withdrawn by a later entry that says why.

    number  kind          amount      day         category   payer     document
    1       expenditure   1,200,000   2026-03-02  machinery  company   invoice-17.pdf
    2       expenditure   1,200,000   2026-03-02  machinery  company   invoice-17.pdf
    3       withdrawal    of number 2, "entered twice"
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from domain.errors import InputError

COMPANY = "company"  # the payer, where it is the company that the project was approved for


class AttestedKind(StrEnum):
    EXPENDITURE = "expenditure"  # paid for the project
    DISBURSEMENT = "disbursement"  # of the grant, to the company
    REFUND = "refund"  # of the grant, by the company
    TRAINING = "training"  # people who were trained
    HEADCOUNT = "headcount"  # people who are employed on that day
    WITHDRAWAL = "withdrawal"


MONEY = (AttestedKind.EXPENDITURE, AttestedKind.DISBURSEMENT, AttestedKind.REFUND)
PEOPLE = (AttestedKind.TRAINING, AttestedKind.HEADCOUNT)
AMOUNT_MAX = Decimal(10) ** 12  # HKD, or people
ATTESTED_TEXT_MAX = 2_000  # characters
_CENT, _ONE = Decimal("0.01"), Decimal(1)


@dataclass(frozen=True, slots=True)
class AttestedFigure:
    """One entry. `number` counts from 1 within the project. `amount` is in HKD, or in people;
    `day`: on which it was paid, or the training ended, or the people were counted. `category` and
    `payer` (COMPANY, or another's name) are an expenditure's, `milestone` is that of people.
    `document`: its SHA-256. A withdrawal has `withdraws` and its reason in `comment`."""

    project: str
    number: int
    kind: AttestedKind
    attested_at: datetime
    attested_by: str
    comment: str = ""
    amount: Decimal = Decimal()
    day: date | None = None
    milestone: str = ""
    category: str = ""
    payer: str = ""
    document: str = ""
    withdraws: int | None = None


def not_withdrawn(figures: Sequence[AttestedFigure]) -> list[AttestedFigure]:
    """Those that were not withdrawn, withdrawals left out."""
    withdrawn = {it.withdraws for it in figures}
    return [
        it
        for it in figures
        if it.kind is not AttestedKind.WITHDRAWAL and it.number not in withdrawn
    ]


def total(figures: Iterable[AttestedFigure]) -> Decimal:
    return sum((it.amount for it in figures), Decimal())


def check_figure(figure: AttestedFigure, today: date) -> None:
    """Raises InputError where it says what cannot be. `today`: at the plant, when it is attested.
    What the project must have (milestone, kind of expenditure, document), others check."""
    is_money = figure.kind in MONEY
    unit, said = (_CENT, "HKD in whole cents") if is_money else (_ONE, "a whole number of people")
    amount = figure.amount
    if not amount.is_finite() or not 0 < amount <= AMOUNT_MAX or amount % unit:
        raise InputError(
            f"the amount {amount} is not {said}, above 0 and at most {AMOUNT_MAX:,}",
            todo="Correct it; what was attested wrongly is withdrawn, not subtracted.",
        )
    if figure.day is None or figure.day > today:
        raise InputError(
            f"the day {figure.day} has not come yet" if figure.day else "it has no day",
            todo="Attest what has happened, with its day.",
        )
    is_expenditure = figure.kind is AttestedKind.EXPENDITURE
    if is_expenditure != bool(figure.category and figure.payer):
        raise InputError(
            "an expenditure has a category and a payer, and nothing else has them",
            todo=f"Give both for an expenditure; the payer is '{COMPANY}' or another's name.",
        )
    if max(len(figure.payer), len(figure.comment)) > ATTESTED_TEXT_MAX:
        raise InputError(
            f"a text is longer than {ATTESTED_TEXT_MAX} characters", todo="Shorten it."
        )


def check_withdrawal(figure: AttestedFigure, earlier: Sequence[AttestedFigure]) -> None:
    """Raises InputError where there is nothing to withdraw, or no reason."""
    if figure.withdraws not in {it.number for it in not_withdrawn(earlier)}:
        raise InputError(
            f"the project has no figure {figure.withdraws} in force",
            todo="List its figures, and give the number of one that was not withdrawn.",
        )
    if not 0 < len(figure.comment.strip()) <= ATTESTED_TEXT_MAX:
        raise InputError(
            f"a withdrawal says why, in at most {ATTESTED_TEXT_MAX} characters",
            todo="Give a comment.",
        )
