"""What unknown and unheard time may hide."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.kpi.formulas.hidden import (
    count_bounds,
    hidden_good_ideal_s,
    hidden_ideal_s,
    hidden_items,
    is_expected,
    unsure_items,
)
from analytics.kpi.formulas.sums import sums_from_amounts

NONE = np.float64("nan")


@pytest.mark.parametrize(
    ("unknown_s", "cycle_s", "counted_in_it", "implausible", "unseen"),
    [
        (0.0, 2.0, 0.0, 0.0, 0.0),
        (100.0, 2.0, 0.0, 0.0, 50.0),  # one item in two seconds at most
        (100.0, 2.0, 20.0, 0.0, 30.0),
        (100.0, 2.0, 60.0, 0.0, 0.0),  # more were counted than fit: none is left unseen
        (100.0, 2.0, 0.0, 7.0, 57.0),
        (0.0, NONE, 0.0, 7.0, 7.0),
        (100.0, NONE, 0.0, 0.0, NONE),  # nothing bounds what was made
    ],
)
def test_hidden_items_are_those_that_fit_into_unknown_time(
    unknown_s: float, cycle_s: float, counted_in_it: float, implausible: float, unseen: float
) -> None:
    sums = sums_from_amounts(
        unknown_time_s=unknown_s,
        cycle_time_s=cycle_s,
        total_count_unknown=counted_in_it,
        total_count_implausible=implausible,
    )
    assert hidden_items(sums).tolist() == pytest.approx([unseen], nan_ok=True)


def test_hidden_time_was_as_fast_as_the_fastest_known_hour() -> None:
    """The example of the module: 600 s hold 360 items at 1.2 times the planned speed; 100 of them
    are vouched for."""
    sums = sums_from_amounts(
        unknown_time_s=600.0, cycle_time_s=2.0, pace=1.2, total_count_unknown=100.0,
        ideal_time_unknown_s=200.0, good_count_unknown=50.0,
    )  # fmt: skip
    assert hidden_items(sums).item() == pytest.approx(260.0)
    assert hidden_ideal_s(sums, sums.unknown_time_s).item() == pytest.approx(520.0)
    assert hidden_good_ideal_s(sums).item() == pytest.approx(620.0)


def test_a_slow_hour_does_not_make_hidden_time_slower_than_planned() -> None:
    sums = sums_from_amounts(unknown_time_s=600.0, cycle_time_s=2.0, pace=0.4)
    assert hidden_items(sums).item() == 300.0


def test_a_count_that_was_never_heard_is_anything_that_fits() -> None:
    sums = sums_from_amounts(
        production_time_s=3600.0, cycle_time_s=2.0, total_unheard_s=3600.0, good_unheard_s=3600.0
    )
    assert [it.item() for it in count_bounds(sums, "total_count")] == [0.0, 1800.0]
    assert is_expected(sums, "total_count").all()
    assert is_expected(sums, "ideal_time_s").all()
    assert not is_expected(sums, "reject_count").any()
    assert all(np.isnan(it).all() for it in count_bounds(sums, "reject_count"))


def test_nothing_limits_what_a_silent_meter_did_not_tell() -> None:
    sums = sums_from_amounts(energy_kwh=5.0, energy_unheard_s=60.0)
    low, high = count_bounds(sums, "energy_kwh")
    assert low.item() == 5.0
    assert np.isnan(high).all()


def test_what_was_counted_across_the_window_s_border_may_belong_outside() -> None:
    sums = sums_from_amounts(
        total_count=100.0, total_unheard_s=0.0, cycle_time_s=2.0,
        unsure_start_count=10.0, unsure_end_count=2.0,
        energy_kwh=7.0, energy_unheard_s=0.0, energy_unsure_end_kwh=3.0,
    )  # fmt: skip
    assert unsure_items(sums).item() == 12.0
    assert [it.item() for it in count_bounds(sums, "total_count")] == [88.0, 112.0]
    assert [it.item() for it in count_bounds(sums, "energy_kwh")] == [4.0, 10.0]
