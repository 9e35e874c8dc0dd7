"""Verdicts on documents, and on kinds of terms that are not computed."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from facts_frames import ZONE, document, judged, morning_of

from domain.grants import AttachedDocument, DocumentTerms, OtherTerms, Verdict, VerdictStatus

START = date(2026, 3, 2)
DUE = date(2026, 9, 30)
ACCOUNTS = DocumentTerms("audited_accounts")


def attached(*documents: AttachedDocument, as_of: datetime) -> Verdict:
    return judged(ACCOUNTS, [], start=START, due=DUE, as_of=as_of, documents=documents)


@pytest.mark.parametrize(
    ("as_of", "status"),
    [
        (datetime(2026, 3, 1, 23, 59, tzinfo=ZONE), VerdictStatus.PENDING),
        (datetime(2026, 3, 2, 0, 0, tzinfo=ZONE), VerdictStatus.ON_TRACK),
        (datetime(2026, 9, 30, 23, 59, tzinfo=ZONE), VerdictStatus.ON_TRACK),
        (datetime(2026, 10, 1, 0, 0, tzinfo=ZONE), VerdictStatus.NOT_MET),
    ],
)
def test_without_the_document(as_of: datetime, status: VerdictStatus) -> None:
    given = attached(as_of=as_of)
    assert given.status == status
    assert str(given.reasons[0]) == (
        "No document 'audited_accounts' is attached; it is due on 2026-09-30."
    )


def test_met_on_the_first_day_on_which_it_was_attached() -> None:
    given = attached(
        document("M1", "audited_accounts", date(2026, 9, 20)),
        document("M1", "audited_accounts", date(2026, 9, 1)),
        as_of=morning_of(date(2026, 9, 25)),
    )
    assert (given.status, given.met_on) == (VerdictStatus.MET, date(2026, 9, 1))


@pytest.mark.parametrize(
    "other",
    [
        document("M2", "audited_accounts", date(2026, 9, 1)),
        document("M1", "photographs", date(2026, 9, 1)),
        document("M1", "audited_accounts", date(2026, 9, 26)),  # after as_of
    ],
)
def test_another_document_does_not_help(other: AttachedDocument) -> None:
    given = attached(other, as_of=morning_of(date(2026, 9, 25)))
    assert given.status == VerdictStatus.ON_TRACK


def test_a_late_document_is_met_and_told_to_be_late() -> None:
    late = document("M1", "audited_accounts", date(2026, 10, 3))
    given = attached(late, as_of=morning_of(date(2026, 11, 1)))
    assert (given.status, given.met_on) == (VerdictStatus.MET, date(2026, 10, 3))
    assert str(given.reasons[1]) == "That is 3 days after the due date, 2026-09-30."
    as_it_stood = attached(late, as_of=morning_of(date(2026, 10, 2)))
    assert as_it_stood.status == VerdictStatus.NOT_MET


def test_terms_that_name_nothing_to_reach_are_never_guessed() -> None:
    terms = OtherTerms("headcount", {"kind": "headcount", "posts": 4})
    before = judged(terms, [], start=START, due=DUE, as_of=morning_of(DUE))
    after = judged(terms, [], start=START, due=DUE, as_of=morning_of(date(2026, 10, 1)))
    assert (before.status, after.status) == (VerdictStatus.PENDING, VerdictStatus.NOT_PROVABLE)
    assert "'headcount' that name no figure to reach are kept" in str(after.reasons[0])
