"""The grant on actual cost, and whether the company's share is its own money."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from domain.attested_figures import AttestedFigure, AttestedKind
from domain.grants import Project
from domain.schemes.funding import funding
from domain.schemes.spending import Spending, eligible_total, known_categories, spending

AT = datetime(2026, 6, 1, tzinfo=UTC)


def project(cost: float = 9e6, scheme: str = "NIFS", approved: date = date(2025, 3, 1)) -> Project:
    return Project("P", scheme, "tko", ("a",), cost, approved, approved, date(2026, 12, 31), ())


def entry(
    kind: AttestedKind, amount: str, category: str = "", payer: str = "", number: int = 1
) -> AttestedFigure:
    day = date(2026, 3, 2)
    return AttestedFigure(
        "P", number, kind, AT, "chan", "", Decimal(amount), day, "", category, payer
    )


def spent(amount: str, category: str, payer: str = "company", number: int = 1) -> AttestedFigure:
    return entry(AttestedKind.EXPENDITURE, amount, category, payer, number)


def found(*figures: AttestedFigure, of: Project | None = None) -> Spending:
    about = of or project()
    return spending(about, funding(about), figures)


EXAMPLE = (
    spent("6000000", "machinery"),
    spent("100000", "rent"),
    spent("400000", "patents", "Sponsor Ltd"),
)


def test_the_worked_example() -> None:
    given = found(*EXAMPLE)
    assert given.eligible_hkd == 6_250_000
    assert given.not_eligible_hkd == 250_000
    assert given.grant_hkd == Decimal("2083333.33")
    assert given.share_hkd == Decimal("4166666.67")
    assert given.own_hkd == Decimal("3916666.67")
    assert given.lacking_hkd == 250_000
    assert [it.name for it in given.categories] == ["machinery", "patents", "rent"]
    assert [str(it) for it in given.says] == [
        "of patents 250000 count at most",
        "250000 of the company's share are not shown to be its own money",
    ]


@pytest.mark.parametrize(
    ("amount", "eligible"),
    [("249999.99", "249999.99"), ("250000", "250000"), ("250000.01", "250000")],
)
def test_a_ceiling_of_a_category(amount: str, eligible: str) -> None:
    assert found(spent(amount, "patents")).eligible_hkd == Decimal(eligible)


@pytest.mark.parametrize(
    ("amount", "grant"),
    [("8999999.99", "2999999.99"), ("9000000", "3000000"), ("12000000", "3000000")],
)
def test_never_more_than_approved(amount: str, grant: str) -> None:
    """The company bears what the project cost more."""
    given = found(spent(amount, "machinery"))
    assert given.grant_hkd == Decimal(grant)
    assert given.share_hkd == given.own_hkd == Decimal(amount) - Decimal(grant)
    assert not given.lacking_hkd


@pytest.mark.parametrize(
    ("by_company", "lacking"),
    [("9000000", "0"), ("8999999", "1"), ("3000000", "6000000"), ("1", "6000000")],
)
def test_matching_money(by_company: str, lacking: str) -> None:
    """The grant is paid to the company, so what others paid is missing from its share; more than
    its share cannot be missing."""
    other = str(Decimal(9_000_000) - Decimal(by_company))
    figures = [spent(by_company, "machinery")]
    if Decimal(other):
        figures.append(spent(other, "machinery", "Sponsor Ltd", 2))
    assert found(*figures).lacking_hkd == Decimal(lacking)


def test_a_ceiling_cuts_everybodys_part_alike() -> None:
    given = found(spent("300000", "patents"), spent("200000", "patents", "Sponsor Ltd", 2))
    assert given.categories[0].by_company_hkd == 150_000


def test_paid_out_and_back() -> None:
    paid = entry(AttestedKind.DISBURSEMENT, "2500000", number=4)
    back = entry(AttestedKind.REFUND, "16666.67", number=5)
    given = found(*EXAMPLE, paid)
    assert given.open_hkd == Decimal("-416666.67")
    assert str(given.says[-1]) == "416666.67 are to be refunded"
    given = found(*EXAMPLE, paid, back)
    assert (given.disbursed_hkd, given.refunded_hkd) == (2_500_000, Decimal("16666.67"))
    assert given.open_hkd == -400_000


def test_a_withdrawn_figure_counts_for_nothing() -> None:
    gone = AttestedFigure("P", 2, AttestedKind.WITHDRAWAL, AT, "chan", "twice", withdraws=1)
    assert found(spent("1", "machinery"), gone).eligible_hkd == 0


def test_a_scheme_without_a_list_counts_everything_and_says_so() -> None:
    nias = project(400e6, "NIAS", date(2025, 12, 1))
    given = found(spent("3000000", "cleanroom"), of=nias)
    assert (given.eligible_hkd, given.grant_hkd) == (3_000_000, 1_000_000)
    assert "no list of eligible expenditure of NIAS" in str(given.says[0])
    assert known_categories(nias) == []


def test_without_a_rule_no_amount_is_guessed() -> None:
    unknown = project(1e6, "NITTP", date(2024, 5, 1))
    given = found(spent("300000", "courses"), of=unknown)
    rests = (given.grant_hkd, given.share_hkd, given.own_hkd, given.lacking_hkd, given.open_hkd)
    assert rests == (None,) * 5
    assert "no funding rule of NITTP" in str(given.says[0])


def test_what_is_eligible_of_one_category_and_of_all() -> None:
    assert eligible_total(project(), EXAMPLE) == 6_250_000
    assert eligible_total(project(), EXAMPLE, "patents") == 250_000
    assert eligible_total(project(), EXAMPLE, "rent") == 0
    assert known_categories(project())[:2] == ["machinery", "consultants"]
    assert "rent" in known_categories(project())
