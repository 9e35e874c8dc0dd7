"""Until which day a document is kept, worked by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from domain.grants import DocumentTerms, Milestone, Project
from domain.schemes.retention import retain_until

PROJECT = Project(
    reference="NIFS-2025-017",
    scheme="NIFS",
    plant="tko-foods",
    lines=("filler-1",),
    approved_cost_hkd=9_000_000,
    approved_on=date(2025, 1, 15),
    start=date(2025, 2, 1),
    end=date(2027, 1, 31),
    milestones=(
        Milestone("M1", "1", date(2027, 3, 31), {"en": "x"}, DocumentTerms("report"), "d"),
        Milestone("M2", "2", date(2026, 3, 31), {"en": "x"}, DocumentTerms("report"), "d"),
    ),
)


@pytest.mark.parametrize(
    ("project", "attached_on", "until"),
    [
        (PROJECT, date(2026, 5, 2), date(2034, 3, 31)),  # the last due day
        (replace(PROJECT, end=date(2027, 6, 30)), date(2026, 5, 2), date(2034, 6, 30)),  # the end
        (replace(PROJECT, milestones=()), date(2026, 5, 2), date(2034, 1, 31)),
        (PROJECT, date(2030, 1, 15), date(2037, 1, 15)),  # it came late
        (PROJECT, date(2028, 2, 29), date(2035, 3, 1)),
        (PROJECT, date(9999, 1, 1), None),  # no calendar goes further
        (replace(PROJECT, scheme="NOBODY"), date(2026, 5, 2), None),
        (replace(PROJECT, approved_on=date(1999, 1, 1)), date(2026, 5, 2), None),
    ],
)
def test_years_count_from_the_last_of_three_days(
    project: Project, attached_on: date, until: date | None
) -> None:
    assert retain_until(project, attached_on) == until
