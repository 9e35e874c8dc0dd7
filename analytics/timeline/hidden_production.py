"""Stretches in which production may be hidden: it ends a reason, and nobody saw whether it was.

Production ends the reason of the stop before it, unless it is chatter (`chatter_s`). In unknown
time there may have been some; together with known production beside it, if that is too short by
itself. But where the line's counter reads the same before such a stretch and behind it, nothing was
made in it: then the stop went on, as it mostly did where a connection dropped for some minutes.

An example with a chatter of 60 s, and the counter's readings:

    time       0       100          300        400     500         700
    state      stopped | unknown    | stopped  | prod. | unknown   | stopped
    counter    80                   80    80                    95       95

Nothing was made from 100 to 300, but something from 400 to 700. The first stretch is all that was
before.

>>> state = StateTrack(np.array([0, 100, 300, 400, 500, 700]) * 1_000_000,
...     np.array([_STOPPED, UNKNOWN, _STOPPED, _PRODUCING, UNKNOWN, _STOPPED], dtype=np.int8))
>>> stretches = unseen_stretches(state)
>>> (stretches[1:] // 1_000_000).tolist()
[[100, 300], [400, 700]]
>>> times = np.array([0, 300, 390, 650, 750]) * 1_000_000
>>> _reads_the_same(times, np.array([80.0, 80.0, 80.0, 95.0, 95.0]), stretches[1:]).tolist()
[True, False]
"""

from __future__ import annotations

import numpy as np
import polars as pl

from analytics.arrays import Flags, Floats, Indexes, Micros
from analytics.timeline.tracks import UNKNOWN, StateTrack, unusable
from domain.frames import LineHistory
from domain.plant import Line
from domain.states import MachineState

_STOPPED, _PRODUCING = MachineState.STOPPED.code, MachineState.PRODUCING.code
_EVER = 2**61  # the lengths between must fit into a number


def unseen_stretches(state: StateTrack) -> Micros:
    """The stretches [begin, end), shape (n, 2), sorted and apart, of unknown time and of production
    beside it, each with another known state behind it."""
    times, codes = np.append(-_EVER, state.times), np.append(np.int8(UNKNOWN), state.codes)
    begins, ends = _runs((codes == UNKNOWN) | (codes == _PRODUCING))
    unknown = np.append(0, np.cumsum(codes == UNKNOWN))
    kept = (unknown[ends] > unknown[begins]) & (ends < len(times))  # else it goes on
    return np.stack([times[begins[kept]], times[ends[kept]]], axis=1)


def may_hide_production(
    line: Line, history: LineHistory, state: StateTrack, stretches: Micros
) -> Flags:
    """In which of these ends of unseen stretches (shape (n, 2)) a production may have begun that
    is no chatter."""
    since, ends = stretches[:, 0], stretches[:, 1]
    times, codes = np.append(-_EVER, state.times), np.append(np.int8(UNKNOWN), state.codes)
    unknown_from, known_from = (np.append(times, _EVER)[it] for it in _runs(codes == UNKNOWN))
    next_unknown = np.append(unknown_from, _EVER)[known_from.searchsorted(since, side="right")]
    found = (next_unknown < ends) & (ends - since >= max(line.chatter_s * 1e6, 1.0))
    if not found.any():
        return np.asarray(found)
    made_nothing = [
        _reads_the_same(*_readings(history, machine, count), stretches)
        for machine, count in _counters(line, history)
    ]
    return np.asarray(found & ~np.all(made_nothing, axis=0) if made_nothing else found)


def _runs(held: Flags) -> tuple[Indexes, Indexes]:
    """The places at which runs begin, and those behind them."""
    turns = np.flatnonzero(np.diff(np.concatenate([[False], held, [False]])))
    return turns[::2], turns[1::2]


def _counters(line: Line, history: LineHistory) -> list[tuple[str, str]]:
    """Machines and counters that together count each item, good or not; none if there are none."""
    total, good, reject = (
        line.roles.get(it) for it in ("total_count", "good_count", "reject_count")
    )
    for machine in filter(None, (total, good)):  # the second may count all items instead
        if not history.series(machine, "total_count").is_empty():
            return [(machine, "total_count")]
    if good is None or reject is None:
        return []
    return [(good, "good_count"), (reject, "reject_count")]


def _readings(history: LineHistory, machine: str, count: str) -> tuple[Micros, Floats]:
    samples = history.series(machine, count)
    samples = samples.filter(~unusable(samples))
    return samples["time"].cast(pl.Int64).to_numpy(), samples["value"].to_numpy()


def _reads_the_same(times: Micros, values: Floats, stretches: Micros) -> Flags:
    """Whether the last reading before each stretch and the first one behind it are the same."""
    before = times.searchsorted(stretches[:, 0], side="right") - 1
    behind = times.searchsorted(stretches[:, 1], side="left")
    read = np.append(values, np.nan)  # −1 and one too far are the last: never the same
    return np.asarray(read[before] == read[np.minimum(behind, len(values))])
