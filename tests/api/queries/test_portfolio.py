"""The portfolio: money, verdicts, who is waited for, and measured output beside it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from web_plant import NOW, SMALL_GRANT, Clock, registry_of

from api.queries.kpis import KpiQuestion, kpi_rows
from api.queries.lines import Queries
from api.queries.portfolio import PortfolioRow, portfolio_row, totals, totals_by_scheme
from api.records.milestone_steps import NewStep, take_step
from domain.attested_figures import AttestedFigure, AttestedKind
from domain.time import Window, midnight
from store.files.grant import read_grant

REF, OTHER = "NIFS-2025-017", "MPUPS-2026-001"


def row_of(queries: Queries, ref: str = REF) -> PortfolioRow:
    return portfolio_row(queries, queries.project(ref)[1])


def step(queries: Queries, action: str, author: str, reason: str = "", due: str = "") -> None:
    take_step(queries, registry_of(queries).take, REF, "M4", NewStep(action, author, reason, due))


def with_small(queries: Queries) -> Queries:
    registry_of(queries).apply.project(SMALL_GRANT, read_grant(SMALL_GRANT, "grant.yaml"), NOW)
    return queries


def test_verdicts_and_states_are_counted(filled: Queries) -> None:
    row = row_of(filled)
    assert sum(row.statuses.values()) == sum(row.states.values()) == 7
    assert row.statuses == {
        it.status.value: row.statuses[it.status.value] for it in row.found.verdicts
    }
    assert len(row.statuses) > 4
    assert row.states == {"draft": 7}


def test_output_is_that_of_the_lines_since_the_project_began(filled: Queries) -> None:
    """By month it is asked, so that the store adds up; over the whole it must be the same."""
    row = row_of(filled)
    start = midnight(row.found.project.start, row.found.plant.zone)
    question = KpiQuestion("filler-1", Window(start, row.found.as_of))
    (whole,) = kpi_rows(filled, [question])[0]
    assert row.output.good_count == pytest.approx(whole.figures["good_count"])
    assert row.output.good_count is not None
    assert row.output.good_count > 1_000_000
    assert row.output.low is not None
    assert row.output.high is not None
    assert row.output.low <= row.output.good_count < row.output.high, "a day of it is not known"


def test_a_project_that_has_not_begun_has_made_nothing_yet(
    own_plant: tuple[Queries, Clock],
) -> None:
    queries, clock = own_plant
    clock.now = NOW - timedelta(days=60)
    output = row_of(queries).output
    assert (output.good_count, output.low, output.high) == (None, None, None)


def test_whom_a_milestone_waits_for(own_plant: tuple[Queries, Clock]) -> None:
    queries, clock = own_plant

    def waiting() -> list[tuple[str, str, str, int]]:
        found = row_of(queries).waiting
        return [
            (it.milestone, it.state.value, it.waits_for.value, it.days(queries.now()))
            for it in found
        ]

    # Drafts whose due day has passed: M1 on 20 March, M3 on the 14th, M6 on the 21st.
    late = [("M1", "draft", "company", 4), ("M3", "draft", "company", 10)]
    assert waiting() == [*late, ("M6", "draft", "company", 3)]
    step(queries, "submit", "Lee")
    clock.now += timedelta(days=2)
    assert ("M4", "submitted", "officer", 2) in waiting()
    step(queries, "take", "Chan")
    step(queries, "query", "Chan", "Which meter?")
    assert ("M4", "query", "company", 0) in waiting()
    step(queries, "answer", "Lee", "The one at the filler.")
    step(queries, "recommend", "Chan", "as measured")
    assert ("M4", "recommended", "officer", 0) in waiting()
    step(queries, "extend", "Wong", "the machine came late", "2027-01-31")
    assert not [it for it in waiting() if it[0] == "M4"], "it has time until its new day"
    step(queries, "close", "Wong")
    assert not [it for it in waiting() if it[0] == "M4"]


def test_totals_add_money_up_and_no_items(own_plant: tuple[Queries, Clock]) -> None:
    queries = with_small(own_plant[0])
    rows = [row_of(queries), row_of(queries, OTHER)]
    of = totals(rows)
    assert (of.projects, of.lines) == (2, 2), "filler-1 is in both"
    assert of.approved_cost_hkd == Decimal(54_600_000)
    assert of.grant_hkd == Decimal(15_200_000)
    assert (of.disbursed_hkd, of.open_hkd) == (0, of.grant_hkd)
    assert sum(of.statuses.values()) == 8
    each = totals_by_scheme(rows)
    assert list(each) == ["MPUPS", "NIFS"]
    assert each["MPUPS"].grant_hkd + each["NIFS"].grant_hkd == of.grant_hkd


def test_what_was_paid_out_is_no_longer_open(own_plant: tuple[Queries, Clock]) -> None:
    """15,000,000 approved; 30,000,000 spent, of which a third is the grant; 4,000,000 paid out."""
    queries, _ = own_plant
    attest = registry_of(queries).attest
    for kind, amount, category in (
        (AttestedKind.EXPENDITURE, 30_000_000, "machinery"),
        (AttestedKind.DISBURSEMENT, 4_000_000, ""),
    ):
        paid = AttestedFigure(
            REF, 0, kind, NOW, "Chan", "", Decimal(amount), NOW.date(),
            category=category, payer="company" if category else "",
        )  # fmt: skip
        attest.add(paid, f"{kind.value}.pdf", b"%PDF-1.7 " + kind.value.encode())
    of = totals([row_of(queries)])
    assert (of.grant_hkd, of.disbursed_hkd) == (15_000_000, 4_000_000)
    assert of.open_hkd == 6_000_000


def test_a_scheme_without_rules_is_in_no_amount_of_grants(filled: Queries) -> None:
    row = row_of(filled)
    unknown = replace(row.found.funding, grant_hkd=None)
    of = totals([row, replace(row, found=replace(row.found, funding=unknown))])
    assert (of.without_rule, of.grant_hkd, of.approved_cost_hkd) == (1, 15_000_000, 108_000_000)
    assert of.open_hkd == 15_000_000
