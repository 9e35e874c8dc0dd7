"""What a machine's server kept of a time in which nobody listened: the form in which a source hands
it over. Knows no protocol."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.samples import Reading


@dataclass(frozen=True, slots=True)
class HistoryPart:
    """A stretch of it. `held`: the value of each address when it began, all told before;
    `readings`: the later ones, in the order of their source times; `known`: from when to when the
    history is complete for every address, None where nobody knows."""

    held: Sequence[Reading]
    readings: Sequence[Reading]
    known: tuple[datetime, datetime] | None
