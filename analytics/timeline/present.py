"""What a line does at one instant, since when, and why: read off its tracks.

    09:00        09:20   09:31          at = 09:40
      |  producing |  stopped  ...         |
                   `- since                `- state "stopped", since 09:20

Pure: the history must reach to `at`; how far it reaches back bounds what can be said of `since`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from analytics.timeline.reasons import reason_track
from analytics.timeline.tracks import StateTrack, state_track, states_at
from domain.corrections import Correction, CorrectionKind
from domain.frames import LineHistory
from domain.plant import Line, Plant
from domain.states import MachineState
from domain.time import instant, micros

_ENDING = (MachineState.PRODUCING.code, MachineState.UNKNOWN.code)  # of a stop


@dataclass(frozen=True, slots=True)
class Present:
    """`since` None: longer than the history reaches back. `reason`: of a stop; else None."""

    state: MachineState
    since: datetime | None
    reason: str | None


def present(plant: Plant, line: Line, history: LineHistory, at: datetime) -> Present:
    """What the line does just before `at`, as known then."""
    track = state_track(line, history, at)
    last = micros(at) - 1
    code = int(states_at(track, np.array([last]))[0])
    state = list(MachineState)[code]
    since = _since(track, code, micros(history.start), last)
    halted = state not in (MachineState.PRODUCING, MachineState.UNKNOWN)
    reason = _reason(plant, line, history, track, at) if halted else None
    return Present(state, None if since is None else instant(since), reason)


def last_said(corrections: tuple[Correction, ...]) -> Correction | None:
    """The last reason that people gave of the line's time."""
    return next((it for it in reversed(corrections) if it.kind is CorrectionKind.REASON), None)


def _since(track: StateTrack, code: int, first: int, last: int) -> int | None:
    """When the state that holds at `last` began (µs); None where that is before `first`."""
    times, codes = track.times, track.codes
    upto = int(np.searchsorted(times, last, side="right"))
    other = np.flatnonzero(codes[:upto] != code)
    if len(other):
        began = int(times[other[-1] + 1])
    elif upto and code != MachineState.UNKNOWN.code:
        began = int(times[0])  # before it nothing is known
    else:
        return None
    return began if began > first else None


def _reason(
    plant: Plant, line: Line, history: LineHistory, track: StateTrack, at: datetime
) -> str | None:
    """Of the stop that goes on, as the list of stops has it: the last one that people gave of
    it, also where they named the time up to then only; or else what the machine says."""
    said = last_said(history.corrections)
    if said is not None and history.start <= said.end <= at and _goes_on(line, track, said.end, at):
        return said.reason
    reasons = reason_track(plant, line, history, track)
    reason: str | None = reasons.at(np.array([micros(at) - 1]))[0]
    return reason or None


def _goes_on(line: Line, track: StateTrack, start: datetime, at: datetime) -> bool:
    """Whether one stop holds from `start` to `at`: no longer production, nothing unknown."""
    first, last = micros(start), micros(at)
    inside = (track.times > first) & (track.times < last)
    begins = np.append(first, track.times[inside])
    lasts = np.append(begins[1:], last) - begins >= line.chatter_s * 1e6
    return not (np.isin(states_at(track, begins), _ENDING) & lasts).any()
