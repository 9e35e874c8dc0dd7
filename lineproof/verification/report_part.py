"""The report that people read has the verdicts of the dossier inside it."""

from __future__ import annotations

from lineproof.verification.evidence import Evidence


def check_report(evidence: Evidence) -> str:
    reports = evidence.dossier.under("report.")
    if not reports:
        return "The dossier has no report."
    return ""
