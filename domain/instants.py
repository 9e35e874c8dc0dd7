"""What holds at an instant of which a series says several things. Pure.

Exports write the old and the new state at each change, two systems tell one machine's state, a
clock of whole seconds has two items in one. Stores keep every different thing that was said, so
what arrived first is not known and does not matter: one rule over what was said decides.

- What a signal holds (state, mode, text, gauge): at one instant a value that merely repeats what
  was said before yields to one that is new. What is left is what holds. If that is several values,
  they contradict each other: nothing is known until the next instant. That a value cannot be used
  (bad, or unknown) is a thing to say as any other.
- A counter goes through all of its values of an instant, from the smallest to the largest. One
  that is out of line is found as anywhere else (analytics.facts.counters.increments). At its
  first instant it begins with the largest.

An example:

    time     08:00      09:00               10:00               11:00
    said     producing  producing, stopped  stopped, producing  idle, fault
    holds    producing  stopped             producing           unknown, a contradiction

What is left at an instant depends on what was left before, back to one at which one thing alone was
said. `what_is_left` gives what has to be known of all that.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from domain.samples import Quality
from domain.signals import SignalKind, signal_kind
from domain.states import MachineMode, MachineState

Micros = npt.NDArray[np.int64]
# The edge keeps the order of values of one instant by microseconds; after a restart it tells the
# last one again, at the instant itself. That contradicts the first one for a moment: no doubt.
_MOMENT_US = 1000
_FOREVER = np.iinfo(np.int64).max
_UNUSABLE = -1  # what says that nothing is known
_NOTHING = np.empty((0, 2), dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Settled:
    """What holds of a series. `samples` (HISTORY): one an instant, of a counter all that it went
    through. `contradictions`: begin and end of the time of which nothing is known because values
    contradict each other, shape (n, 2); the sample at the begin is bad and has no value. What
    lasts less than a millisecond is not worth telling."""

    samples: pl.DataFrame
    contradictions: Micros


def settled(signal: str, samples: pl.DataFrame, times: Micros) -> Settled:
    """What holds, from all that one series said: HISTORY rows sorted by time and content, and
    their times in microseconds."""
    if rise(times):
        return Settled(samples, _NOTHING)
    if signal_kind(signal) is SignalKind.COUNTER:
        return Settled(samples.filter(_gone_through(samples, times)), _NOTHING)
    crowd = _Crowd(signal, samples, times)
    chosen = crowd.firsts.copy()
    contradicted = np.zeros(len(chosen), dtype=np.bool_)
    for instant, left in crowd.left().items():
        contradicted[instant] = len(left) > 1
        chosen[instant] = crowd.row_of(instant, min(left))
    found = samples[chosen]
    begins = times[chosen[contradicted]]
    if not len(begins):
        return Settled(found, _NOTHING)
    mask = pl.Series(contradicted)
    found = found.with_columns(
        found["value"].set(mask, None),
        found["text"].set(mask, None),
        found["quality"].set(mask, int(Quality.BAD)),
    )
    ends = np.append(times[chosen], _FOREVER)[1:][contradicted]
    lasting = ends - begins >= _MOMENT_US
    return Settled(found, np.column_stack([begins, ends])[lasting])


def what_is_left(signal: str, samples: pl.DataFrame, times: Micros) -> pl.DataFrame:
    """Of the samples of the last instant of a series those that did not yield: in place of all
    that was said up to then they give the same from then on."""
    last = int(times.searchsorted(times[-1])) if len(times) else 0
    rows = samples[last:]
    if rows.height < 2 or signal_kind(signal) is SignalKind.COUNTER:
        return rows
    crowd = _Crowd(signal, samples, times)
    left = crowd.left()[len(crowd.firsts) - 1]
    return samples[[crowd.row_of(len(crowd.firsts) - 1, code) for code in sorted(left)]]


def rise(times: Micros) -> bool:
    """Whether each is later than the one before."""
    return bool((times[1:] > times[:-1]).all())


def says_something(samples: pl.DataFrame) -> pl.Series:
    """Of HISTORY or SAMPLES rows which are usable: neither bad nor without value and text."""
    says = samples["quality"] != Quality.BAD.value
    value, text = samples["value"], samples["text"]
    if value.has_nulls() and text.has_nulls():
        says &= value.is_not_null() | text.is_not_null()
    return says


class _Crowd:
    """A series with instants at which several things were said: instant k has the rows from
    firsts[k] to ends[k]; rows with the same code say the same."""

    def __init__(self, signal: str, samples: pl.DataFrame, times: Micros) -> None:
        self.firsts = np.flatnonzero(np.append(True, times[1:] > times[:-1]))
        self.ends = np.append(self.firsts[1:], len(times))
        self._codes: list[int] = _codes(signal, samples).tolist()

    def left(self) -> dict[int, set[int]]:
        """Of each instant with several rows what did not yield."""
        firsts, ends = self.firsts.tolist(), self.ends.tolist()
        left: dict[int, set[int]] = {}
        for instant in np.flatnonzero(self.ends - self.firsts > 1).tolist():
            said = set(self._codes[firsts[instant] : ends[instant]])
            before = left.get(instant - 1)
            if before is None:
                before = {self._codes[firsts[instant] - 1]} if instant else set()
            left[instant] = (said - before) or said
        return left

    def row_of(self, instant: int, code: int) -> int:
        """The first row of the instant that says this: of equal ones the best."""
        return self._codes.index(code, int(self.firsts[instant]))


def _codes(signal: str, samples: pl.DataFrame) -> npt.NDArray[np.int64]:
    """The same number for rows that say the same."""
    usable = samples["quality"].to_numpy() != Quality.BAD.value
    if signal == "mode" or signal_kind(signal) is SignalKind.TEXT:
        said = samples["text"]
        unknown = (said == MachineMode.UNKNOWN.value) & (signal == "mode")
        usable &= ~unknown.fill_null(value=True).to_numpy()
        codes = said.cast(pl.Categorical).to_physical().cast(pl.Int64).fill_null(0).to_numpy()
    else:
        value = samples["value"]
        usable &= value.is_not_null().to_numpy()
        if signal == "state":
            usable &= value.to_numpy() != MachineState.UNKNOWN.code
        codes = np.unique(value.fill_null(0.0).to_numpy(), return_inverse=True)[1]
    return np.where(usable, codes, _UNUSABLE)


def _gone_through(samples: pl.DataFrame, times: Micros) -> npt.NDArray[np.bool_]:
    """Which rows of a counter stay: of an instant with several every usable value once; one row
    where none is usable. The first instant only begins the count, with its largest value."""
    usable = says_something(samples).to_numpy()
    values = samples["value"].fill_null(np.nan).to_numpy()
    again = np.append(False, times[1:] == times[:-1])
    same = again & np.append(False, values[1:] == values[:-1]) & np.append(False, usable[:-1])
    firsts = np.flatnonzero(~again)
    useless = ~np.logical_or.reduceat(usable, firsts)
    keep: npt.NDArray[np.bool_] = usable & ~same
    keep[firsts[useless]] = True
    begin = np.flatnonzero(keep[: times.searchsorted(times[0], side="right")])
    keep[begin[:-1]] = False
    return keep
