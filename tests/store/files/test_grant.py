"""grant.yaml: what it becomes, and the sentence for everything that can be wrong in it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import spoilt

from analytics.kpi.evaluation import FROM_MACHINES
from analytics.methods.built_in import BUILT_IN
from domain.grants import (
    CommissionedTerms,
    DayRange,
    DocumentTerms,
    KpiTerms,
    OperatingTerms,
    OtherTerms,
    OutputTerms,
)
from store.files.grant import read_grant, terms_digest
from store.files.terms_file import METHODS, METRICS

EXAMPLE = (Path(__file__).parent / "examples" / "grant.yaml").read_text(encoding="utf-8")


def changed(old: str, new: str) -> str:
    return spoilt.changed(EXAMPLE, old, new)


def test_the_example_becomes_a_project() -> None:
    project = read_grant(EXAMPLE, "grant.yaml")
    assert (project.reference, project.scheme, project.plant) == (
        "NIFS-2025-017",
        "NIFS",
        "tko-foods",
    )
    assert project.lines == ("filler-1",)
    assert project.approved_cost_hkd == 54_000_000
    assert (project.approved_on, project.start, project.end) == (
        date(2025, 1, 15),
        date(2025, 2, 1),
        date(2027, 1, 31),
    )
    assert [milestone.id for milestone in project.milestones] == [
        "M1",
        "M2",
        "M3",
        "M4",
        "M5",
        "M6",
    ]
    assert project.milestones[1].clause == "5.2"
    assert project.milestones[1].due == date(2026, 3, 31)
    assert [milestone.terms for milestone in project.milestones] == [
        CommissionedTerms(good_units=10_000, within_days=5),
        KpiTerms(metric="oee", op=">=", target=0.65, window=20, min_coverage=0.95),
        KpiTerms(
            metric="energy_per_good_unit",
            op="<=",
            change=-0.20,
            baseline=DayRange(date(2025, 3, 1), date(2025, 5, 31)),
            window=DayRange(date(2026, 6, 1), date(2026, 8, 31)),
            min_coverage=0.9,
        ),
        OutputTerms(2_000_000, DayRange(date(2026, 1, 1), date(2026, 12, 31))),
        DocumentTerms("audited_accounts"),
        OperatingTerms(production_days_per_month=15, months=24),
    ]


def test_the_metrics_are_those_that_the_analytics_compute() -> None:
    assert METRICS == FROM_MACHINES


def test_the_methods_are_those_that_come_with_the_program() -> None:
    assert tuple(method.name for method in BUILT_IN) == METHODS


def test_terms_may_name_a_method() -> None:
    """The digest is of the terms as written: without the key it is what it was before."""
    text = changed('op: ">=", target: 0.65', 'op: ">=", target: 0.65, method: oee-com')
    terms = read_grant(text, "g").milestones[1].terms
    assert isinstance(terms, KpiTerms)
    assert terms.method == "oee-com"
    plain = read_grant(EXAMPLE, "g").milestones[1].terms
    assert isinstance(plain, KpiTerms)
    assert plain.method == "iso22400"


def test_the_digest_is_of_the_terms_as_written() -> None:
    """The digest goes into the ledger before the window starts: layout, comments and the order
    of keys are no change of the terms, a figure is."""
    m2 = read_grant(EXAMPLE, "g").milestones[1]
    assert m2.terms_digest == terms_digest(
        {
            "kind": "kpi",
            "metric": "oee",
            "op": ">=",
            "target": 0.65,
            "window": {"production_days": 20},
            "min_coverage": 0.95,
        }
    )
    # Known for ever: a change of this digest would break every ledger.
    assert m2.terms_digest == "88f814a8bbe7f81f997f45261b4fc6378c5ade52037bbf3a68a4db9088475c9f"
    same = changed('op: ">=", target: 0.65', 'target: 0.650,   op: ">="')
    assert read_grant(same, "g").milestones[1].terms_digest == m2.terms_digest
    other = changed("target: 0.65", "target: 0.64")
    assert read_grant(other, "g").milestones[1].terms_digest != m2.terms_digest


@pytest.mark.parametrize(("change", "op"), [("0.2", ">="), ("-0.2", "<=")])
def test_a_change_says_its_direction(change: str, op: str) -> None:
    project = read_grant(changed("change: -0.20", f"change: {change}"), "g")
    terms = project.milestones[2].terms
    assert isinstance(terms, KpiTerms)
    assert terms.op == op


def test_other_terms_are_kept_as_they_are() -> None:
    text = changed(
        "{kind: document, document: audited_accounts}",
        "{kind: headcount, posts: 36, of: [engineers, operators]}",
    )
    assert read_grant(text, "g").milestones[4].terms == OtherTerms(
        "headcount", {"posts": 36, "of": ["engineers", "operators"]}
    )


@pytest.mark.parametrize(
    ("old", "new", "line", "sentence"),
    [
        ("scheme: NIFS", "scheme: NIFFS", 2, "Did you mean 'NIFS'"),
        ("approved_cost_hkd:", "approved_cost:", 5, "unknown key. Did you mean 'approved_cost_hkd"),
        ("end: 2027-01-31", "end: 2024-01-31", 8, "end 2024-01-31 is before the start 2025-02-01"),
        ("lines: [filler-1]", "lines: [filler-1, filler-1]", 4, "a line is named twice"),
        ("lines: [filler-1]", "lines: []", 4, "must not be empty"),
        ("id: M2", "id: M1", 11, "the milestone 'M1' is there twice"),
        ('clause: "5.2"', "clause: 5.20", 11, "write it in quotes"),
        ("due: 2026-03-31", "due: 2024-03-31", 11, "before the project starts on 2025-02-01"),
        ("due: 2026-03-31", "due: 31.3.2026", 11, "'31.3.2026' is not a day"),
        ("metric: oee", "metric: oeee", 11, "unknown metric 'oeee'. Did you mean 'oee'"),
        ('op: ">=", target', "target", 11, 'Add op: ">=" or op: "<="'),
        ('op: ">="', 'op: ">"', 11, "must be '>=' or '<='"),
        ("target: 0.65", "target: 0.65, change: 0.1", 11, "not both"),
        ('op: ">=", target: 0.65, ', "", 11, "has neither"),
        ("window: {production_days: 20}", "window: {production_days: 0}", 11, "greater than or eq"),
        ("window: {production_days: 20}", "window: {days: 20}", 11, "unknown key"),
        ("window: {production_days: 20}", "window: {shifts: 20}", 11, "for 20 shifts A in a row"),
        ("min_coverage: 0.95", "method: oee.com", 11, "Did you mean 'oee-com'"),
        ("min_coverage: 0.95", "min_coverage: 95", 11, "less than or equal to 1"),
        ("change: -0.20, ", "change: -0.20, op: '>=', ", 12, "contradict each other"),
        ("change: -0.20, ", "target: 1, op: '<=', ", 12, "a baseline without a change"),
        ("baseline: {start: 2025-03-01, end: 2025-05-31}, ", "", 12, "a change without a baseline"),
        ("end: 2025-05-31", "end: 2026-06-01", 12, "not before the window starts"),
        ("end: 2025-05-31", "end: 2025-02-28", 12, "is before the start"),
        ("end: 2026-08-31", "end: 2026-05-31", 12, "is before the start"),
        ("end: 2026-08-31", "end: 2026-10-01", 12, "ends on 2026-10-01, after it is due"),
        ("end: 2026-12-31}", "end: 2027-12-31}", 13, "ends on 2027-12-31, after it is due"),
        ("kind: output", "kind: outputs", 13, "Did you mean 'output'"),
        ("good_units: 2000000, ", "", 13, "good_units': missing"),
        ("months: 24", "months: 0", 15, "greater than or equal to 1"),
    ],
)
def test_what_is_wrong_is_said_with_line_and_field(
    old: str, new: str, line: int, sentence: str
) -> None:
    spoilt.check_refused(read_grant, changed(old, new), line, sentence)
