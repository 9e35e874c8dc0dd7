"""KPIs of time: shares of planned time by class, and reliability.

The unknown time U lies inside the planned busy time (PBT), and each of its seconds may have been of
any class. So for a share of PBT, the low bound has none of U in the numerator and the high bound
all of it; PBT itself stays. Where U may belong to the denominator too, it is added there for the
low bound, and to both for the high bound.
"""

from __future__ import annotations

import numpy as np

from analytics.kpi.formulas.model import (
    RATIO,
    Bounds,
    Example,
    Kpi,
    known_only,
    per,
    quotient,
    share,
)
from analytics.kpi.formulas.sums import Amounts, Sums

PBT = "planned_busy_time_s"
APT, AUST, ADET = "production_time_s", "setup_time_s", "delay_time_s"
# 420 planned minutes, of which 47 were stops (oee.com).
_SHIFT = {"production_time_s": 22380.0, "delay_time_s": 2820.0}
_MIXED = {
    "production_time_s": 18000.0,
    "setup_time_s": 2000.0,
    "delay_time_s": 4000.0,
    "down_time_s": 1000.0,
}
_THOUSAND_HOURS = {"production_time_s": 3.6e6, "repair_time_s": 180000.0, "failures": 5.0}


def availability(s: Sums) -> Amounts:
    return quotient(s.production_time_s, s.known_busy_time_s)


def _setup_ratio(s: Sums) -> Amounts:
    return quotient(s.setup_time_s, s.processing_time_s)


def _technical_efficiency(s: Sums) -> Amounts:
    return quotient(s.production_time_s, s.production_time_s + s.delay_time_s)


def utilisation(s: Sums) -> Amounts:
    return quotient(s.planned_busy_time_s, s.calendar_time_s)


def _utilisation_bounds(s: Sums) -> Bounds:
    """The calendar plans, not the machine, so the value is exact. Only where a method lets stops
    leave the plan, an unknown second may have left it."""
    value = utilisation(s)
    return (value if s.plan_fixed else quotient(s.known_busy_time_s, s.calendar_time_s)), value


def _known_order_time_s(s: Sums) -> Amounts:
    return s.order_time_s - s.order_unknown_time_s


def _order_share(part_s: Amounts, s: Sums) -> Bounds:
    """Bounds of part ÷ AOET: the class of its unknown time is not known, and where the order is
    not known, that may be order time of any class."""
    whole_s = s.order_time_s + s.order_lost_time_s
    return per(part_s, whole_s, s.order_unknown_time_s + s.order_lost_time_s)


def _allocation_bounds(s: Sums) -> Bounds:
    """Where the order or the reason is not known, what stands as delay may be down time or
    maintenance, and down time may be setup."""
    low, _ = per(s.busy_time_s - s.delay_lost_time_s, s.planned_busy_time_s, s.unknown_time_s)
    _, high = per(s.busy_time_s + s.busy_lost_time_s, s.planned_busy_time_s, s.unknown_time_s)
    return low, high


def _order_allocation_bounds(s: Sums) -> Bounds:
    """As `_order_share`; of AUBT see above."""
    low, _ = _order_share(s.order_busy_time_s - s.order_busy_lost_time_s, s)
    _, high = _order_share(s.order_busy_time_s, s)
    return low, high


def _setup_bounds(s: Sums) -> Bounds:
    """Stops whose reason is not known may be setup, as unknown time."""
    return share(s.setup_time_s, s.processing_time_s, s.unknown_time_s + s.setup_lost_time_s)


def _production_share(whole_s: Amounts, s: Sums) -> Bounds:
    """Bounds of APT ÷ a whole with the delay in it; of delay and busy time see above."""
    low, _ = share(s.production_time_s, whole_s + s.busy_lost_time_s, s.unknown_time_s)
    _, high = share(s.production_time_s, whole_s - s.delay_lost_time_s, s.unknown_time_s)
    return low, high


def _corrective_ratio(s: Sums) -> Amounts:
    corrective = s.corrective_maintenance_time_s
    return quotient(corrective, corrective + s.preventive_maintenance_time_s)


def _corrective_bounds(s: Sums) -> Bounds:
    """Unknown time, and stops whose reason is not known, may be repair (inside PBT) or planned
    maintenance (inside POT). What people entered holds whatever the machine's state was."""
    corrective, preventive = s.corrective_maintenance_time_s, s.preventive_maintenance_time_s
    unknown_s = s.state_unknown_time_s
    repair_s = unknown_s + s.repair_lost_time_s
    repair = np.where(s.is_entered("corrective_maintenance_time_s"), 0.0, repair_s)
    either = unknown_s + s.unknown_planned_down_time_s + s.preventive_lost_time_s
    is_entered = s.is_entered("preventive_maintenance_time_s")
    planned = np.where(is_entered, 0.0, either)
    sure = preventive - np.where(is_entered, 0.0, s.preventive_unsure_time_s)
    return (
        quotient(corrective, corrective + preventive + planned),
        quotient(corrective + repair, corrective + sure + repair),
    )


