"""A shift's handover as JSON: its figures now, notes, signatures with the figures as they were."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from api.documents.corrections import READS_ALL, Reader
from api.documents.times import local_text
from api.queries.handovers import comparable, figures_without
from api.queries.withheld import told
from domain.handovers import HandedShift, Handover, HandoverNote, HandoverSignature, ShiftFigures
from store.registry.line_work.handovers import figures_digest


def handover_json(
    found: Handover, present: ShiftFigures, zone: ZoneInfo, reader: Reader = READS_ALL
) -> dict[str, Any]:
    """`is_kept`: both have signed; `changed`: what was signed last is not what is known now."""
    shown = figures_without(present, reader.withheld)
    signatures = found.signatures
    return {
        **shift_json(found.shift, zone),
        "is_kept": found.is_kept,
        "changed": bool(signatures) and is_changed(signatures[-1].figures, present),
        "figures": shown,
        "digest": figures_digest(present),
        "notes": [_note(it, zone, reader) for it in found.notes],
        "signatures": [_signature(it, zone, reader) for it in signatures],
        **told(reader.withheld),
    }


def shift_json(shift: HandedShift, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "line": shift.line,
        "shift": shift.name,
        "start": local_text(shift.window.start, zone),
        "end": local_text(shift.window.end, zone),
    }


def is_changed(signed: ShiftFigures, present: ShiftFigures) -> bool:
    """Whether they differ in more than what goes on by itself."""
    return figures_digest(comparable(signed)) != figures_digest(comparable(present))


def _note(it: HandoverNote, zone: ZoneInfo, reader: Reader) -> dict[str, Any]:
    shows = reader.may_see_reasons
    return {
        "number": it.number,
        "author": reader.author(it.author),
        "device": (it.device or None) if shows else None,
        "written_at": local_text(it.written_at, zone),
        "text": it.text if shows else None,
    }


def _signature(it: HandoverSignature, zone: ZoneInfo, reader: Reader) -> dict[str, Any]:
    return {
        "side": it.side.value,
        "author": reader.author(it.author),
        "device": (it.device or None) if reader.may_see_reasons else None,
        "signed_at": local_text(it.signed_at, zone),
        "digest": it.digest,
        "figures": figures_without(it.figures, reader.withheld),
    }
