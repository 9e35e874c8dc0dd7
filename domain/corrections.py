"""Corrections: what people record beside what machines measured. Nothing is overwritten.

A correction is valid for a stretch of the line's time and known since `recorded_at` (bitemporal);
it is withdrawn by a record of its own, never deleted. One that needs approval changes nothing until
another person's record approves it. Standard library only.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from domain.time import MICROSECOND, Window


class CorrectionKind(StrEnum):
    """REASON: the reason of stopped time in [start, end). SPLIT: at `start` one stop ends and
    another begins. MERGE: the stops in [start, end) are one. QUANTITY: what was really counted
    in [start, end), instead of what the machine says. FIGURE: an amount that no machine tells.
    WITHDRAWAL: another correction no longer holds. APPROVAL, REFUSAL: whether one that waits holds.
    ORDER: from `start` on the line makes another order or product, until the next is said.
    """

    REASON = "reason"
    SPLIT = "split"
    MERGE = "merge"
    QUANTITY = "quantity"
    FIGURE = "figure"
    WITHDRAWAL = "withdrawal"
    APPROVAL = "approval"
    REFUSAL = "refusal"
    ORDER = "order"


DECISIONS = (CorrectionKind.APPROVAL, CorrectionKind.REFUSAL)
AT_AN_INSTANT = (CorrectionKind.SPLIT, CorrectionKind.ORDER)
OF_ANOTHER = (CorrectionKind.WITHDRAWAL, *DECISIONS)  # they speak of another correction
# These hold for their time as a whole, no part of it can be computed alone: an amount is shared
# out over all of its time, joined stops are counted where the first one began.
TOLD_AS_A_WHOLE = (CorrectionKind.QUANTITY, CorrectionKind.MERGE)


@dataclass(frozen=True, slots=True)
class Correction:
    """`reason`: a node of the reason tree (REASON). `element`: a counter role (QUANTITY) or the
    name of a KPI's input (FIGURE), with its `amount` over [start, end). `withdraws`: an id.
    `device`: the shared tablet at which the author was signed on; empty: none. `needs_approval`:
    it has no effect before an APPROVAL. `decides`: the id that an APPROVAL or REFUSAL is of.
    `until_stop_ends`: a REASON of a stop that went on at `end`, when it was entered, holds on until
    that stop ends (analytics.timeline.until_stop_ends). `order`, `product`: what an ORDER says, ""
    for no order, None where it says nothing of it. Of these three a record of another one has what
    that has.
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
    needs_approval: bool = False
    decides: str | None = None
    until_stop_ends: bool = False
    order: str | None = None
    product: str | None = None

    @property
    def tells_order(self) -> bool:
        """Whether it is an ORDER or a record of one."""
        return self.order is not None or self.product is not None

    def touches(self, window: Window) -> bool:
        """One of an instant touches the window that the instant lies in."""
        end = max(self.end, self.start + MICROSECOND)
        return self.start < window.end and window.start < end


def in_force(
    corrections: Iterable[Correction], known_at: datetime | None = None
) -> tuple[Correction, ...]:
    """Those recorded up to `known_at` (None: all), approved up to then where they need it, and not
    withdrawn up to then; an approved one is given as one that needs no approval. No records that
    speak of another one.

    In an order of their content, so nothing depends on the order in which they were recorded.
    """
    known = [it for it in corrections if known_at is None or it.recorded_at <= known_at]
    approved = {it.decides for it in known if it.kind is CorrectionKind.APPROVAL}
    effective = [
        replace(it, needs_approval=False) if it.needs_approval else it
        for it in known
        if not it.needs_approval or it.id in approved
    ]
    withdrawn = {it.withdraws for it in effective if it.kind is CorrectionKind.WITHDRAWAL}
    holding = [it for it in effective if it.kind not in OF_ANOTHER and it.id not in withdrawn]
    return tuple(sorted(holding, key=lambda it: (it.start, it.end, it.recorded_at, it.id)))


def decision_of(correction: Correction, records: Iterable[Correction]) -> Correction | None:
    """The APPROVAL or REFUSAL of it among the line's records."""
    return next((it for it in records if it.decides == correction.id), None)


def withdrawal_of(identity: str, records: Sequence[Correction]) -> Correction | None:
    """The WITHDRAWAL of that correction, which may wait still; a refused one is none."""
    refused = {it.decides for it in records if it.kind is CorrectionKind.REFUSAL}
    return next((it for it in records if it.withdraws == identity and it.id not in refused), None)


def waiting(records: Sequence[Correction]) -> tuple[Correction, ...]:
    """Those that wait for somebody to approve or refuse them, withdrawals too; `records`: all of
    the line, or all of an earlier time, in the order of recording."""
    done = {it.decides for it in records} | {
        it.withdraws for it in records if not it.needs_approval
    }
    return tuple(it for it in records if it.needs_approval and it.id not in done)


class Standing:
    """How each of a line's records stands among all of them, looked up once for a list."""

    def __init__(self, records: Sequence[Correction]) -> None:
        self.in_force = frozenset(it.id for it in in_force(records))
        self.waiting = frozenset(it.id for it in waiting(records))
        self.decisions = {it.decides: it for it in records if it.decides is not None}
        approved = {it for it, by in self.decisions.items() if by.kind is CorrectionKind.APPROVAL}
        self.withdrawals = {
            it.withdraws: it
            for it in records
            if it.withdraws is not None and (not it.needs_approval or it.id in approved)
        }


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
