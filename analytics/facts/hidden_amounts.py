"""Amounts that nobody heard, or that may belong elsewhere: what the bounds of KPIs rest on.

Which time every counter was silent in tells `analytics.facts.unheard`; what was counted across
gaps at borders, `analytics.facts.counters.unsure`; what since a reset that may be none,
`analytics.facts.missed`. Here they become columns of FACTS.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from analytics.arrays import Flags, Floats
from analytics.facts.cells import CellContext
from analytics.facts.counters.allocation import counted_by_cell
from analytics.facts.counters.increments import Increments
from analytics.facts.counters.unsure import Gaps, Unsure
from analytics.facts.missed import unsure_since_resets
from analytics.facts.unheard import Hearing, Listening, Unheard, balanced_silences
from analytics.timeline.tracks import UNKNOWN
from domain.plant import Line

_ITEMS = ("total_count", "good_count", "reject_count")
_JUDGING = ("good_count", "reject_count", "rework_count")
_ROLES = {
    "total": "total_count",
    "good": "good_count",
    "reject": "reject_count",
    "rework": "rework_count",
    "energy": "energy",
}
_SLOW_CYCLES = 2  # a slow line is silent for as many cycles without anything being wrong


def hidden_amounts(
    counters: Mapping[str, Increments | None],
    hearing: Mapping[str, Hearing],
    unheard: Mapping[str, Floats | None],
    quiet: Mapping[str, Floats | None],
    total: Floats | None,
    good: Floats | None,
    by_hand: Mapping[str, Flags],
    context: CellContext,
) -> dict[str, Floats | None]:
    """The columns by their names in FACTS; None where the line has no such role. `quiet`: as
    `quiet_of` gives it."""
    since_resets, energy = unsure_since_resets(counters, by_hand, context)
    ideal_less, ideal_more = _of_other_products(total, context)
    good_less, good_more = _of_other_products(good, context)
    return {
        "possible_count": _possible(unheard, quiet, context),
        **{f"{name}_quiet_s": quiet[role] for name, role in _ROLES.items() if name != "energy"},
        **{f"{name}_unheard_s": unheard[role] for name, role in _ROLES.items()},
        **_unjudged(total, good, unheard),
        "total_missing_s": _missing(total, unheard["total_count"]),
        **_unsure(counters, hearing, context),
        "ideal_less_s": ideal_less,
        "ideal_more_s": ideal_more,
        "good_ideal_less_s": good_less,
        "good_ideal_more_s": good_more,
        "unsure_reset_count": since_resets,
        "unsure_reset_s": None if since_resets is None else _longest_ideal_s(since_resets, context),
        "energy_unsure_reset_kwh": energy,
    }


def _longest_ideal_s(items: Floats, context: CellContext) -> Floats:
    """The ideal time of items within the plan, at most."""
    if not items.any():
        return items
    return np.nan_to_num(items * context.longest_cycle_s) * context.busy


def _of_other_products(
    items: Floats | None, context: CellContext
) -> tuple[Floats | None, Floats | None]:
    """By how much the ideal time of a cell's items within the plan is less if they were of the
    product with the shortest cycle time, and more if they were of that with the longest."""
    if items is None:
        return None, None
    if not context.product_unsure.any():
        return np.zeros(len(items)), np.zeros(len(items))
    some = np.where(context.busy, np.maximum(np.nan_to_num(items), 0.0), 0.0)
    cycle = context.cycle_time_s
    return (
        np.nan_to_num(some * (cycle - context.shortest_cycle_s)),
        np.nan_to_num(some * (context.longest_cycle_s - cycle)),
    )


def silences(
    line: Line,
    counters: Mapping[str, Increments | None],
    hearing: Mapping[str, Hearing],
    context: CellContext,
) -> dict[str, Unheard | None]:
    """Where each counter that the line has was not heard."""
    listening = _listening(line, context)
    return {
        role: None
        if counted is None
        else listening.to(role, counted.times, counted.resets, hearing[role])
        for role, counted in counters.items()
    }


def _listening(line: Line, context: CellContext) -> Listening:
    cycles_us = np.nan_to_num(context.cycle_time_s) * (_SLOW_CYCLES * 1e6)
    stale_us = line.stale_after_s * 1e6
    return Listening(context.cells, ~context.busy, np.maximum(stale_us, cycles_us), stale_us)


def gone(
    line: Line,
    counters: Mapping[str, Increments | None],
    hearing: Mapping[str, Hearing],
    context: CellContext,
) -> dict[str, Flags]:
    """In which cells each counter that the line has could not be heard any more."""
    listening = _listening(line, context)
    return {
        role: listening.gone(counted.times, hearing[role])
        for role, counted in counters.items()
        if counted is not None
    }


def quiet_judging(
    line: Line,
    counters: Mapping[str, Increments | None],
    hearing: Mapping[str, Hearing],
    context: CellContext,
) -> dict[str, Floats]:
    """Seconds in which all items were heard, and the counter that judges them was silent so briefly
    that it is tolerated: by the role of that counter, good or rejected items."""
    total = counters["total_count"]
    listening = _listening(line, context)
    return {
        role: listening.quiet_between(
            role, counted.times, counted.resets, hearing[role], total.times
        )
        for role in _ITEMS[1:]
        if total is not None and (counted := counters[role]) is not None
    }


def with_untold(
    silences: Mapping[str, Unheard | None],
    total: Floats | None,
    line: Line,
    counters: Mapping[str, Increments | None],
    hearing: Mapping[str, Hearing],
    context: CellContext,
) -> dict[str, Unheard | None]:
    """The silences, with cells of the plan in which nobody knew the state, items were counted, and
    a counter of good, rejected or reworked ones told nothing: how many of the items were good,
    nobody knows. What is hidden besides, the unknown time tells."""
    found = dict(silences)
    if total is None:
        return found
    items = np.where(context.unknown & context.busy, np.nan_to_num(total), 0.0) > 0
    unknown_s = context.state_us[:, UNKNOWN] / 1e6
    out_of_reach = gone(line, counters, hearing, context)
    listening = _listening(line, context)
    for role in _JUDGING:
        silence, counted = silences[role], counters[role]
        if silence is None or counted is None or not items.any():
            continue
        before, behind = listening.told_nothing(counted.times)
        if role != "good_count":  # these cannot stand still while items are made; the others can
            behind = behind & out_of_reach[role]
        cells = items & (before | behind)
        seconds = np.where(cells, unknown_s, silence.seconds)
        found[role] = Unheard(seconds, silence.heard & ~cells, silence.quiet)
    return found


def gaps_of(context: CellContext) -> Gaps:
    return Gaps(
        context.cells.edges,
        context.borders,
        context.weight,
        context.busy,
        ~context.unknown,
        context.maintained,
    )


def heard(
    role: str, counted: Increments | None, silence: Unheard | None, context: CellContext
) -> Floats | None:
    """What was counted in each cell; NaN where the counter was not heard at all."""
    if counted is None or silence is None:
        return None
    edges = context.cells.edges
    if role == "energy":
        found = counted_by_cell(counted, edges)
    else:
        found = counted_by_cell(counted, edges, context.weight, context.busy, ~context.unknown)
    if silence.heard.all():
        return found
    # What several values of one instant say may belong to the cell that ends with it.
    return np.where(silence.heard | (found != 0.0), found, np.nan)


def unheard_of(
    silences: Mapping[str, Unheard | None], by_hand: Mapping[str, Flags]
) -> dict[str, Floats | None]:
    """Seconds in which each count was not heard. Where people counted nothing of it is missing, nor
    of what follows from it."""
    told = _told_by_people(silences, by_hand)
    own = {role: None if it is None else it.seconds for role, it in told.items()}
    return own | balanced_silences(told)


def _told_by_people(
    silences: Mapping[str, Unheard | None], by_hand: Mapping[str, Flags]
) -> dict[str, Unheard | None]:
    """The silences with what people counted as heard. Where they counted good or rejected items
    alone, the other number follows from the total (`analytics.facts.counted_by_hand`), so its own
    counter is set aside."""
    told = {
        role: None
        if it is None
        else Unheard(np.where(by_hand[role], 0.0, it.seconds), it.heard | by_hand[role], it.quiet)
        for role, it in silences.items()
    }
    for role in _ITEMS:
        one, other = (told[it] for it in _ITEMS if it != role)
        if told[role] is None and by_hand[role].any() and one is not None and other is not None:
            seconds = np.where(by_hand[role], 0.0, np.maximum(one.seconds, other.seconds))
            heard = by_hand[role] | (one.heard & other.heard)
            told[role] = Unheard(seconds, heard, np.zeros(len(heard)))
    parts = ("good_count", "reject_count")
    for counted, follows in (parts, parts[::-1]):
        it, aside = told[follows], by_hand[counted] & ~by_hand[follows]
        if it is not None:
            told[follows] = Unheard(it.seconds, it.heard & ~aside, it.quiet)
    return told


def quiet_of(
    silences: Mapping[str, Unheard | None], by_hand: Mapping[str, Flags]
) -> dict[str, Floats | None]:
    """Seconds in which each counter was silent so briefly that it is tolerated, but may have
    counted. Good items are items too, and where the total follows from good and rejected ones, so
    does its silence. Nothing where people counted."""
    own = {
        role: None if it is None else np.where(by_hand[role], 0.0, it.quiet)
        for role, it in silences.items()
    }
    total, good, reject = (own[role] for role in _ITEMS)
    if total is not None:
        own["total_count"] = total if good is None else np.maximum(total, good)
    elif good is not None and reject is not None:
        own["total_count"] = good + reject
    return own


def _possible(
    unheard: Mapping[str, Floats | None], quiet: Mapping[str, Floats | None], context: CellContext
) -> Floats | None:
    """How many items fit into the time that may hide some, at ideal speed."""
    silent, briefly = (
        [it for role in ("total_count", "good_count") if (it := of[role]) is not None]
        for of in (unheard, quiet)
    )
    if not silent:
        return None
    hidden_s = np.max(silent, axis=0) + context.state_us[:, UNKNOWN] * context.busy / 1e6
    if briefly:
        hidden_s = hidden_s + np.max(briefly, axis=0)
    return np.where(hidden_s > 0, hidden_s / context.shortest_cycle_s, 0.0)


def _unjudged(
    total: Floats | None, good: Floats | None, unheard: Mapping[str, Floats | None]
) -> dict[str, Floats | None]:
    """What was counted of all items or of the good ones while the other was not heard as long."""
    silent_total, silent_good = unheard["total_count"], unheard["good_count"]
    if total is None or good is None or silent_total is None or silent_good is None:
        return {"total_count_unjudged": None, "good_count_unjudged": None}
    apart = (silent_total != silent_good) | (np.isnan(total) != np.isnan(good))
    return {
        "total_count_unjudged": np.where(apart, np.nan_to_num(total), 0.0),
        "good_count_unjudged": np.where(apart, np.nan_to_num(good), 0.0),
    }


def _missing(total: Floats | None, unheard_s: Floats | None) -> Floats | None:
    """Of the seconds in which the total was not heard, those of cells that have no total."""
    return None if total is None or unheard_s is None else np.where(np.isnan(total), unheard_s, 0.0)


def _unsure(
    counters: Mapping[str, Increments | None],
    hearing: Mapping[str, Hearing],
    context: CellContext,
) -> dict[str, Floats | None]:
    """What was counted across gaps and may belong to the other side of a border."""
    gaps = gaps_of(context)
    cycles_s = (context.cycle_time_s, context.shortest_cycle_s, context.longest_cycle_s)
    found = {
        role: gaps.of_items(counted, hearing[role].breaks, cycles_s)
        for role in (*_ITEMS, "rework_count")
        if (counted := counters[role]) is not None
    }
    rework = found.pop("rework_count", None)
    items: Unsure | None = None
    for it in found.values():
        if items is None:
            items = it
        else:  # all items are the good and the rejected ones, where nobody counts them
            items = items.largest(it) if "total_count" in found else items.plus(it)
    meter = counters["energy"]
    energy = None if meter is None else gaps.of_energy(meter, hearing["energy"].breaks)
    return {
        "unsure_plan_s": None if items is None else items.plan,
        "unsure_start_s": None if items is None else items.start,
        "unsure_end_s": None if items is None else items.end,
        "unsure_start_count": None if items is None else items.start_items,
        "unsure_end_count": None if items is None else items.end_items,
        "rework_unsure_start_count": None if rework is None else rework.start_items,
        "rework_unsure_end_count": None if rework is None else rework.end_items,
        "energy_unsure_start_kwh": None if energy is None else energy[0],
        "energy_unsure_end_kwh": None if energy is None else energy[1],
    }
