"""A product that nobody defined is flagged where it was made, and named."""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl
import pytest
from plants import Row, history, local, plant

from analytics import integrity_flags
from analytics.facts.line_facts import line_facts
from analytics.facts.undefined_products import undefined_products
from domain.plant import Product

START = local("2026-03-02 08:00")
END = START + timedelta(hours=2)
ROLES = ("state", "total_count", "reject_count", "product")
LARGE = Product("large", {}, 30.0)
SMALL = Product("small", {}, 7.5)


def at(minute: int) -> datetime:
    return START + timedelta(minutes=minute)


def made(
    *told: tuple[int, str | None], state: str = "producing", items: float = 100.0
) -> list[Row]:
    rows: list[Row] = [("state", START, state)]
    rows += [("product", at(minute), product) for minute, product in told if product is not None]
    rows += [("total_count", START, 0.0), ("total_count", END, items)]
    rows += [("reject_count", START, 0.0), ("reject_count", END, 0.0)]
    return rows


def facts_of(rows: list[Row], *products: Product) -> pl.DataFrame:
    where = plant(roles=ROLES, products=products)
    return line_facts(where, "l1", history(rows, START, END), START, END)


@pytest.mark.parametrize(
    ("told", "named"),
    [
        ([(0, "LARGE")], ["LARGE"]),  # letters of another case are another name
        ([(0, "large ")], ["large "]),
        ([(0, "large"), (60, "small")], []),
        ([(0, "large"), (60, "huge")], ["huge"]),
        ([(0, "huge"), (30, "tiny"), (60, "small")], ["huge", "tiny"]),
        ([(0, "")], []),  # no product at all
        ([(0, None)], []),
        ([(0, "large"), (119, "0815")], ["0815"]),
    ],
)
def test_what_nobody_defined_is_named(told: list[tuple[int, str | None]], named: list[str]) -> None:
    facts = facts_of(made(*told), LARGE, SMALL)
    assert undefined_products(facts) == named
    flagged = facts.filter(pl.col("flags") & integrity_flags.UNDEFINED_PRODUCT != 0)
    assert sorted(set(flagged["product"])) == named


def test_it_is_flagged_in_its_own_rows_alone() -> None:
    facts = facts_of(made((0, "large"), (60, "LARGE")), LARGE, SMALL)
    flags = {row["product"]: row["flags"] for row in facts.iter_rows(named=True)}
    assert flags["large"] & integrity_flags.UNDEFINED_PRODUCT == 0
    assert flags["LARGE"] & integrity_flags.UNDEFINED_PRODUCT


def test_a_plant_that_defines_no_product_means_its_lines_cycle_for_all() -> None:
    assert undefined_products(facts_of(made((0, "4711")))) == []


def test_a_product_that_was_only_shown_is_no_production() -> None:
    facts = facts_of(made((0, "LARGE"), state="stopped", items=0.0), LARGE)
    assert undefined_products(facts) == []


def test_items_counted_while_nothing_ran_are_production_all_the_same() -> None:
    facts = facts_of(made((0, "LARGE"), state="stopped"), LARGE)
    assert undefined_products(facts) == ["LARGE"]
