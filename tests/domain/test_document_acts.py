"""What acts on a document come to, and which are refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from domain.document_acts import (
    ActOnDocument,
    DocumentAct,
    DocumentStanding,
    check_hold,
    check_removal,
    standing,
)
from domain.errors import InputError
from domain.grants import AttachedDocument, LegalHold

AT = datetime(2033, 5, 1, 9, tzinfo=UTC)
UNTIL = date(2034, 3, 31)
HOLD = LegalHold("Ho", AT, "an audit")
DOCUMENT = AttachedDocument(
    "P", "M1", "report", "a.pdf", "0" * 64, AT, AT.date(), "Chan", retain_until=UNTIL
)


def act(what: DocumentAct, hours: int = 0, reason: str = "an audit") -> ActOnDocument:
    return ActOnDocument("P", "0" * 64, what, "Ho", AT + timedelta(hours=hours), reason)


@pytest.mark.parametrize(
    ("acts", "comes_to"),
    [
        ((), DocumentStanding()),
        ((DocumentAct.HOLD,), DocumentStanding(HOLD)),
        ((DocumentAct.HOLD, DocumentAct.RELEASE), DocumentStanding()),
        ((DocumentAct.REMOVAL,), DocumentStanding(None, AT)),
        (
            (DocumentAct.REMOVAL, DocumentAct.RETURN),
            DocumentStanding(None, None, AT + timedelta(hours=1)),
        ),
        (
            (DocumentAct.REMOVAL, DocumentAct.RETURN, DocumentAct.REMOVAL),
            DocumentStanding(None, AT + timedelta(hours=2), AT + timedelta(hours=1)),
        ),
    ],
)
def test_acts_follow_each_other(acts: tuple[DocumentAct, ...], comes_to: DocumentStanding) -> None:
    assert standing(act(it, hours) for hours, it in enumerate(acts)) == comes_to


def test_a_hold_and_a_release_need_what_they_change_and_a_reason() -> None:
    held = replace(DOCUMENT, hold=HOLD)
    check_hold(act(DocumentAct.HOLD), DOCUMENT)
    check_hold(act(DocumentAct.RELEASE), held)
    for new, document, why in (
        (act(DocumentAct.HOLD, reason=" "), DOCUMENT, "a hold needs a reason"),
        (act(DocumentAct.RELEASE, reason=""), held, "a release needs a reason"),
        (act(DocumentAct.HOLD), held, "on hold already, by Ho (an audit)"),
        (act(DocumentAct.RELEASE), DOCUMENT, "it is not on hold"),
        (act(DocumentAct.HOLD), replace(DOCUMENT, removed_at=AT), "removed on 2033-05-01"),
    ):
        with pytest.raises(InputError) as told:
            check_hold(new, document)
        assert why in str(told.value)


def test_bytes_go_behind_their_day_and_without_a_hold() -> None:
    check_removal(DOCUMENT, UNTIL + timedelta(days=1))
    for document, today, why in (
        (DOCUMENT, UNTIL, "a.pdf of P: it is kept until 2034-03-31. Nothing was removed"),
        (replace(DOCUMENT, retain_until=None), date.max, "it is kept for ever"),
        (replace(DOCUMENT, hold=HOLD), date.max, "on legal hold, by Ho (an audit)"),
        (replace(DOCUMENT, removed_at=AT), date.max, "removed on 2033-05-01"),
    ):
        with pytest.raises(InputError) as told:
            check_removal(document, today)
        assert why in str(told.value)
