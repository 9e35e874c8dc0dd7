"""Figures that people attest: what cannot be, and what is in force."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from domain.attested_figures import (
    AttestedFigure,
    AttestedKind,
    check_figure,
    check_withdrawal,
    not_withdrawn,
    total,
)
from domain.errors import InputError

TODAY = date(2026, 3, 2)
MACHINE = AttestedFigure(
    "NIFS-2025-017",
    1,
    AttestedKind.EXPENDITURE,
    datetime(2026, 3, 2, tzinfo=UTC),
    "chan",
    amount=Decimal("1200000.50"),
    day=TODAY,
    category="machinery",
    payer="company",
)
TRAINED = replace(MACHINE, kind=AttestedKind.TRAINING, amount=Decimal(12), category="", payer="")


def withdrawal(of: int | None, why: str = "entered twice") -> AttestedFigure:
    return AttestedFigure(
        "NIFS-2025-017", 3, AttestedKind.WITHDRAWAL, MACHINE.attested_at, "lee", why, withdraws=of
    )


@pytest.mark.parametrize(
    "given",
    [
        MACHINE,
        TRAINED,
        replace(MACHINE, amount=Decimal("0.01")),
        replace(MACHINE, amount=Decimal(10) ** 12),
        replace(TRAINED, amount=Decimal("12.0")),
    ],
)
def test_what_can_be(given: AttestedFigure) -> None:
    check_figure(given, TODAY)


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        *(
            ({"amount": Decimal(it)}, "whole cents")
            for it in ("0", "-1", "0.001", "1000000000000.01", "NaN", "sNaN", "Infinity")
        ),
        ({"day": date(2026, 3, 3)}, "2026-03-03 has not come yet"),
        ({"day": None}, "it has no day"),
        ({"category": ""}, "has a category and a payer"),
        ({"payer": ""}, "has a category and a payer"),
        ({"kind": AttestedKind.REFUND}, "nothing else has them"),
        ({"payer": "x" * 2001}, "longer than 2000 characters"),
        ({"comment": "x" * 2001}, "longer than 2000 characters"),
    ],
)
def test_what_cannot_be(changed: dict[str, Any], says: str) -> None:
    with pytest.raises(InputError, match=says):
        check_figure(replace(MACHINE, **changed), TODAY)


@pytest.mark.parametrize("amount", ["0", "1.5", "NaN"])
def test_people_are_whole(amount: str) -> None:
    with pytest.raises(InputError, match="whole number of people"):
        check_figure(replace(TRAINED, amount=Decimal(amount)), TODAY)


def test_what_is_withdrawn_does_not_count() -> None:
    again = replace(MACHINE, number=2)
    assert not_withdrawn([MACHINE, again, withdrawal(2)]) == [MACHINE]
    assert total(not_withdrawn([MACHINE, again])) == Decimal("2400001.00")


@pytest.mark.parametrize("number", [None, 0, 2, 3, 9])
def test_only_what_is_in_force_is_withdrawn(number: int | None) -> None:
    """Neither nothing, nor what was withdrawn already, nor a withdrawal, nor what never was."""
    earlier = [MACHINE, replace(MACHINE, number=2), withdrawal(2)]
    check_withdrawal(withdrawal(1), earlier)
    with pytest.raises(InputError, match=f"no figure {number} in force"):
        check_withdrawal(withdrawal(number), earlier)


@pytest.mark.parametrize("why", ["", "  ", "x" * 2001])
def test_a_withdrawal_says_why(why: str) -> None:
    with pytest.raises(InputError, match="says why"):
        check_withdrawal(withdrawal(1, why), [MACHINE])
