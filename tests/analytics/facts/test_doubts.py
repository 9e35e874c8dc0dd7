"""Flags of what contradicts itself or cannot be used: where it lasts, and no further."""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl
import pytest
from plants import Row, history, local, plant

from analytics import integrity_flags
from analytics.facts.line_facts import line_facts
from domain.frames import ORDER_LOST, REASON_LOST
from domain.plant import Product

START = local("2026-03-02 07:00")
HOURS = 3
PRODUCTS = [Product("a", {"en": "A"}, 2.0), Product("b", {"en": "B"}, 4.0)]
RUNNING = [("state", START, "producing"), ("total_count", START, 0.0)]
RUNNING += [("total_count", START + timedelta(hours=HOURS), 3600.0 * HOURS)]


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def facts(*rows: Row, products: list[Product] | None = None) -> pl.DataFrame:
    where = plant(roles=("state", "total_count"), products=products or [])
    end = at(60 * HOURS)
    return line_facts(where, "l1", history([*RUNNING, *rows], START, end), START, end)


def flagged(found: pl.DataFrame) -> dict[int, set[str]]:
    """The flags of each hour that are about this."""
    wanted = {"contradiction", "unusable_value"}
    by_hour: dict[int, set[str]] = {hour: set() for hour in range(HOURS)}
    for start, bits in found.select("start", "flags").rows():
        hour = int((start - START).total_seconds()) // 3600
        by_hour[hour] |= set(integrity_flags.names(bits)) & wanted
    return by_hour


@pytest.mark.parametrize(
    ("signal", "values", "also"),
    [
        ("state", ("idle", "fault"), set()),
        ("mode", ("manual", "maintenance"), set()),
        ("order", ("A", "B"), {"unusable_value"}),
        ("product", ("a", "b"), {"unusable_value"}),
        ("stop_reason", ("jam", "film"), set()),
    ],
)
def test_a_contradiction_is_flagged_until_the_next_sample(
    signal: str, values: tuple[str, str], also: set[str]
) -> None:
    rows = [(signal, at(70), value) for value in values]
    again = {"state": "producing", "mode": "produce"}.get(signal, values[0])
    found = facts(*rows, (signal, at(110), again), products=PRODUCTS)
    assert flagged(found) == {0: set(), 1: {"contradiction", *also}, 2: set()}
    found = facts(*rows, products=PRODUCTS)
    assert flagged(found) == {0: set(), 1: {"contradiction", *also}, 2: {"contradiction", *also}}


def test_a_contradictory_state_is_unknown_time() -> None:
    found = facts(("state", at(70), "idle"), ("state", at(70), "fault"), ("state", at(80), "idle"))
    assert found["unknown_us"].sum() == 600 * 10**6
    assert found["fault_us"].sum() == 0


def test_what_the_edge_tells_again_after_a_restart_is_no_contradiction() -> None:
    """Two values of one instant of the machine's clock, and the last one again at that instant."""
    moved = at(70) + timedelta(microseconds=1)
    rows = [("state", at(70), "idle"), ("state", moved, "fault"), ("state", at(70), "fault")]
    found = facts(*rows, ("state", at(80), "producing"))
    assert flagged(found) == {0: set(), 1: set(), 2: set()}
    assert (found["unknown_us"].sum(), found["fault_us"].sum()) == (1, 600 * 10**6 - 1)


@pytest.mark.parametrize("mode", ["unknown", None])
def test_without_its_mode_a_line_is_not_producing(mode: str | None) -> None:
    found = facts(("mode", at(0), "produce"), ("mode", at(30), mode), ("mode", at(50), "produce"))
    assert found["unknown_us"].sum() == 20 * 60 * 10**6
    assert flagged(found)[0] == set()


def test_an_order_that_cannot_be_read_ends_the_one_before() -> None:
    found = facts(("order", at(0), "A"), ("order", at(30), None), ("order", at(90), "B"))
    times = dict(found.group_by("order").agg(pl.col("producing_us").sum()).rows())
    assert times == {"A": 1800 * 10**6, ORDER_LOST: 3600 * 10**6, "B": 5400 * 10**6}
    assert flagged(found) == {0: {"unusable_value"}, 1: {"unusable_value"}, 2: set()}


def test_what_is_made_of_an_unknown_product_is_measured_by_the_lines_own_cycle_time() -> None:
    """Never by that of the product before; as a product that nobody defined is."""
    rows = [("product", at(0), "a"), ("product", at(60), None), ("product", at(120), "b")]
    found = facts(*rows, products=PRODUCTS).sort("start")
    assert found["product"].to_list() == ["a", "", "b"]
    assert found["ideal_s"].to_list() == pytest.approx([7200.0, 3600.0, 14400.0])
    assert flagged(found) == {0: set(), 1: {"unusable_value"}, 2: set()}


def test_a_plant_without_products_does_not_care() -> None:
    found = facts(("product", at(0), "a"), ("product", at(60), None))
    assert flagged(found) == {0: set(), 1: set(), 2: set()}


def test_where_nothing_is_known_anyway_no_value_is_missed() -> None:
    rows = [("state", at(60), None), ("state", at(120), "idle")]
    found = facts(("order", at(0), "A"), ("order", at(60), None), ("order", at(120), "B"), *rows)
    assert flagged(found) == {0: set(), 1: set(), 2: set()}


def test_a_reason_that_cannot_be_read_is_flagged_where_the_line_stops() -> None:
    found = facts(
        ("stop_reason", at(10), None),
        ("state", at(70), "stopped"),
        ("state", at(110), "producing"),
    )
    assert flagged(found) == {0: set(), 1: {"unusable_value"}, 2: set()}
    stopped = found.filter(pl.col("stopped_us") > 0)
    assert stopped["reason_kind"].to_list() == [REASON_LOST]
