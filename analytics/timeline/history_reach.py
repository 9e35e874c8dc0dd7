"""Whether a history reaches far enough for what is to be derived from it.

How far that is stands in `domain.signals.Reach`. Who reads a history is to read that far; where
he did not, the figures would be wrong without a word, so the history is refused. An example: a
history for 10:00 to 11:00, and a counter with samples at 09:52, 10:03 and 10:58.

    history from    10:00    refused: what production or stop began shortly before is not known
                    09:58    refused: what was counted from 09:52 to 10:03 cannot be shared out
                    09:52    enough

What a history has of the time beyond its ends (single samples) cannot be checked: that none is
there may be true.
"""

from __future__ import annotations

from datetime import datetime

from analytics.arrays import Micros
from domain.frames import LineHistory
from domain.signals import REACH_MARGIN, Reach, reach_of
from domain.time import MICROSECOND, micros


def check_reach(history: LineHistory, start: datetime, end: datetime) -> None:
    """Raises ValueError where the history does not reach as far as [start, end) needs: that is
    a mistake of the program, not of its user."""
    if start - history.start < REACH_MARGIN or history.end - end < REACH_MARGIN:
        raise _too_short(history, start, end, f"{REACH_MARGIN} more on each side")
    known = micros(history.start), micros(history.end)
    for machine, signal in history.all_series:
        reach = reach_of(signal)
        if reach.whole:
            rows = history.rows_of(machine, signal)
            times = history.times[rows.start : rows.stop]
            if times[0] >= known[0] and times[-1] < known[1]:
                continue  # nothing is from beyond the history
            usable = times[history.usable[rows.start : rows.stop]]
            if not _is_whole(usable, reach, known, (micros(start), micros(end))):
                raise _too_short(history, start, end, f"all to the nearest {signal} of '{machine}'")


def _is_whole(times: Micros, reach: Reach, known: tuple[int, int], window: tuple[int, int]) -> bool:
    """Whether the nearest usable samples that count are within what is known, on both sides.

    >>> import numpy as np
    >>> counts, counter = np.array([52, 63, 118]), reach_of("total_count")
    >>> _is_whole(counts, counter, (58, 130), (60, 120))
    False
    >>> _is_whole(counts, counter, (52, 130), (60, 120))
    True

    Nothing was counted across 119, so it does not matter what was before:

    >>> _is_whole(counts, counter, (118, 130), (119, 120))
    True
    """
    low, high = times.searchsorted(window).tolist()
    before = int(times[low - 1]) if low and reach.before else None
    after = int(times[high]) if high < len(times) and reach.after else None
    if reach.increments:
        before, after = before if low < len(times) else None, after if high else None
    if before is not None and reach.whole_max is not None:
        before = before if window[0] - before <= reach.whole_max // MICROSECOND else None
    return (before is None or before >= known[0]) and (after is None or after < known[1])


def _too_short(history: LineHistory, start: datetime, end: datetime, needed: str) -> ValueError:
    return ValueError(
        f"the history of line '{history.line}' is from {history.start} to {history.end}; for what "
        f"was from {start} to {end} it needs {needed} (domain.signals.Reach)"
    )
