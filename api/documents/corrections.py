"""A correction as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from api.documents.times import local_text
from domain.corrections import Correction, in_force


def correction_json(
    correction: Correction, records: Sequence[Correction], zone: ZoneInfo
) -> dict[str, Any]:
    """One record; `withdrawn_by` is the withdrawal among the line's `records`, if there is one."""
    withdrawal = next((it for it in records if it.withdraws == correction.id), None)
    return {
        "id": correction.id,
        "line": correction.line,
        "kind": correction.kind.value,
        "start": local_text(correction.start, zone),
        "end": local_text(correction.end, zone),
        "reason": correction.reason,
        "element": correction.element,
        "amount": correction.amount,
        "withdraws": correction.withdraws,
        "author": correction.author,
        "device": correction.device or None,
        "comment": correction.comment,
        "recorded_at": local_text(correction.recorded_at, zone),
        "in_force": bool(in_force([correction, *([withdrawal] if withdrawal else [])])),
        "withdrawn_by": withdrawal.id if withdrawal else None,
    }
