"""Terms that were changed after their window had begun: since when, by what, and what the verdict
would be under those of before."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from analytics.milestones.verdict import data_begin
from api.queries.lines import Queries
from domain.grants import Milestone, Project, Reason, Verdict, VerdictStatus
from domain.plant import Plant
from domain.terms_changes import TermsVersion, field_changes

TERMS_CHANGED, TERMS_CHANGED_ALONE = "terms_changed_late", "terms_changed_without_approval"
_EARLIER: dict[VerdictStatus, Reason] = {
    VerdictStatus.PENDING: Reason("Under the terms of before (version %(version)s): pending."),
    VerdictStatus.ON_TRACK: Reason("Under the terms of before (version %(version)s): on track."),
    VerdictStatus.AT_RISK: Reason("Under the terms of before (version %(version)s): at risk."),
    VerdictStatus.MET: Reason("Under the terms of before (version %(version)s): met."),
    VerdictStatus.NOT_MET: Reason("Under the terms of before (version %(version)s): not met."),
    VerdictStatus.NOT_PROVABLE: Reason(
        "Under the terms of before (version %(version)s): not provable."
    ),
}


@dataclass(frozen=True)
class TermsHistory:
    """Of a milestone. `late`: how many of the first versions were there when the window began; None
    where no later one was brought in."""

    versions: Sequence[TermsVersion]
    late: int | None

    def earlier(self, present: Milestone) -> Milestone | None:
        """The milestone with the terms that held when its window began; None: they still hold."""
        if self.late is None:
            return None
        before = self.versions[self.late - 1].milestone
        return replace(present, terms=before.terms, terms_digest=before.terms_digest)


def terms_histories(queries: Queries, plant: Plant, project: Project) -> dict[str, TermsHistory]:
    """By milestone."""
    found = queries.terms_versions(project.reference)
    return {
        it.id: TermsHistory(found[it.id], _late(found[it.id], data_begin(project, it, plant)))
        for it in project.milestones
    }


def _late(versions: Sequence[TermsVersion], begin: datetime | None) -> int | None:
    if begin is None:
        return None
    return next((it.number - 1 for it in versions[1:] if it.applied_at >= begin), None)


def with_terms_changes(found: Verdict, history: TermsHistory, earlier: Verdict | None) -> Verdict:
    """The verdict, which says how its terms were changed and what it would be without; as it is
    where they were not."""
    if earlier is None or history.late is None:
        return found
    changes = history.versions[history.late :]
    flags = [TERMS_CHANGED]
    if any(it.request is None for it in changes):
        flags.append(TERMS_CHANGED_ALONE)
    told = [_change(history.versions[it.number - 2], it) for it in changes]
    before = replace(_EARLIER[earlier.status], values={"version": history.late})
    return replace(found, reasons=(*found.reasons, *told, before), flags=(*found.flags, *flags))


def _change(old: TermsVersion, new: TermsVersion) -> Reason:
    values: dict[str, str | float] = {
        "version": new.number,
        "moment": f"{new.applied_at:%Y-%m-%d %H:%M} UTC",
        "changed": "; ".join(
            f"{it.field}: {_text(it.old)} → {_text(it.new)}"
            for it in field_changes(old.written, new.written)
        ),
    }
    if new.request is None:
        return Reason(
            "The terms were changed on %(moment)s, after their window had begun, without an "
            "approved change request (version %(version)s): %(changed)s.",
            values,
        )
    return Reason(
        "The terms were changed on %(moment)s, after their window had begun, by change request "
        "%(request)s (version %(version)s): %(changed)s.",
        {**values, "request": new.request.number},
    )


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    return "–" if value is None else json.dumps(value, ensure_ascii=False, default=str)
