"""Versions of a milestone's terms as JSON, and the verdict under those of before."""

from __future__ import annotations

from dataclasses import asdict
from itertools import pairwise
from typing import Any

from api.documents.times import local_text
from api.queries.verdicts import RESTATED, ProjectVerdicts
from domain.terms_changes import field_changes


def terms_changes_json(found: ProjectVerdicts, milestone: str) -> dict[str, Any]:
    """`terms_versions` where there are several; `earlier_terms` where they were changed after their
    window had begun."""
    history, zone = found.terms.get(milestone), found.plant.zone
    if history is None or len(history.versions) < 2:
        return {}
    changes: list[list[dict[str, Any]]] = [[]]
    for old, new in pairwise(history.versions):
        changes.append([asdict(it) for it in field_changes(old.written, new.written)])
    versions = [
        {
            "version": it.number,
            "terms_digest": it.milestone.terms_digest,
            "applied_at": local_text(it.applied_at, zone),
            "change_request": it.request.number if it.request else None,
            "after_window_began": history.late is not None and it.number > history.late,
            "changed": changed,
        }
        for it, changed in zip(history.versions, changes, strict=True)
    ]
    earlier = found.earlier.get(milestone)
    if earlier is None:
        return {"terms_versions": versions}
    told = {name: getattr(earlier, name) for name in RESTATED}
    days = earlier.window
    return {
        "terms_versions": versions,
        "earlier_terms": {
            "version": history.late,
            "terms_digest": earlier.milestone.terms_digest,
            **told,
            "status": earlier.status.value,
            "met_on": earlier.met_on.isoformat() if earlier.met_on else None,
            "target": earlier.target,
            "window": days and {"start": days.start.isoformat(), "end": days.end.isoformat()},
            "facts_digest": earlier.facts_digest,
        },
    }
