"""Halts: stretches in which a line does not produce for one reason, and how that reaches back.

A halt is a stop as the list of stops has it (`analytics.stops.stop_list`), a setup or a
maintenance. Machines and people say why a moment after it began. A reason that comes within
REASON_REACHES_BACK of the begin, while the halt lasts, holds from its begin on; of several the last
one. Later ones hold from when they are given. No reason reaches into the halt before.

An example with a reach of 60, in seconds:

    time       0    10              50              100
    state      producing            stopped . . . . . . . . . . . . producing
    told                                 70: jam        130: no cups
    holds                           jam . . . . . . . . no cups . .

>>> seen = np.array([False])  # neither begin nor end is beside unknown time
>>> halts = Halts(np.array([50_000_000]), np.array([200_000_000]), seen, seen)
>>> times, codes = np.array([70_000_000, 130_000_000]), np.array([0, 1], dtype=np.int32)
>>> reached = reach_back(times, codes, codes >= 0, halts, lost=np.int32(2))
>>> [it.tolist() for it in reached]
[[50000000, 130000000], [0, 1]]
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from analytics.arrays import Flags, Micros
from analytics.timeline.onsets import onsets
from analytics.timeline.tracks import UNKNOWN, StateTrack, TextCodes, within
from domain.corrections import Correction, CorrectionKind
from domain.plant import REASON_REACHES_BACK, Line
from domain.states import STOP_STATES, MachineState
from domain.time import MICROSECOND

_REACH_US = REASON_REACHES_BACK // MICROSECOND
_FOREVER = np.iinfo(np.int64).max
_STOPS = [state.code for state in STOP_STATES]
_ALONE = (MachineState.SETUP.code, MachineState.MAINTENANCE.code)


@dataclass(frozen=True, slots=True)
class Halts:
    """Halt i is [begins[i], ends[i]); sorted, apart from each other. `unsure_begins`: it may have
    begun before, in unknown time; `cut_off`: it may have gone on in unknown time, and a reason may
    have been told there that reaches back."""

    begins: Micros
    ends: Micros
    unsure_begins: Flags
    cut_off: Flags

    def undoubted(self) -> Halts:
        """The same as if they began and ended where they were seen to."""
        none = np.zeros(len(self.begins), dtype=np.bool_)
        return replace(self, unsure_begins=none, cut_off=none)

    def within_reach(self, at: int) -> int | None:
        """The halt that lasts then, if its begin is near enough."""
        place = int(self.begins.searchsorted(at, side="right")) - 1
        if place < 0 or at >= self.ends[place] or at - self.begins[place] > _REACH_US:
            return None
        return place


def halts_of(line: Line, state: StateTrack, corrections: Sequence[Correction]) -> Halts:
    """The line's halts; splits and merges count as in the list of stops."""
    recut = [it for it in corrections if it.kind in (CorrectionKind.SPLIT, CorrectionKind.MERGE)]
    stopped = np.isin(state.codes, _STOPS)
    begins = onsets(state.times, stopped, line.chatter_s * 1e6, recut)
    run_begins, run_ends = runs_of(state, stopped)
    following = np.append(begins[1:], _FOREVER)[: len(begins)]
    last_run = run_begins.searchsorted(following, side="left") - 1
    stops = begins, np.minimum(run_ends[last_run], following)
    found = [stops]
    for code in _ALONE:
        first, end = runs_of(state, state.codes == code)
        apart = ~within(first, np.stack(stops, axis=1))  # a moment of setup in a stop is chatter
        found.append((first[apart], end[apart]))
    every = np.concatenate([first for first, _ in found])
    order = np.argsort(every, kind="stable")
    begins, ends = every[order], np.concatenate([end for _, end in found])[order]
    return Halts(begins, ends, *_beside_unknown(state, begins, ends, line.chatter_s * 1e6))


def _beside_unknown(
    state: StateTrack, begins: Micros, ends: Micros, chatter_us: float
) -> tuple[Flags, Flags]:
    """Which halts a stop in unknown time before them, or behind them, would be joined to."""
    unknown_from, known_from = runs_of(state, state.codes == UNKNOWN)
    unknown_from = np.append(unknown_from, _FOREVER)
    known_from = np.append(state.times[:1], known_from)
    near_us = max(chatter_us, 1.0)
    since_us = begins - known_from[known_from.searchsorted(begins, side="right") - 1]
    until_us = unknown_from[unknown_from.searchsorted(ends, side="left")] - ends
    return since_us < near_us, (until_us < near_us) & (ends - begins <= _REACH_US)


def runs_of(state: StateTrack, held: Flags) -> tuple[Micros, Micros]:
    """Begins and ends of the runs in which it holds."""
    turns = np.flatnonzero(np.diff(np.concatenate([[False], held, [False]])))
    times = np.append(state.times, _FOREVER)
    return times[turns[::2]], times[turns[1::2]]


def reach_back(
    times: Micros, codes: TextCodes, is_reason: Flags, halts: Halts, lost: np.int32
) -> tuple[Micros, TextCodes]:
    """The step function of reasons (sorted, unique times) as halts have them; `is_reason`: which
    of its values are one; `lost`: the code of a reason that nobody knows."""
    first = times.searchsorted(halts.begins, side="right")
    last = times.searchsorted(np.minimum(halts.begins + _REACH_US + 1, halts.ends), side="left")
    moved, kept = times.copy(), np.ones(len(times), dtype=bool)
    unsure_begins = []
    for halt in np.flatnonzero(last > first).tolist():
        given = np.flatnonzero(is_reason[first[halt] : last[halt]])
        if not len(given):
            continue
        begin, from_first = halts.begins[halt], int(first[halt])
        told = from_first + int(given[-1])
        if halts.unsure_begins[halt]:
            while told > from_first and codes[told - 1] == codes[told]:
                told -= 1
            if told and codes[told - 1] == codes[told]:
                continue  # the same was said before
            unsure_begins.append(begin)
        else:
            moved[told] = begin
        kept[from_first:told] = False
        if from_first and times[from_first - 1] == begin:
            kept[from_first - 1] = False
    moments = np.concatenate([moved[kept], np.array(unsure_begins, dtype=np.int64)])
    order = np.argsort(moments, kind="stable")
    unsure = np.full(len(unsure_begins), lost, dtype=np.int32)
    return moments[order], np.concatenate([codes[kept], unsure])[order]
