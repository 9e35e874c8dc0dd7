"""Corrections: what people record beside what machines measured. Nothing is overwritten.

A correction is valid for a stretch of the line's time and known since `recorded_at` (bitemporal);
it is withdrawn by a record of its own, never deleted. Standard library only.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class CorrectionKind(StrEnum):
    """REASON: the reason of stopped time in [start, end). SPLIT: at `start` one stop ends and
    another begins. MERGE: the stops in [start, end) are one. QUANTITY: what was really counted
    in [start, end), instead of what the machine says. FIGURE: an amount that no machine tells.
    WITHDRAWAL: another correction no longer holds.
    """

    REASON = "reason"
    SPLIT = "split"
    MERGE = "merge"
    QUANTITY = "quantity"
    FIGURE = "figure"
    WITHDRAWAL = "withdrawal"


# These hold for their time as a whole, no part of it can be computed alone: an amount is shared
# out over all of its time, joined stops are counted where the first one began.
TOLD_AS_A_WHOLE = (CorrectionKind.QUANTITY, CorrectionKind.MERGE)


@dataclass(frozen=True, slots=True)
class Correction:
    """`reason`: a node of the reason tree (REASON). `element`: a counter role (QUANTITY) or the
    name of a KPI's input (FIGURE), with its `amount` over [start, end). `withdraws`: an id.
    `device`: the shared tablet at which the author was signed on; empty: none.
    """

    id: str
    line: str
    kind: CorrectionKind
    start: datetime
    end: datetime
    author: str
    recorded_at: datetime
    reason: str | None = None
    element: str | None = None
    amount: float | None = None
    withdraws: str | None = None
    comment: str = ""
    device: str = ""


def in_force(
    corrections: Iterable[Correction], known_at: datetime | None = None
) -> tuple[Correction, ...]:
    """Those recorded up to `known_at` (None: all) and not withdrawn up to then; no withdrawals.

    In an order of their content, so nothing depends on the order in which they were recorded.
    """
    known = [it for it in corrections if known_at is None or it.recorded_at <= known_at]
    withdrawn = {it.withdraws for it in known if it.kind is CorrectionKind.WITHDRAWAL}
    holding = [
        it for it in known if it.kind is not CorrectionKind.WITHDRAWAL and it.id not in withdrawn
    ]
    return tuple(sorted(holding, key=lambda it: (it.start, it.end, it.recorded_at, it.id)))


@dataclass(frozen=True, slots=True)
class LineCorrections:
    """What facts of a line must follow.

    `in_force`: those that hold. `not_yet_applied`: those, withdrawals too, that the line's stored
    facts do not contain yet. `last`: the number of the line's last correction, 0 without one.
    """

    in_force: tuple[Correction, ...] = ()
    not_yet_applied: tuple[Correction, ...] = ()
    last: int = 0

    def joined(self, besides: Sequence[Correction]) -> LineCorrections:
        """The same with further ones that no facts contain."""
        return LineCorrections(
            (*self.in_force, *besides), (*self.not_yet_applied, *besides), self.last
        )
