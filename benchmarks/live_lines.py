"""Lines that were running before the benchmark and go on running: made up, the same each time.

Rules: what a line did in any stretch of time is a function of seed and time alone, so history
and live samples fit each other, and whoever sees a count knows when it was read. A line runs
for two to five minutes of every six and then stops; its counters advance while it runs and are
read once a period, each line at its own moment.

Example, a period of 5 s, two lines: line 0 is read at :00, :05, :10 …, line 1 at :02.5, :07.5 …
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from domain.frames import SAMPLES, UTC_US
from domain.states import MachineState

MACHINE = "m"
REASON = "jam"
WEIGHT = "measurement.fill-weight"
_CYCLE_US = 360_000_000  # runs, then stops
_RUNS_US = (120_000_000, 300_000_000)  # of a cycle
_ITEM_US = 500_000
_ITEMS_A_REJECT = 50
_ITEMS_A_KWH = 1000
_STOPS = (MachineState.STOPPED, MachineState.FAULT, MachineState.IDLE, MachineState.SETUP)
_WEIGHT_G, _SPREAD_G = 76.0, 0.6
_SCATTER = 2_654_435_761
_Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Story:
    """Which lines, from when to when (µs) they can be asked for, and how often they are read."""

    lines: tuple[str, ...]
    start_us: int
    end_us: int
    period_us: int
    seed: int = 0
    weighs: bool = False  # whether each reading weighs an item too


class LiveLines:
    """What the lines of a story did."""

    def __init__(self, story: Story) -> None:
        self.story = story
        random = np.random.default_rng(story.seed)
        cycles = (story.end_us - story.start_us) // _CYCLE_US + 2
        shape = (len(story.lines), cycles)
        # Not all at once: the cycles of the lines begin one after the other.
        moments = _CYCLE_US * np.arange(len(story.lines)) // len(story.lines)
        self._origins = story.start_us - _CYCLE_US + moments
        self._runs = random.integers(*_RUNS_US, shape)
        self._stops = random.integers(0, len(_STOPS), shape)
        self._ran = np.cumsum(self._runs, axis=1) - self._runs  # before each cycle

    def samples(self, start_us: int, end_us: int) -> pl.DataFrame:
        """SAMPLES of all lines in [start, end), sorted by time."""
        frames = [self._states(start_us, end_us), *self._readings(start_us, end_us)]
        return pl.concat(frames).sort("time", maintain_order=True)

    def counts(self, number: int, start_us: int, end_us: int) -> list[tuple[int, int]]:
        """The readings of one line's total_count: when (µs), and the count."""
        at = self._times(number, start_us, end_us)
        totals = self._run_us(np.full(len(at), number), at) // _ITEM_US
        return list(zip(at.tolist(), totals.tolist(), strict=True))

    def _states(self, start_us: int, end_us: int) -> pl.DataFrame:
        first = (start_us - int(self._origins.max())) // _CYCLE_US
        last = (end_us - int(self._origins.min())) // _CYCLE_US
        cycles = np.arange(max(0, first), min(last + 1, self._runs.shape[1]))
        begins = self._origins[:, None] + cycles * _CYCLE_US
        ends = begins + self._runs[:, cycles]
        numbers = np.broadcast_to(np.arange(len(self._runs))[:, None], begins.shape)
        stops = np.array([state.code for state in _STOPS])[self._stops[:, cycles]]
        runs = np.full(begins.shape, MachineState.PRODUCING.code)
        line = np.concatenate([numbers.ravel(), numbers.ravel()])
        at = np.concatenate([begins.ravel(), ends.ravel()])
        code = np.concatenate([runs.ravel(), stops.ravel()])
        inside = (at >= start_us) & (at < end_us)
        names = pl.Series(MachineState.names()).gather(code[inside])
        frame = self._frame("state", line[inside], at[inside], code[inside], names)
        faults = frame.filter(pl.col("text") == MachineState.FAULT.value)
        reasons = faults.with_columns(
            signal=pl.lit("stop_reason"), value=pl.lit(None, pl.Float64), text=pl.lit(REASON)
        )
        return pl.concat([frame, reasons])

    def _readings(self, start_us: int, end_us: int) -> Iterator[pl.DataFrame]:
        times = [self._times(number, start_us, end_us) for number in range(len(self._runs))]
        line = np.repeat(np.arange(len(times)), [len(at) for at in times])
        at = np.concatenate(times)
        run_us = self._run_us(line, at)
        items = run_us // _ITEM_US
        yield self._frame("total_count", line, at, items)
        yield self._frame("reject_count", line, at, items // _ITEMS_A_REJECT)
        yield self._frame("energy", line, at, np.round(run_us / _ITEM_US / _ITEMS_A_KWH, 3))
        if self.story.weighs:
            scatter = at // 1000 * _SCATTER % 1000 / 500 - 1  # -1 to 1, the same for the same time
            yield self._frame(WEIGHT, line, at, np.round(_WEIGHT_G + scatter * _SPREAD_G, 3))

    def _times(self, number: int, start_us: int, end_us: int) -> _Ints:
        period = self.story.period_us
        moment = period * number // len(self._runs)
        return np.arange(start_us + (moment - start_us) % period, end_us, period)

    def _run_us(self, line: _Ints, at: _Ints) -> _Ints:
        """How long the line has run up to then."""
        cycle, within = np.divmod(at - self._origins[line], _CYCLE_US)
        return self._ran[line, cycle] + np.minimum(within, self._runs[line, cycle])

    def _frame(
        self,
        signal: str,
        line: _Ints,
        at: _Ints,
        value: npt.ArrayLike,
        text: pl.Series | None = None,
    ) -> pl.DataFrame:
        times = pl.Series(at, dtype=pl.Int64).cast(UTC_US)
        return (
            pl.DataFrame(
                {
                    "line": pl.Series(self.story.lines).gather(line),
                    "time": times,
                    "received": times,
                    "value": pl.Series(np.asarray(value, dtype=float)),
                    "text": pl.Series([None], dtype=pl.String).new_from_index(0, len(at))
                    if text is None
                    else text,
                }
            )
            .select(
                "line",
                pl.lit(MACHINE).alias("machine"),
                pl.lit(signal).alias("signal"),
                "time",
                "received",
                "value",
                "text",
                pl.lit(0, pl.UInt8).alias("quality"),
                pl.lit(None, pl.String).alias("raw"),
            )
            .cast(SAMPLES)
        )
