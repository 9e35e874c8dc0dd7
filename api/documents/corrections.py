"""A correction as JSON."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from api.documents.times import local_text
from api.queries.withheld import told
from domain.corrections import Correction, CorrectionKind, Standing
from domain.plant import Confidential, Withheld


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads it: what is `withheld`, and by what code a name is replaced then."""

    withheld: Withheld = frozenset()
    pseudonym: Callable[[str], str] = str

    def author(self, name: str) -> str | None:
        if not self.may_see_reasons:
            return None
        return self.pseudonym(name) if Confidential.NAMES in self.withheld else name

    @property
    def may_see_reasons(self) -> bool:
        return Confidential.REASONS not in self.withheld


READS_ALL = Reader()


def correction_json(
    correction: Correction,
    standing: Standing,
    zone: ZoneInfo,
    reader: Reader = READS_ALL,
) -> dict[str, Any]:
    """One record, as it stands among all of its line; `withdrawn_by`: the withdrawal that holds,
    `decision`: who approved or refused it. `until_stop_ends` is there where it is so,
    `order` and `product` of an order."""
    shows = reader.may_see_reasons
    is_order = correction.kind is CorrectionKind.ORDER
    withdrawal = standing.withdrawals.get(correction.id)
    return {
        "id": correction.id,
        "line": correction.line,
        "kind": correction.kind.value,
        "start": local_text(correction.start, zone),
        "end": local_text(correction.end, zone),
        "reason": correction.reason if shows else None,
        "element": correction.element,
        "amount": correction.amount,
        "withdraws": correction.withdraws,
        "author": reader.author(correction.author),
        "device": (correction.device or None) if shows else None,
        "comment": correction.comment if shows else None,
        "recorded_at": local_text(correction.recorded_at, zone),
        "in_force": correction.id in standing.in_force,
        "withdrawn_by": withdrawal.id if withdrawal else None,
        "waiting": correction.id in standing.waiting,
        "decides": correction.decides,
        "decision": _decision(standing.decisions.get(correction.id), zone, reader),
        **({"until_stop_ends": True} if correction.until_stop_ends else {}),
        **({it: getattr(correction, it) for it in ("order", "product")} if is_order else {}),
        **told(reader.withheld),
    }


def _decision(found: Correction | None, zone: ZoneInfo, reader: Reader) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "id": found.id,
        "approved": found.kind is CorrectionKind.APPROVAL,
        "author": reader.author(found.author),
        "comment": found.comment if reader.may_see_reasons else None,
        "recorded_at": local_text(found.recorded_at, zone),
    }