def _between_failures(s: Sums) -> Amounts:
    return quotient(s.processing_time_s, s.failures)


def _to_failure(s: Sums) -> Amounts:
    return quotient(s.failure_free_time_s, s.failures)


def _to_repair(s: Sums) -> Amounts:
    return quotient(s.repair_time_s, s.failures)


TIME_KPIS = (
    Kpi(
        "allocation_ratio",
        2,
        "AUBT / AOET",
        RATIO,
        ("order_busy_time_s", "order_time_s"),
        lambda s: quotient(s.order_busy_time_s, _known_order_time_s(s)),
        _order_allocation_bounds,
        Example({"order_busy_time_s": 24000.0, "order_time_s": 25000.0}, 0.96),
    ),
    Kpi(
        "allocation_efficiency",
        4,
        "AUBT / PBT",
        RATIO,
        ("busy_time_s", PBT),
        lambda s: quotient(s.busy_time_s, s.known_busy_time_s),
        _allocation_bounds,
        Example(_MIXED, 0.96),
    ),
    Kpi(
        "utilization_efficiency",
        5,
        "APT / AUBT",
        RATIO,
        (APT, "busy_time_s"),
        lambda s: quotient(s.production_time_s, s.busy_time_s),
        lambda s: _production_share(s.busy_time_s, s),
        Example(_MIXED, 0.75),
    ),
    Kpi(
        "availability",
        8,
        "APT / PBT",
        RATIO,
        (APT, PBT),
        availability,
        lambda s: per(s.production_time_s, s.planned_busy_time_s, s.unknown_time_s),
        Example(_SHIFT, 0.8881),
    ),
    Kpi(
        "setup_ratio",
        11,
        "AUST / AUPT",
        RATIO,
        (AUST, "processing_time_s"),
        _setup_ratio,
        _setup_bounds,
        Example(_MIXED, 0.1),
    ),
    Kpi(
        "technical_efficiency",
        12,
        "APT / (APT + ADET)",
        RATIO,
        (APT, ADET),
        _technical_efficiency,
        lambda s: _production_share(s.production_time_s + s.delay_time_s, s),
        Example(_MIXED, 0.8182),
    ),
    Kpi(
        "production_process_ratio",
        13,
        "APT / AOET",
        RATIO,
        ("order_production_time_s", "order_time_s"),
        lambda s: quotient(s.order_production_time_s, _known_order_time_s(s)),
        lambda s: _order_share(s.order_production_time_s, s),
        Example({"order_production_time_s": 18000.0, "order_time_s": 25000.0}, 0.72),
    ),
    Kpi(
        "mean_time_between_failures_s",
        31,
        "(APT + AUST) / FE",
        "s",
        ("processing_time_s", "failures"),
        _between_failures,
        known_only(_between_failures),
        Example(_THOUSAND_HOURS, 720000.0),
        events="failures",
    ),
    Kpi(
        "mean_time_to_failure_s",
        32,
        "TTF / FE",
        "s",
        ("failure_free_time_s", "failures"),
        _to_failure,
        known_only(_to_failure),
        Example(_THOUSAND_HOURS | {"delay_time_s": 180000.0}, 720000.0),
        events="failures",
    ),
    Kpi(
        "mean_time_to_repair_s",
        33,
        "TTR / FE",
        "s",
        ("repair_time_s", "failures"),
        _to_repair,
        known_only(_to_repair),
        Example(_THOUSAND_HOURS, 36000.0),
        events="failures",
    ),
    Kpi(
        "corrective_maintenance_ratio",
        34,
        "CMT / (CMT + PMT)",
        RATIO,
        ("corrective_maintenance_time_s", "preventive_maintenance_time_s"),
        _corrective_ratio,
        _corrective_bounds,
        Example({"repair_time_s": 5400.0, "preventive_time_s": 16200.0}, 0.25),
    ),
    Kpi(
        "utilisation",
        None,
        "PBT / calendar time",
        RATIO,
        (PBT, "calendar_time_s"),
        utilisation,
        _utilisation_bounds,
        Example(_SHIFT | {"planned_down_time_s": 3600.0, "not_planned_time_s": 57600.0}, 0.2917),
    ),
)
