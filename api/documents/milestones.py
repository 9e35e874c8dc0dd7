"""The milestones document of `lineproof milestones --json` and of the API."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from analytics.methods import registry
from api.documents.milestone_steps import state_json
from api.documents.times import local_text
from api.queries.lines import Queries
from api.queries.verdicts import RESTATED, ProjectVerdicts, restated, verdicts
from domain.grants import (
    DayRange,
    Funding,
    Reason,
    Verdict,
)
from domain.time import check_past


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
        "as_of": local_text(given.as_of, zone),
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


def milestones_document(
    queries: Queries,
    ref: str,
    as_of: datetime | None = None,
    say: Callable[[Reason], str] = str,
) -> dict[str, Any]:
    """The document of `lineproof milestones --json`; `say` translates the reasons. Raises
    NotFoundError; InputError for a time to come."""
    if as_of is not None:
        check_past(as_of, queries.now(), queries.project_zone(ref), "as_of")
    found = verdicts(queries, ref, as_of)
    return project_json(found, restated(queries, found), say)


def project_json(
    found: ProjectVerdicts,
    changed: Mapping[str, tuple[Verdict, datetime]],
    say: Callable[[Reason], str] = str,
) -> dict[str, Any]:
    """The project's verdicts; `changed`: by milestone, the verdict by what is known now, and since
    when the accepted figures stand."""
    zone = found.plant.zone
    rows = [
        verdict_json(each, zone, say)
        | state_json(each.milestone, found.steps_of(each.milestone.id), zone)
        for each in found.verdicts
    ]
    for row in rows:
        if row["id"] in changed:
            now, since = changed[row["id"]]
            told = verdict_json(now, zone, say)
            row["restated"] = {name: told[name] for name in RESTATED} | {
                "since": local_text(since, zone)
            }
    return {
        "project": found.project.reference,
        "as_of": local_text(found.as_of, zone),
        "grant": grant_json(found.funding, say),
        "milestones": rows,
    }


def grant_json(paid: Funding, say: Callable[[Reason], str] = str) -> dict[str, Any]:
    """What a scheme pays; `say` translates its rule."""
    return {
        "scheme": paid.scheme,
        "approved_cost_hkd": paid.approved_cost_hkd,
        "ceiling_hkd": paid.ceiling_hkd,
        "grant_hkd": paid.grant_hkd,
        "company_hkd": paid.company_hkd,
        "rule": "; ".join(say(it) for it in paid.rule),
    }


def _range_json(days: DayRange | None) -> dict[str, str] | None:
    if days is None:
        return None
    return {"start": days.start.isoformat(), "end": days.end.isoformat()}
