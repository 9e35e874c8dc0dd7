"""KPIs of what was made: effectiveness, quality, the OEE family, scrap, energy.

What is measured against the plan (effectiveness, quality ratio, the OEE family) counts what was
made within it: work in a break or on a Sunday must not lift it. Scrap, rework and energy are of all
items, whenever they were made.

Counters go on while nobody knows the state, so all items that they counted are in the value. But
unknown time may also hide items that no counter counted (`unseen_items`), good or bad: the bounds
of counts take none or all of them. An energy meter is a counter too: its consumption is certain,
and only the number of items that it is divided by may be higher.
"""

from __future__ import annotations

import numpy as np

from analytics.kpi.model import (
    RATIO,
    Bounds,
    Example,
    Kpi,
    largest,
    per,
    product,
    quotient,
    share,
    unseen_items,
)
from analytics.kpi.sums import Amounts, Sums, or_zero
from analytics.kpi.time_kpis import APT, PBT, availability, utilisation

IDEAL, PQ, GQ, SQ = "ideal_time_s", "total_count", "good_count", "reject_count"
_OEE_INPUTS = (APT, PBT, IDEAL, GQ, PQ)
_OEE = "availability × effectiveness × quality ratio"
# 420 planned minutes, 47 of them stops; 19,271 items of 1.0 s, 423 of them rejected (oee.com).
_SHIFT = {
    "production_time_s": 22380.0,
    "delay_time_s": 2820.0,
    "ideal_time_s": 19271.0,
    "total_count": 19271.0,
    "good_count": 18848.0,
}
_DAY = {"planned_down_time_s": 3600.0, "not_planned_time_s": 57600.0}
_CHANGEOVER = {
    "production_time_s": 18000.0,
    "setup_time_s": 2000.0,
    "delay_time_s": 5000.0,
    "ideal_time_s": 16200.0,
    "total_count": 16200.0,
    "good_count": 15390.0,
}


def effectiveness(s: Sums) -> Amounts:
    return quotient(s.ideal_time_s, s.production_time_s)


def _effectiveness_bounds(s: Sums) -> Bounds:
    """Low: all unknown time was production in which nothing was made. High: it was production at
    the ideal rate or, where the known time was faster than that, no production; and items that
    were not believed were made after all. Where items have no production time at all, there is no
    high bound."""
    most = s.ideal_time_s + or_zero(s.implausible_ideal_time_s)
    run, unknown = s.production_time_s, s.unknown_time_s
    high = largest(quotient(most, run), quotient(most + unknown, run + unknown))
    in_no_time = (most != 0.0) & (run == 0.0)
    return quotient(s.ideal_time_s, run + unknown), np.where(in_no_time, np.nan, high)


def quality_ratio(s: Sums) -> Amounts:
    return quotient(*_made_in_plan(s))


def _made_in_plan(s: Sums) -> tuple[Amounts, Amounts]:
    """Good items and all items."""
    return s.good_count - s.good_count_outside_plan, s.total_count - s.total_count_outside_plan


def _quality_bounds(s: Sums) -> Bounds:
    """All unseen items bad, or all of them good."""
    return share(*_made_in_plan(s), unseen_items(s))


def oee(s: Sums) -> Amounts:
    return product(availability(s), effectiveness(s), quality_ratio(s))


def _good_ideal_bounds(s: Sums, whole_s: Amounts) -> Bounds:
    """Bounds of the OEE family. Low: only what the counters prove, the ideal time of the good
    items. High: besides, all unknown time made good items at the ideal rate, and the items that
    were not believed were made. The value lies between them if no item was counted in unknown
    time (such items are in the bounds alone), if effectiveness is at most 1 (nothing is capped)
    and if each product has the same quality ratio (the value counts items, the bounds weigh them
    by their ideal time)."""
    good = s.good_ideal_time_s
    most = good + or_zero(s.implausible_ideal_time_s) + s.unknown_time_s
    return quotient(good, whole_s), quotient(most, whole_s)


def _net_effectiveness(s: Sums) -> Amounts:
    return product(
        quotient(s.processing_time_s, s.known_busy_time_s), effectiveness(s), quality_ratio(s)
    )


