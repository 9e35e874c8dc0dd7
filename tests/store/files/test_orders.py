"""Planned orders of plant.yaml: what they become, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
import spoilt

from domain.errors import InputError
from domain.plant import PlannedOrder
from domain.time import Window
from store.files.plant import read_plant
from store.registry.change_sentences import plant_changes

EXAMPLE = (Path(__file__).parent / "examples" / "plant.yaml").read_text(encoding="utf-8")
ORDERS = """\
orders:
  "4711/2026": {line: filler-1, product: juice-330, quantity: 20000,
                start: 2026-03-02, end: 2026-03-03}
  "4712": {line: filler-1, quantity: 500, start: "2026-03-04T07:00", end: "2026-03-04T15:00"}
"""
WITH_ORDERS = EXAMPLE + ORDERS


def test_an_order_says_what_is_made_where_and_when() -> None:
    """Days are those of the plant, and the last one is in."""
    found = read_plant(WITH_ORDERS, "p").orders
    window = Window(datetime(2026, 3, 1, 16, tzinfo=UTC), datetime(2026, 3, 3, 16, tzinfo=UTC))
    assert found["4711/2026"] == PlannedOrder("4711/2026", "filler-1", 20_000, window, "juice-330")
    assert found["4712"].product is None


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("{line: filler-1, quantity", "{line: filer-1, quantity", "the line 'filer-1' is not in"),
        ("product: juice-330, q", "product: juice-33, q", "the product 'juice-33' is not in this"),
        ('end: "2026-03-04T15:00"', 'end: "2026-03-04T07:00"', "before it starts"),
        ("end: 2026-03-03", "end: 2027-03-03", "lasts longer than 366 days"),
        ("quantity: 500", "quantity: 0", "greater than 0"),
        ("quantity: 500, ", "", "quantity"),
    ],
)
def test_what_no_order_can_be_is_refused(old: str, new: str, says: str) -> None:
    with pytest.raises(InputError, match="orders") as refused:
        read_plant(spoilt.changed(WITH_ORDERS, old, new), "p")
    assert says in str(refused.value)


def test_a_target_oee_is_a_share() -> None:
    text = spoilt.changed(EXAMPLE, "minor_stop_s: 120", "target_oee: 0.75")
    assert read_plant(text, "p").lines["filler-1"].target_oee == 0.75
    with pytest.raises(InputError, match="target_oee"):
        read_plant(text.replace("0.75", "75"), "p")


def test_what_changed_in_the_orders_is_told() -> None:
    old, new = (read_plant(it, "p") for it in (WITH_ORDERS, WITH_ORDERS.replace("20000", "30000")))
    assert plant_changes(old, new) == ["order 4711/2026: quantity changed"]
