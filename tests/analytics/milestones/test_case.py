"""When a target is reached, proved and refuted; which days a verdict may look at."""

from __future__ import annotations

import pytest

from analytics.kpi.formulas.model import KpiValue
from analytics.milestones.case import Goal, covered
from domain.grants import Operator


def value(low: float | None, high: float | None) -> KpiValue:
    return KpiValue(0.5, low, high, 1.0)


@pytest.mark.parametrize(
    ("op", "found", "reached"),
    [
        (">=", 0.65, True),
        (">=", 0.65 - 1e-12, True),  # a sum of floats misses it by rounding alone
        (">=", 0.6499, False),
        ("<=", 0.65, True),
        ("<=", 0.65 + 1e-12, True),
        ("<=", 0.6501, False),
        (">=", None, False),
    ],
)
def test_the_target_itself_is_reached(op: Operator, found: float | None, reached: bool) -> None:
    assert Goal(0.65, op).reached_by(found) is reached


def test_without_a_target_nothing_is_reached() -> None:
    goal = Goal(None, ">=")
    assert not goal.reached_by(1.0)
    assert not goal.proved_by(value(1.0, 1.0))


@pytest.mark.parametrize(
    ("op", "low", "high", "proved", "refuted"),
    [
        (">=", 0.65, 0.8, True, False),
        (">=", 0.6, 0.8, False, False),
        (">=", 0.5, 0.6, False, True),
        ("<=", 0.5, 0.65, True, False),
        ("<=", 0.6, 0.8, False, False),
        ("<=", 0.7, 0.8, False, True),
        (">=", None, None, False, False),  # without bounds nothing is proved nor refuted
        ("<=", None, None, False, False),
    ],
)
def test_unknown_time_at_its_worst_proves_and_at_its_best_refutes(
    op: Operator, low: float | None, high: float | None, proved: bool, refuted: bool
) -> None:
    goal = Goal(0.65, op)
    assert goal.proved_by(value(low, high)) is proved
    assert goal.refuted_by(value(low, high)) is refuted


def test_nothing_planned_counts_as_nothing_known() -> None:
    assert covered(0.95 - 1e-12, 0.95)
    assert not covered(0.9499, 0.95)
    assert not covered(None, 0.5)
