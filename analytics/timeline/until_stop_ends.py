"""How long a reason holds that people gave of a stop while it went on.

Such a correction (`until_stop_ends`) names the time up to when it was entered, and holds on until
the stop ends in which that instant lies: until the line does something else for `chatter_s` or
longer, and at most for REASON_HOLDS_MAX. What is done to stops by people (split, merge) changes
nothing here. Of a setup or maintenance it holds until that ends.

Behind unknown time nobody knows whether it is the same stop: there no reason is known, until
something else was seen for `chatter_s` or longer. An example with a chatter of 5 s, entered at 40:

    time       0          30     40       60         90        120            150
    state      producing  | stopped . . . | unknown  | stopped | producing    | stopped
    holds                        until 60              unsure from 90 to 120

>>> state = StateTrack(np.array([0, 30, 60, 90, 120, 150]) * 1_000_000, np.array(
...     [_PRODUCING, _STOPPED, UNKNOWN, _STOPPED, _PRODUCING, _STOPPED], dtype=np.int8))
>>> extent_of(state, 40_000_000, chatter_us=5_000_000)
Extent(until=60000000, unsure=(90000000, 120000000))
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.arrays import Flags
from analytics.timeline.halts import runs_of
from analytics.timeline.tracks import UNKNOWN, StateTrack
from domain.plant import REASON_HOLDS_MAX
from domain.states import STOP_STATES, MachineState
from domain.time import MICROSECOND

_HOLDS_MAX_US = REASON_HOLDS_MAX // MICROSECOND
_FOREVER = 2**61  # the lengths between must fit into a number
_STOPS = [state.code for state in STOP_STATES]
_STOPPED, _PRODUCING = MachineState.STOPPED.code, MachineState.PRODUCING.code
_ALONE = (MachineState.SETUP.code, MachineState.MAINTENANCE.code)


@dataclass(frozen=True, slots=True)
class Extent:
    """In microseconds: the reason holds `until` then; in [from, to) of `unsure` nobody knows."""

    until: int
    unsure: tuple[int, int]


def extent_of(state: StateTrack, entered: int, chatter_us: float) -> Extent:
    """Of what was said up to `entered`, which lies in no stop where nothing is seen of one."""
    place = int(state.times.searchsorted(entered, side="left")) - 1
    code = int(state.codes[place]) if place >= 0 else UNKNOWN
    apart_us = 1.0 if code in _ALONE else max(chatter_us, 1.0)
    of_it = state.codes == code if code in _ALONE else np.isin(state.codes, _STOPS)
    unknown = state.codes == UNKNOWN
    until = entered if code == UNKNOWN else _end_of(state, of_it, entered, apart_us)
    # Where nobody saw what it was, it may have been a setup: that goes on in no production either.
    other = state.codes == _PRODUCING if code == UNKNOWN else ~of_it & ~unknown
    over = max(_first(state, other, entered - 1, apart_us), until)
    known_again = _first(state, ~unknown, until, 1.0)
    last = entered + _HOLDS_MAX_US
    return Extent(min(until, last), (min(known_again, over, last), min(over, last)))


def _end_of(state: StateTrack, held: Flags, at: int, apart_us: float) -> int:
    """The end of the stretch that lies around the instant before `at`, short interruptions
    included; `at` itself where there is none."""
    begins, ends = runs_of(state, held)
    if not len(begins):
        return at
    new = np.append(True, begins[1:] - ends[:-1] >= apart_us)
    firsts = np.flatnonzero(new)
    begins, ends = begins[firsts], ends[np.append(firsts[1:], len(ends)) - 1]
    place = int(begins.searchsorted(at, side="left")) - 1
    return int(max(ends[place], at)) if place >= 0 else at


def _first(state: StateTrack, held: Flags, since: int, length_us: float) -> int:
    """The first instant from `since` on that lies where it holds for so long."""
    begins, ends = runs_of(state, held)
    found = begins[(ends > since) & (ends - begins >= length_us)]
    return int(max(found[0], since)) if len(found) else _FOREVER