def _net_effectiveness_bounds(s: Sums) -> Bounds:
    """Low: all unknown time was production in which nothing was made. That lowers effectiveness
    more than it raises the processing time, which is never less than the production time. High:
    all three factors at their best; they can all be so at once."""
    worst, best = _quality_bounds(s)
    run, unknown = s.production_time_s, s.unknown_time_s
    whole = s.planned_busy_time_s
    return (
        product(
            quotient(s.processing_time_s + unknown, run + unknown),
            quotient(s.ideal_time_s, whole),
            worst,
        ),
        product(quotient(s.processing_time_s + unknown, whole), _effectiveness_bounds(s)[1], best),
    )


def _energy_bounds(s: Sums, items: Amounts) -> Bounds:
    """Least energy per item if all unseen items were made, most if none of them was."""
    return quotient(s.energy_kwh, items + unseen_items(s)), quotient(s.energy_kwh, items)


OUTPUT_KPIS = (
    Kpi(
        "throughput_rate",
        3,
        "PQ / AOET",
        "items/s",
        (PQ, "order_time_s"),
        lambda s: quotient(s.total_count, s.order_time_s),
        lambda s: per(s.total_count, s.order_time_s, unseen_items(s)),
        Example({"total_count": 18000.0, "order_time_s": 24000.0}, 0.75),
    ),
    Kpi(
        "oee",
        6,
        _OEE,
        RATIO,
        _OEE_INPUTS,
        oee,
        lambda s: _good_ideal_bounds(s, s.planned_busy_time_s),
        Example(_SHIFT, 0.7479),
    ),
    Kpi(
        "net_equipment_effectiveness",
        7,
        "(AUPT / PBT) × effectiveness × quality ratio",
        RATIO,
        ("processing_time_s", *_OEE_INPUTS),
        _net_effectiveness,
        _net_effectiveness_bounds,
        Example(_CHANGEOVER, 0.684),
    ),
    Kpi(
        "effectiveness",
        9,
        "PRI × PQ / APT",
        RATIO,
        (IDEAL, APT),
        effectiveness,
        _effectiveness_bounds,
        Example(_SHIFT, 0.8611),
    ),
    Kpi(
        "quality_ratio",
        10,
        "GQ / PQ",
        RATIO,
        (GQ, PQ),
        quality_ratio,
        _quality_bounds,
        Example(_SHIFT, 0.978),
    ),
    Kpi(
        "scrap_ratio",
        16,
        "SQ / PQ",
        RATIO,
        (SQ, PQ),
        lambda s: quotient(s.reject_count, s.total_count),
        lambda s: share(s.reject_count, s.total_count, unseen_items(s)),
        Example({"reject_count": 423.0, "total_count": 19271.0}, 0.022),
    ),
    Kpi(
        "rework_ratio",
        17,
        "RQ / PQ",
        RATIO,
        ("rework_count", PQ),
        lambda s: quotient(s.rework_count, s.total_count),
        lambda s: share(s.rework_count, s.total_count, unseen_items(s)),
        Example({"rework_count": 60.0, "total_count": 2400.0}, 0.025),
    ),
    Kpi(
        "comprehensive_energy_consumption",
        23,
        "total energy / PQ",
        "kWh/item",
        ("energy_kwh", PQ),
        lambda s: quotient(s.energy_kwh, s.total_count),
        lambda s: _energy_bounds(s, s.total_count),
        Example({"energy_kwh": 120.5, "total_count": 20000.0}, 0.006025, 6),
    ),
    Kpi(
        "energy_per_good_unit",
        None,
        "total energy / GQ",
        "kWh/item",
        ("energy_kwh", GQ),
        lambda s: quotient(s.energy_kwh, s.good_count),
        lambda s: _energy_bounds(s, s.good_count),
        Example({"energy_kwh": 120.5, "good_count": 19500.0}, 0.006179, 6),
    ),
    Kpi(
        "ooe",
        None,
        "OEE × PBT / POT",
        RATIO,
        (*_OEE_INPUTS, "planned_operation_time_s"),
        lambda s: product(oee(s), quotient(s.planned_busy_time_s, s.planned_operation_time_s)),
        lambda s: _good_ideal_bounds(s, s.planned_operation_time_s),
        Example(_SHIFT | _DAY, 0.6544),
    ),
    Kpi(
        "teep",
        None,
        "OEE × PBT / calendar time",
        RATIO,
        (*_OEE_INPUTS, "calendar_time_s"),
        lambda s: product(oee(s), utilisation(s)),
        lambda s: _good_ideal_bounds(s, s.calendar_time_s),
        Example(_SHIFT | _DAY, 0.2181),
    ),
)
