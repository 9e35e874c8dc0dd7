"""A day's facts from its history alone, and which batches belong to a day by their headers.

What must be opened is decided twice: the plant hands over what the day's facts are computed from;
who checks that sees no sample beforehand, so it goes by what agents signed in the headers. A batch
that an agent sealed on the day must be there, so that the plant cannot leave out what does not suit
it. Imported history is sealed by the plant's own node when it is imported: its headers tell no day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

import polars as pl

from analytics.facts.line_facts import line_facts
from domain.batch_header import BatchHeader
from domain.corrections import Correction
from domain.frames import STATE_COLUMNS
from domain.plant import Plant
from domain.states import Plan
from domain.time import Window, instant
from lineproof.history_import.sealing_agent import AGENT as IMPORTER
from store.history.line_history import line_history
from store.history.neighbours import HistoryReader


@dataclass(frozen=True, slots=True)
class LineDay:
    """A local day of a line, and from when to when it is."""

    line: str
    day: date
    window: Window


def line_days(drawn: Mapping[str, Sequence[date]], zone: ZoneInfo) -> list[LineDay]:
    return [
        LineDay(line, day, Window.of_days(day, day, zone))
        for line, days in sorted(drawn.items())
        for day in sorted(days)
    ]


def facts_of_day(
    reader: HistoryReader, plant: Plant, of: LineDay, corrections: Sequence[Correction]
) -> pl.DataFrame:
    """FACTS of the day. `corrections`: those of the line that are in force."""
    start, end = of.window.start, of.window.end
    history = line_history(reader, of.line, start, end, corrections)
    return line_facts(plant, of.line, history, start, end)


def production_days(facts: pl.DataFrame) -> list[date]:
    """The days of FACTS that had planned busy time, or on which anything was made outside it."""
    planned = (pl.col("plan") == Plan.BUSY.value) & (pl.sum_horizontal(STATE_COLUMNS) > 0)
    made = pl.any_horizontal(
        pl.col(it).fill_null(0) > 0 for it in ("producing_us", "total_count", "good_count")
    )
    return facts.filter(planned | made)["day"].unique().sort().to_list()


def is_sealed_on(header: BatchHeader, of: LineDay) -> bool:
    """Whether an agent sealed samples of the line on that day, or confirmed a machine of it from
    then on or until then."""
    if header.agent == IMPORTER or not header.samples or not _is_of(header, of.line):
        return False
    times = [instant(header.sealed_at)]
    for line, _, start, end in header.spans:
        if line == of.line:
            times += [instant(start), instant(end)]
    return any(of.window.start <= it < of.window.end for it in times)


def _is_of(header: BatchHeader, line: str) -> bool:
    """Most headers say of which lines they have anything; one that does not may be of any."""
    told = {it.partition("/")[0] for it in header.profiles} | {it[0] for it in header.spans}
    return not told or line in told
