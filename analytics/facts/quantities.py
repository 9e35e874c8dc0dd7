"""Quantities of each cell: counts, ideal time, energy, and what is odd about them.

Good = total − reject where a machine gives no good count of its own; of any two the third
follows. What people counted replaces what machines counted and is never added to it
(Mes-Open/OpenMes#46): a QUANTITY correction replaces the sum over its time; `_spread` shares it
out over the cells.

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
    good_ideal_s           54          38          20           0     all good items × 2 s

>>> counts = {"total_count": np.array([30.0, 20, 10, 0]), "good_count": None}
>>> counts |= {"reject_count": np.array([3.0, 1, 0, 0]), "rework_count": None}
>>> _balanced(counts)[1].tolist()
[27.0, 19.0, 10.0, 0.0]
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time

import numpy as np
import numpy.typing as npt
import polars as pl

from analytics import integrity_flags
from analytics.arrays import Flags, Floats, Micros
from analytics.facts.allocation import by_cell, counted_by_cell
from analytics.facts.cells import Cells, time_in
from analytics.facts.counters import Increments, increments, rate_of
from analytics.timeline.tracks import UNKNOWN
from domain.corrections import Correction, CorrectionKind
from domain.frames import LineHistory
from domain.plant import CounterRule, Line, Plant, Product
from domain.samples import Quality
from domain.states import MachineState
from domain.time import micros

_MAY_PRODUCE = (MachineState.PRODUCING.code, UNKNOWN)
# A good item may be counted a moment before the total is.
_IN_FLIGHT = 1.0
_COUNT_ROLES = ("total_count", "good_count", "reject_count", "rework_count")
_PARTS = ("good_count", "reject_count")  # of the total
_NO_ITEM = 1e-6  # less is what rounding leaves
Quantities = dict[str, Floats | None]


@dataclass(frozen=True, slots=True)
class CellContext:
    """What the quantities of cells depend on besides the counters; shapes (cells,)."""

    cells: Cells
    state_us: npt.NDArray[np.int64]  # (cells, states): microseconds in each state
    busy: Flags
    cycle_time_s: Floats  # NaN where nobody gave one
    undefined: Flags  # the machine tells a product that the plant does not define

    @property
    def unknown(self) -> Flags:
        return self.state_us[:, UNKNOWN] > 0

    def weight(self, low: Micros, high: Micros) -> Micros:
        return time_in(self.cells.state, _MAY_PRODUCE, low, high)


def quantities(
    plant: Plant, line: Line, history: LineHistory, context: CellContext
) -> tuple[Quantities, npt.NDArray[np.int64]]:
    """QUANTITY_COLUMNS of the cells, None where the line has no such role, and their flags."""
    edges, unknown = context.cells.edges, context.unknown
    counters = _counters(plant, line, history)
    amounts: Quantities = {
        role: None
        if counted is None
        else counted_by_cell(counted, edges, context.weight, context.busy, ~unknown)
        for role, counted in counters.items()
        if role != "energy"
    }
    energy = counters["energy"]
    amounts["energy"] = None if energy is None else counted_by_cell(energy, edges)
    corrections = [it for it in history.corrections if it.kind is CorrectionKind.QUANTITY]
    amounts, by_hand = _corrected(amounts, corrections, context)
    total, good, reject = _balanced(amounts)
    bits = _odd(line, counters, total, good, context)
    # Where people counted and no machine did, nothing is known of the rest of the time (NaN).
    doubtful = None if total is None else _implausible(counters, context, by_hand) + 0.0 * total
    known = np.where(unknown, 0.0, 1.0)
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
        "total_count_implausible": doubtful,
        "implausible_ideal_s": None if doubtful is None else doubtful * cycle,
    }, bits


def cycle_times(
    plant: Plant, line: Line, names: tuple[str, ...], codes: npt.NDArray[np.int32], at: Micros
) -> Floats:
    """Planned run time per item (PRI) in seconds of the product names[code] at each instant;
    NaN where nobody gave one."""
    default = float("nan") if line.ideal_cycle_time_s is None else line.ideal_cycle_time_s
    result = np.full(len(codes), default)
    for code, name in enumerate(names):
        product = plant.products.get(name)
        if product is None:
            continue
        mine = codes == code
        result[mine] = product.ideal_cycle_time_s
        for change in product.changes:
            since = micros(datetime.combine(change.since, time(0), tzinfo=plant.zone))
            result[mine & (at >= since)] = change.ideal_cycle_time_s
    return result


def _counters(plant: Plant, line: Line, history: LineHistory) -> dict[str, Increments | None]:
    """The increments of each role's counter; None where the line does not have it.

    A machine with the role of the good count may count all items and rejected ones instead (as
    PackML machines do). Its good items are then the difference of the increments, not of the
    counters: that difference would not only grow.
    """
    roles = {role: line.roles.get(role) for role in (*_COUNT_ROLES, "energy")}
    giver = roles["good_count"]
    if not history.series(giver, "good_count").height and all(
        history.series(giver, role).height for role in ("total_count", "reject_count")
    ):
        roles["good_count"] = None
        roles["total_count"] = roles["total_count"] or giver
        roles["reject_count"] = roles["reject_count"] or giver
    shortest = _shortest_cycle_s(plant, line)
    return {role: _increments(line, history, it, role, shortest) for role, it in roles.items()}


def _shortest_cycle_s(plant: Plant, line: Line) -> float | None:
    """The shortest planned cycle time of anything that the line may make."""
    times = [item for each in plant.products.values() for item in _cycles(each)]
    if line.ideal_cycle_time_s is not None:
        times.append(line.ideal_cycle_time_s)
    return min(times, default=None)


def _cycles(product: Product) -> list[float]:
    return [product.ideal_cycle_time_s, *(it.ideal_cycle_time_s for it in product.changes)]


def _increments(
    line: Line, history: LineHistory, machine: str | None, role: str, shortest_s: float | None
) -> Increments | None:
    if machine is None:
        return None
    samples = history.series(machine, role)
    bad = samples["quality"].to_numpy() == Quality.BAD.value
    if samples["value"].has_nulls() or bad.any():
        samples = samples.filter(~bad, pl.col("value").is_not_null())
    rule = line.counters.get(role, CounterRule())
    return increments(
        samples["time"].cast(pl.Int64).to_numpy(),
        samples["value"].to_numpy(),
        rule,
        rate_of(rule, None if role == "energy" else shortest_s),
    )


def _corrected(
    amounts: Quantities, corrections: Sequence[Correction], context: CellContext
) -> tuple[Quantities, dict[str, Flags]]:
    """The amounts with what people counted in place of what machines did, and where they did.

    Where a person corrected only the good or only the rejected items, the other number follows
    from the total, if there is one: it is left open (NaN) for `_balanced` to fill.
    """
    machines = dict(zip(_COUNT_ROLES, _balanced(amounts), strict=False))
    totals = [it for it in corrections if it.element == "total_count"]
    corrected = dict(amounts)
    by_hand = {role: np.zeros(len(context.cells), dtype=bool) for role in amounts}
    for it in [*totals, *(it for it in corrections if it.element != "total_count")]:
        assert it.element is not None
        borders = [micros(it.start), micros(it.end)]
        cells = slice(*np.searchsorted(context.cells.edges, borders).tolist())
        mine = corrected[it.element]
        replaced = np.full(len(context.cells), np.nan) if mine is None else mine.copy()
        by_machines = machines.get(it.element, amounts[it.element])
        # If a corrected total covers all of this one's time, the history holds all of that total;
        # of any other it may hold only a part.
        whole = any(one.start <= it.start and it.end <= one.end for one in totals)
        made = (corrected if whole else amounts)["total_count"] if it.element in _PARTS else None
        replaced[cells] = _spread(
            it,
            None if by_machines is None else by_machines[cells],
            None if made is None else made[cells],
            context,
            cells,
        )
        corrected[it.element] = replaced
        by_hand[it.element][cells] = True
    total = corrected["total_count"]
    for one, other in (_PARTS, _PARTS[::-1]):
        counted = corrected[other]
        if counted is not None and total is not None:
            follows = by_hand[one] & ~by_hand[other] & ~np.isnan(total)
            corrected[other] = np.where(follows, np.nan, counted)
    return corrected, by_hand


def _spread(
    correction: Correction,
    by_machines: Floats | None,
    made: Floats | None,
    context: CellContext,
    cells: slice,
) -> Floats:
    """The amount over its cells, of which machines counted `by_machines`.

    What a person counted beyond that: if `made` (all items) is given, the machine took it for the
    other kind, good for rejected or the reverse; so it is shared out as those are, and no hour gets
    more than it has items. Else it was made in unknown time, as far as it fits into that time at
    the planned cycle: it must not make the known time look faster than it was.

    Of the cells above, 60 s each: a person counted 64 items, 4 more than the machine's 60. The
    60 s of unknown time have room for 30 items at 2 s, so all 4 go to cell 1: 30, 24, 10, 0.
    Had the person counted 30, half of what the machine counted, each cell would get half of its
    count: 15, 10, 5, 0.
    """
    assert correction.amount is not None
    if made is not None:
        mine = np.zeros(len(made)) if by_machines is None else by_machines
        beyond, others = correction.amount - mine.sum(), made - mine
        if beyond > 0 and others.sum() > _NO_ITEM:
            return np.asarray(mine + beyond * others / others.sum())
    elif by_machines is not None and correction.element != "energy":
        unseen_s = context.state_us[cells, UNKNOWN] * context.busy[cells] / 1e6
        room = np.nan_to_num(unseen_s / context.cycle_time_s[cells])
        beyond = min(correction.amount - by_machines.sum(), room.sum())
        if beyond > 0:
            seen = _in_proportion(correction.amount - beyond, by_machines, context, cells)
            return np.asarray(seen + beyond * room / room.sum())
    return _in_proportion(correction.amount, by_machines, context, cells)


def _in_proportion(
    amount: float, by_machines: Floats | None, context: CellContext, cells: slice
) -> Floats:
    """In proportion to what machines counted; where they counted nothing, by time that may have
    produced, else evenly."""
    lengths = np.diff(context.cells.edges)[cells]
    may = context.state_us[cells][:, list(_MAY_PRODUCE)].sum(axis=1)
    shares = (may * context.busy[cells], may, lengths)
    for share in shares if by_machines is None else (by_machines, *shares):
        whole = share.sum()
        if whole > 0:
            return np.asarray(amount * share / whole)
    return np.zeros(len(lengths))  # no time at all


def _balanced(amounts: Quantities) -> tuple[Floats | None, Floats | None, Floats | None]:
    """Total, good and reject: of any two, the third follows (also where one is NaN).

    In one cell it may be negative: an item can be rejected later than it was made.
    """
    total, good, reject = (amounts[role] for role in _COUNT_ROLES[:3])
    if good is not None and reject is not None:
        total = good + reject if total is None else np.where(np.isnan(total), good + reject, total)
    if total is not None and reject is not None:
        good = total - reject if good is None else np.where(np.isnan(good), total - reject, good)
    if total is not None and good is not None:
        apart = total - good
        reject = apart if reject is None else np.where(np.isnan(reject), apart, reject)
    return total, good, reject


def _implausible(
    counters: dict[str, Increments | None], context: CellContext, by_hand: dict[str, Flags]
) -> Floats:
    """What counters showed beyond what the machine can make, but no more than it can make; nothing
    where a person counted, because that is believed."""
    most = np.zeros(len(context.cells))
    for role in ("total_count", "good_count"):
        counted = counters[role]
        if counted is not None and counted.implausible is not None:
            implausible = by_cell(
                counted.times,
                counted.implausible,
                context.cells.edges,
                context.weight,
                context.busy,
                ~context.unknown,
            )
            most = np.maximum(most, np.where(by_hand[role], 0.0, implausible))
    return most


def _odd(
    line: Line,
    counters: dict[str, Increments | None],
    total: Floats | None,
    good: Floats | None,
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
            (integrity_flags.IMPLAUSIBLE_COUNT, counted.jumps),
        ):
            if len(found):
                bits |= np.where(_has(counted.times[found + 1], edges), flag, 0)
    if total is not None and good is not None:
        bits |= np.where(good > total + _IN_FLIGHT, integrity_flags.GOOD_EXCEEDS_TOTAL, 0)
    if total is not None:
        # Counts may come less often than states: only a longer silence is worth a flag.
        producing = context.state_us[:, MachineState.PRODUCING.code] > line.stale_after_s * 1e6
        bits |= np.where(producing & ~_reached(counters, edges), integrity_flags.COUNT_MISSING, 0)
        bits |= np.where(~busy & ~unknown & (total > 0), integrity_flags.UNPLANNED_PRODUCTION, 0)
    return bits


def _has(instants: Micros, edges: Micros) -> Flags:
    """Which cells (edges[k], edges[k + 1]] hold one of the sorted instants."""
    return np.diff(np.searchsorted(instants, edges, side="right")) > 0


def _reached(counters: dict[str, Increments | None], edges: Micros) -> Flags:
    """Which cells lie wholly within the reach of the line's counts."""
    reach = np.ones(len(edges) - 1, dtype=bool)
    for role in _COUNT_ROLES[:3]:
        counted = counters[role]
        if counted is None:
            continue
        if not len(counted.times):
            return np.zeros(len(edges) - 1, dtype=bool)
        reach &= (counted.times[0] < edges[1:]) & (counted.times[-1] > edges[:-1])
    return reach
