"""Verdicts on what people attest: training, headcount, expenditure."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest
from facts_frames import ZONE, judged, morning_of

from domain.attested_figures import AttestedFigure, AttestedKind
from domain.grants import AttestedTerms, Verdict, VerdictStatus

START, DUE = date(2026, 3, 2), date(2026, 9, 30)
TRAINING = AttestedTerms("training", 30)
HEADCOUNT = AttestedTerms("headcount", 12)
MONEY = AttestedTerms("expenditure", 1_000_000.0)


def figure(
    kind: str,
    amount: str,
    day: date,
    *,
    number: int = 1,
    milestone: str = "M1",
    category: str = "",
    attested: datetime | None = None,
    withdraws: int | None = None,
) -> AttestedFigure:
    return AttestedFigure(
        project="P",
        number=number,
        kind=AttestedKind(kind),
        attested_at=attested or datetime(day.year, day.month, day.day, 12, tzinfo=ZONE),
        attested_by="chan",
        amount=Decimal(amount),
        day=day,
        milestone=milestone,
        category=category,
        payer="company" if category else "",
        withdraws=withdraws,
    )


def attested(terms: AttestedTerms, *figures: AttestedFigure, on: date = DUE) -> Verdict:
    return judged(terms, [], start=START, due=DUE, as_of=morning_of(on), attested=figures)


TWELVE = figure("training", "12", date(2026, 3, 3))
TWENTY = figure("training", "20", date(2026, 5, 8), number=2)


@pytest.mark.parametrize(
    ("on", "status"),
    [
        (date(2026, 3, 1), VerdictStatus.PENDING),
        (date(2026, 3, 2), VerdictStatus.ON_TRACK),
        (DUE, VerdictStatus.ON_TRACK),
        (date(2026, 10, 1), VerdictStatus.NOT_MET),
    ],
)
def test_without_a_figure(on: date, status: VerdictStatus) -> None:
    given = attested(TRAINING, on=on)
    assert (given.status, given.value, given.target) == (status, 0.0, 30)
    assert str(given.reasons[-1]) == "No figure with a document is attested yet."


def test_people_trained_add_up() -> None:
    given = attested(TRAINING, TWENTY, TWELVE)
    assert (given.status, given.value, given.met_on) == (VerdictStatus.MET, 32, date(2026, 5, 8))
    assert [str(it) for it in given.reasons] == [
        "32 people were trained; at least 30 are asked for.",
        "Entries with documents: 2; the last was attested on 2026-05-08.",
    ]


@pytest.mark.parametrize(("second", "is_met"), [("17", False), ("18", True), ("19", True)])
def test_below_at_and_above_the_target(second: str, is_met: bool) -> None:
    given = attested(TRAINING, TWELVE, figure("training", second, date(2026, 5, 8), number=2))
    assert (given.status == VerdictStatus.MET) == is_met


def test_of_people_employed_the_last_count_holds() -> None:
    counts = [
        figure("headcount", amount, day, number=number)
        for number, (amount, day) in enumerate(
            [("13", date(2026, 6, 1)), ("11", date(2026, 7, 1)), ("12", date(2026, 8, 1))], 1
        )
    ]
    assert attested(HEADCOUNT, *counts[:1]).met_on == date(2026, 6, 1)
    assert attested(HEADCOUNT, *counts[:2]).status == VerdictStatus.ON_TRACK
    assert attested(HEADCOUNT, *counts).met_on == date(2026, 8, 1)
    again = figure("headcount", "12", date(2026, 9, 1), number=4)
    assert attested(HEADCOUNT, *counts, again).met_on == date(2026, 8, 1), "it was met before"


def test_expenditure_counts_where_it_is_eligible() -> None:
    machine = figure("expenditure", "800000", date(2026, 4, 1), category="machinery", milestone="")
    rent = figure("expenditure", "500000", date(2026, 4, 2), category="rent", number=2)
    patents = figure("expenditure", "300000", date(2026, 4, 3), category="patents", number=3)
    assert attested(MONEY, machine, rent).value == 800_000
    given = attested(MONEY, machine, rent, patents)
    assert (given.value, given.met_on) == (1_050_000, date(2026, 4, 3))
    assert attested(AttestedTerms("expenditure", 1.0, "patents"), machine).value == 0
    assert attested(AttestedTerms("expenditure", 1.0, "patents"), patents).value == 250_000


def test_what_is_anothers_does_not_count() -> None:
    others = [
        figure("training", "40", date(2026, 5, 1), milestone="M2"),
        figure("headcount", "40", date(2026, 5, 1)),
    ]
    assert attested(TRAINING, *others).value == 0
    money = figure("expenditure", "9", date(2026, 5, 1), milestone="M2", category="machinery")
    assert attested(MONEY, money).value == 0


def test_what_was_attested_later_or_withdrawn_does_not_count() -> None:
    withdrawal = figure("withdrawal", "0", date(2026, 6, 1), number=3, withdraws=2)
    given = attested(TRAINING, TWELVE, TWENTY, withdrawal)
    assert (given.status, given.value) == (VerdictStatus.ON_TRACK, 12)
    assert attested(TRAINING, TWELVE, TWENTY, withdrawal, on=date(2026, 5, 31)).value == 32


def test_late_is_met_and_told_and_when_it_was_entered_too() -> None:
    entered = datetime(2026, 11, 1, 12, tzinfo=ZONE)
    late = figure("training", "30", date(2026, 10, 10), attested=entered)
    given = attested(TRAINING, late, on=date(2026, 11, 2))
    assert (given.status, given.met_on) == (VerdictStatus.MET, date(2026, 10, 10))
    assert [str(it) for it in given.reasons[1:]] == [
        "That is 10 days after the due date, 2026-09-30.",
        "Entries with documents: 1; the last was attested on 2026-11-01.",
    ]
