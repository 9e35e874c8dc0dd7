"""What is done with a document after it was attached: legal holds, and the removal of its bytes.

Acts follow each other; what they come to is the document's standing:

    hold      2033-05-01  "audit of the scheme"       on hold
    removal                                           refused: it is on hold
    release   2034-06-01  "the audit is closed"       not on hold
    removal   2035-01-02                              the bytes are removed, all else stays
    return    2035-03-01                              they were attached again

A removal needs a day behind the last on which the document must be there
(domain.schemes.retention), and no hold.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from domain.errors import InputError
from domain.grants import AttachedDocument, LegalHold


class DocumentAct(StrEnum):
    HOLD = "hold"
    RELEASE = "release"
    REMOVAL = "removal"
    RETURN = "return"


@dataclass(frozen=True, slots=True)
class ActOnDocument:
    """`sha256`: of the document, wherever it is attached in the project."""

    project: str
    sha256: str
    act: DocumentAct
    author: str
    acted_at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class DocumentStanding:
    """What the acts come to. `returned_at`: when the bytes were attached last after a removal."""

    hold: LegalHold | None = None
    removed_at: datetime | None = None
    returned_at: datetime | None = None


def standing(acts: Iterable[ActOnDocument]) -> DocumentStanding:
    """Of one document, by its acts in their order."""
    found = DocumentStanding()
    for it in acts:
        hold, removed_at, returned_at = found.hold, found.removed_at, found.returned_at
        match it.act:
            case DocumentAct.HOLD:
                hold = LegalHold(it.author, it.acted_at, it.reason)
            case DocumentAct.RELEASE:
                hold = None
            case DocumentAct.REMOVAL:
                removed_at = it.acted_at
            case DocumentAct.RETURN:
                removed_at, returned_at = None, it.acted_at
        found = DocumentStanding(hold, removed_at, returned_at)
    return found


def check_hold(new: ActOnDocument, document: AttachedDocument) -> None:
    """Whether a hold or a release may be put. Raises InputError."""
    hold = document.hold
    if not new.reason.strip():
        raise InputError(
            f"a {new.act} needs a reason", where="reason", todo="Say why, for who reads it."
        )
    if new.act is DocumentAct.HOLD and document.removed_at is not None:
        raise _refused(document, f"its bytes were removed on {document.removed_at:%Y-%m-%d}", "")
    if new.act is DocumentAct.HOLD and hold is not None:
        raise _refused(
            document,
            f"it is on hold already, by {hold.put_by} ({hold.reason})",
            "Release that first, and put one with both reasons.",
        )
    if new.act is DocumentAct.RELEASE and hold is None:
        raise _refused(document, "it is not on hold", "")


def check_removal(document: AttachedDocument, today: date) -> None:
    """Whether its bytes may be removed. `today`: in the plant's zone. Raises InputError."""
    hold, until = document.hold, document.retain_until
    if document.removed_at is not None:
        raise _refused(document, f"its bytes were removed on {document.removed_at:%Y-%m-%d}", "")
    if hold is not None:
        raise _refused(
            document,
            f"it is on legal hold, by {hold.put_by} ({hold.reason})",
            "Nothing was removed. Who put the hold releases it.",
        )
    if until is None:
        raise _refused(
            document,
            "it is kept for ever, because no rule of the scheme is known for its project",
            "Nothing was removed.",
        )
    if today <= until:
        raise _refused(document, f"it is kept until {until}", "Nothing was removed.")


def _refused(document: AttachedDocument, what: str, todo: str) -> InputError:
    return InputError(what, where=f"{document.file_name} of {document.project}", todo=todo)
