"""The digest of everything in a plant file that a line's facts depend on.

Stored facts carry it: when it changes, they are computed again. Names are left out, because they
change no figure, and so is how machines are reached and read: facts depend on what they said.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from typing import Any

from domain.plant import Line, Plant

FORMAT = 27  # part of every line's digest: raise it when the meaning of a fact changes

# Fields of a line that do not change its facts.
_NOT_IN_DIGEST = (
    "name",
    "machines",
    "minor_stop_s",
    "sequence",
    "measurements",
    "calibrations",
    "target_oee",
    "alerts",
)


def line_digest(plant: Plant, line_id: str) -> str:
    """SHA-256 over everything of the plant that the line's facts depend on."""
    line = plant.lines[line_id]
    relevant = {
        "format": FORMAT,
        "zone": plant.zone.key,
        "line": _relevant(line),
        "products": {
            key: (item.ideal_cycle_time_s, item.changes) for key, item in plant.products.items()
        },
        "reasons": {key: (item.kind, item.codes) for key, item in plant.reasons.items()},
    }
    text = json.dumps(relevant, sort_keys=True, default=_canonical)
    return hashlib.sha256(text.encode()).hexdigest()


def _relevant(line: Line) -> dict[str, Any]:
    """The fields of a line that its facts depend on; of a calendar exception not who decided it,
    when and why."""
    relevant = {key: value for key, value in asdict(line).items() if key not in _NOT_IN_DIGEST}
    if line.calendar is not None:
        exceptions = [(it.start, it.end, it.kind) for it in line.calendar.exceptions]
        relevant["calendar"]["exceptions"] = exceptions
    return relevant


def _canonical(value: Any) -> Any:
    return sorted(value, key=str) if isinstance(value, frozenset) else str(value)
