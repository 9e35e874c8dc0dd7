"""When a line's machines are confirmed alive, and when one of them is silent for too long.

A machine is confirmed inside the spans that its agent tells. A live line (`now` given) is trusted
for `stale_after_s` after its machine's last sign of life, unless the connection is known to be lost
since. Nobody has to be heard all the time: a pause up to `stale_after_s` is no silence.

An example, in seconds, with `stale_after_s` 60:

    time        0       100     130     200            500
    confirmed   |--------|       |-------|              |----
    silent                               |--------------|
"""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import polars as pl

from analytics.arrays import Micros
from domain.frames import LineHistory
from domain.plant import Line
from domain.signals import CONNECTION, LOST, REACH_MARGIN
from domain.time import MICROSECOND, micros

CONFIRMED_AHEAD_MAX = timedelta(minutes=5)  # an agent's clock may differ so much from a node's
_NEVER = -(2**61)  # before all time; the lengths between must fit into a number


def confirmed(
    line: Line, machine: str | None, history: LineHistory, now: datetime | None
) -> tuple[Micros, Micros]:
    """Begins and ends of the machine's confirmed stretches."""
    spans = history.spans
    mine = (spans["machine"] == (machine or "")).to_numpy()
    begins, ends = (spans[name].cast(pl.Int64).to_numpy()[mine] for name in ("start", "end"))
    if now is not None and len(ends):
        silent_us = micros(now) - int(ends[-1])
        trusted = 0 < silent_us <= line.stale_after_s * 1e6
        if trusted and not is_lost_since(history, machine or "", int(ends[-1])):
            ends = np.append(ends[:-1], micros(now))
    return begins, ends


def silent_stretches(
    line: Line, machine: str | None, history: LineHistory, now: datetime | None
) -> Micros:
    """Begin and end of each silence, shape (n, 2), also before the first and after the last sign
    of life.

    A silence counts with its whole length, also where a border cuts it; one that lasts for longer
    than a history must reach is always too long, so that any part of a history reads as the whole.
    """
    begins, ends = confirmed(line, machine, history, now)
    silent_from, silent_until = np.append(_NEVER, ends), np.append(begins, -_NEVER)
    limit_us = min(line.stale_after_s * 1e6, REACH_MARGIN // MICROSECOND)
    too_long = silent_until - silent_from > limit_us
    found: Micros = np.stack([silent_from, silent_until], axis=1)[too_long]
    return found


def is_ahead(confirmed: datetime, now: datetime) -> bool:
    """Whether a machine is confirmed alive until a time to come: the clock of its agent is ahead,
    so it says nothing of the present."""
    return confirmed - now > CONFIRMED_AHEAD_MAX


def is_lost_since(history: LineHistory, machine: str, confirmed_us: int) -> bool:
    """Whether the agent said that the machine's connection was lost, and nothing has confirmed the
    machine since: that it is connected again does not, for what it did meanwhile is not known."""
    rows = history.rows_of(machine, CONNECTION)
    if not rows:
        return False
    first = rows.start + int(history.times[rows.start : rows.stop].searchsorted(confirmed_us))
    return LOST in history.samples["text"][first : rows.stop]
