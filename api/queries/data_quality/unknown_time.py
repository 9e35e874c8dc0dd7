"""When a machine was not heard, and what its agent said of that. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from api.queries.source_faults import UNCONNECTED
from domain.source_faults import SourceFault, from_text
from domain.time import Window

Report = tuple[datetime, str]  # when an agent told the text of all faults of a machine


@dataclass(frozen=True, slots=True)
class UnknownTime:
    """In `window` the machine was not confirmed alive. `causes`: what its agent said of that; of
    an agent that was away itself there is nothing."""

    window: Window
    causes: tuple[SourceFault, ...]


def unknown_times(
    spans: Iterable[tuple[datetime, datetime]], window: Window, reports: Sequence[Report]
) -> list[UnknownTime]:
    """The parts of the window outside of the spans. Both spans (from, until) and reports are
    sorted by time; spans may touch each other."""
    return [UnknownTime(it, _causes(it, reports)) for it in _between(spans, window)]


def _between(spans: Iterable[tuple[datetime, datetime]], window: Window) -> Iterator[Window]:
    known_until = window.start
    for start, end in spans:
        if known_until < min(start, window.end):
            yield Window(known_until, min(start, window.end))
        known_until = max(known_until, end)
    if known_until < window.end:
        yield Window(known_until, window.end)


def _causes(gap: Window, reports: Sequence[Report]) -> tuple[SourceFault, ...]:
    """Of the first report within the gap that says why nothing came; else of the last one before,
    where it says so: an agent tells only what changed."""
    within = [text for at, text in reports if gap.start <= at <= gap.end]
    before = [text for at, text in reports if at < gap.start][-1:]
    for text in (*within, *before):
        found = tuple(it for it in from_text(text) if it.code in UNCONNECTED)
        if found:
            return found
    return ()


def faults_told(reports: Iterable[Report]) -> list[SourceFault]:
    """Each fault once, as it was told last, in the order in which they were told first."""
    found: dict[tuple[str, str, str], SourceFault] = {}
    for _, text in reports:
        for it in from_text(text):
            found[it.code, it.subject, it.status] = it
    return list(found.values())
