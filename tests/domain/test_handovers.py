"""Who may write and sign a handover, when, and how often."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from handed_over import END, START, note, shift_of, signature

from domain.errors import InputError
from domain.handovers import (
    HANDOVER_NOTE_MAX,
    NOTES_MAX,
    Handover,
    Side,
    check_note,
    check_signature,
    side_named,
)

OPEN = Handover(shift_of("filler-1"))
LEFT = replace(OPEN, signatures=(signature(Side.LEAVING, "wong"),))
KEPT = replace(LEFT, signatures=(*LEFT.signatures, signature(Side.TAKING_OVER, "chan")))


def test_it_is_kept_once_both_have_signed() -> None:
    assert [it.is_kept for it in (OPEN, LEFT, KEPT)] == [False, False, True]
    assert KEPT.signed_by(Side.TAKING_OVER) is KEPT.signatures[1]
    assert LEFT.signed_by(Side.TAKING_OVER) is None


def test_whoever_takes_over_may_sign_first_too() -> None:
    check_signature(OPEN, signature(Side.TAKING_OVER, "chan"), 0)
    check_signature(LEFT, signature(Side.TAKING_OVER, "chan"), 0)
    check_note(LEFT, note("chan"))


@pytest.mark.parametrize(
    ("found", "side", "author", "at", "notes_seen", "why"),
    [
        (LEFT, Side.LEAVING, "chan", END, 0, "wong has signed as who is leaving"),
        (LEFT, Side.TAKING_OVER, "wong", END, 0, "between two people"),
        (KEPT, Side.LEAVING, "ho", END, 0, "kept as it was signed"),
        (OPEN, Side.LEAVING, "", END, 0, "nobody is named"),
        (OPEN, Side.LEAVING, "wong", END, 1, "0 notes are there now; shown to who signs: 1"),
        (OPEN, Side.LEAVING, "wong", START - timedelta(seconds=1), 0, "not begun"),
        (OPEN, Side.LEAVING, "wong", END - timedelta(minutes=61), 0, "more than an hour"),
    ],
)
def test_what_nobody_signs(
    found: Handover, side: Side, author: str, at: object, notes_seen: int, why: str
) -> None:
    new = replace(signature(side, author), signed_at=at)  # type: ignore[arg-type]  # a time
    with pytest.raises(InputError, match=why):
        check_signature(found, new, notes_seen)


def test_notes_that_are_refused() -> None:
    full = replace(OPEN, notes=(note("wong"),) * NOTES_MAX)
    for found, new, why in (
        (KEPT, note("wong"), "kept as it was signed"),
        (OPEN, note("wong", ""), "is empty"),
        (OPEN, note(""), "nobody is named"),
        (OPEN, note("wong", "x" * (HANDOVER_NOTE_MAX + 1)), "2001 characters"),
        (full, note("wong"), "100 notes already"),
        (OPEN, replace(note("wong"), written_at=START - timedelta(seconds=1)), "not begun"),
    ):
        with pytest.raises(InputError, match=why):
            check_note(found, new)
    check_note(OPEN, note("wong", "x" * HANDOVER_NOTE_MAX))


def test_a_side_by_its_name() -> None:
    assert side_named("leaving") is Side.LEAVING
    with pytest.raises(InputError, match="Did you mean 'leaving'"):
        side_named("leavin")
