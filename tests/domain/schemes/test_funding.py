"""What the scheme pays, worked by hand."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.grants import Funding, Project
from domain.schemes.funding import financial_years, funding, rule_for, two_persons_decide


def project(cost: float, scheme: str = "NIFS", approved_on: date = date(2025, 1, 15)) -> Project:
    return Project(
        reference="NIFS-2025-017",
        scheme=scheme,
        plant="tko-foods",
        lines=("filler-1",),
        approved_cost_hkd=cost,
        approved_on=approved_on,
        start=date(2025, 2, 1),
        end=date(2027, 1, 31),
        milestones=(),
    )


@pytest.mark.parametrize(
    ("cost", "grant", "company"),
    [
        (54_000_000, 15_000_000, 39_000_000),  # an instant-noodle line: above the ceiling
        (70_000_000, 15_000_000, 55_000_000),  # a respirator line
        (45_000_000, 15_000_000, 30_000_000),  # exactly at the ceiling
        (8_400_000, 2_800_000, 5_600_000),
        (10_000_000, 3_333_333.33, 6_666_666.67),  # rounded down to the cent
        (0.02, 0, 0.02),
    ],
)
def test_one_third_up_to_the_ceiling(cost: float, grant: float, company: float) -> None:
    paid = funding(project(cost))
    assert (paid.grant_hkd, paid.company_hkd) == (grant, company)
    assert paid.ceiling_hkd == 15_000_000


def test_whole_amounts_are_whole_numbers_also_in_json() -> None:
    paid = funding(project(54_000_000.0))
    assert said(paid) == "one third of 54000000 or 15000000, whichever is lower"
    assert '"grant_hkd": 15000000, "company_hkd": 39000000' in json.dumps(asdict(paid))
    assert '"approved_cost_hkd": 54000000,' in json.dumps(asdict(paid))


def test_a_cost_with_cents_stays_as_it_was_written() -> None:
    paid = funding(project(40_000_000.1))
    assert said(paid) == "one third of 40000000.1 or 15000000, whichever is lower"
    assert (paid.grant_hkd, paid.company_hkd) == (13_333_333.36, 26_666_666.74)


@given(st.integers(min_value=1, max_value=10**12))
def test_grant_and_company_share_sum_to_the_cost(cents: int) -> None:
    cost = Decimal(cents) / 100
    paid = funding(project(float(cost)))
    assert Decimal(str(paid.grant_hkd)) + Decimal(str(paid.company_hkd)) == cost
    assert 0 <= (paid.grant_hkd or 0) * 3 <= float(cost) * (1 + 1e-12)


def test_the_rule_and_the_name_are_those_of_the_day_of_approval() -> None:
    old = rule_for("NIFS", date(2021, 11, 1))
    new = rule_for("NIFS", date(2024, 1, 8))
    assert old is not None
    assert new is not None
    assert old.title["en"] == "Re-industrialisation Funding Scheme"
    assert new.title["en"] == "New Industrialisation Funding Scheme"
    assert rule_for("RFS", date(2021, 11, 1)) == old
    assert rule_for("NIFS", date(2024, 1, 7)) == old


@pytest.mark.parametrize(
    ("scheme", "day", "cost", "grant", "rule"),
    [
        ("NIAS", "2025-01-15", 600_000_000, 200_000_000, "one third"),
        ("NIAS", "2025-01-15", 300_000_000, 100_000_000, "one third"),
        ("MPUPS", "2025-11-18", 600_000, 200_000, "one third of 600000 or 250000"),
        ("MPUPS", "2027-11-17", 900_000, 250_000, "one third of 900000 or 250000"),
        ("NITTP", "2018-08-22", 300_000, 200_000, "two thirds of 300000 or 1500000"),
        ("NITTP", "2026-01-10", 600_000, 300_000, "one half of 600000 or 750000"),
        ("NITTP", "2026-01-10", 1_600_000, 750_000, "may have 250000 a financial year"),
        ("RTH", "2021-03-02", 1_000_000, 1_000_000, "all of 1000000 or 4608000"),
        ("RTH", "2025-01-15", 9_000_000, 6_480_000, "all of 9000000 or 6480000"),
        ("RTTP", "2020-01-01", 300_000, 200_000, "two thirds"),
    ],
)
def test_each_scheme_pays_by_its_own_rule(
    scheme: str, day: str, cost: float, grant: float, rule: str
) -> None:
    """The project runs over three financial years."""
    paid = funding(project(cost, scheme, date.fromisoformat(day)))
    assert paid.grant_hkd == grant
    assert rule in said(paid)


@pytest.mark.parametrize(
    ("scheme", "day"),
    [
        ("NIFS", "2020-07-26"),
        ("NIAS", "2024-08-31"),
        ("MPUPS", "2025-11-17"),
        ("MPUPS", "2027-11-18"),  # it lasts two years
        ("NITTP", "2018-08-21"),
        ("NITTP", "2023-10-31"),  # when two to one became one to one is not known
        ("NITTP", "2026-01-09"),
        ("RTH", "2021-03-03"),
        ("SBIR", "2025-01-15"),
    ],
)
def test_where_no_rule_is_known_there_are_no_amounts_and_it_is_said(scheme: str, day: str) -> None:
    paid = funding(project(300_000_000, scheme, date.fromisoformat(day)))
    assert (paid.ceiling_hkd, paid.grant_hkd, paid.company_hkd) == (None, None, None)
    assert paid.approved_cost_hkd == 300_000_000
    assert f"no funding rule of {scheme} for an approval on {day}" in said(paid)


def test_a_company_has_no_more_than_its_ceiling() -> None:
    """Three projects of NIFS at a time may have 45,000,000; what is over later shares nothing."""
    first, second, third = (
        replace(project(cost), reference=f"P{n}", approved_on=date(2025, 1, n))
        for n, cost in enumerate((54_000_000, 54_000_000, 54_000_000), 1)
    )
    fourth = replace(first, reference="P4", approved_on=date(2025, 1, 4))
    everything = [fourth, third, second, first]
    assert [funding(it, everything).grant_hkd for it in (first, second, third)] == [15_000_000] * 3
    last = funding(fourth, everything)
    assert (last.grant_hkd, last.company_hkd) == (0, 54_000_000)
    assert said(last).endswith("; 0 are left of the company's ceiling of 45000000")
    later = replace(fourth, start=date(2027, 2, 1), end=date(2028, 1, 31))
    assert funding(later, everything).grant_hkd == 15_000_000


def test_the_ceiling_of_a_scheme_may_count_all_of_a_companys_projects() -> None:
    first = replace(project(450_000_000, "NIAS"), reference="P1")
    second = replace(
        first, reference="P2", approved_on=date(2029, 1, 1), start=date(2029, 2, 1),
        end=date(2031, 1, 31),
    )  # fmt: skip
    assert funding(second, [first]).grant_hkd == 50_000_000
    other = replace(first, scheme="NIFS")
    assert funding(second, [other]).grant_hkd == 150_000_000, "schemes share nothing"


@pytest.mark.parametrize(
    ("start", "end", "years"),
    [
        ("2025-04-01", "2026-03-31", 1),
        ("2025-03-31", "2025-04-01", 2),
        ("2025-02-01", "2027-01-31", 3),
    ],
)
def test_a_financial_year_begins_in_april(start: str, end: str, years: int) -> None:
    assert financial_years(date.fromisoformat(start), date.fromisoformat(end)) == years


def said(paid: Funding) -> str:
    return "; ".join(str(it) for it in paid.rule)


@pytest.mark.parametrize(
    ("cost", "scheme", "expected"),
    [
        (3_000_000, "NIFS", True),  # the grant is 1,000,000: from there on
        (2_999_999.99, "NIFS", False),
        (1_000_000, "UNKNOWN", True),  # no rule is known, so the stricter one holds
    ],
)
def test_from_which_grant_on_two_persons_decide(cost: float, scheme: str, expected: bool) -> None:
    asked = project(cost, scheme)
    assert two_persons_decide(asked, funding(asked)) is expected
