"""What the scheme pays, worked by hand."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.milestones.funding import funding, rule_for
from domain.grants import Project


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
    assert paid.rule == "one third of 54000000 or 15000000, whichever is lower"
    assert '"grant_hkd": 15000000, "company_hkd": 39000000' in json.dumps(asdict(paid))
    assert '"approved_cost_hkd": 54000000,' in json.dumps(asdict(paid))


def test_a_cost_with_cents_stays_as_it_was_written() -> None:
    paid = funding(project(40_000_000.1))
    assert paid.rule == "one third of 40000000.1 or 15000000, whichever is lower"
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


@pytest.mark.parametrize("scheme", ["NIAS", "MPUPS", "NITTP", "RTH"])
def test_a_scheme_without_a_rule_gets_no_amounts_and_says_so(scheme: str) -> None:
    paid = funding(project(300_000_000, scheme))
    assert (paid.ceiling_hkd, paid.grant_hkd, paid.company_hkd) == (None, None, None)
    assert paid.approved_cost_hkd == 300_000_000
    assert f"no funding rule of {scheme}" in paid.rule


def test_an_approval_before_the_scheme_began_has_no_rule() -> None:
    paid = funding(project(54_000_000, approved_on=date(2020, 7, 26)))
    assert paid.grant_hkd is None
    assert "2020-07-26" in paid.rule
