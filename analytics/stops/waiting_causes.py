"""First causes along a line: which machine held up the others.

The material flows through `Line.sequence`. A blocked machine waits for the nearest machine
downstream that stood when the waiting began, or at most a lag before; machines in between that are
blocked themselves are passed over. For a starved machine the same holds upstream:

    machine       filler   capper    labeller   packer
    state         blocked  blocked   blocked    fault
    waits for     packer   packer    packer     (it stands itself)

Where no machine stood, the question is put once more a moment later: of two machines that are
polled, the waiting one may be heard first. Where the search ends at a machine that did nothing
wrong, or beyond the line, the cause is external; where it ends at a machine whose state is
unknown, the cause is unknown. So every second of waiting has exactly one cause, and no machine is
blamed for waiting on another.

A machine stands where it neither produces nor waits: fault, stopped, idle, off, and also setup
and maintenance. All times are planned busy time inside the window; the instant at which a waiting
began may lie outside of both, as far back as the tracks reach.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
import numpy.typing as npt
import polars as pl

from analytics.arrays import Micros, sorted_unique
from analytics.calendar.planned_time import plan_segments
from analytics.timeline.tracks import StateTrack, state_track, states_at
from domain.frames import UTC_US, LineHistory, check
from domain.plant import Line, Plant
from domain.states import MachineState, Plan
from domain.time import Window, micros

DEFAULT_LAG_S = 5.0  # so long before a machine waits its cause may have stood
_APART_MAX_US = 2_000_000  # clocks and polling of two machines may be apart so far

WAITS = pl.Schema(
    {
        "machine": pl.String(),
        "start": UTC_US,  # when the waiting began; may be before the window
        "end": UTC_US,
        "waited": pl.String(),  # blocked, starved
        "duration_s": pl.Float64(),  # in planned busy time inside the window
        "cause": pl.String(),  # a machine of the sequence; null where it is none of them
        "origin": pl.String(),  # machine, external, unknown
    }
)
SHARES = pl.Schema(
    {
        "machine": pl.String(),
        "own_stop_s": pl.Float64(),
        "caused_s": pl.Float64(),  # waiting of others
        "waited_s": pl.Float64(),  # for other machines of the line
        "waited_external_s": pl.Float64(),  # for something outside the line
        "waited_unknown_s": pl.Float64(),
        "unknown_s": pl.Float64(),  # the machine's state is unknown
    }
)
_PRODUCING, _BLOCKED, _STARVED, _STANDING, _UNKNOWN = range(5)
_GROUPS = {
    MachineState.PRODUCING: _PRODUCING,
    MachineState.BLOCKED: _BLOCKED,
    MachineState.STARVED: _STARVED,
    MachineState.UNKNOWN: _UNKNOWN,
}
_GROUP_OF = np.array([_GROUPS.get(state, _STANDING) for state in MachineState])
_WAITING = ((_BLOCKED, MachineState.BLOCKED, 1), (_STARVED, MachineState.STARVED, -1))


@dataclass(frozen=True, slots=True)
class FirstCauses:
    """WAITS in order of time and machine, SHARES in order of the sequence."""

    waits: pl.DataFrame
    shares: pl.DataFrame


@dataclass(frozen=True, slots=True)
class _Runs:
    """Maximal stretches of one group: [starts[i], ends[i]) is of groups[i]; they adjoin."""

    starts: Micros
    ends: Micros
    groups: npt.NDArray[np.int64]

    def of(self, group: int) -> tuple[Micros, Micros]:
        mine = self.groups == group
        return self.starts[mine], self.ends[mine]

    def was(self, group: int, instants: Micros, lag_us: int) -> npt.NDArray[np.bool_]:
        """Whether it was of the group at each instant or not longer than the lag before."""
        starts, ends = self.of(group)
        last = np.searchsorted(starts, instants, side="right") - 1
        if not len(starts):
            return np.zeros(len(instants), dtype=bool)
        return (last >= 0) & (ends[np.maximum(last, 0)] > instants - lag_us)


def machine_tracks(
    line: Line, history: LineHistory, now: datetime | None = None
) -> dict[str, StateTrack]:
    """The states of every machine of the sequence over the whole reach of the history."""
    return {
        machine: state_track(replace(line, roles={"state": machine}), history, now)
        for machine in line.sequence
    }


def first_causes(
    plant: Plant,
    line_id: str,
    tracks: Mapping[str, StateTrack],
    since: datetime,
    window: Window,
    lag_s: float = DEFAULT_LAG_S,
) -> FirstCauses:
    """Which machine waited for which inside the window, from the tracks of `machine_tracks`.

    `since`: from where on the tracks are looked at (not after the window's start). A waiting
    that began before it is judged as if it began there.
    """
    line = plant.lines[line_id]
    busy = _BusyTime(line, plant, window)
    until = micros(window.end) + _APART_MAX_US
    runs = [_runs(tracks[machine], micros(since), until) for machine in line.sequence]
    parts = [
        _waits(line.sequence, runs, index, waiting, round(lag_s * 1e6), busy)
        for index in range(len(runs))
        for waiting in _WAITING
    ]
    waits = pl.concat([WAITS.to_frame(), *parts]).sort("start", "machine", "end")
    shares = pl.DataFrame(list(_shares(line.sequence, runs, waits, busy)), schema=SHARES)
    return FirstCauses(check(waits, WAITS, "waits"), shares)


class _BusyTime:
    """Planned busy time inside a window that ends at `end`, in microseconds."""

    def __init__(self, line: Line, plant: Plant, window: Window) -> None:
        plan = plan_segments(line.calendar, plant.zone, window.start, window.end)
        starts = plan["start"].to_physical().to_numpy()
        self._edges = np.append(starts, micros(window.end))
        self._busy = (plan["plan"] == Plan.BUSY.value).to_numpy().astype(np.int64)
        self.end = int(self._edges[-1])
        self._before = np.concatenate([[0], np.cumsum(np.diff(self._edges) * self._busy)])

    def inside(self, starts: Micros, ends: Micros) -> Micros:
        """How much of each [start, end)."""
        return self._until(ends) - self._until(starts)

    def _until(self, instants: Micros) -> Micros:
        at = np.clip(instants, self._edges[0], self._edges[-1])
        which = np.minimum(np.searchsorted(self._edges, at, side="right") - 1, len(self._busy) - 1)
        done: Micros = self._before[which] + (at - self._edges[which]) * self._busy[which]
        return done


def _runs(track: StateTrack, first: int, last: int) -> _Runs:
    inside = track.times[(track.times > first) & (track.times < last)]
    starts = sorted_unique(np.append(inside, first))
    groups = _GROUP_OF[states_at(track, starts)]
    new = np.diff(groups, prepend=-1) != 0
    starts, groups = starts[new], groups[new]
    return _Runs(starts, np.append(starts[1:], last), groups)


def _waits(
    sequence: Sequence[str],
    runs: Sequence[_Runs],
    index: int,
    waiting: tuple[int, MachineState, int],
    lag_us: int,
    busy: _BusyTime,
) -> pl.DataFrame:
    """WAITS of one machine and one kind of waiting."""
    group, state, step = waiting
    starts, ends = runs[index].of(group)
    lasting = busy.inside(starts, ends)
    starts, ends, lasting = starts[lasting > 0], ends[lasting > 0], lasting[lasting > 0]
    others = range(index + step, len(sequence) if step > 0 else -1, step)
    cause, origin = _asked(runs, others, group, starts, lag_us)
    later = np.minimum(starts + min(lag_us, _APART_MAX_US), ends - 1)
    cause_later, origin_later = _asked(runs, others, group, later, lag_us)
    found = (origin == "external") & (origin_later == "machine")
    cause[found], origin[found] = cause_later[found], "machine"
    names = pl.Series(sequence, dtype=pl.String)
    return pl.DataFrame(
        {
            "machine": pl.repeat(sequence[index], len(starts), eager=True),
            "start": pl.Series(starts, dtype=pl.Int64).cast(UTC_US),
            "end": pl.Series(np.minimum(ends, busy.end), dtype=pl.Int64).cast(UTC_US),
            "waited": pl.repeat(state.value, len(starts), eager=True),
            "duration_s": pl.Series(lasting / 1e6, dtype=pl.Float64),
            "cause": names.gather(pl.Series(cause).set(pl.Series(cause < 0), None)),
            "origin": pl.Series(origin.tolist(), dtype=pl.String),
        }
    )


def _asked(
    runs: Sequence[_Runs], others: range, group: int, instants: Micros, lag_us: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.object_]]:
    """At each instant the index of the machine that caused the wait (−1: none), and the origin."""
    cause = np.full(len(instants), -1)
    origin = np.full(len(instants), "external", dtype=object)
    asking = np.ones(len(instants), dtype=bool)
    for other in others:
        stood = asking & runs[other].was(_STANDING, instants, lag_us)
        cause[stood], origin[stood] = other, "machine"
        asking &= ~stood
        passed_on = runs[other].was(group, instants, lag_us)
        origin[asking & ~passed_on & runs[other].was(_UNKNOWN, instants, 0)] = "unknown"
        asking &= passed_on
    return cause, origin


def _shares(
    sequence: Sequence[str], runs: Sequence[_Runs], waits: pl.DataFrame, busy: _BusyTime
) -> Iterator[dict[str, object]]:
    """Rows of SHARES."""

    def waited(of: pl.Expr) -> float:
        return float(waits.filter(of)["duration_s"].sum())

    for machine, run in zip(sequence, runs, strict=True):
        mine = pl.col("machine") == machine
        own, unknown = (busy.inside(*run.of(group)).sum() for group in (_STANDING, _UNKNOWN))
        yield {
            "machine": machine,
            "own_stop_s": own / 1e6,
            "caused_s": waited(pl.col("cause") == machine),
            "waited_s": waited(mine & (pl.col("origin") == "machine")),
            "waited_external_s": waited(mine & (pl.col("origin") == "external")),
            "waited_unknown_s": waited(mine & (pl.col("origin") == "unknown")),
            "unknown_s": unknown / 1e6,
        }
