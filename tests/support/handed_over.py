"""A shift that was handed over, with a note and both signatures."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from domain.handovers import HandedShift, Handover, HandoverNote, HandoverSignature, Side
from domain.time import Window
from store.registry.line_work.handovers import figures_digest
from store.registry.registry import Registry

START = datetime(2026, 3, 2, 0, tzinfo=UTC)
END = START + timedelta(hours=8)
FIGURES = {"made": {"good_count": 4000.0}}


def shift_of(line: str, start: datetime = START) -> HandedShift:
    return HandedShift(line, "early", Window(start, start + (END - START)))


def note(author: str, text: str = "the belt slips", device: str = "") -> HandoverNote:
    return HandoverNote(0, author, END, text, device)


def signature(side: Side, author: str, device: str = "") -> HandoverSignature:
    return HandoverSignature(side, author, END, FIGURES, figures_digest(FIGURES), device)


def hand_over(
    registry: Registry,
    line: str,
    leaves: str,
    takes_over: str,
    *,
    device: str = "",
    said: str = "the belt slips",
) -> Handover:
    """Written and signed without any check."""
    shift = shift_of(line)
    registry.handovers.write(shift, note(leaves, said, device), lambda _handover: None)
    for side, author in ((Side.LEAVING, leaves), (Side.TAKING_OVER, takes_over)):
        registry.handovers.sign(shift, signature(side, author, device), lambda _handover: None)
    return registry.handovers.of_shift(shift)
