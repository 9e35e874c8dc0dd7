"""Notes and signatures of shift handovers, as people give them, for HTTP and pages alike.

Who signs sees the figures as they are when the signature comes in: these are kept with it. Notes
are counted, so that nobody signs one that came in between unseen.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from api.queries.handovers import shift_at, shift_figures
from api.queries.lines import Queries
from api.queries.times import instant_of
from domain.handovers import (
    HandedShift,
    Handover,
    HandoverNote,
    HandoverSignature,
    check_note,
    check_signature,
    side_named,
)
from domain.time import check_past
from store.registry.line_work.handovers import Handovers, figures_digest


@dataclass(frozen=True, slots=True)
class Signer:
    """Who writes or signs, and the shared tablet at which, or empty."""

    name: str
    device: str = ""


def asked_shift(queries: Queries, handovers: Handovers, line_id: str, shift: str) -> HandedShift:
    """The shift in which that time lies (ISO 8601), empty: the present one. Raises InputError,
    NotFoundError."""
    plant, _ = queries.line(line_id)
    at = queries.at(line_id)
    if shift:
        given = instant_of(shift, plant.zone, "shift")
        check_past(given, queries.now(), plant.zone, "shift")
        at = given
    return shift_at(queries, handovers, line_id, at)


def write_note(
    queries: Queries,
    handovers: Handovers,
    line_id: str,
    shift: str,
    text: str,
    by: Signer,
    *,
    once: bool = False,
) -> Handover:
    """`once`: not where that person wrote the same in that shift already: it came again. Raises
    InputError or NotFoundError where it is refused, BusyError where somebody else was as quick."""
    of = asked_shift(queries, handovers, line_id, shift)
    new = HandoverNote(0, by.name.strip(), queries.now(), text.strip(), by.device)
    found = handovers.of_shift(of)
    if once and any((it.author, it.text) == (new.author, new.text) for it in found.notes):
        return found
    return handovers.write(of, new, partial(check_note, new=new))


def sign_handover(
    queries: Queries,
    handovers: Handovers,
    line_id: str,
    shift: str,
    side: str,
    notes_seen: int,
    by: Signer,
) -> Handover:
    """Raises as `write_note`."""
    of = asked_shift(queries, handovers, line_id, shift)
    figures, now = shift_figures(queries, of), queries.now()
    new = HandoverSignature(
        side_named(side), by.name.strip(), now, figures, figures_digest(figures), by.device
    )
    return handovers.sign(of, new, partial(check_signature, new=new, notes_seen=notes_seen))
