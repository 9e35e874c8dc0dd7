"""Which stops ask people for a reason, and how many of a shift's have none.

A stop asks for one if it lasted as long as the line's `minor_stop_s`, and its state does not say
itself why it stood: one that waited for another machine (starved, blocked) was held up by that one.
Reasons that machines told count as those that people gave. Where more than DOUBTFUL_SHARE of the
stops that ask for a reason have none, the causes of the shift's losses are not known well enough to
act on ("we know our data isn't reliable": Factbird, Operator View).
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from analytics.stops.stop_list import STOPS
from domain.frames import check
from domain.states import STOP_STATES, MachineState

DOUBTFUL_SHARE = 0.04
_HELD_UP_BY_OTHERS = {MachineState.STARVED, MachineState.BLOCKED}
_ASKING = sorted(state.value for state in STOP_STATES - _HELD_UP_BY_OTHERS)


@dataclass(frozen=True, slots=True)
class MissingReasons:
    """Of the stops that ask for a reason, `asking`, those that have none, `missing`."""

    missing: int
    asking: int

    @property
    def share(self) -> float | None:
        """None where no stop asks for one."""
        return self.missing / self.asking if self.asking else None

    @property
    def is_doubtful(self) -> bool:
        return (self.share or 0.0) > DOUBTFUL_SHARE


def asks_for_reason() -> pl.Expr:
    """Which rows of STOPS ask for a reason, given or not."""
    return (pl.col("category") == "major") & pl.col("state").is_in(_ASKING)


def missing_reasons(stops: pl.DataFrame) -> MissingReasons:
    """Of STOPS. A stop that breaks or borders of shifts cut into several rows is one, and counts
    where its first row stands."""
    check(stops.select(STOPS.names()), STOPS, "stops")
    asking = stops.filter(asks_for_reason() & ~pl.col("continued"))
    return MissingReasons(asking["reason"].null_count(), asking.height)
