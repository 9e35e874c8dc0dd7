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
            f"nobody signs as '{name}'", where="side", todo=did_you_mean(name, list(Side))
        )
    return Side(name)


def check_note(handover: Handover, new: HandoverNote) -> None:
    """Whether it may be added. Raises InputError."""
    _check_open(handover)
    _check_begun(handover, new.written_at)
    if not new.author:
        raise InputError("nobody is named who wrote it", where="author", todo="Say who it was.")
    if not new.text:
        raise InputError("the note is empty", where="text", todo="Write what the next shift needs.")
    if len(new.text) > HANDOVER_NOTE_MAX:
        raise InputError(
            f"the note has {len(new.text)} characters",
            where="text",
            todo=f"Keep it within {HANDOVER_NOTE_MAX}, or write a second one.",
        )
    if len(handover.notes) >= NOTES_MAX:
        raise InputError(
            f"this handover has {NOTES_MAX} notes already",
            where="text",
            todo="Write it in the next shift's handover.",
        )


def check_signature(handover: Handover, new: HandoverSignature, notes_seen: int) -> None:
    """Whether it may be signed so by whoever had `notes_seen` notes before them. Raises
    InputError."""
    _check_open(handover)
    window = handover.shift.window
    _check_begun(handover, new.signed_at)
    if new.signed_at < window.end - SIGNED_BEFORE_END:
        raise InputError(
            "the shift goes on for more than an hour",
            where="side",
            todo="Sign in its last hour, or later.",
        )
    if not new.author:
        raise InputError("nobody is named who signs", where="author", todo="Say who it is.")
    for it in handover.signatures:
        if it.side is new.side:
            raise InputError(
                f"{it.author} has signed as who is {_WORDS[it.side]}",
                where="side",
                todo="There is nothing left to do.",
            )
        if it.author == new.author:
            raise InputError(
                f"{it.author} has signed as who is {_WORDS[it.side]}: a handover is between two "
                "people",
                where="author",
                todo="Let the other one sign.",
            )
    if notes_seen != len(handover.notes):
        raise InputError(
            f"there are {len(handover.notes)} notes now, and {notes_seen} were shown to who signs",
            where="notes_seen",
            todo="Look at the handover again, then sign.",
        )


_WORDS = {Side.LEAVING: "leaving", Side.TAKING_OVER: "taking over"}


def _check_open(handover: Handover) -> None:
    if handover.is_kept:
        raise InputError(
            "both have signed this handover: it is kept as it was signed",
            where="shift",
            todo="Write it in the next shift's handover.",
        )


def _check_begun(handover: Handover, now: datetime) -> None:
    if now < handover.shift.window.start:
        raise InputError("this shift has not begun", where="shift", todo="Come again then.")
