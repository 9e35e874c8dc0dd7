"""The one list of KPIs, and what each of them lacks."""

from __future__ import annotations

from dataclasses import replace

from analytics.kpi.formulas.registry import (
    FROM_MACHINES,
    KPIS,
    MAY_LACK,
    lacking,
    missing,
    not_computable,
)
from analytics.kpi.formulas.sums import sums_from_amounts


def test_the_34_of_the_standard_come_first_in_their_order() -> None:
    numbers = [kpi.number for kpi in KPIS.values()]
    assert numbers[:34] == list(range(1, 35))
    assert set(numbers[34:]) == {None}
    assert all(name == kpi.name for name, kpi in KPIS.items())


def test_what_machines_give_needs_nobody() -> None:
    assert {"oee", "availability", "effectiveness", "quality_ratio"} <= set(FROM_MACHINES)
    assert not {"first_pass_yield", "inventory_turns", "process_capability_index"} & set(
        FROM_MACHINES
    )


def test_states_are_never_lacking() -> None:
    assert MAY_LACK["availability"] == ()
    assert lacking("availability", {}) is False


def test_each_row_says_what_it_lacks() -> None:
    without = sums_from_amounts(production_time_s=10.0)
    (phrases,) = not_computable(without, missing(without))
    assert phrases["oee"].startswith("needs ")
    assert "availability" not in phrases
    counted = sums_from_amounts(good_count=1.0, total_count=1.0, ideal_time_s=1.0)
    assert "oee" not in not_computable(counted, missing(counted))[0]


def test_an_amount_that_the_window_cuts_is_lacking_and_says_why() -> None:
    amounts = sums_from_amounts(good_count=9.0, inspected_part_count=10.0, rework_count=0.0)
    assert "first_pass_yield" not in not_computable(amounts, missing(amounts))[0]
    cut = replace(amounts, cut=({"inspected_part_count": "it reaches beyond the window"},))
    absent = missing(cut)
    assert absent["inspected_part_count"].tolist() == [True]
    assert lacking("first_pass_yield", absent).tolist() == [True]
    phrase = not_computable(cut, absent)[0]["first_pass_yield"]
    assert phrase == "it reaches beyond the window"
