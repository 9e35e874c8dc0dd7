"""The stops of a line, for command line, HTTP and pages alike: one document, one path.

Reads what the analytics need and hands it to them; knows no figures of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from analytics.stops import listed, stop_pieces, surroundings
from analytics.stops_document import stops_document
from analytics.stops_reasons import explained
from api.queries import Queries
from domain.time import Window


@dataclass(frozen=True, slots=True)
class StopsQuestion:
    """How the document is asked for. `level` of the reason tree (None: the reasons as given),
    `language` of its names."""

    level: int | None = None
    language: str = "en"

    def parameters(self) -> dict[str, str]:
        """As the query string of `GET lines/{line}/stops` has it."""
        level = {} if self.level is None else {"level": str(self.level)}
        return {"lang": self.language, **level}


DEFAULT_QUESTION = StopsQuestion()


def stops(
    queries: Queries, line_id: str, window: Window, question: StopsQuestion = DEFAULT_QUESTION
) -> dict[str, Any]:
    """The stop document of the window (analytics.stops_document). Raises NotFoundError for an
    unknown line, InputError for a question that cannot be asked."""
    plant, line = queries.line(line_id)
    around = surroundings(line, window, queries.now())
    intervals = queries.states(line_id, around)
    said = queries.registry.line_corrections(line_id).in_force
    pieces = stop_pieces(intervals, line.minor_stop_s, line.chatter_s, window, said)
    rows = explained(plant, listed(pieces))
    return stops_document(plant, line_id, window, rows, question.level, question.language)
