"""Shift handovers: what one shift leaves to the next, with notes and two signatures.

A handover belongs to a shift of a line, known by its start. People of the shift write notes. It is
signed twice, by who leaves and by who takes over, each with the figures as they stood then. Once
both have signed it is kept as it was signed: nothing is added any more, and figures that change
later (by late data, by corrections) stand beside the signed ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from domain.errors import InputError, did_you_mean
from domain.texts import N_
from domain.time import Window

HANDOVER_NOTE_MAX = 2000  # characters
NOTES_MAX = 100  # of one shift
SIGNED_BEFORE_END = timedelta(hours=1)  # earlier there is not much to hand over
ShiftFigures = Mapping[str, Any]  # api.documents.handovers says what is in it


class Side(StrEnum):
    """Who signs."""

    LEAVING = "leaving"
    TAKING_OVER = "taking_over"


@dataclass(frozen=True, slots=True)
class HandedShift:
    """The shift that is handed over. `name`: empty where the local day takes its place."""

    line: str
    name: str
    window: Window


@dataclass(frozen=True, slots=True)
class HandoverNote:
    """`device`: the shared tablet at which it was written, or empty."""

    number: int
    author: str
    written_at: datetime
    text: str
    device: str = ""


@dataclass(frozen=True, slots=True)
class HandoverSignature:
    """`figures`: as they stood then; `digest`: the SHA-256 of their bytes."""

    side: Side
    author: str
    signed_at: datetime
    figures: ShiftFigures
    digest: str
    device: str = ""


@dataclass(frozen=True, slots=True)
class Handover:
    """All that people said of it, in the order of time."""

    shift: HandedShift
    notes: tuple[HandoverNote, ...] = ()
    signatures: tuple[HandoverSignature, ...] = ()

    @property
    def is_kept(self) -> bool:
        """Whether both have signed."""
        return len(self.signatures) == len(Side)

    def signed_by(self, side: Side) -> HandoverSignature | None:
        return next((it for it in self.signatures if it.side is side), None)


def side_named(name: str) -> Side:
    """Raises InputError."""
    if name not in list(Side):
        raise InputError(
            N_("nobody signs as '%(name)s'"),
            where="side",
            todo=did_you_mean(name, list(Side)),
            values={"name": name},
        )
    return Side(name)


def check_note(handover: Handover, new: HandoverNote) -> None:
    """Whether it may be added. Raises InputError."""
    _check_open(handover)
    _check_begun(handover, new.written_at)
    if not new.author:
        raise InputError(
            N_("nobody is named who wrote it"), where="author", todo=N_("Say who it was.")
        )
    if not new.text:
        raise InputError(
            N_("the note is empty"), where="text", todo=N_("Write what the next shift needs.")
        )
    if len(new.text) > HANDOVER_NOTE_MAX:
        raise InputError(
            N_("the note has %(count)s characters"),
            where="text",
            todo=N_("Keep it within %(most)s, or write a second one."),
            values={"count": len(new.text), "most": HANDOVER_NOTE_MAX},
        )
    if len(handover.notes) >= NOTES_MAX:
        raise InputError(
            N_("this handover has %(most)s notes already"),
            where="text",
            todo=N_("Write it in the next shift's handover."),
            values={"most": NOTES_MAX},
        )


def check_signature(handover: Handover, new: HandoverSignature, notes_seen: int) -> None:
    """Whether it may be signed so by whoever had `notes_seen` notes before them. Raises
    InputError."""
    _check_open(handover)
    window = handover.shift.window
    _check_begun(handover, new.signed_at)
    if new.signed_at < window.end - SIGNED_BEFORE_END:
        raise InputError(
            N_("the shift goes on for more than an hour"),
            where="side",
            todo=N_("Sign in its last hour, or later."),
        )
    if not new.author:
        raise InputError(N_("nobody is named who signs"), where="author", todo=N_("Say who it is."))
    for it in handover.signatures:
        if it.side is new.side:
            raise InputError(
                N_("%(author)s has signed as who is %(side)s"),
                where="side",
                todo=N_("There is nothing left to do."),
                values={"author": it.author, "side": _WORDS[it.side]},
            )
        if it.author == new.author:
            raise InputError(
                N_("%(author)s has signed as who is %(side)s: a handover is between two people"),
                where="author",
                todo=N_("Let the other one sign."),
                values={"author": it.author, "side": _WORDS[it.side]},
            )
    if notes_seen != len(handover.notes):
        raise InputError(
            N_("%(count)s notes are there now; shown to who signs: %(notes_seen)s"),
            where="notes_seen",
            todo=N_("Look at the handover again, then sign."),
            values={"count": len(handover.notes), "notes_seen": notes_seen},
        )


_WORDS = {Side.LEAVING: N_("leaving"), Side.TAKING_OVER: N_("taking over")}


def _check_open(handover: Handover) -> None:
    if handover.is_kept:
        raise InputError(
            N_("both have signed this handover: it is kept as it was signed"),
            where="shift",
            todo=N_("Write it in the next shift's handover."),
        )


def _check_begun(handover: Handover, now: datetime) -> None:
    if now < handover.shift.window.start:
        raise InputError(N_("this shift has not begun"), where="shift", todo=N_("Come again then."))
