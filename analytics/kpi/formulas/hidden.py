"""What unknown and unheard time may hide: items, their ideal time, energy.

Hidden is the unknown time within the plan, in which any machine may have produced, and the time in
which it produced and a counter was not heard. A machine ran in it no faster than the higher of its
ideal speed and its fastest known hour (`pace`). What a counter vouches for across a gap was made in
it as well, so only what fits beyond that is hidden. Besides, items that were counted across a gap
may belong outside the plan or the window, and what was counted since a reset may be an older total
(`unsure`); and a counter may have counted more while it fell to an older total or leapt, or in a
silence so short that it is tolerated (`missed`).

Of total, good and rejected items any two give the third. So what one of them missed may be in what
follows from it: rejects that were missed were taken for good items, and the reverse.

An example: a cycle time of 2 s, 600 s of unknown time, 100 items counted in it, and the fastest
hour made 1.2 times what the cycle time plans:

    what fits into 600 s      600 × 1.2 = 720 s of ideal time, 360 items
    vouched for               100 items, 200 s
    hidden at most            520 s, 260 items
"""

from __future__ import annotations

import numpy as np

from analytics.arrays import Flags
from analytics.kpi.formulas.model import Bounds, largest, quotient
from analytics.kpi.formulas.sums import Amounts, Sums, is_present, or_zero


def pace(s: Sums) -> Amounts:
    """How much faster than planned hidden time may have been, at least 1."""
    return largest(np.float64(1.0), s.pace)


def missed_items(s: Sums) -> Amounts:
    """Of all items; facts of an earlier version only tell those that were implausible."""
    told = np.maximum(or_zero(s.total_count_missed), or_zero(s.total_count_implausible))
    return told + _fit(s, or_zero(s.total_quiet_s))


def missed_ideal_s(s: Sums) -> Amounts:
    return or_zero(s.implausible_ideal_time_s) + s.total_quiet_in_plan_s * pace(s)


def unsure_s(s: Sums) -> Amounts:
    """Ideal time that may belong before the window or after it, or came in from there: as much as
    fits there at full pace."""
    return (or_zero(s.unsure_start_s) + or_zero(s.unsure_end_s)) * pace(s)


def unsure_plan_s(s: Sums) -> Amounts:
    """Ideal time that may belong outside the plan, or was counted before already."""
    return or_zero(s.unsure_plan_s) * pace(s) + or_zero(s.unsure_reset_s)


def mode_unsure_s(s: Sums) -> Amounts:
    """Ideal time of items that may have been made in a mode in which nothing is production."""
    good = s.mode_unsure_good_count
    good_s = np.where(good == 0.0, 0.0, good * or_zero(s.longest_cycle_time_s))
    return np.maximum(s.mode_unsure_s, good_s)


def hidden_ideal_s(s: Sums, unknown_s: Amounts) -> Amounts:
    """The ideal time of items that fit into so much of the unknown time and into the time in which
    the total was not heard, beyond those that a counter vouches for."""
    room = (unknown_s + s.total_unheard_in_plan_s) * pace(s) - or_zero(s.ideal_time_unknown_s)
    return np.maximum(room, 0.0)


def hidden_good_ideal_s(s: Sums) -> Amounts:
    """The same of good items in all of the unknown time."""
    vouched = or_zero(s.good_count_unknown)
    vouched_s = np.where(vouched == 0.0, 0.0, vouched * s.cycle_time_s)
    room = (s.unknown_time_s + s.good_unheard_in_plan_s) * pace(s) - vouched_s
    return np.maximum(room, 0.0)


def hidden_items(s: Sums) -> Amounts:
    """Items within the plan that are in no count, at most: NaN where no planned cycle bounds
    them."""
    unheard_s = np.maximum(s.total_unheard_in_plan_s, s.good_unheard_in_plan_s)
    room = _fit(s, s.unknown_time_s + unheard_s) - or_zero(s.total_count_unknown)
    return np.maximum(room, 0.0) + missed_items(s)


def unsure_items(s: Sums) -> Amounts:
    """Items that may belong before the window or after it, or came in from there; and those that
    may have been counted before already."""
    at_borders = (or_zero(s.unsure_start_count) + or_zero(s.unsure_end_count)) * pace(s)
    return at_borders + or_zero(s.unsure_reset_count)


