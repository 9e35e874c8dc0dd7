"""Terms without a figure: a document to be attached, and what names nothing to reach."""

from __future__ import annotations

from analytics.milestones.case import Case
from analytics.milestones.sentences import late
from domain.grants import DocumentTerms, OtherTerms, Reason, Verdict, VerdictStatus


def judge_document(case: Case, terms: DocumentTerms) -> Verdict:
    """Met on the first day on which such a document was attached, even if that was late."""
    today, due = case.evidence.today, case.milestone.due
    attached = [
        each.attached_on
        for each in case.documents
        if each.milestone == case.milestone.id
        and each.kind == terms.document
        and each.attached_on <= today
    ]
    if attached:
        first = min(attached)
        reasons = [_attached(terms, first.isoformat())]
        if first > due:
            reasons.append(late(first, due))
        return Verdict(
            case.milestone,
            case.as_of,
            VerdictStatus.MET,
            met_on=first,
            reasons=tuple(reasons),
        )
    return Verdict(
        case.milestone,
        case.as_of,
        case.status_unless_met,
        reasons=(_not_attached(terms, due.isoformat()),),
    )


def judge_other(case: Case, terms: OtherTerms) -> Verdict:
    """Never a guess: pending until the due date, not provable after it."""
    reason = Reason(
        "Terms of kind '%(kind)s' that name no figure to reach are kept and shown, but have no "
        "verdict.",
        {"kind": terms.kind},
    )
    status = VerdictStatus.NOT_PROVABLE if case.due_passed else VerdictStatus.PENDING
    return Verdict(case.milestone, case.as_of, status, reasons=(reason,))


def _attached(terms: DocumentTerms, day: str) -> Reason:
    return Reason(
        "The document '%(document)s' was attached on %(day)s.",
        {"document": terms.document, "day": day},
    )


def _not_attached(terms: DocumentTerms, due: str) -> Reason:
    return Reason(
        "No document '%(document)s' is attached; it is due on %(due)s.",
        {"document": terms.document, "due": due},
    )
