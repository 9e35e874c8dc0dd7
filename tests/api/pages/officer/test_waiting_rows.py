"""Who has to act next: one row for each milestone that waits, the longest first."""

from __future__ import annotations

from datetime import timedelta

from web_plant import NOW, Clock, registry_of

from api.i18n import language_named
from api.pages.officer.waiting_rows import ageing, waiting_row
from api.queries.lines import Queries
from api.queries.verdicts import verdicts
from api.records.milestone_steps import NewStep, take_step

REF = "NIFS-2025-017"
ENGLISH = language_named("en")


def test_the_company_hands_in_what_is_due_and_an_officer_takes_it(
    own_plant: tuple[Queries, Clock],
) -> None:
    queries, clock = own_plant
    found = verdicts(queries, REF)
    rows = ageing([found], NOW, ENGLISH)
    assert [(it.waiting.milestone, it.since, it.days, it.next_step) for it in rows] == [
        ("M3", "15 Mar 2026", 10, "hand the milestone in"),
        ("M1", "21 Mar 2026", 4, "hand the milestone in"),
        ("M6", "22 Mar 2026", 3, "hand the milestone in"),
    ]
    assert [it.is_overdue for it in rows] == [True, False, True], "M1 is met"
    take_step(queries, registry_of(queries).take, REF, "M3", NewStep("submit", "lee"))
    clock.now = NOW + timedelta(days=3)
    row = waiting_row(verdicts(queries, REF), "M3", clock.now, ENGLISH)
    assert row is not None
    assert (row.next_step, row.days) == ("take it into check", 3)
    assert (row.waiting.waits_for, row.verdict) == ("officer", "not_provable")
    assert waiting_row(found, "M4", NOW, ENGLISH) is None
