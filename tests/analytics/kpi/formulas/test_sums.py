"""Columns of additive sums: what there is, what is missing, and what follows from them."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.kpi.formulas.sums import NONE, as_list, is_present, or_zero, sums_from_amounts

TIMES = {
    "production_time_s": 100.0,
    "setup_time_s": 20.0,
    "delay_time_s": 30.0,
    "down_time_s": 4.0,
    "maintenance_time_s": 5.0,
    "planned_down_time_s": 6.0,
    "not_planned_time_s": 7.0,
    "unknown_time_s": 8.0,
}


def test_absent_is_not_nought() -> None:
    amounts = np.array([1.0, np.nan, 0.0])
    assert is_present(amounts).tolist() == [True, False, True]
    assert or_zero(amounts).tolist() == [1.0, 0.0, 0.0]
    assert as_list(amounts, 3) == [1.0, None, 0.0]


def test_one_amount_stands_for_all_rows() -> None:
    assert as_list(np.float64(2.5), 3) == [2.5, 2.5, 2.5]
    assert as_list(NONE, 2) == [None, None]


def test_times_of_iso_22400_are_sums_of_classes() -> None:
    sums = sums_from_amounts(**TIMES)
    assert len(sums) == 1
    found = {
        name: float(getattr(sums, name)[0])
        for name in (
            "planned_busy_time_s",
            "known_busy_time_s",
            "planned_operation_time_s",
            "calendar_time_s",
            "processing_time_s",
            "busy_time_s",
        )
    }
    assert found == {
        "planned_busy_time_s": 167.0,
        "known_busy_time_s": 159.0,
        "planned_operation_time_s": 173.0,
        "calendar_time_s": 180.0,
        "processing_time_s": 120.0,
        "busy_time_s": 150.0,
    }


def test_a_manual_input_goes_before_what_was_measured() -> None:
    assert as_list(sums_from_amounts(good_count=9.0).good_part_count, 1) == [9.0]
    told = sums_from_amounts(good_count=9.0, good_part_count=7.0)
    assert as_list(told.good_part_count, 1) == [7.0]
    assert told.is_entered("good_part_count").all()
    assert not told.is_entered("inspected_part_count").any()


def test_an_amount_is_found_by_its_name_wherever_it_is() -> None:
    sums = sums_from_amounts(good_count=9.0, inspected_part_count=5.0)
    assert as_list(sums.amount("good_count"), 1) == [9.0]
    assert as_list(sums.amount("inspected_part_count"), 1) == [5.0]
    assert as_list(sums.amount("planned_scrap_count"), 1) == [None]
    assert as_list(sums.amount("energy_kwh"), 1) == [None]


def test_sums_are_not_written_over() -> None:
    with pytest.raises(AttributeError):
        sums_from_amounts(good_count=9.0).good_count = np.float64(1.0)
