"""Cycle times of products, and products of which nobody knows that they were still the same."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date, timedelta

import pytest
from plants import history, local, plant

from analytics.facts.line_facts import line_facts
from analytics.facts.products import cycle_range_s
from domain.plant import CycleTimeChange, Product

START = local("2026-03-02 08:00")
END = START + timedelta(hours=1)
TWO = (
    Product("a", {"en": "A"}, 2.0, (CycleTimeChange(date(2026, 5, 1), 0.5),)),
    Product("b", {"en": "B"}, 5.0),
)


def test_the_shortest_and_the_longest_of_all_that_the_line_may_make() -> None:
    where = plant(None, cycle_time_s=1.0, products=TWO)
    assert cycle_range_s(where, where.lines["l1"]) == (0.5, 5.0)
    without = plant(None, cycle_time_s=None)
    assert all(map(math.isnan, cycle_range_s(without, without.lines["l1"])))


@pytest.mark.parametrize(("gap_s", "unsure_s"), [(0, 0.0), (30, 0.0), (600, 300 * 3.0)])
def test_items_of_a_gap_may_be_of_another_product(gap_s: int, unsure_s: float) -> None:
    """300 items of product A (2 s) were counted in ten minutes in which nobody confirmed that it
    was still A: of product B they would be worth 3 s more each."""
    minute = timedelta(minutes=1)
    rows = [("state", START, "producing"), ("product", START, "a")]
    rows += [("total_count", START + it * minute, 30.0 * it) for it in range(61)]
    lost = START + 10 * minute
    back = lost + timedelta(seconds=gap_s)
    told = history(rows, START, END, [(START, lost), (back, END)])
    where = plant(None, roles=("state", "total_count"), products=TWO)
    facts = line_facts(where, "l1", told, START, END)
    assert facts["ideal_more_s"].sum() == pytest.approx(unsure_s)
    # From May on A takes half a second; the cycle times of all of a plant's days count.
    assert facts["ideal_less_s"].sum() == pytest.approx(unsure_s / 3.0 * 1.5)


@pytest.mark.parametrize(("silent_s", "unsure_s"), [(0, 0.0), (50, 0.0), (70, 30.0), (900, 30.0)])
def test_a_silence_counts_with_its_whole_length_where_a_border_cuts_it(
    silent_s: int, unsure_s: float
) -> None:
    """It begins 20 s before the border; the 10 items of A until then may be of B, 3 s more each."""
    second = timedelta(seconds=1)
    border = START + timedelta(minutes=30)
    lost = border - 20 * second
    rows = [("state", START, "producing"), ("product", START, "a")]
    rows += [("total_count", START + 10 * it * second, 5.0 * it) for it in range(361)]
    told = history(rows, START, END, [(START, lost), (lost + silent_s * second, END)])
    where = plant(None, roles=("state", "total_count"), products=TWO)
    facts = line_facts(where, "l1", told, START, border)
    assert facts["ideal_more_s"].sum() == pytest.approx(unsure_s)


@pytest.mark.parametrize(
    ("own", "heard", "less_s", "more_s"),
    [
        # Of product A they may be 0.5 s each, of B 5 s; the line says 1 s.
        (None, "00-00", 1800 * 0.5, 1800 * 4.0),
        (None, "00-30", 900 * 0.5, 900 * 4.0),
        # The plant file says what the line makes: 2 s each.
        ("a", "00-00", 0.0, 0.0),
        # The machine is heard all the time, and tells no product: it has none.
        (None, "00-60", 0.0, 0.0),
    ],
)
def test_a_silent_machine_that_never_told_a_product_may_make_any(
    own: str | None, heard: str, less_s: float, more_s: float
) -> None:
    """The press is heard for so many minutes; its counter tells an item every 2 s."""
    minute = timedelta(minutes=1)
    rows = [("state", START, "producing")]
    rows += [("total_count", START + it * minute, 30.0 * it) for it in range(61)]
    until = START + int(heard[3:]) * minute
    told = history(rows, START, END, [(START, until)] if until > START else [])
    where = plant(None, roles=("state", "total_count"), products=TWO, cycle_time_s=1.0)
    lines = {"l1": replace(where.lines["l1"], product=own)}
    facts = line_facts(replace(where, lines=lines), "l1", told, START, END)
    assert facts["ideal_less_s"].sum() == pytest.approx(less_s)
    assert facts["ideal_more_s"].sum() == pytest.approx(more_s)
