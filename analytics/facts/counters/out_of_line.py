"""Readings of a counter that fit neither neighbour: they are not believed.

A zero while a gateway starts, a spike, half of a register, a lost digit, a sentinel such as
65,535: the reading before it and the one after it agree with each other, and what lies between
them does not. Nobody has to say what the machine can do, because the counter itself shows it:

    counter    1254.1   1254.6   1255.2      0     1256.1   1256.6
    rise           0.5      0.6                        0.5            what it does at other times
    believed                 |------ 0.9 -------|                     both neighbours agree
    refused                            |- 1256.1 -|                   a rise that it never makes

Up to `RUN_MAX` readings in a row are not believed where all of this holds:

- each is less than both neighbours or more than both;
- the neighbours agree: the counter stepped back a little at most between them, and rose by no more
  than ten times what it does in as much time, or by what the plan allows;
- to believe the readings one would have to believe a rise that is none of the counter's: more
  than twice what is typical of the `CONTEXT` steps on each side, or over the possible rate. Where
  it stood still on both sides, any rise is; where nothing is known of its steps, it is
  enough that the neighbours are within a tenth of each other and the readings are not.

Of a fall as few readings are refused as explain it. A single step back by a tenth (or one item)
that the next reading makes good is jitter, whatever the rises. So a reading's standing depends on
2 × `RUN_MAX` − 1 + `CONTEXT` readings on each side and on no others (`domain.signals.Reach` counts
on that).

>>> times, values = np.arange(6) * 600_000_000, np.array([4.1, 4.6, 5.2, 0.0, 6.1, 6.6]) + 1250
>>> values[3] = 0.0
>>> find_out_of_line(times, values, CounterRule(), None).readings.tolist()
[False, False, False, True, False, False]
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analytics.arrays import Flags, Floats, Indexes, Micros
from analytics.facts.counters.pace import SLACK_US, Pace, Rate, pace_around
from domain.plant import CounterRule

RUN_MAX = 3  # readings in a row
_AGREES, _TYPICAL = 10.0, 2.0  # times what the counter does
# A step back of a tenth, or of one item, is jitter unless it ends at zero.
_JITTER_SHARE = 0.1
_JITTER_ITEMS = 1.0


@dataclass(frozen=True, slots=True)
class OutOfLine:
    """Which readings are not believed, and of which of them a small step back is all."""

    readings: Flags
    jitters: Flags


@dataclass(frozen=True, slots=True)
class _Brackets:
    """Pairs of neighbours that may agree, and what lies between: shapes (pairs, readings)."""

    before: Indexes
    behind: Indexes
    between: npt.NDArray[np.int64]


def find_out_of_line(
    times: Micros, values: Floats, rule: CounterRule, rate: Rate | None
) -> OutOfLine:
    """Of a counter's samples (sorted, unique times)."""
    found = np.zeros(len(values), dtype=bool)
    jitters = np.zeros(len(values), dtype=bool)
    falls = np.flatnonzero(values[1:] < values[:-1])
    for count in range(1, RUN_MAX + 1):
        explained = np.zeros(len(falls), dtype=bool)
        for before in range(count + 1):  # so many of the readings stand before the fall
            of_fall, it = _brackets(values, falls - before, count)
            if not len(of_fall):
                continue
            refused = _agree(times, values, it, rule, rate)
            if count == 1 and before == 0 and not rule.job:
                small = is_small_step_back(values[it.before], values[it.before + 1])
                small &= values[it.behind] >= values[it.before]
                jitters[it.before[small] + 1] = True
                refused |= small
            found[it.between[refused]] = True
            explained[of_fall[refused]] = True
        falls = falls[~explained]
    return OutOfLine(found, jitters)


def is_small_step_back(before: Floats, after: Floats) -> Flags:
    small = np.maximum(_JITTER_SHARE * before, _JITTER_ITEMS)
    found: Flags = (after > 0) & (before > after) & (before - after <= small)
    return found


def _brackets(values: Floats, before: Indexes, count: int) -> tuple[Indexes, _Brackets]:
    """Those in which all readings between lie outside of what the neighbours span: the places in
    `before` that they have, and they themselves."""
    place = np.flatnonzero((before >= 0) & (before + count + 1 < len(values)))
    low, high = values[before[place]], values[before[place] + count + 1]
    place = place[(high >= low) | is_small_step_back(low, high)]
    first = before[place]
    between = first[:, None] + np.arange(1, count + 1)
    inner, ends = values[between], np.sort(values[np.column_stack([first, first + count + 1])])
    off = ((inner < ends[:, :1]) | (inner > ends[:, 1:])).all(axis=1)
    first = first[off]
    return place[off], _Brackets(first, first + count + 1, between[off])


def _agree(
    times: Micros, values: Floats, it: _Brackets, rule: CounterRule, rate: Rate | None
) -> Flags:
    """Where the neighbours agree, and the readings between them cannot be believed."""
    pace = pace_around(times, values, it.before, it.behind)
    start, rise = values[it.before], values[it.behind] - values[it.before]
    span = times[it.behind] - times[it.before]
    little = np.maximum(_JITTER_SHARE * np.abs(start), _JITTER_ITEMS)
    could = np.where(pace.is_known, _AGREES * pace.most_in(span), little)
    if rate is not None:
        could = np.maximum(could, rate.since_reset * (span + SLACK_US))
    near = (rise >= 0) & (rise <= little) & (start > 0) & (not rule.job)
    steps = np.column_stack([it.before, it.between])
    refuted = np.zeros(len(rise), dtype=bool)
    for step in steps.T:
        risen, lasted = values[step + 1] - values[step], times[step + 1] - times[step]
        refuted |= (risen > 0) & _is_none_of_its(risen, lasted, pace, start, rate)
        refuted |= ~pace.is_known & ~pace.is_still & near & (risen > little)
    found: Flags = (rise <= could) & refuted
    return found


def _is_none_of_its(
    risen: Floats, lasted: Micros, pace: Pace, start: Floats, rate: Rate | None
) -> Flags:
    """Whether a rise is more than the counter makes."""
    # From zero, and back to it: a reset explains that where the plan allows for the rise.
    still = (start > 0) | (rate is None or risen > rate.since_reset * lasted)
    over = np.where(
        pace.is_known, risen > _TYPICAL * pace.typical_in(lasted), pace.is_still & still
    )
    if rate is not None:
        over |= risen > rate.possible * (lasted + SLACK_US)
    return over
