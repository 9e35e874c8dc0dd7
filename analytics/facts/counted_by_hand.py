"""What people counted in place of what machines did; and of total, good and reject the third.

What people counted replaces what machines counted and is never added to it
(Mes-Open/OpenMes#46): a QUANTITY correction replaces the sum over its time; `_spread` shares it
out over the cells.

>>> counts = {"total_count": np.array([30.0, 20, 10, 0]), "good_count": None}
>>> counts |= {"reject_count": np.array([3.0, 1, 0, 0]), "rework_count": None}
>>> balanced(counts)[1].tolist()
[27.0, 19.0, 10.0, 0.0]
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from analytics.arrays import Flags, Floats
from analytics.facts.cells import MAY_PRODUCE, CellContext
from analytics.timeline.tracks import UNKNOWN
from domain.corrections import Correction
from domain.time import micros

COUNT_ROLES = ("total_count", "good_count", "reject_count", "rework_count")
_PARTS = ("good_count", "reject_count")  # of the total
_NO_ITEM = 1e-6  # less is what rounding leaves
Quantities = dict[str, Floats | None]


def counted_by_hand(
    amounts: Quantities, corrections: Sequence[Correction], context: CellContext
) -> tuple[Quantities, dict[str, Flags]]:
    """The amounts with what people counted in place of what machines did, and where they did.

    Where a person corrected only the good or only the rejected items, the other number follows
    from the total, if there is one: it is left open (NaN) for `balanced` to fill.
    """
    machines = dict(zip(COUNT_ROLES, balanced(amounts), strict=False))
    totals = [it for it in corrections if it.element == "total_count"]
    corrected = dict(amounts)
    by_hand = {role: np.zeros(len(context.cells), dtype=bool) for role in amounts}
    for it in [*totals, *(it for it in corrections if it.element != "total_count")]:
        assert it.element is not None
        borders = [micros(it.start), micros(it.end)]
        cells = slice(*np.searchsorted(context.cells.edges, borders).tolist())
        mine = corrected[it.element]
        replaced = np.full(len(context.cells), np.nan) if mine is None else mine.copy()
        by_machines = _told(machines.get(it.element, amounts[it.element]), cells)
        # If a corrected total covers all of this one's time, the history holds all of that total;
        # of any other it may hold only a part.
        whole = any(one.start <= it.start and it.end <= one.end for one in totals)
        made = (corrected if whole else amounts)["total_count"] if it.element in _PARTS else None
        made = None if made is None else np.nan_to_num(made[cells])
        replaced[cells] = _spread(
            it,
            by_machines,
            made,
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


def _told(counted: Floats | None, cells: slice) -> Floats | None:
    """What machines counted in the cells; None where they told nothing of any of them."""
    if counted is None or np.isnan(counted[cells]).all():
        return None
    return np.nan_to_num(counted[cells])


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
    may = context.state_us[cells][:, list(MAY_PRODUCE)].sum(axis=1)
    shares = (may * context.busy[cells], may, lengths)
    for share in shares if by_machines is None else (by_machines, *shares):
        whole = share.sum()
        if whole > 0:
            return np.asarray(amount * share / whole)
    return np.zeros(len(lengths))  # no time at all


def balanced(amounts: Quantities) -> tuple[Floats | None, Floats | None, Floats | None]:
    """Total, good and reject: of any two, the third follows (also where one is NaN).

    In one cell it may be negative: an item can be rejected later than it was made.
    """
    total, good, reject = (amounts[role] for role in COUNT_ROLES[:3])
    if good is not None and reject is not None:
        total = good + reject if total is None else np.where(np.isnan(total), good + reject, total)
    if total is not None and reject is not None:
        good = total - reject if good is None else np.where(np.isnan(good), total - reject, good)
    if total is not None and good is not None:
        apart = total - good
        reject = apart if reject is None else np.where(np.isnan(reject), apart, reject)
    return total, good, reject
