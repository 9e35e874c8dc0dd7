"""Corrections and frozen periods as people give and read them, for command line and HTTP alike.

Texts in (times in the plant's zone), records and documents out. What is recorded was checked
within the registry's transaction, so two people at one moment cannot contradict each other.
Clock and ids are the caller's. Of who may not approve, a correction of a shift or day that is over
waits for somebody who may (`api.records.approvals`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from analytics.calendar.shift_ends import first_end
from analytics.corrections.validation import check_balance, check_correction
from analytics.kpi.formulas.inputs import MANUAL_INPUTS
from api.documents.corrections import READS_ALL, Reader, correction_json
from api.queries.lines import Queries
from api.queries.prices import window_price
from api.queries.times import instant_of
from domain.corrections import (
    AT_AN_INSTANT,
    DECISIONS,
    Correction,
    CorrectionKind,
    Standing,
    in_force,
)
from domain.errors import BusyError, InputError, NotFoundError, did_you_mean
from domain.plant import Line, Plant
from domain.time import MICROSECOND, Window
from store.registry.correction_rows import CorrectionCheck
from store.registry.line_records import Recording


@dataclass(frozen=True, slots=True)
class Draft:
    """A correction as somebody gives it: times are texts, what was not given is None.
    `until_stop_ends`: of a stop that goes on; it has no end. `order`, `product`: of an order, whose
    product is the one of the plant file unless another is given."""

    kind: str
    author: str
    start: str | None = None
    end: str | None = None
    reason: str | None = None
    element: str | None = None
    amount: float | None = None
    withdraws: str | None = None
    comment: str = ""
    device: str = ""
    until_stop_ends: bool = False
    order: str | None = None
    product: str | None = None


def record(
    queries: Queries,
    recording: Recording,
    line_id: str,
    draft: Draft,
    identity: str,
    *,
    may_approve: bool = True,
) -> dict[str, Any]:
    """Record the correction under that id; its document. Sent again under the same id it is the
    one that was recorded. Raises InputError or NotFoundError where it is refused, BusyError where
    somebody else was as quick."""
    plant, line = queries.line(line_id)
    now = queries.now()
    kind = _kind(draft.kind)
    start, end = _borders(queries, draft, kind, plant.zone)
    withdrawn = queries.records.correction(draft.withdraws) if draft.withdraws else None
    correction = Correction(
        id=identity,
        line=line_id,
        kind=kind,
        start=start,
        end=end,
        author=draft.author.strip(),
        recorded_at=now,
        reason=draft.reason,
        element=draft.element,
        amount=draft.amount,
        withdraws=draft.withdraws,
        comment=draft.comment.strip(),
        device=draft.device,
        until_stop_ends=draft.until_stop_ends,
        order=draft.order,
        product=draft.product or product_of(plant, draft.order),
    )
    if withdrawn is not None:
        correction = speaking_of(withdrawn, correction)
    known = queries.corrections(line_id)
    before = recorded_before(queries, correction)
    if before is not None:
        return correction_json(before, Standing(known), plant.zone)
    waits = not may_approve and is_late(plant, line, correction, known)
    correction = replace(correction, needs_approval=waits)
    makes_sense = check_of(queries, plant, correction)

    def check(earlier: Sequence[Correction]) -> None:
        makes_sense(earlier)
        if not may_approve and waits != is_late(plant, line, correction, earlier):
            raise BusyError("somebody recorded a correction at the same moment")

    check(known)
    check_amount(queries, plant, correction)
    recording.correction(correction, check)
    return correction_json(correction, Standing([correction]), plant.zone)


def product_of(plant: Plant, order: str | None) -> str | None:
    """The product that the plant file gives the order."""
    found = plant.orders.get(order or "")
    return found.product if found else None


def speaking_of(other: Correction, made: Correction) -> Correction:
    """The record of another correction with what tells how far that one reaches."""
    return replace(
        made, until_stop_ends=other.until_stop_ends, order=other.order, product=other.product
    )


def check_of(queries: Queries, plant: Plant, correction: Correction) -> CorrectionCheck:
    """What is asked of it beside the line's earlier ones."""
    now = queries.now()
    states: Sequence[str] = ()
    if correction.kind is CorrectionKind.SPLIT and correction.start <= now:
        around = Window(correction.start - MICROSECOND, correction.start + MICROSECOND)
        states = queries.states(correction.line, around)["state"].to_list()

    def check(earlier: Sequence[Correction]) -> None:
        check_correction(plant, correction, earlier, now, MANUAL_INPUTS, states)

    return check


