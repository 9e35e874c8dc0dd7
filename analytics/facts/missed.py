"""Missed amounts: what counters may have counted besides, as columns of FACTS.

A counter that fell to an older total, or leapt, says nothing of what was counted just then
(`analytics.facts.counters.increments`). That goes into the bounds, for every counter. Nothing of it
where a person counted, because that is believed.

    counter    total_count 100, 110, 40, 50     at most 20 fit into one interval
    counted                   10,  0, 10
    missed                     0, 20,  0
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from analytics.arrays import Flags, Floats
from analytics.facts.cells import CellContext
from analytics.facts.counters.allocation import by_cell
from analytics.facts.counters.increments import Increments

_ITEMS = ("total_count", "good_count", "reject_count", "rework_count")


def missed_amounts(
    counters: Mapping[str, Increments | None],
    total: Floats | None,
    by_hand: Mapping[str, Flags],
    context: CellContext,
) -> dict[str, Floats | None]:
    """The columns by their names in FACTS; None where the line has no such counter."""
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
    return {
        "total_count_implausible": None if known is None else implausible + known,
        "implausible_ideal_s": None if known is None else (of_all + known) * context.cycle_time_s,
        "total_count_missed": None if known is None else of_all + known,
        **{f"{role}_missed": None if counters[role] is None else own[role] for role in _ITEMS[1:]},
        "energy_implausible_kwh": _energy(counters["energy"], by_hand["energy"], context),
    }


def _items(counted: Increments, amounts: Floats, context: CellContext) -> Floats:
    return by_cell(
        counted.times,
        amounts,
        context.cells.edges,
        context.weight,
        context.busy,
        ~context.unknown,
    )


def _energy(meter: Increments | None, by_hand: Flags, context: CellContext) -> Floats | None:
    if meter is None:
        return None
    if meter.missed is None:
        return np.zeros(len(context.cells))
    return np.where(by_hand, 0.0, by_cell(meter.times, meter.missed, context.cells.edges))
