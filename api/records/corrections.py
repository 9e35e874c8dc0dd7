"""Corrections and frozen periods as people give and read them, for command line and HTTP alike.

Texts in (times in the plant's zone), records and documents out. What is recorded was checked
within the registry's transaction, so two people at one moment cannot contradict each other.
Clock and ids are the caller's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from analytics.corrections.validation import check_balance, check_correction
from analytics.kpi.formulas.inputs import MANUAL_INPUTS
from api.documents.corrections import READS_ALL, Reader, correction_json
from api.queries.lines import Queries
from api.queries.prices import window_price
from api.queries.times import instant_of
from domain.corrections import Correction, CorrectionKind
from domain.errors import InputError, did_you_mean
from domain.time import MICROSECOND, Window
from store.registry.line_records import Recording


@dataclass(frozen=True, slots=True)
class Draft:
    """A correction as somebody gives it: times are texts, what was not given is None."""

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


def record(
    queries: Queries, recording: Recording, line_id: str, draft: Draft, identity: str
) -> dict[str, Any]:
    """Record the correction under that id; its document. Raises InputError or NotFoundError
    where it is refused, BusyError where somebody else was as quick."""
    plant, _ = queries.line(line_id)
    now = queries.now()
    kind = _kind(draft.kind)
    start, end = _borders(queries, draft, kind, plant.zone)
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
    )
    states: Sequence[str] = ()
    if kind is CorrectionKind.SPLIT and start <= now:
        around = Window(start - MICROSECOND, start + MICROSECOND)
        states = queries.states(line_id, around)["state"].to_list()

    def check(earlier: Sequence[Correction]) -> None:
        check_correction(plant, correction, earlier, now, MANUAL_INPUTS, states)

    check(queries.corrections(line_id))
    if kind is CorrectionKind.QUANTITY:
        window = Window(start, end)
        window_price("correction", queries, window).check()
        before = queries.present_facts(line_id, window)
        check_balance(
            plant, correction, before, queries.present_facts(line_id, window, [correction])
        )
    recording.correction(correction, check)
    return correction_json(correction, (), plant.zone)


def corrections_json(
    queries: Queries, line_id: str, reader: Reader = READS_ALL
) -> list[dict[str, Any]]:
    """Every record of the line in the order of recording, each with whether it holds."""
    plant, _ = queries.line(line_id)
    records = queries.corrections(line_id)
    return [correction_json(it, records, plant.zone, reader) for it in records]


def _kind(text: str) -> CorrectionKind:
    kinds = [kind.value for kind in CorrectionKind]
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
    if draft.end is not None:
        return start, instant_of(draft.end, zone, "end")
    if kind is not CorrectionKind.SPLIT:
        raise InputError("the end is missing", where="end", todo="Give a time; it is not included.")
    return start, start
