"""Corrections that wait: which there are, and how somebody else approves or refuses them.

For command line, HTTP and pages alike. A decision is a record of its own; nothing is changed. What
is approved was checked again, beside what was recorded meanwhile.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from analytics.corrections.validation import check_decision
from api.documents.corrections import READS_ALL, Reader, correction_json
from api.queries.lines import Queries
from api.records.corrections import check_amount, check_of, speaking_of
from domain.corrections import Correction, CorrectionKind, Standing
from store.registry.line_records import Recording


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether a correction that waits is to hold, by whom, and why."""

    approves: bool
    author: str
    comment: str = ""
    device: str = ""


def decide(
    queries: Queries, recording: Recording, asked_id: str, decision: Decision, identity: str
) -> dict[str, Any]:
    """Record the decision about the correction under the id `identity`; the correction's document
    after it. Raises InputError, NotFoundError or NotAllowedError where it is refused, BusyError
    where somebody else was as quick."""
    asked = queries.records.correction(asked_id)
    plant, _ = queries.line(asked.line)
    made = Correction(
        id=identity,
        line=asked.line,
        kind=CorrectionKind.APPROVAL if decision.approves else CorrectionKind.REFUSAL,
        start=asked.start,
        end=asked.end,
        author=decision.author.strip(),
        recorded_at=queries.now(),
        comment=decision.comment.strip(),
        device=decision.device,
        decides=asked.id,
    )
    made = speaking_of(asked, made)
    approved = replace(asked, needs_approval=False)
    makes_sense = check_of(queries, plant, approved)

    def check(earlier: Sequence[Correction]) -> None:
        check_decision(plant, made, earlier)
        if decision.approves:
            makes_sense([it for it in earlier if it.id != asked.id])

    known = queries.corrections(asked.line)
    check(known)
    if decision.approves:
        check_amount(queries, plant, approved)
    recording.correction(made, check)
    return correction_json(asked, Standing([*known, made]), plant.zone)


def waiting_json(
    queries: Queries, line_id: str, reader: Reader = READS_ALL
) -> list[dict[str, Any]]:
    """The corrections of the line that wait, the oldest first."""
    plant, _ = queries.line(line_id)
    records = queries.corrections(line_id)
    standing = Standing(records)
    waiting = [it for it in records if it.id in standing.waiting]
    return [correction_json(it, standing, plant.zone, reader) for it in waiting]
