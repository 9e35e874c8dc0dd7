"""KPIs of what was made: effectiveness, quality, the OEE family, scrap, energy.

What is measured against the plan (effectiveness, quality ratio, the OEE family) counts what was
made within it: work in a break, on a Sunday or in maintenance must not lift it. Scrap, rework and
energy are of all items, whenever they were made.

Counters go on while nobody knows the state, so all items that they counted are in the value. But
unknown time, and time in which a counter was not heard, may also hide items that are in no count
(`analytics.kpi.formulas.hidden`), good or bad: the bounds take none or all of them. The value is of
the time that is known: of what was heard.
"""

from __future__ import annotations

import numpy as np

from analytics.kpi.formulas.hidden import (
    count_bounds,
    hidden_good_ideal_s,
    hidden_ideal_s,
    hidden_items,
    misjudged,
    missed_ideal_s,
    missed_of,
    mode_unsure_s,
    overstated,
    unheard_items,
    unsure_items,
    unsure_plan_s,
    unsure_s,
)
from analytics.kpi.formulas.model import (
    RATIO,
    Bounds,
    Example,
    Kpi,
    largest,
    product,
    quotient,
    share,
)
from analytics.kpi.formulas.sums import Amounts, Sums, or_zero
from analytics.kpi.formulas.time_kpis import APT, PBT, availability, utilisation

IDEAL, PQ, GQ, SQ = "ideal_time_s", "total_count", "good_count", "reject_count"
_OEE_INPUTS = (APT, PBT, IDEAL, GQ, PQ)
_ROUNDING = 1e-9
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
    return quotient(s.ideal_time_s, s.production_time_s - s.production_unheard_s)


def _made_s(s: Sums) -> tuple[Amounts, Amounts]:
    """The ideal time of all items within the plan, those counted in unknown time included: what is
    certain, and what it may be but for hidden items."""
    told = or_zero(s.ideal_time_s) + or_zero(s.ideal_time_unknown_s)
    unsure = unsure_s(s) + unsure_plan_s(s)
    least = np.maximum(told - unsure - mode_unsure_s(s) - or_zero(s.ideal_less_s), 0.0)
    return least, told + unsure + missed_ideal_s(s) + or_zero(s.ideal_more_s)


def _effectiveness_bounds(s: Sums) -> Bounds:
    """Low: all unknown time was production in which nothing was made but what a counter vouches
    for. High: it was production at full pace or, where that would be slower than the known time, no
    production. Where items have no production time at all, there is no high bound."""
    least, most = _made_s(s)
    run, unknown = s.production_time_s, s.unknown_time_s
    high = largest(
        quotient(most + hidden_ideal_s(s, np.float64(0.0)), run),
        quotient(most + hidden_ideal_s(s, unknown), run + unknown),
    )
    in_no_time = (most != 0.0) & (run == 0.0)
    return quotient(least, run + unknown), np.where(in_no_time, np.nan, high)


def quality_ratio(s: Sums) -> Amounts:
    """Of the time in which all items and the good ones were heard."""
    return quotient(*_judged(s))


def _judged(s: Sums) -> tuple[Amounts, Amounts]:
    """Good items and all items within the plan, of the time in which both were heard."""
    good = s.good_count - s.good_count_outside_plan - or_zero(s.good_count_unjudged)
    return good, s.total_count - s.total_count_outside_plan - or_zero(s.total_count_unjudged)


def _quality_bounds(s: Sums) -> Bounds:
    """All that nobody judged was bad, or all of it good."""
    good, judged = (or_zero(it) for it in _judged(s))
    unjudged = or_zero(s.total_count_unjudged) + or_zero(s.good_count_unjudged)
    doubtful = unsure_items(s)
    outside_s = unsure_plan_s(s) + mode_unsure_s(s)
    doubtful = doubtful + np.where(outside_s == 0.0, 0.0, quotient(outside_s, s.cycle_time_s))
    hidden = unjudged + hidden_items(s)
    plain = share(good, judged, hidden)
    # What may belong elsewhere is taken away, good or bad, and may come in. Rejects that were
    # missed were taken for good items; good ones that were missed may be among the others, and
    # those that nobody judged among the rejects.
    wrong, missed, rejected = overstated(s, GQ), missed_of(s, GQ), misjudged(s, GQ)
    less = np.maximum(good - doubtful - wrong, 0.0)
    fewer = np.maximum(judged - doubtful, 0.0)
    whole = fewer + hidden + doubtful
    low = quotient(less, whole)
    others = fewer + hidden - missed
    best = quotient(good + hidden + doubtful + rejected, others)
    high = np.where(others > 0.0, np.minimum(best, 1.0), 1.0)
    widened = doubtful + wrong + missed + rejected > 0.0
    return (
        np.where(widened, np.minimum(plain[0], low), plain[0]),
        np.where(widened, np.maximum(plain[1], high), plain[1]),
    )


def oee(s: Sums) -> Amounts:
    return product(availability(s), effectiveness(s), quality_ratio(s))


