"""Names that are there in place of one that is not: those that a person may have meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher

from domain.source_faults import THERE_MAX


def most_similar(wanted: str, names: Iterable[str]) -> tuple[str, ...]:
    """A few of the names, those that are most like the wanted one first."""

    def likeness(name: str) -> float:
        own = name.rpartition(":")[2] if ":" not in wanted else name
        return SequenceMatcher(None, wanted.lower(), own.lower()).ratio()

    return tuple(sorted(dict.fromkeys(names), key=lambda it: (-likeness(it), it))[:THERE_MAX])
