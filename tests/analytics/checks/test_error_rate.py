"""The exact interval holds the truth as often as it says; a rate is of drawn items alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import numpy as np
import pytest

from analytics.checks.error_rate import error_rate, exact_interval
from domain.audit_samples import AuditSample, Precision, SampleItem, SampleResult

AT = datetime(2026, 5, 4, tzinfo=UTC)
ITEMS = tuple(SampleItem(f"P-{it:02}", "M1") for it in range(30))
DAY = date(2026, 5, 4)
SAMPLE = AuditSample(
    1, "NIFS", date(2025, 4, 1), date(2026, 3, 31), ITEMS, Precision(), 20, "an index", DAY,
    "chan", AT, "24871.56",
)  # fmt: skip


def result(item: SampleItem, *, is_error: bool = False, amount: int | None = None) -> SampleResult:
    hkd = None if amount is None else Decimal(amount)
    return SampleResult(1, 1, item, is_error, hkd, "", "wong", AT)


@pytest.mark.parametrize(
    ("errors", "size", "low", "high"),
    [
        # Exact 95 % limits in per cent, as tables of the binomial distribution print them.
        (0, 10, 0.0, 30.85),
        (1, 10, 0.25, 44.50),
        (5, 10, 18.71, 81.29),
        (0, 20, 0.0, 16.84),
        (1, 20, 0.13, 24.87),
        (2, 50, 0.49, 13.71),
        (10, 100, 4.90, 17.62),
        (10, 10, 69.15, 100.0),
    ],
)
def test_the_interval_is_that_of_published_tables(
    errors: int, size: int, low: float, high: float
) -> None:
    found = [round(100 * it, 2) for it in exact_interval(errors, size, 0.95)]
    assert found == [low, high]


def test_no_error_in_n_is_the_rule_of_three() -> None:
    low, high = exact_interval(0, 300, 0.9)  # one-sided 95 %
    assert low == 0.0
    assert high == pytest.approx(3 / 300, rel=0.01)


@pytest.mark.parametrize("truth", [0.02, 0.1, 0.5])
def test_it_holds_the_truth_at_least_as_often_as_it_says(truth: float) -> None:
    errors = np.random.default_rng(7).binomial(40, truth, 4_000)
    bounds = {int(it): exact_interval(int(it), 40, 0.95) for it in np.unique(errors)}
    held = np.mean([bounds[int(it)][0] <= truth <= bounds[int(it)][1] for it in errors])
    assert held >= 0.95 - 0.01
    widths = [high - low for low, high in bounds.values()]
    assert max(widths) < 0.35, "and says something"


def test_no_rate_until_every_item_was_looked_at() -> None:
    results = {it: result(it) for it in SAMPLE.drawn[:-1]}
    found = error_rate(SAMPLE, results)
    assert (found.drawn, found.looked_at, found.errors, found.rate) == (20, 19, 0, None)
    last = SAMPLE.drawn[-1]
    found = error_rate(SAMPLE, {**results, last: result(last, is_error=True, amount=500)})
    assert (found.rate, found.amount_hkd) == (0.05, Decimal(500))
    assert (found.low, found.high) == exact_interval(1, 20, 0.95)


def test_what_was_not_drawn_bends_no_rate() -> None:
    drawn = set(SAMPLE.drawn)
    results = {it: result(it, is_error=it not in drawn, amount=9) for it in ITEMS}
    found = error_rate(SAMPLE, results)
    assert (found.errors, found.rate) == (0, 0.0)


def test_where_all_was_looked_at_the_rate_is_known() -> None:
    whole = replace(SAMPLE, size=30)
    found = error_rate(whole, {it: result(it, is_error=it == ITEMS[3]) for it in ITEMS})
    assert found.rate == found.low == found.high == 1 / 30


def test_before_the_seed_is_known_there_is_nothing() -> None:
    found = error_rate(replace(SAMPLE, seed_value=None), {it: result(it) for it in ITEMS})
    assert (found.drawn, found.looked_at, found.rate) == (0, 0, None)
