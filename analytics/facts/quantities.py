"""Quantities of each cell: counts, ideal time, energy, and what is odd about them.

Good = total − reject where a machine gives no good count of its own; of any two the third
follows. What people counted stands in place of what machines did
(`analytics.facts.counted_by_hand`); what nobody heard is told beside it
(`analytics.facts.hidden_amounts`), and what counters may have counted besides
(`analytics.facts.missed`).

An example: four cells of a line with a cycle time of 2 s, whose machine counts all and rejected
items. Items that were counted in unknown time are in the total, but not in the ideal time, which
belongs to known time alone:

    cell                    0           1           2           3
    state               producing    unknown    producing    stopped
    total_count            30          20          10           0
    reject_count            3           1           0           0
    good_count             27          19          10           0     total − reject
    total_count_unknown     0          20           0           0
    ideal_s                60           0          20           0     known items × 2 s
    ideal_unknown_s         0          40           0           0
    good_ideal_s           54          38          20           0     all good items × 2 s
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from analytics import integrity_flags
from analytics.arrays import Flags, Floats, Micros
from analytics.facts.cells import CellContext
from analytics.facts.counted_by_hand import COUNT_ROLES, Quantities, balanced, counted_by_hand
from analytics.facts.counters.increments import Increments
from analytics.facts.counters.standing_still import stands_still
from analytics.facts.hidden_amounts import (
    gaps_of,
    gone,
    heard,
    hidden_amounts,
    quiet_judging,
    quiet_of,
    silences,
    unheard_of,
    with_untold,
)
from analytics.facts.line_counters import line_counters
from analytics.facts.missed import missed_amounts, unsure_judged
from analytics.facts.unheard import hearing_of
from domain.corrections import CorrectionKind
from domain.frames import LineHistory
from domain.plant import Line
from domain.states import MachineState

# A good item may be counted a moment before the total is.
_IN_FLIGHT = 1.0


def quantities(
    line: Line, history: LineHistory, context: CellContext
) -> tuple[Quantities, npt.NDArray[np.int64]]:
    """QUANTITY_COLUMNS of the cells, None where the line has no such role, and their flags."""
    counters, machines = line_counters(line, history, context.cycles_s[0])
    hearing = {
        role: hearing_of(history, machine, role)
        for role, machine in machines.items()
        if machine is not None
    }
    silent = silences(line, counters, hearing, context)
    all_items = heard("total_count", counters["total_count"], silent["total_count"], context)
    silent = with_untold(silent, all_items, line, counters, hearing, context)
    amounts = {role: heard(role, counters[role], silent[role], context) for role in counters}
    still = stands_still(amounts, context.state_us[:, MachineState.PRODUCING.code] / 1e6)
    corrections = [it for it in history.corrections if it.kind is CorrectionKind.QUANTITY]
    amounts, by_hand = counted_by_hand(amounts, corrections, context)
    total, good, reject = balanced(amounts)
    unheard, quiet = unheard_of(silent, by_hand), quiet_of(silent, by_hand)
    bits = _odd(line, counters, total, good, unheard, context)
    trusted = np.any([by_hand[role] for role in COUNT_ROLES[:3]], axis=0)
    bits |= np.where(still & ~trusted, integrity_flags.COUNT_MISSING, 0)
    known = np.where(context.unknown, 0.0, 1.0)
    cycle = context.cycle_time_s
    return {
        "total_count": total,
        "good_count": good,
        "reject_count": reject,
        "rework_count": amounts["rework_count"],
        "total_count_unknown": None if total is None else total * (1 - known),
        "good_count_unknown": None if good is None else good * (1 - known),
        "ideal_s": None if total is None else total * known * cycle,
        "good_ideal_s": None if good is None else good * cycle,
        "energy_kwh": amounts["energy"],
        "ideal_unknown_s": None if total is None else total * (1 - known) * cycle,
        **hidden_amounts(counters, hearing, unheard, quiet, total, good, by_hand, context),
        **missed_amounts(counters, total, quiet["energy"], by_hand, context),
        "unsure_judged_count": unsure_judged(
            counters,
            hearing,
            amounts,
            (total, good, reject),
            unheard,
            quiet_judging(line, counters, hearing, context),
            gone(line, counters, hearing, context),
            by_hand,
            gaps_of(context),
            context,
        ),
    }, bits


def _odd(
    line: Line,
    counters: dict[str, Increments | None],
    total: Floats | None,
    good: Floats | None,
    unheard: Mapping[str, Floats | None],
    context: CellContext,
) -> npt.NDArray[np.int64]:
    edges, busy, unknown = context.cells.edges, context.busy, context.unknown
    bits = np.where(unknown & busy, integrity_flags.GAP, 0)
    produced = context.state_us[:, MachineState.PRODUCING.code] > 0
    if total is not None:
        produced = produced | (total > 0)
    bits |= np.where(produced & context.undefined, integrity_flags.UNDEFINED_PRODUCT, 0)
    for counted in counters.values():
        if counted is None:
            continue
        for flag, found in (
            (integrity_flags.COUNTER_RESET, counted.resets),
            (integrity_flags.COUNTER_JITTER, counted.jitters),
            (integrity_flags.COUNTER_OUT_OF_LINE, counted.out_of_line),
            (integrity_flags.IMPLAUSIBLE_COUNT, counted.jumps),
        ):
            if len(found):
                bits |= np.where(_has(counted.times[found + 1], edges), flag, 0)
    for silent_s in unheard.values():
        if silent_s is not None:
            bits |= np.where((silent_s > 0) & ~unknown, integrity_flags.COUNT_MISSING, 0)
    if total is not None and good is not None:
        bits |= np.where(good > total + _IN_FLIGHT, integrity_flags.GOOD_EXCEEDS_TOTAL, 0)
    if total is not None:
        bits |= np.where(~busy & ~unknown & (total > 0), integrity_flags.UNPLANNED_PRODUCTION, 0)
    return bits


def _has(instants: Micros, edges: Micros) -> Flags:
    """Which cells (edges[k], edges[k + 1]] hold one of the sorted instants."""
    return np.diff(np.searchsorted(instants, edges, side="right")) > 0