def check_amount(queries: Queries, plant: Plant, correction: Correction) -> None:
    """Of a QUANTITY, once it makes sense: by the facts without and with it."""
    if correction.kind is not CorrectionKind.QUANTITY:
        return
    window = Window(correction.start, correction.end)
    window_price("correction", queries, window).check()
    before = queries.present_facts(correction.line, window)
    as_approved = replace(correction, needs_approval=False)
    after = queries.present_facts(correction.line, window, [as_approved])
    check_balance(plant, correction, before, after)


def recorded_before(queries: Queries, correction: Correction) -> Correction | None:
    """The correction that was recorded under its id: it came twice, because an answer was lost.
    Raises InputError where that is another one."""
    try:
        found = queries.records.correction(correction.id)
    except NotFoundError:
        return None
    again = replace(correction, recorded_at=found.recorded_at, needs_approval=found.needs_approval)
    # What is said of the present has the moment at which it came first.
    if again.until_stop_ends and found.until_stop_ends:
        again = replace(again, end=found.end)
    if again.kind is found.kind is CorrectionKind.ORDER:
        again = replace(again, start=found.start, end=found.end)
    if again != found:
        raise InputError(
            f"the id {correction.id} is that of another correction",
            where="id",
            todo="Make a new one for every correction.",
        )
    return found


def is_late(
    plant: Plant, line: Line, correction: Correction, earlier: Sequence[Correction]
) -> bool:
    """Whether it is made when a shift or day that it touches is over. A withdrawal waits only where
    it takes something out of the figures."""
    if correction.kind is CorrectionKind.WITHDRAWAL and not any(
        it.id == correction.withdraws for it in in_force(earlier)
    ):
        return False
    over = first_end(line.calendar, plant.zone, correction.start, correction.end)
    return correction.recorded_at >= over


def corrections_json(
    queries: Queries, line_id: str, reader: Reader = READS_ALL
) -> list[dict[str, Any]]:
    """Every record of the line in the order of recording, each with whether it holds."""
    plant, _ = queries.line(line_id)
    records = queries.corrections(line_id)
    standing = Standing(records)
    return [correction_json(it, standing, plant.zone, reader) for it in records]


def _kind(text: str) -> CorrectionKind:
    kinds = [kind.value for kind in CorrectionKind if kind not in DECISIONS]
    if text not in kinds:
        raise InputError(
            f"there is no kind of correction '{text}'",
            where="kind",
            todo=did_you_mean(text, kinds),
        )
    return CorrectionKind(text)


def _borders(
    queries: Queries, draft: Draft, kind: CorrectionKind, zone: ZoneInfo
) -> tuple[datetime, datetime]:
    """From when to when; a withdrawal's are those of what it withdraws."""
    if kind is CorrectionKind.WITHDRAWAL:
        if not draft.withdraws:
            raise InputError(
                "a withdrawal must say what it withdraws",
                where="withdraws",
                todo="Take the id from the line's list of corrections.",
            )
        withdrawn = queries.records.correction(draft.withdraws)
        return withdrawn.start, withdrawn.end
    if draft.start is None:
        raise InputError("the start is missing", where="start", todo="Give a time.")
    start = instant_of(draft.start, zone, "start")
    if draft.until_stop_ends:
        return start, _moment_of(queries, draft, kind)
    if draft.end is not None:
        return start, instant_of(draft.end, zone, "end")
    if kind not in AT_AN_INSTANT:
        raise InputError("the end is missing", where="end", todo="Give a time; it is not included.")
    return start, start


def _moment_of(queries: Queries, draft: Draft, kind: CorrectionKind) -> datetime:
    """Now, where the draft may say that it holds until the stop ends."""
    if kind is not CorrectionKind.REASON or draft.end is not None:
        raise InputError(
            "only a reason without an end holds until its stop ends",
            where="until_stop_ends",
            todo="Leave the end out, or give the end and leave this out.",
        )
    return queries.now()
