"""Corrections: whether a new one makes sense.

A correction is checked against the plant, the clock and what was recorded before. One that is wrong
is refused with a sentence, never changed into something else. Pure: knows no registry.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from datetime import datetime

import polars as pl

from domain.corrections import (
    AT_AN_INSTANT,
    DECISIONS,
    OF_ANOTHER,
    Correction,
    CorrectionKind,
    decision_of,
    in_force,
    waiting,
    withdrawal_of,
)
from domain.errors import InputError, NotAllowedError, NotFoundError, did_you_mean
from domain.plant import Plant
from domain.signals import SIGNALS, SignalKind
from domain.states import STOP_STATES
from domain.texts import N_

COUNTER_ROLES = tuple(name for name, signal in SIGNALS.items() if signal.kind is SignalKind.COUNTER)
_PARTED = ("total_count", "good_count", "reject_count")
_IN_FLIGHT = 1.0  # a good item may be counted a moment before the total is
_TEXT_MAX = 1000  # characters of an author or comment


def check_correction(
    plant: Plant,
    correction: Correction,
    earlier: Sequence[Correction],
    now: datetime,
    figures: Collection[str],
    states: Sequence[str] = (),
) -> None:
    """Raises InputError (NotFoundError) with what is wrong, in which field, and what to do.

    `earlier`: every correction of the line, withdrawals too. `figures`: the inputs of KPIs that
    people may give. `states`: for a SPLIT the machine states just before and at its instant.
    """
    _check_words(correction)
    kind = correction.kind
    if kind is CorrectionKind.WITHDRAWAL:
        _check_withdrawal(plant, correction, earlier)
        return
    _check_fields(correction)
    _check_time(plant, correction, now)
    if kind is CorrectionKind.REASON:
        _check_known("reason", correction.reason, plant.reasons, "add it under reasons: in the "
                     "plant file")  # fmt: skip
    elif kind is CorrectionKind.QUANTITY:
        _check_known("element", correction.element, COUNTER_ROLES)
    elif kind is CorrectionKind.ORDER:
        _check_order(plant, correction)
    elif kind is CorrectionKind.FIGURE:
        _check_known("element", correction.element, figures, "no KPI asks people for a figure")
    if kind in (CorrectionKind.QUANTITY, CorrectionKind.FIGURE):
        _check_amount(correction.amount)
    if kind is CorrectionKind.SPLIT and not set(states) <= STOP_STATES:
        raise InputError(
            f"the line was not stopped at {_local(plant, correction.start)} "
            f"({' then '.join(dict.fromkeys(states)) or 'unknown'})",
            where="start",
            todo="Split a stop at an instant within it.",
        )
    open_ones = waiting(earlier)
    holding = in_force(earlier)
    if correction.needs_approval:  # it may take the place of one that is to be withdrawn
        leaving = {it.withdraws for it in open_ones}
        holding = tuple(it for it in holding if it.id not in leaving)
    _check_overlap(plant, correction, holding)
    _check_overlap(plant, correction, open_ones, is_waiting=True)


def check_decision(plant: Plant, decision: Correction, earlier: Sequence[Correction]) -> None:
    """Whether what an APPROVAL or REFUSAL decides waits for it, and whether another person decides
    than made it. Raises InputError, NotFoundError, NotAllowedError."""
    _check_words(decision)
    asked = next((it for it in earlier if it.id == decision.decides), None)
    if asked is None or asked.kind in DECISIONS:
        raise NotFoundError(
            f"line {decision.line} has no correction '{decision.decides or ''}'",
            todo="Take the id from the line's list of corrections.",
        )
    if asked not in waiting(earlier):
        raise InputError(
            f"the correction {asked.id} does not wait for a decision{_why_not(asked, earlier)}",
            todo="There is nothing left to do.",
        )
    if asked.author.casefold() == decision.author.casefold():
        raise NotAllowedError(
            N_("'%(author)s' made the correction %(id)s and cannot decide about it"),
            todo=N_("Another supervisor approves or refuses it."),
            values={"author": decision.author, "id": asked.id},
        )
    if decision.kind is CorrectionKind.REFUSAL and not decision.comment:
        raise InputError(
            N_("a refusal must say why"),
            where="comment",
            todo=N_("Write it for who made the correction."),
        )


def _why_not(asked: Correction, earlier: Sequence[Correction]) -> str:
    before = decision_of(asked, earlier) or withdrawal_of(asked.id, earlier)
    done = {
        CorrectionKind.APPROVAL: "it was approved",
        CorrectionKind.REFUSAL: "it was refused",
        CorrectionKind.WITHDRAWAL: "it was withdrawn",
    }
    return f": {done[before.kind]} by {before.author}" if before else ""


def check_balance(
    plant: Plant, correction: Correction, before: pl.DataFrame, after: pl.DataFrame
) -> None:
    """Raises InputError where a QUANTITY leaves more good or rejected items than were made.

    `before`, `after`: FACTS of its time without and with it. Nothing is refused while some of the
    time is unknown (more may have been counted than has come in), where no machine counts all
    items, and where the correction only makes an older contradiction smaller.
    """
    if after["unknown_us"].sum() or after["total_count"].has_nulls():
        return
    total, good, reject = _counted(after)
    if _lacking(total, good, reject) <= max(_lacking(*_counted(before)), _IN_FLIGHT):
        return
    parts = [
        f"{items:.10g} {of}" for items, of in ((good, "good"), (reject, "rejected")) if items > 0
    ]
    raise InputError(
        f"{' and '.join(parts)} items would be more than the {total:.10g} counted from "
        f"{_local(plant, correction.start)} to {_local(plant, correction.end)}",
        where="amount",
        todo="Give another amount or time, or correct the other count first.",
    )


def _counted(facts: pl.DataFrame) -> tuple[float, float, float]:
    """Total, good and rejected items; 0 for what is not counted."""
    total, good, reject = (float(facts[name].sum()) for name in _PARTED)
    return total, good, reject


def _lacking(total: float, good: float, reject: float) -> float:
    """How many good or rejected items there are beyond those made."""
    return max(-good, -reject, good + reject - total, 0.0)


def _check_words(correction: Correction) -> None:
    if not correction.author.strip():
        raise InputError(
            N_("nobody is named as the author"),
            where="author",
            todo=N_("Say who makes the correction."),
        )
    for field in ("author", "comment"):
        text: str = getattr(correction, field)
        if len(text) > _TEXT_MAX:
            raise InputError(
                N_("the text has %(count)s characters"),
                where=field,
                todo=N_("Keep it within %(most)s."),
                values={"count": len(text), "most": _TEXT_MAX},
            )


def _check_withdrawal(plant: Plant, correction: Correction, earlier: Sequence[Correction]) -> None:
    known = {it.id: it for it in earlier if it.kind not in OF_ANOTHER}
    if correction.withdraws is None or correction.withdraws not in known:
        raise NotFoundError(
            f"line {correction.line} has no correction '{correction.withdraws or ''}'",
            where="withdraws",
            todo="Take the id from the line's list of corrections.",
        )
    asked = known[correction.withdraws]
    refusal = decision_of(asked, earlier)
    if refusal is not None and refusal.kind is CorrectionKind.REFUSAL:
        raise InputError(
            N_("the correction %(id)s was refused by %(author)s"),
            where="withdraws",
            todo=N_("It changes nothing: there is nothing to withdraw."),
            values={"id": asked.id, "author": refusal.author},
        )
    before = withdrawal_of(asked.id, earlier)
    if before is not None and before in waiting(earlier):
        raise InputError(
            N_("the withdrawal %(id)s of it by %(author)s waits for approval"),
            where="withdraws",
            todo=N_("A supervisor approves or refuses that one."),
            values={"id": before.id, "author": before.author},
        )
    if before is not None:
        raise InputError(
            f"the correction {correction.withdraws} was withdrawn already, by {before.author} at "
            f"{_local(plant, before.recorded_at)}",
            where="withdraws",
            todo="There is nothing left to do.",
        )


_NEEDED = {
    CorrectionKind.REASON: {"reason"},
    CorrectionKind.SPLIT: set[str](),
    CorrectionKind.MERGE: set[str](),
    CorrectionKind.QUANTITY: {"element", "amount"},
    CorrectionKind.FIGURE: {"element", "amount"},
    CorrectionKind.ORDER: set[str](),
}


def _check_fields(correction: Correction) -> None:
    """Checks that the fields of the kind are there, and no others: a field without effect is a
    mistake."""
    if correction.tells_order and correction.kind is not CorrectionKind.ORDER:
        raise InputError(
            f"a correction of kind {correction.kind.value} names no order and no product",
            where="order",
            todo="Leave them out, or choose the kind 'order'.",
        )
    needed = _NEEDED[correction.kind]
    for field in ("reason", "element", "amount", "withdraws"):
        given = getattr(correction, field) is not None
        if given and field not in needed:
            raise InputError(
                f"a correction of kind {correction.kind.value} has no {field}",
                where=field,
                todo="Leave it out, or choose another kind.",
            )
        if not given and field in needed:
            raise InputError(
                f"a correction of kind {correction.kind.value} needs {field}",
                where=field,
                todo="Give it.",
            )


def _check_time(plant: Plant, correction: Correction, now: datetime) -> None:
    start, end = correction.start, correction.end
    if correction.kind in AT_AN_INSTANT:
        if end != start:
            raise InputError(
                f"{correction.kind.value} is said of an instant, not of a stretch of time",
                where="end",
                todo="Give the start alone.",
            )
    elif end <= start:
        # pitfall emanuelsc3s/SysOEE#38: never read as crossing midnight
        raise InputError(
            f"the correction ends at {_local(plant, end)}, not after its start "
            f"{_local(plant, start)}",
            where="end",
            todo="Give an end later than the start; across midnight, with its own date.",
        )
    if end > now:
        raise InputError(
            f"the correction reaches to {_local(plant, end)}, which has not come yet",
            where="end" if end > start else "start",
            todo=f"Correct what was before {_local(plant, now)}.",
        )


def _check_order(plant: Plant, correction: Correction) -> None:
    """An order of the plant file for that line, or "" for none; a product of the plant file."""
    if not correction.tells_order:
        raise InputError(
            N_("neither an order nor a product is named"),
            where="order",
            todo=N_("Name one of the two."),
        )
    orders = [it.id for it in plant.orders.values() if it.line == correction.line]
    if correction.order:
        _check_known("order", correction.order, orders, "add it under orders: in the plant file")
    if correction.product:
        _check_known("product", correction.product, plant.products, "add it under products: in the "
                     "plant file")  # fmt: skip


def _check_known(
    field: str, value: str | None, known: Collection[str], otherwise: str = ""
) -> None:
    if value not in known:
        hint = did_you_mean(value or "", list(known)) or f"There is none yet: {otherwise}."
        raise InputError(f"there is no {field} '{value}'", where=field, todo=hint)


def _check_amount(amount: float | None) -> None:
    if amount is None or not math.isfinite(amount) or amount < 0:
        raise InputError(
            N_("%(amount)s is no amount"),
            where="amount",
            todo=N_("Give a number, zero or greater."),
            values={"amount": str(amount)},
        )


def _check_overlap(
    plant: Plant,
    correction: Correction,
    holding: Sequence[Correction],
    *,
    is_waiting: bool = False,
) -> None:
    """Two of one kind (and element) must not speak of the same time (point85/OEE-Designer#9)."""
    for other in holding:
        if _overlap(correction, other):
            span = f"from {_local(plant, other.start)} to {_local(plant, other.end)}"
            if other.end == other.start:
                span = f"at {_local(plant, other.start)}"
            of = f" of {other.element}" if other.element else ""
            raise InputError(
                f"it overlaps the {other.kind.value} correction{of} {other.id} {span} by "
                f"{other.author}" + (", which waits for approval" if is_waiting else ""),
                where="start",
                todo=f"Withdraw {'or refuse ' if is_waiting else ''}that one first, or give times "
                "outside it.",
            )


def _overlap(one: Correction, other: Correction) -> bool:
    kinds = {one.kind, other.kind}
    if len(kinds) == 1 and one.kind in AT_AN_INSTANT:
        return one.start == other.start
    if kinds == {
        CorrectionKind.SPLIT,
        CorrectionKind.MERGE,
    }:  # each of the two says that the other is wrong
        split, merge = (one, other) if one.kind is CorrectionKind.SPLIT else (other, one)
        return merge.start < split.start < merge.end
    same = one.kind is other.kind and one.element == other.element
    return same and one.start < other.end and other.start < one.end


def _local(plant: Plant, at: datetime) -> str:
    return at.astimezone(plant.zone).isoformat(timespec="seconds")
