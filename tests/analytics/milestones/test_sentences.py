"""Numbers as an officer reads them: as many digits as it takes, and no rounding up to a target."""

from __future__ import annotations

from datetime import date

import pytest

from analytics.kpi.formulas.model import KpiValue
from analytics.milestones.case import Goal
from analytics.milestones.sentences import (
    coverage_reason,
    metric_text,
    percent,
    target_reason,
    units_text,
    value_reason,
)
from domain.grants import DayRange, VerdictStatus

DAYS = DayRange(date(2026, 3, 2), date(2026, 3, 8))
GOAL = Goal(0.65, ">=")


@pytest.mark.parametrize(
    ("share", "beside", "text"),
    [
        (0.65, None, "65 %"),
        (0.6512, None, "65.12 %"),
        (0.64996, None, "65 %"),
        (0.64996, 0.65, "64.996 %"),
        (0.65, 0.65, "65 %"),
        (0.65 - 1e-12, 0.65, "65 %"),  # the same for all that anybody can see
    ],
)
def test_a_share_is_told_from_the_one_beside_it(
    share: float, beside: float | None, text: str
) -> None:
    assert percent(share, beside) == text


def test_a_number_has_its_unit() -> None:
    assert metric_text("oee", 0.7) == "70 %"
    assert metric_text("oee", None) == "–"
    assert metric_text("mean_time_to_repair_s", 90.0) == "90 s"
    assert metric_text("mean_time_to_repair_s", 90.00004, 90.0) == "90.00004 s"


def test_items_have_separators_and_fractions_one_digit() -> None:
    assert [units_text(it) for it in (None, 1234567.0, 1234.56)] == ["–", "1,234,567", "1,234.6"]


@pytest.mark.parametrize(
    ("value", "low", "high", "says"),
    [
        (None, None, None, "cannot be computed"),
        (0.7, None, None, "has no bounds"),
        (0.7, 0.7, 0.7, "is 70 %."),
        (0.7, 0.6, 0.8, "it lies between 60 % and 80 %."),
    ],
)
def test_a_value_is_said_with_what_is_unknown(
    value: float | None, low: float | None, high: float | None, says: str
) -> None:
    sentence = str(value_reason("oee", KpiValue(value, low, high, 1.0), DAYS, GOAL))
    assert says in sentence
    assert "from 2026-03-02 to 2026-03-08" in sentence


def test_a_target_is_reached_missed_or_not_provable() -> None:
    assert str(target_reason("oee", GOAL, VerdictStatus.MET)) == (
        "That reaches the target of at least 65 %."
    )
    assert str(target_reason("oee", Goal(0.65, "<="), VerdictStatus.AT_RISK)) == (
        "So far that exceeds the target of at most 65 %."
    )


def test_too_little_recorded_time_is_never_shown_as_enough() -> None:
    assert str(coverage_reason(0.94999, 0.95)) == (
        "Only 94.999 % of the planned time is recorded; the terms ask for at least 95 %."
    )
