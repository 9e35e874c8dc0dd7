"""Change requests as JSON."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from api.documents.times import local_text
from domain.change_requests import ChangeRequest
from store.registry.versions import Version


def change_request_json(
    it: ChangeRequest,
    carried_out: Version | None,
    zone: ZoneInfo,
    name: Callable[[str], str] = str,
) -> dict[str, Any]:
    """`carried_out`: the first version of the grant file that names it; `name`: how the names of
    the company's people are told to who reads it."""
    decision = it.decision
    return {
        "project": it.project,
        "number": it.number,
        "kind": it.kind.value,
        "milestone": it.milestone or None,
        "line": it.line or None,
        "machine": it.machine or None,
        "replaced_at": local_text(it.replaced_at, zone),
        "old": it.old,
        "new": it.new,
        "reason": it.reason,
        "author": name(it.author),
        "asked_at": local_text(it.asked_at, zone),
        "state": it.state.value,
        "decision": decision
        and {
            "approved": decision.approved,
            "author": decision.author,
            "at": local_text(decision.decided_at, zone),
            "reason": decision.reason,
        },
        "carried_out": carried_out
        and {
            "version": carried_out.number,
            "applied_at": local_text(carried_out.applied_at, zone),
        },
    }
