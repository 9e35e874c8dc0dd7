"""What lies where in a zip of opened days, and what it says of itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

OPENING_FORMAT = "lineproof-opening/1"
OPENING = "opening.json"
CHALLENGE = "challenge.json"


def opening_document(
    project: str, evidence: str, days: Mapping[str, Sequence[date]], leaves: Sequence[str]
) -> dict[str, Any]:
    """`days`: by line, those that are opened; `leaves`: hashes in base64 of the ledger's leaves
    from the dossier's checkpoint to the one that was drawn from."""
    return {
        "format": OPENING_FORMAT,
        "project": project,
        "evidence": evidence,
        "days": {line: [it.isoformat() for it in sorted(of)] for line, of in sorted(days.items())},
        "leaves": list(leaves),
    }
