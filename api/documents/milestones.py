"""The milestones document of `lineproof milestones --json` and of the API."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from analytics.methods import registry
from analytics.milestones.funding import funding
from domain.grants import (
    DayRange,
    Project,
    Reason,
    Verdict,
)


def verdict_json(
    given: Verdict, zone: ZoneInfo, say: Callable[[Reason], str] = str
) -> dict[str, Any]:
    """One milestone of the document; `say` puts a reason into the reader's language."""
    milestone = given.milestone
    return {
        "id": milestone.id,
        "clause": milestone.clause,
        "title": milestone.title,
        "kind": milestone.terms.kind,
        "due": milestone.due.isoformat(),
        "as_of": given.as_of.astimezone(zone).isoformat(),
        "status": given.status.value,
        "decision": None,
        "method": getattr(milestone.terms, "method", registry.DEFAULT),
        "value": given.value,
        "low": given.low,
        "high": given.high,
        "target": given.target,
        "op": given.op,
        "coverage": given.coverage,
        "baseline_value": given.baseline_value,
        "window": _range_json(given.window),
        "met_on": given.met_on.isoformat() if given.met_on else None,
        "reasons": [say(reason) for reason in given.reasons],
        "flags": list(given.flags),
        "evidence": {
            "terms_digest": milestone.terms_digest,
            "facts_digest": given.facts_digest,
            "checkpoint": None,
        },
    }


def project_json(
    project: Project,
    verdicts: Sequence[Verdict],
    as_of: datetime,
    zone: ZoneInfo,
    say: Callable[[Reason], str] = str,
) -> dict[str, Any]:
    """The document of `lineproof milestones --json` and `GET projects/{ref}/milestones`."""
    paid = funding(project)
    return {
        "project": project.reference,
        "as_of": as_of.astimezone(zone).isoformat(),
        "grant": {
            "scheme": paid.scheme,
            "approved_cost_hkd": paid.approved_cost_hkd,
            "ceiling_hkd": paid.ceiling_hkd,
            "grant_hkd": paid.grant_hkd,
            "company_hkd": paid.company_hkd,
            "rule": paid.rule,
        },
        "milestones": [verdict_json(each, zone, say) for each in verdicts],
    }


def _range_json(days: DayRange | None) -> dict[str, str] | None:
    if days is None:
        return None
    return {"start": days.start.isoformat(), "end": days.end.isoformat()}
