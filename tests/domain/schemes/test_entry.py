"""What a scheme demands before it approves: at, below and above each limit, and as it changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from domain.grants import Project
from domain.schemes.entry import entry_faults


def project(
    cost: float = 54_000_000,
    scheme: str = "NIFS",
    approved_on: str = "2025-01-15",
    *,
    reference: str = "P0",
    start: str = "2025-02-01",
    end: str = "2027-01-31",
) -> Project:
    days = (date.fromisoformat(it) for it in (approved_on, start, end))
    return Project(reference, scheme, "tko", ("filler",), cost, *days, milestones=())


def faults(one: Project, *others: Project) -> list[tuple[str, str]]:
    return [(it.field, it.says) for it in entry_faults(one, others)]


@pytest.mark.parametrize(
    ("scheme", "day", "says"),
    [
        ("NIFS", "2020-07-26", "began on 2020-07-27"),
        ("NIAS", "2024-08-31", "began on 2024-09-01"),
        ("MPUPS", "2025-11-17", "began on 2025-11-18"),
        ("MPUPS", "2027-11-18", "ended on 2027-11-17"),
        ("NITTP", "2018-08-21", "began on 2018-08-22"),
    ],
)
def test_there_must_have_been_a_scheme(scheme: str, day: str, says: str) -> None:
    [(field, said)] = faults(project(600_000_000, scheme, day))
    assert field == "approved_on"
    assert says in said


@pytest.mark.parametrize("day", ["2023-10-31", "2026-01-09"])
def test_where_it_is_only_not_known_what_held_nothing_is_refused(day: str) -> None:
    assert faults(project(100, "NITTP", day)) == []


@pytest.mark.parametrize(
    ("day", "cost", "says"),
    [
        ("2025-11-17", 300_000_000, ""),
        ("2025-11-17", 299_999_999.99, "HK$299,999,999.99 is less than a project of NIAS must"),
        ("2025-11-18", 299_999_999.99, ""),
        ("2025-11-18", 150_000_000, ""),
        ("2025-11-18", 149_999_999.99, "HK$150,000,000 (rule since 2025-11-18"),
    ],
)
def test_the_least_that_a_project_costs_is_that_of_the_day(
    day: str, cost: float, says: str
) -> None:
    found = faults(project(cost, "NIAS", day))
    assert [field for field, _ in found] == ["approved_cost_hkd"] * bool(says)
    assert all(says in said for _, said in found)


def running(count: int, **days: str) -> list[Project]:
    return [project(reference=f"P{n}", **days) for n in range(1, count + 1)]


def test_a_company_has_so_many_projects_at_a_time() -> None:
    one = project()
    assert faults(one, *running(2)) == []
    [(field, said)] = faults(one, *running(3))
    assert field == "start"
    assert "P1, P2, P3 running already; NIFS allows 3 at a time" in said
    assert faults(one, *running(3, end="2025-01-31")) == [], "they had ended"
    assert faults(one, *running(3, start="2027-02-01", end="2028-01-31")) == []
    assert faults(one, *(replace(it, scheme="NIAS") for it in running(3))) == []
    assert faults(one, one, *running(2)) == [], "it does not count itself"


def test_projects_that_never_run_on_one_day_do_not_count_together() -> None:
    """Three run beside it, but never three on one day."""
    first, last = "2025-12-31", "2026-01-01"
    others = [
        project(reference="P1", end=first),
        project(reference="P2", end=first),
        project(reference="P3", start=last),
    ]
    assert faults(project(), *others) == []
    met = [*others, project(reference="P4", start=first, end=first)]
    [(_, said)] = faults(project(), *met)
    assert said.startswith("on 2025-12-31 the company has P1, P2, P4")


def test_before_2024_a_company_had_one_project_at_a_time() -> None:
    old = project(approved_on="2024-01-07")
    assert "allows 1 at a time" in faults(old, *running(1))[0][1]
    assert faults(project(approved_on="2024-01-08"), *running(1)) == []