def _good_ideal_bounds(s: Sums, whole_s: Amounts) -> Bounds:
    """Bounds of the OEE family. Low: only what the counters prove, the ideal time of the good
    items as the quickest product that they may be, without rejects that were missed. High: as the
    slowest product; besides, all unknown time made good items at full pace, and items that were
    missed. Where products have different cycle times, the value weighs quality by items and not by
    their ideal time, so the bounds take the worst and the best of both.
    """
    good = or_zero(s.good_ideal_time_s)
    unsure = unsure_s(s) + unsure_plan_s(s)  # rejects may belong elsewhere too
    wrong = overstated(s, GQ)
    wrong_s = np.where(wrong == 0.0, 0.0, wrong * or_zero(s.longest_cycle_time_s))
    less, more = or_zero(s.good_ideal_less_s), or_zero(s.good_ideal_more_s)
    least_s = np.maximum(good - unsure - mode_unsure_s(s) - wrong_s - less, 0.0)
    most_s = good + unsure + missed_ideal_s(s) + hidden_good_ideal_s(s) + more
    mixed = s.longest_cycle_time_s > s.cycle_time_s * (1 + _ROUNDING)
    mixed = mixed | (or_zero(s.ideal_less_s) + or_zero(s.ideal_more_s) > 0.0)
    if np.any(mixed):
        worst, best = _quality_bounds(s)
        least, most = _made_s(s)
        most = most + hidden_ideal_s(s, s.unknown_time_s)
        least_s = np.where(mixed, np.minimum(least_s, least * worst), least_s)
        most_s = np.where(mixed, np.maximum(most_s, most * best), most_s)
    return quotient(least_s, whole_s), quotient(most_s, whole_s)


def _net_effectiveness(s: Sums) -> Amounts:
    return product(
        quotient(s.processing_time_s, s.known_busy_time_s), effectiveness(s), quality_ratio(s)
    )


def _net_effectiveness_bounds(s: Sums) -> Bounds:
    """Low: all unknown time was production in which nothing was made. That lowers effectiveness
    more than it raises the processing time, which is never less than the production time. High:
    all three factors at their best, and stops without a known reason setup; they can all be so at
    once."""
    worst, best = _quality_bounds(s)
    run, unknown = s.production_time_s, s.unknown_time_s
    whole = s.planned_busy_time_s
    most_s = s.processing_time_s + s.setup_lost_time_s + unknown
    return (
        product(
            quotient(s.processing_time_s + unknown, run + unknown),
            quotient(_made_s(s)[0], whole),
            worst,
        ),
        product(quotient(most_s, whole), _effectiveness_bounds(s)[1], best),
    )


def _throughput_bounds(s: Sums) -> Bounds:
    """Where the order is not known, there may have been one."""
    low, high = count_bounds(s, "total_count")
    return quotient(low, s.order_time_s + s.order_lost_time_s), quotient(high, s.order_time_s)


def _part_of_items(part: Amounts, s: Sums) -> Amounts:
    """None where it is more than all: then it holds items of hours in which nobody heard how many
    there were."""
    found = quotient(part, s.total_count)
    is_of_other_hours = (found > 1.0) & (or_zero(s.total_unheard_s) > 0.0)
    return np.where(is_of_other_hours, np.nan, found)


def _share_of_total(name: str, s: Sums) -> Bounds:
    """Bounds of a count ÷ all items. What is in no count may belong to both; what was counted while
    this counter was not heard, or across a border, or was missed by it, to the upper one alone:
    so the items that were hidden do not make up for those that nobody judged."""
    low, high = count_bounds(s, name)
    least, most = count_bounds(s, "total_count")
    unsure = unsure_items(s)
    hidden = np.maximum(most - or_zero(s.total_count) - unsure, 0.0)
    unjudged = np.minimum(or_zero(s.total_count), unheard_items(s, name))
    more = np.maximum(high - or_zero(s.amount(name)), hidden + unjudged)
    others = np.maximum(hidden - missed_of(s, name), 0.0)
    highest = quotient(or_zero(s.amount(name)) + more, least + others)
    return quotient(low, most), np.minimum(highest, 1.0)


def _energy_per(s: Sums, energy: Amounts, items: Amounts, matched: Amounts) -> Amounts:
    """Energy ÷ items: where a counter was silent, of the time in which all were heard."""
    silent = or_zero(s.energy_unheard_s) + or_zero(s.total_unheard_s) + or_zero(s.good_unheard_s)
    heard = quotient(s.energy_matched_kwh, matched)
    found = np.where(silent > 0.0, heard, quotient(energy, items))
    return np.where(items > 0.0, found, np.nan)  # rejects of items that were counted elsewhere


def _energy_bounds(s: Sums, name: str) -> Bounds:
    """Least energy per item if all hidden items were made, most if none of them was."""
    least, most = count_bounds(s, name)
    low, high = count_bounds(s, "energy_kwh")
    return quotient(low, most), np.where(least > 0.0, quotient(high, least), np.nan)


OUTPUT_KPIS = (
    Kpi(
        "throughput_rate",
        3,
        "PQ / AOET",
        "items/s",
        (PQ, "order_time_s"),
        lambda s: quotient(s.total_count, s.order_time_s),
        _throughput_bounds,
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
        lambda s: _part_of_items(s.reject_count, s),
        lambda s: _share_of_total("reject_count", s),
        Example({"reject_count": 423.0, "total_count": 19271.0}, 0.022),
    ),
    Kpi(
        "rework_ratio",
        17,
        "RQ / PQ",
        RATIO,
        ("rework_count", PQ),
        lambda s: _part_of_items(s.rework_count, s),
        lambda s: _share_of_total("rework_count", s),
        Example({"rework_count": 60.0, "total_count": 2400.0}, 0.025),
    ),
    Kpi(
        "comprehensive_energy_consumption",
        23,
        "total energy / PQ",
        "kWh/item",
        ("energy_kwh", PQ),
        lambda s: _energy_per(s, s.energy_kwh, s.total_count, s.total_count_matched),
        lambda s: _energy_bounds(s, "total_count"),
        Example({"energy_kwh": 120.5, "total_count": 20000.0}, 0.006025, 6),
    ),
    Kpi(
        "energy_per_good_unit",
        None,
        "total energy / GQ",
        "kWh/item",
        ("energy_kwh", GQ),
        lambda s: _energy_per(s, s.energy_kwh, s.good_count, s.good_count_matched),
        lambda s: _energy_bounds(s, "good_count"),
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
