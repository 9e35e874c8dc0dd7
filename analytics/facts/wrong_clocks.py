"""Where the clock of a machine was wrong while the line's figures came from it.

The agent says so (`domain.signals.CLOCK`), from the first source time that it did not believe until
a while after the last one. What was told meanwhile stands at its receipt: nearly right, but not by
the machine's own time. An example, with small numbers for the microseconds:

    time      0      10     13     20     30
    clock     right  |ahead |right
    cells     |------|------|------|------|
    flagged             x

>>> said = np.array([0, 11, 13]), ["", "ahead", ""]
>>> overlapping(*said, np.array([0, 10, 20, 30])).tolist()
[False, True, False]
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from analytics.arrays import Flags, Micros
from domain.frames import LineHistory
from domain.plant import Line
from domain.signals import CLOCK


def is_clock_wrong(line: Line, history: LineHistory, edges: Micros) -> Flags:
    """Which cells [edges[k], edges[k + 1]) have an instant at which the clock of a machine that
    plays a role in the line was wrong."""
    found = np.zeros(len(edges) - 1, dtype=bool)
    for machine in sorted(set(line.roles.values())):
        rows = history.rows_of(machine, CLOCK)
        if len(rows):
            texts = history.samples["text"][rows.start : rows.stop].to_list()
            found |= overlapping(history.times[rows.start : rows.stop], texts, edges)
    return found


def overlapping(times: Micros, texts: Sequence[str | None], edges: Micros) -> Flags:
    """Which cells touch a stretch in which a text that is not empty holds."""
    holds = np.array([bool(text) for text in texts])
    begins, ends = times[holds], np.append(times[1:], np.iinfo(np.int64).max)[holds]
    begun = np.searchsorted(begins, edges[1:], side="left")
    ended = np.searchsorted(ends, edges[:-1], side="right")
    return np.asarray(begun > ended)
