"""What counters that fell, leapt or fell silent leave open: missed and unsure amounts of FACTS.

A counter that fell to an older total, or leapt, says nothing of what was counted just then
(`analytics.facts.counters.increments`): that was missed. One that fell to what it can have counted
since is taken to have begun at zero; but an older total may be as low, and then what it shows was
counted before: that is unsure. Both go into the bounds, for every counter. Nothing of it where a
person counted, because that is believed.

    counter    total_count 100, 110, 40, 50     at most 20 fit into one interval
    counted                   10,  0, 10
    missed                     0, 20,  0

    counter    total_count 100, 110, 15, 25
    counted                   10, 15, 10
    unsure                     0, 15,  0
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from analytics.arrays import Flags, Floats, Micros
from analytics.facts.cells import MAY_PRODUCE, CellContext
from analytics.facts.counters.allocation import by_cell
from analytics.facts.counters.increments import Increments
from analytics.facts.counters.unsure import Gaps
from analytics.facts.unheard import Hearing

_JUDGED = {"good_count", "reject_count"}
_ITEMS = ("total_count", "good_count", "reject_count", "rework_count")


def missed_amounts(
    counters: Mapping[str, Increments | None],
    total: Floats | None,
    quiet_energy_s: Floats | None,
    by_hand: Mapping[str, Flags],
    context: CellContext,
) -> dict[str, Floats | None]:
    """The columns by their names in FACTS; None where the line has no such counter.
    `quiet_energy_s`: of the meter, as in `analytics.facts.hidden_amounts.quiet_of`."""
    none = np.zeros(len(context.cells))
    own: dict[str, Floats] = {}
    leapt: dict[str, Floats] = {}
    for role in _ITEMS:
        counted = counters[role]
        missed = None if counted is None else counted.missed
        if counted is None or missed is None:
            own[role] = leapt[role] = none
            continue
        jumps = np.zeros(len(missed))
        jumps[counted.jumps] = missed[counted.jumps]
        own[role], leapt[role] = (
            np.where(by_hand[role], 0.0, _items(counted, it, context)) for it in (missed, jumps)
        )
    of_all = np.maximum(own["total_count"], own["good_count"])
    if counters["total_count"] is None:  # it follows from the two others
        of_all = own["good_count"] + own["reject_count"]
    # Where people counted and no machine did, nothing is known of the rest of the time (NaN).
    known = None if total is None else 0.0 * total
    implausible = np.maximum(leapt["total_count"], leapt["good_count"])
    ideal_s = of_all * context.longest_cycle_s
    return {
        "total_count_implausible": None if known is None else implausible + known,
        "implausible_ideal_s": None if known is None else ideal_s + known,
        "total_count_missed": None if known is None else of_all + known,
        **{f"{role}_missed": None if counters[role] is None else own[role] for role in _ITEMS[1:]},
        "energy_implausible_kwh": _energy(
            counters["energy"], quiet_energy_s, by_hand["energy"], context
        ),
    }


def unsure_judged(
    counters: Mapping[str, Increments | None],
    hearing: Mapping[str, Hearing],
    amounts: Mapping[str, Floats | None],
    balanced: tuple[Floats | None, Floats | None, Floats | None],
    unheard: Mapping[str, Floats | None],
    quiet: Mapping[str, Floats],
    gone: Mapping[str, Flags],
    by_hand: Mapping[str, Flags],
    gaps: Gaps,
    context: CellContext,
) -> Floats | None:
    """Where good items follow from all and the rejected ones, or these from the good ones: how many
    of them may be otherwise, because the counter that judges was not heard in a part of the cell.

    `amounts`: what each counter told by cell, NaN where it told nothing; `balanced`: all items, the
    good and the rejected ones by cell, of which two give the third; `unheard`: seconds in which
    each was not heard; `quiet`: as `analytics.facts.hidden_amounts.quiet_judging` gives it; `gone`:
    cells in which it could not be heard any more, whatever the line did. Besides, what the counter
    that judges told across a gap may be of this cell, where the items of others were not heard.
    None where no item is counted.
    """
    total, good, reject = balanced
    found = np.zeros(len(context.cells))
    for role, derived, other in (
        ("reject_count", good, "good_count"),
        ("good_count", reject, "reject_count"),
    ):
        silent_s, counted, own = unheard[role], counters[role], amounts[other]
        if counted is None or total is None or derived is None or silent_s is None:
            continue
        follows = np.ones(len(context.cells), dtype=np.bool_) if own is None else np.isnan(own)
        if not np.any(follows):
            continue
        silent_s = silent_s + quiet.get(role, 0.0)
        producing_s = context.state_us[:, MAY_PRODUCE].sum(axis=1) / 1e6
        with np.errstate(divide="ignore", invalid="ignore"):
            speed = np.fmax(1.0 / context.cycle_time_s, total / producing_s)
            fit = np.where(silent_s > 0, silent_s * speed, 0.0)
        most = np.where((gone[role] & (silent_s == 0)) | np.isnan(fit), np.inf, fit)
        most = most + gaps.from_elsewhere(counted, hearing[role].breaks, np.isnan(total))
        unsure = np.minimum(np.maximum(np.nan_to_num(derived), 0.0), most)
        if own is not None:
            unsure = unsure + _of_other_cells(role, follows, counters, hearing, gaps)
        found = np.where(follows & ~by_hand[role], unsure, found)
    return None if total is None and good is None else found


def _of_other_cells(
    role: str,
    follows: Flags,
    counters: Mapping[str, Increments | None],
    hearing: Mapping[str, Hearing],
    gaps: Gaps,
) -> Floats:
    """Where a number follows in some cells from all items and those of `role`, and has a counter of
    its own in others: what these two were given by gaps may have been made in the others."""
    found = np.zeros(len(follows))
    for name in ("total_count", role):
        if (counted := counters[name]) is not None:
            breaks = hearing[name].breaks
            found = found + gaps.from_elsewhere(counted, breaks, ~follows)
            found = found + gaps.to_elsewhere(counted, breaks, ~follows)
    return found


def unsure_since_resets(
    counters: Mapping[str, Increments | None], by_hand: Mapping[str, Flags], context: CellContext
) -> tuple[Floats | None, Floats | None]:
    """By cell: items, the most of any counter, and kWh; None where the line has no counter."""
    found = {
        role: np.where(by_hand[role], 0.0, _items(it, _since_resets(it), context))
        for role in _ITEMS
        if (it := counters[role]) is not None
    }
    items: Floats | None = np.max(list(found.values()), axis=0) if found else None
    if items is not None and counters["total_count"] is None and len(_JUDGED & found.keys()) == 2:
        items = np.maximum(items, found["good_count"] + found["reject_count"])
    meter = counters["energy"]
    if meter is None:
        return items, None
    energy = by_cell(meter.times, _since_resets(meter), context.cells.edges)
    return items, np.where(by_hand["energy"], 0.0, energy)


def _since_resets(counted: Increments) -> Floats:
    """Of what each pair counted, how much a reset alone says."""
    found = np.zeros(len(counted.amounts))
    found[counted.resets] = counted.amounts[counted.resets]
    return found


def _items(counted: Increments, amounts: Floats, context: CellContext) -> Floats:
    return by_cell(
        counted.times,
        amounts,
        context.cells.edges,
        context.weight,
        context.busy,
        ~context.unknown,
    )


def _energy(
    meter: Increments | None, quiet_s: Floats | None, by_hand: Flags, context: CellContext
) -> Floats | None:
    if meter is None or quiet_s is None:
        return None
    quiet = np.where(quiet_s > 0, quiet_s * _highest_power(meter, context.cells.edges), 0.0)
    if meter.missed is None:
        return quiet
    missed = by_cell(meter.times, meter.missed, context.cells.edges)
    return quiet + np.where(by_hand, 0.0, missed)


def _highest_power(meter: Increments, edges: Micros) -> Floats:
    """kWh a second of each cell: the most between any two readings of which a part lies in it, or
    between the two that are nearest."""
    if not len(meter.amounts):
        return np.zeros(len(edges) - 1)
    lasted_s = np.diff(meter.times) / 1e6
    power = np.divide(meter.amounts, lasted_s, out=np.zeros(len(lasted_s)), where=lasted_s > 0)
    last = len(power) - 1
    first = np.clip(np.searchsorted(meter.times, edges[:-1], side="right") - 1, 0, last)
    behind = np.clip(np.searchsorted(meter.times, edges[1:], side="left"), first + 1, last + 1)
    # Each cell is a run of pairs; runs may share one, so every second sum of the two bounds counts.
    bounds = np.stack([first, behind], axis=1).ravel()
    return np.maximum.reduceat(np.append(power, 0.0), bounds)[::2]
