"""Unheard time: when a counter that the line has said nothing, so nobody knows what it counted.

A count that was never heard is unknown, not zero. A counter says something from its first usable
sample on: what lies between two samples, the later one tells. Before the first sample nothing is
known, and nothing after the last one where the counter cannot be heard: its machine is not
confirmed, or it gave an unusable sample. Where it could be heard and told nothing, it stood still;
but total, good items and energy cannot stand still for long while the line produces, so then
nobody knows either. A silence of no more than `tolerance` (`stale_after_s`, or two cycles of a slow
line) is tolerated, because counts come less often than states; so is one of no more than twice the
time between the counter's two nearest samples, because some are read every ten minutes only. It is
quiet time: no count is missing for it, but what was counted in it is not known, so it opens the
bounds.

A counter that was reset lost what it had counted until then: so the time between its samples is
unheard or, where it was silent no longer than usual, quiet.

An hour in which a counter was heard at all has what it told; its silence only opens the bounds.

An example: a line that produces from 08:00 to 11:00, and a counter that was heard from 08:30 to
09:59:30. The silence of 30 s is tolerated:

    cell              08:00–09:00   09:00–10:00   10:00–11:00
    unheard               1800 s           0 s        3600 s
    quiet                    0 s          30 s           0 s
    heard at all             yes           yes            no
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from analytics.arrays import Flags, Floats, Indexes, Micros
from analytics.facts.cells import Cells, time_in
from analytics.timeline.tracks import UNKNOWN, StateTrack, masked, unusable
from domain.frames import LineHistory
from domain.signals import REACH_MARGIN
from domain.states import MachineState
from domain.time import MICROSECOND

_PRODUCING = (MachineState.PRODUCING.code,)
_NOT_PRODUCING = tuple(
    state.code for state in MachineState if state.code not in (UNKNOWN, *_PRODUCING)
)
_INTERVALS = 2
_EVER = 2**61  # the lengths between must fit into a number
_ENERGY = "energy"
# In which states a counter may stand still for long.
_MAY_STAND_STILL = {
    "reject_count": _PRODUCING,
    "rework_count": _PRODUCING,
    _ENERGY: _NOT_PRODUCING,
}


@dataclass(frozen=True, slots=True)
class Hearing:
    """Where a counter could be heard: while its machine was confirmed, [begins[i], ends[i]).
    `unusable`: when it gave a sample that cannot be used."""

    begins: Micros
    ends: Micros
    unusable: Micros

    def silences(self, longer_us: float) -> Iterable[tuple[int, int]]:
        """When it could not be heard for longer than that. A silence counts with its whole length,
        and one that lasts for longer than a history must reach always: so any part of a history
        reads as the whole."""
        ends, begins = np.append(-_EVER, self.ends), np.append(self.begins, _EVER)
        long = begins - ends > min(longer_us, REACH_MARGIN // MICROSECOND)
        return zip(ends[long].tolist(), begins[long].tolist(), strict=True)

    @property
    def breaks(self) -> Micros:
        """When it could no longer be heard, sorted."""
        return np.sort(np.concatenate([self.ends, self.unusable]))


def hearing_of(history: LineHistory, machine: str, role: str) -> Hearing:
    spans = history.spans
    mine = (spans["machine"] == machine).to_numpy()
    begins, ends = (spans[name].cast(pl.Int64).to_numpy()[mine] for name in ("start", "end"))
    samples = history.series(machine, role)
    times = samples["time"].cast(pl.Int64).to_numpy()
    return Hearing(begins, ends, times[unusable(samples)])


@dataclass(frozen=True, slots=True)
class Unheard:
    """Of one counter, by cell: seconds in which it was not heard, whether it was at all, and
    seconds of silences that are tolerated."""

    seconds: Floats
    heard: Flags
    quiet: Floats


@dataclass(frozen=True, slots=True)
class Listening:
    """The cells in which counters are listened to. `may_be_unknown`: cells whose unknown time
    counts too (outside the plan); `tolerance_us`: by cell; `stale_us`: `stale_after_s`."""

    cells: Cells
    may_be_unknown: Flags
    tolerance_us: Floats
    stale_us: float

    def to(self, role: str, times: Micros, resets: Indexes, hearing: Hearing) -> Unheard:
        """What was not heard of the counter of that role, whose usable samples are at `times`;
        `resets`: the pairs of them between which it was reset."""
        edges = self.cells.edges
        starts, ends = edges[:-1], edges[1:]
        if not len(times):
            never = self._may(role, starts, ends)
            none = np.zeros(len(starts))
            return Unheard(never / 1e6, none > 0, none)
        first, last = times[0], times[-1]
        before = self._may(role, starts, np.clip(first, starts, ends))
        after, unconfirmed = self._after(role, times, hearing, last)
        awaited, soon = self._is_tolerated(times)
        if role == _ENERGY and len(times) == 1:  # nothing says how much it draws
            awaited, soon = awaited & (before == 0), soon & (after == 0)
        lost, lost_soon = self._before_resets(role, times, resets)
        silent = np.where(awaited, 0, before) + np.where(soon, 0, after) + lost
        quiet = np.where(awaited, before, 0) + np.where(soon, after, 0) + unconfirmed + lost_soon
        touched = (first < ends) & (soon | (last > starts))
        heard = touched | ((first < ends) & (silent == 0))
        return Unheard(silent / 1e6, heard, quiet / 1e6)

    def quiet_between(
        self, role: str, times: Micros, resets: Indexes, hearing: Hearing, others: Micros
    ) -> Floats:
        """Of its quiet seconds, by cell, those between the first and the last of the samples of
        another counter: what that one told of them, this one did not judge. In unknown time of the
        plan, which is never unheard, also all that was before its first sample."""
        starts, ends = self.cells.edges[:-1], self.cells.edges[1:]
        if not len(times) or not len(others):
            return np.zeros(len(starts))
        awaited, soon = self._is_tolerated(times)
        first = np.clip(times[0], starts, ends)
        begin = np.minimum(np.clip(others[0], starts, ends), first)
        end = max(int(others[-1]), int(times[-1]))
        before = self._may(role, begin, first)
        after, unconfirmed = self._after(role, times, hearing, times[-1])
        beyond, still_beyond = self._after(role, times, hearing, end)
        between = np.where(awaited, before, 0) + np.where(soon, after - beyond, 0)
        between = between + unconfirmed - still_beyond
        low, high = (np.clip(at, starts, ends) for at in (times[-1], end))
        unknown = time_in(self.cells.state, (UNKNOWN,), begin, first)
        unknown = unknown + np.where(soon, time_in(self.cells.state, (UNKNOWN,), low, high), 0)
        between = between + np.where(self.may_be_unknown, 0, unknown)
        return (between + self._before_resets(role, times, resets)[1]) / 1e6

    def _is_tolerated(self, times: Micros) -> tuple[Flags, Flags]:
        """In which cells the silence before the first sample is, and the one behind the last."""
        starts, ends = self.cells.edges[:-1], self.cells.edges[1:]
        awaited = (times[0] < ends) & (times[0] - starts <= self._tolerated(times[:2]))
        return awaited, ends <= times[-1] + self._tolerated(times[-2:])

    def told_nothing(self, times: Micros) -> tuple[Flags, Flags]:
        """The cells before a counter's first usable sample, of `times`, and those behind its last
        one whose silence is longer than one that is tolerated."""
        starts, ends = self.cells.edges[:-1], self.cells.edges[1:]
        if not len(times):
            return np.ones(len(starts), dtype=np.bool_), np.zeros(len(starts), dtype=np.bool_)
        _, soon = self._is_tolerated(times)
        return times[0] >= ends, (starts >= times[-1]) & ~soon

    def gone(self, times: Micros, hearing: Hearing) -> Flags:
        """The cells behind a counter's last usable sample, of `times`, in which it could not be
        heard for a while, whatever the line did."""
        starts, ends = self.cells.edges[:-1], self.cells.edges[1:]
        if not len(times):
            return np.ones(len(starts), dtype=np.bool_)
        last = int(times[-1])
        found: Flags = np.zeros(len(starts), dtype=np.bool_)
        for lost, back in hearing.silences(self.stale_us):
            if back > last:
                found |= (ends > max(lost, last)) & (starts < back)
        broken = hearing.unusable[hearing.unusable > last]
        return found | (ends > broken[0]) if len(broken) else found

    def _before_resets(self, role: str, times: Micros, resets: Indexes) -> tuple[Micros, Micros]:
        """Of the time in which a counter was reset: what it had counted until then is lost. The
        next sample tells what came since, so of a silence no longer than usual it is little: the
        time of long silences, and that of such."""
        starts, ends = self.cells.edges[:-1], self.cells.edges[1:]
        lost, lost_soon = (np.zeros(len(starts), dtype=np.int64) for _ in range(2))
        lengths = np.diff(times)
        for pair in resets.tolist():
            beside = lengths[max(pair - 1, 0) : pair + 2].tolist()
            beside.remove(lengths[pair])
            usual_us = max([self.stale_us, *(_INTERVALS * it for it in beside)])
            begin, end = (np.clip(at, starts, ends) for at in times[pair : pair + 2])
            found = lost if lengths[pair] > usual_us else lost_soon
            found += self._may(role, begin, end)
        return lost, lost_soon

    def _tolerated(self, two: Micros) -> Floats:
        """How long a counter may be silent beside its two nearest samples."""
        return np.maximum(self.tolerance_us, _INTERVALS * float(two[-1] - two[0]))

    def _may(self, role: str, low: Micros, high: Micros) -> Micros:
        """The time that may have counted something: all of it, of energy."""
        if role == _ENERGY:
            return high - low
        unknown: Micros = time_in(self.cells.state, (UNKNOWN,), low, high) * self.may_be_unknown
        return time_in(self.cells.state, _PRODUCING, low, high) + unknown

    def _unconfirmed_until(self, times: Micros, hearing: Hearing) -> int:
        """Until when nobody knows whether a counter that may stand still did so: if it could no
        longer be heard a moment after its last sample, it may not have come to tell the next."""
        last = int(times[-1])
        later = hearing.breaks[hearing.breaks > last]
        beside = np.maximum(self.stale_us, _INTERVALS * int(times[-1] - times[-2:][0]))
        return int(later[0]) if len(later) and later[0] - last <= beside else last

    def _after(
        self, role: str, times: Micros, hearing: Hearing, since: int
    ) -> tuple[Micros, Micros]:
        """The time from then on, behind the last sample, in which the counter was not heard; and in
        which it is believed to have stood still, and may not have come to tell otherwise."""
        starts, ends = self.cells.edges[:-1], self.cells.edges[1:]
        last = times[-1]
        low = np.clip(since, starts, ends)
        silent = self._may(role, low, ends)
        if role not in _MAY_STAND_STILL or not silent.any():
            return silent, np.zeros(len(starts), dtype=np.int64)
        broken = hearing.unusable[hearing.unusable > last]
        high = np.maximum(low, np.minimum(ends, broken[0])) if len(broken) else ends
        until = np.clip(self._unconfirmed_until(times, hearing), low, high)
        state = self.cells.state
        heard = StateTrack(*masked(state.times, state.codes, hearing.begins, hearing.ends))
        may = _MAY_STAND_STILL[role]
        return silent - time_in(heard, may, low, high), time_in(heard, may, low, until)


def balanced_silences(of: Mapping[str, Unheard | None]) -> dict[str, Floats | None]:
    """Seconds in which total, good and reject were not heard: of any two the third follows, in each
    cell in which it was not heard itself."""
    roles = ("total_count", "good_count", "reject_count")
    found: dict[str, Floats | None] = {}
    for role in roles:
        own = of[role]
        others = [of[other] for other in roles if other != role]
        following = [it for it in others if it is not None]
        if len(following) < len(others):
            found[role] = None if own is None else own.seconds
            continue
        follows = np.maximum(following[0].seconds, following[1].seconds)
        both = following[0].heard & following[1].heard
        if own is None:
            found[role] = follows
        else:
            found[role] = np.where(own.heard | ~both, own.seconds, follows)
    return found
