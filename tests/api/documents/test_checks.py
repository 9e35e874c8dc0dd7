"""A milestone of the risk list, as programs read it."""

from __future__ import annotations

from datetime import date

from facts_frames import project

from analytics.checks.risk import CheckRisk, RiskReason
from api.documents.checks import risk_json
from api.i18n import language
from domain.grants import DocumentTerms, Reason
from domain.milestone_states import MilestoneState

DUE = date(2026, 3, 31)


def test_points_and_reasons_in_the_readers_language() -> None:
    late = Reason("It was submitted %(days)s days after its due day.", {"days": 3})
    reasons = (RiskReason(5, Reason("x"), ("gap",)), RiskReason(1, late))
    risk = CheckRisk("M1", MilestoneState.SUBMITTED, reasons)
    of = project(DocumentTerms("audited_accounts"), DUE, start=DUE)
    told = risk_json(of, risk, language("zh-Hant"))
    assert (told["project"], told["milestone"], told["score"]) == (of.reference, "M1", 6)
    assert told["reasons"] == [
        {"points": 5, "says": "x", "flags": ["gap"]},
        {"points": 1, "says": "在到期日之後 3 天才提交。", "flags": []},
    ]