def count_bounds(s: Sums, name: str) -> Bounds:
    """Bounds of a count or of the energy, whenever it was made: none where the line has no such
    counter; no high bound where nothing limits it."""
    counted = s.amount(name)
    if name not in _UNHEARD:
        return counted, counted
    unheard_s, known = s.amount(_UNHEARD[name]), or_zero(counted)
    if name == "energy_kwh":
        unsure = or_zero(s.energy_unsure_start_kwh) + or_zero(s.energy_unsure_end_kwh)
        unsure = unsure + or_zero(s.energy_unsure_reset_kwh)
        beyond = unsure + or_zero(s.energy_implausible_kwh)
        more: Amounts = np.where(or_zero(unheard_s) > 0.0, np.nan, beyond)
    else:
        unsure = unsure_items(s)
        if name == "rework_count":
            unsure = unsure + _unsure_rework(s)
        more = _hidden_anywhere(s, name, or_zero(unheard_s)) + unsure + misjudged(s, name)
    less = unsure + overstated(s, name)
    # Where no planned cycle says how many fit, all may be none.
    least = np.where(is_present(less), np.maximum(known - less, 0.0), 0.0)
    low = np.where(less == 0.0, known, least)
    there = is_present(unheard_s) | is_present(counted)
    return np.where(there, low, np.nan), np.where(there, known + more, np.nan)


def is_expected(s: Sums, name: str) -> Flags:
    """Where the line has what counts this, heard or not."""
    if name == "ideal_time_s":
        return is_present(s.total_unheard_s) & is_present(s.cycle_time_s)
    if name in _UNHEARD:
        return is_present(s.amount(_UNHEARD[name]))
    return np.zeros(len(s), dtype=np.bool_)


def _hidden_anywhere(s: Sums, name: str, unheard_s: Amounts) -> Amounts:
    """Of these items, how many are in no count, within the plan or outside it."""
    # What a counter vouches for may have been made outside the plan, and leaves room within it.
    vouched = np.maximum(_vouched(s, name) - _fit(s, or_zero(s.unsure_plan_s)), 0.0)
    room = _fit(s, s.state_unknown_time_s + unheard_s) - vouched
    return np.maximum(room, 0.0) + np.maximum(missed_items(s), missed_of(s, name))


def unheard_items(s: Sums, name: str) -> Amounts:
    """How many of these items fit into the time in which their counter was not heard."""
    return _fit(s, or_zero(s.amount(_UNHEARD[name])))


def missed_of(s: Sums, name: str) -> Amounts:
    """What the counter of these items missed itself."""
    if name not in _OVERSTATED_BY:
        return np.float64(0.0)
    return or_zero(s.amount(f"{name}_missed")) + _fit_quiet(s, name)


def overstated(s: Sums, name: str) -> Amounts:
    """How many of these items may be none, because others were missed or not heard."""
    others = _OVERSTATED_BY.get(name, ())
    found = or_zero(s.unsure_judged_count) if others else np.float64(0.0)
    for other in others:
        found = found + or_zero(s.amount(f"{other}_missed"))
    return found


def misjudged(s: Sums, name: str) -> Amounts:
    """How many of these items may be in the other number, which follows from them, because their
    counter was not heard."""
    if name not in _FOLLOWS:
        return np.float64(0.0)
    own, other = (
        is_present(s.amount(f"{it}_missed")) for it in (_JUDGED_BY.get(name, name), _FOLLOWS[name])
    )
    return np.where(other & ~own, 0.0, or_zero(s.unsure_judged_count))


def _unsure_rework(s: Sums) -> Amounts:
    """Reworked items that may belong before the window or after it, or came in from there."""
    return or_zero(s.rework_unsure_start_count) + or_zero(s.rework_unsure_end_count)


def _vouched(s: Sums, name: str) -> Amounts:
    """Items that were counted in unknown time, where that says how many of these there were."""
    if name == "total_count":
        return or_zero(s.total_count_unknown)
    if name == "good_count":
        return or_zero(s.good_count_unknown)
    if name == "rework_count":  # what was made says nothing of it
        return np.float64(0.0)
    unheard_s = or_zero(s.amount(_UNHEARD[name])) + or_zero(s.total_count_unjudged)
    return np.where(unheard_s == 0.0, or_zero(s.total_count_unknown), 0.0)


def _fit_quiet(s: Sums, name: str) -> Amounts:
    """How many of these items may have been made while their counter was silent for a moment."""
    return _fit(s, or_zero(s.amount(f"{name.removesuffix('_count')}_quiet_s")))


def _fit(s: Sums, seconds: Amounts) -> Amounts:
    """How many items fit into so much time."""
    return np.where(seconds == 0.0, 0.0, quotient(seconds * pace(s), s.cycle_time_s))


_OVERSTATED_BY: dict[str, tuple[str, ...]] = {
    "good_count": ("reject_count",),
    "reject_count": ("good_count",),
    "rework_count": (),
    "good_part_count": ("reject_count", "rework_count"),
}
# Which number follows from all items and these, where it has no counter of its own.
_JUDGED_BY = {"good_part_count": "good_count"}
_FOLLOWS = {
    "good_count": "reject_count",
    "reject_count": "good_count",
    "good_part_count": "reject_count",
}
_UNHEARD = {
    "total_count": "total_unheard_s",
    "good_count": "good_unheard_s",
    "reject_count": "reject_unheard_s",
    "rework_count": "rework_unheard_s",
    "energy_kwh": "energy_unheard_s",
    "good_part_count": "good_unheard_s",
}
COUNTS = tuple(name for name in _UNHEARD if name != "good_part_count")
