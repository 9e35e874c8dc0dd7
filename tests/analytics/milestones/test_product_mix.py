"""Product mix: shares of both windows side by side, their bounds, and when they moved."""

from __future__ import annotations

from datetime import date
from random import Random

import polars as pl
import pytest
from facts_frames import Day, facts, morning_of, plant, project
from random_facts import random_facts

from analytics.milestones.verdict import verdict
from domain.grants import DayRange, KpiTerms, MixShare, ProductMix, Verdict

START = date(2026, 3, 2)
BASELINE, WINDOW = DayRange(START, START), DayRange(date(2026, 3, 3), date(2026, 3, 3))
TERMS = KpiTerms("quality_ratio", ">=", WINDOW, None, 0.1, BASELINE)


def made(day: date, **units: float) -> pl.DataFrame:
    """The facts of a day on which those units of each product were made."""
    rows = [
        facts(day, [Day(30_000.0 / len(units), good=good)]).with_columns(product=pl.lit(name))
        for name, good in units.items()
    ]
    return pl.concat(rows)


def judged(*rows: pl.DataFrame) -> Verdict:
    about = project(TERMS, date(2026, 3, 31), start=START)
    given = {"filler-1": pl.concat(rows)}
    return verdict(about, about.milestones[0], plant(), given, morning_of(date(2026, 3, 4)))


def mix_of(given: Verdict) -> ProductMix:
    assert given.product_mix is not None
    return given.product_mix


def test_shares_stand_side_by_side_and_are_flagged_where_they_moved() -> None:
    given = judged(made(START, a=800.0, b=200.0), made(WINDOW.start, a=500.0, b=400.0, c=100.0))
    mix = mix_of(given)
    assert {it: (mix.baseline[it].value, mix.window[it].value) for it in mix.window} == {
        "a": (0.8, 0.5),
        "b": (0.2, 0.4),
        "c": (0.0, 0.1),
    }
    assert mix.moved_by == pytest.approx(0.3)
    assert "product_mix_moved" in given.flags
    assert mix.window["c"] == MixShare(0.1, 0.1, 0.1)


def test_less_than_a_tenth_is_no_other_mix() -> None:
    given = judged(made(START, a=800.0, b=200.0), made(WINDOW.start, a=710.0, b=290.0))
    assert mix_of(given).moved_by == pytest.approx(0.09)
    assert "product_mix_moved" not in given.flags
    exactly = judged(made(START, a=800.0, b=200.0), made(WINDOW.start, a=700.0, b=300.0))
    assert "product_mix_moved" in exactly.flags


def test_what_is_of_no_known_product_may_be_of_any() -> None:
    rows = made(WINDOW.start, a=600.0, b=200.0, c=200.0)
    lost = rows.with_columns(pl.col("product").replace({"c": ""}))
    given = judged(made(START, a=800.0, b=200.0), lost)
    assert mix_of(given).window == {
        "a": MixShare(0.75, 0.6, 0.8),
        "b": MixShare(0.25, 0.2, 0.4),
    }
    assert "product_mix_unknown" in given.flags


def test_without_a_baseline_there_is_no_mix() -> None:
    about = project(KpiTerms("oee", ">=", WINDOW, 0.1), date(2026, 3, 31), start=START)
    rows = {"filler-1": facts(START, [Day(30_000.0, good=10.0)] * 2)}
    given = verdict(about, about.milestones[0], plant(), rows, morning_of(date(2026, 3, 4)))
    assert (given.product_mix, given.flags) == (None, ())


@pytest.mark.parametrize("seed", range(4))
def test_bounds_hold_whatever_the_products_were_that_nobody_told(seed: int) -> None:
    """Of facts whose products are all known, some are forgotten."""
    rng = Random(seed)
    whole = random_facts(seed * 2, ("filler-1",), START, 2)
    products = pl.Series("product", [rng.choice("abc") for _ in range(whole.height)])
    whole = whole.with_columns(products)
    forgotten = pl.Series([rng.random() < 0.3 for _ in range(whole.height)])
    told = whole.with_columns(product=pl.when(forgotten).then(pl.lit("")).otherwise("product"))
    truth, given = (mix_of(judged(it)) for it in (whole, told))
    for name, share in truth.window.items():
        if name in given.window:
            found = given.window[name]
            assert found.low - 1e-9 <= (share.value or 0.0) <= found.high + 1e-9, name
