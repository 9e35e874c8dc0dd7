"""Which milestones are to be checked more closely, as programs read it."""

from __future__ import annotations

from typing import Any

from analytics.checks.risk import CheckRisk
from api.i18n import Language
from domain.grants import Project


def risk_json(project: Project, risk: CheckRisk, language: Language) -> dict[str, Any]:
    """A milestone of the risk list; reasons in `language`."""
    return {
        "project": project.reference,
        "scheme": project.scheme,
        "milestone": risk.milestone,
        "state": risk.state.value,
        "score": risk.score,
        "reasons": [
            {
                "points": it.points,
                "says": language.reason(it.says),
                "flags": list(it.flags),
            }
            for it in risk.reasons
        ],
    }
