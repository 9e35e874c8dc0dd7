"""KPIs that need manual inputs or measurements.

A manual input holds whatever the machine's state was, so KPIs of manual inputs alone are exact.
Where a count of the machines stands in the formula, the bounds take none or all of its unseen
items. Capability indices are computed in `analytics.spc.capability`, from the worst characteristic.
"""

from __future__ import annotations

import numpy as np

from analytics.kpi.formulas.hidden import count_bounds
from analytics.kpi.formulas.model import (
    RATIO,
    Bounds,
    Example,
    Kpi,
    exact,
    quotient,
)
from analytics.kpi.formulas.sums import Amounts, Sums

CM = "consumed_material"
LOWER, UPPER = "lower_specification_limit", "upper_specification_limit"
# Fifteen fill weights in grams, three in a subgroup, between 496 g and 504 g.
_WEIGHTS = (
    *(499.2, 500.1, 500.9, 500.4, 499.6, 501.1, 498.9, 500.3),
    *(500.8, 499.8, 500.5, 501.4, 499.1, 500.0, 500.7),
)
_LIMITS = {LOWER: 496.0, UPPER: 504.0}


def _ratio(name: str, number: int, formula: str, inputs: tuple[str, str], example: Example) -> Kpi:
    """A ratio of two manual inputs."""
    top, bottom = inputs

    def value(s: Sums) -> Amounts:
        return quotient(s.amount(top), s.amount(bottom))

    return Kpi(name, number, formula, RATIO, inputs, value, exact(value), example)


def _counted(
    name: str,
    number: int,
    formula: str,
    inputs: tuple[str, str],
    example: Example,
    unit: str = RATIO,
) -> Kpi:
    """A count of the machines divided by a manual input."""
    top, bottom = inputs
    return Kpi(
        name,
        number,
        formula,
        unit,
        inputs,
        lambda s: quotient(s.amount(top), s.amount(bottom)),
        lambda s: _count_bounds_per(s, top, bottom),
        example,
    )


def _count_bounds_per(s: Sums, top: str, bottom: str) -> Bounds:
    low, high = count_bounds(s, top)
    return quotient(low, s.amount(bottom)), quotient(high, s.amount(bottom))


def _index(
    name: str, number: int | None, index: str, formula: str, inputs: tuple[str, ...], value: float
) -> Kpi:
    """A capability index of the worst characteristic."""

    def function(s: Sums) -> Amounts:
        return s.amount(index)

    example = Example(_LIMITS, value, values=_WEIGHTS, subgroup_size=3)
    return Kpi(
        name, number, formula, RATIO, inputs, function, exact(function), example, index=index
    )


def _first_pass_bounds(s: Sums) -> Bounds:
    """There may be more good parts than were counted, unless people entered their number."""
    inspected = s.amount("inspected_part_count")
    low, high = count_bounds(s, "good_part_count")
    entered, exactly = s.is_entered("good_part_count"), quotient(s.good_part_count, inspected)
    return (
        np.where(entered, exactly, quotient(low, inspected)),
        np.where(entered, exactly, quotient(high, inspected)),
    )


_MEAN, _WITHIN, _OVERALL = "measured_mean", "deviation_within", "deviation_overall"
MANUAL_KPIS = (
    _ratio(
        "worker_efficiency",
        1,
        "APWT / APAT",
        ("personnel_work_time_s", "personnel_attendance_time_s"),
        Example({"personnel_work_time_s": 24300, "personnel_attendance_time_s": 27000}, 0.9),
    ),
    _counted(
        "actual_to_planned_scrap_ratio",
        14,
        "SQ / PSQ",
        ("reject_count", "planned_scrap_count"),
        Example({"reject_count": 423, "planned_scrap_count": 400}, 1.0575),
    ),
    Kpi(
        "first_pass_yield",
        15,
        "GP / IP",
        RATIO,
        ("good_part_count", "inspected_part_count"),
        lambda s: quotient(s.good_part_count, s.amount("inspected_part_count")),
        _first_pass_bounds,
        Example({"good_part_count": 970, "inspected_part_count": 1000}, 0.97),
    ),
    _counted(
        "fall_off_ratio",
        18,
        "SQ / PQ of the first operation",
        ("reject_count", "first_operation_count"),
        Example({"reject_count": 30, "first_operation_count": 1200}, 0.025),
    ),
    _index(
        "machine_capability_index",
        19,
        "cm",
        "(USL − LSL) / 6s",
        (UPPER, LOWER, "deviation_run"),
        1.7686,
    ),
    _index(
        "critical_machine_capability_index",
        20,
        "cmk",
        "min(USL − x̄, x̄ − LSL) / 3s",
        (UPPER, LOWER, _MEAN, "deviation_run"),
        1.686,
    ),
    _index(
        "process_capability_index", 21, "cp", "(USL − LSL) / 6σ̂", (UPPER, LOWER, _WITHIN), 1.3595
    ),
    _index(
        "critical_process_capability_index",
        22,
        "cpk",
        "min(USL − x̿, x̿ − LSL) / 3σ̂",
        (UPPER, LOWER, _MEAN, _WITHIN),
        1.296,
    ),
    _counted(
        "inventory_turns",
        24,
        "PQ / average inventory",
        ("total_count", "average_inventory"),
        Example({"total_count": 48000, "average_inventory": 6000}, 8.0),
    ),
    _counted(
        "finished_goods_ratio",
        25,
        "GQ / CM",
        ("good_count", CM),
        Example({"good_count": 950, CM: 1000}, 0.95),
    ),
    _ratio(
        "integrated_goods_ratio",
        26,
        "IGQ / CM",
        ("integrated_good_quantity", CM),
        Example({"integrated_good_quantity": 960, CM: 1000}, 0.96),
    ),
    _ratio(
        "production_loss_ratio",
        27,
        "PL / CM",
        ("production_loss", CM),
        Example({"production_loss": 25, CM: 1000}, 0.025),
    ),
    _ratio(
        "storage_and_transport_loss_ratio",
        28,
        "STL / CM",
        ("storage_and_transport_loss", CM),
        Example({"storage_and_transport_loss": 10, CM: 1000}, 0.01),
    ),
    _ratio(
        "other_loss_ratio",
        29,
        "OL / CM",
        ("other_loss", CM),
        Example({"other_loss": 5, CM: 1000}, 0.005),
    ),
    _counted(
        "equipment_load_ratio",
        30,
        "PQ / EPC",
        ("total_count", "equipment_production_capacity"),
        Example({"total_count": 19271, "equipment_production_capacity": 25200}, 0.7647),
    ),
    _index(
        "process_performance_index",
        None,
        "pp",
        "(USL − LSL) / 6s",
        (UPPER, LOWER, _OVERALL),
        1.7686,
    ),
    _index(
        "critical_process_performance_index",
        None,
        "ppk",
        "min(USL − x̄, x̄ − LSL) / 3s",
        (UPPER, LOWER, _MEAN, _OVERALL),
        1.686,
    ),
)
