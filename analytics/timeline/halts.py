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

>>> halts = Halts(np.array([50_000_000]), np.array([200_000_000]))
>>> times, codes = np.array([70_000_000, 130_000_000]), np.array([0, 1], dtype=np.int32)
>>> reached = reach_back(times, codes, codes >= 0, halts)
>>> [it.tolist() for it in reached]
[[50000000, 130000000], [0, 1]]
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analytics.arrays import Flags, Micros
from analytics.timeline.onsets import onsets
from analytics.timeline.tracks import StateTrack, TextCodes
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
    """Halt i is [begins[i], ends[i]); sorted, apart from each other."""

    begins: Micros
    ends: Micros

    def begin_within_reach(self, at: int) -> int | None:
        """When the halt began that lasts then, if that is near enough."""
        place = int(self.begins.searchsorted(at, side="right")) - 1
        if place < 0 or at >= self.ends[place] or at - self.begins[place] > _REACH_US:
            return None
        return int(self.begins[place])


def halts_of(line: Line, state: StateTrack, corrections: Sequence[Correction]) -> Halts:
    """The line's halts; splits and merges count as in the list of stops."""
    recut = [it for it in corrections if it.kind in (CorrectionKind.SPLIT, CorrectionKind.MERGE)]
    stopped = np.isin(state.codes, _STOPS)
    begins = onsets(state.times, stopped, line.chatter_s * 1e6, recut)
    run_begins, run_ends = _runs(state, stopped)
    following = np.append(begins[1:], _FOREVER)[: len(begins)]
    last_run = run_begins.searchsorted(following, side="left") - 1
    stops = Halts(begins, np.minimum(run_ends[last_run], following))
    found = [stops]
    for code in _ALONE:
        first, end = _runs(state, state.codes == code)
        apart = ~_inside(stops, first)  # a moment of setup in a stop is chatter
        found.append(Halts(first[apart], end[apart]))
    every = np.concatenate([it.begins for it in found])
    order = np.argsort(every, kind="stable")
    return Halts(every[order], np.concatenate([it.ends for it in found])[order])


def _inside(stops: Halts, instants: Micros) -> Flags:
    """At which instants a stop lasts."""
    if not len(stops.begins):
        return np.zeros(len(instants), dtype=np.bool_)
    place = stops.begins.searchsorted(instants, side="right") - 1
    return (place >= 0) & (instants < stops.ends[place])


def _runs(state: StateTrack, held: Flags) -> tuple[Micros, Micros]:
    """Begins and ends of the runs in which it holds."""
    turns = np.flatnonzero(np.diff(np.concatenate([[False], held, [False]])))
    times = np.append(state.times, _FOREVER)
    return times[turns[::2]], times[turns[1::2]]


def reach_back(
    times: Micros, codes: TextCodes, is_reason: Flags, halts: Halts
) -> tuple[Micros, TextCodes]:
    """The step function of reasons (sorted, unique times) as halts have them; `is_reason`: which
    of its values are one."""
    first = times.searchsorted(halts.begins, side="right")
    last = times.searchsorted(np.minimum(halts.begins + _REACH_US + 1, halts.ends), side="left")
    moved, kept = times.copy(), np.ones(len(times), dtype=bool)
    for halt in np.flatnonzero(last > first).tolist():
        given = np.flatnonzero(is_reason[first[halt] : last[halt]])
        if not len(given):
            continue
        told, begin = int(first[halt] + given[-1]), halts.begins[halt]
        kept[first[halt] : told] = False
        if first[halt] and times[first[halt] - 1] == begin:
            kept[first[halt] - 1] = False
        moved[told] = begin
    return moved[kept], codes[kept]
