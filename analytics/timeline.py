"""Tracks: what was true of a line at each instant, from samples and confirmed spans.

A track is a step function: sorted change times (µs) with the value that holds from there. A
state holds until the next good sample of that signal, but only inside the machine's confirmed
spans; a bad sample, a gap between spans and the time before the first sample are unknown. The
time after the last span is unknown too, except that a live line (`now` given) is trusted for
`stale_after_s` after its last sign of life. That a sign was the last one, only a history can
tell that reaches to now: see `needed_until`.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt
import polars as pl

from analytics.calendar import plan_segments
from domain.frames import UTC_US, LineHistory
from domain.plant import Line, Plant
from domain.samples import Quality
from domain.states import MachineMode, MachineState
from domain.time import micros

Micros = npt.NDArray[np.int64]
UNKNOWN = MachineState.UNKNOWN.code

# Columns of `state_intervals`: a partition of the window, cut also where plan, mode, order or
# reason change. `order` is null without an order signal and "" when no order is active; `reason`
# is null from when production begins until the machine gives the next one: no stop inherits
# the reason of the one before, however long the machine repeats it.
STATE_INTERVALS = pl.Schema(
    {
        "start": UTC_US,
        "end": UTC_US,
        "state": pl.String(),
        "mode": pl.String(),
        "order": pl.String(),
        "reason": pl.String(),
        "plan": pl.String(),
        "shift": pl.String(),
        "shift_start": UTC_US,
    }
)
# Roles that, when not assigned, are looked for on the machine that gives the state.
_BESIDE_STATE = frozenset({"mode", "order", "product", "stop_reason"})


@dataclass(frozen=True, slots=True)
class StateTrack:
    """times[i] ≤ τ < times[i+1]: machine state codes[i]; before times[0]: unknown."""

    times: Micros
    codes: npt.NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class TextTrack:
    """Like StateTrack with texts (String); before times[0]: null."""

    times: Micros
    texts: pl.Series

    def at(self, instants: Micros) -> pl.Series:
        """The text that holds at each instant, shape (len(instants),)."""
        if not len(self.times):
            return pl.repeat(None, len(instants), dtype=pl.String, eager=True)
        index = pl.Series(np.searchsorted(self.times, instants, side="right") - 1)
        return self.texts.gather(index.set(index < 0, None))


def needed_until(line: Line, end: datetime, now: datetime) -> datetime:
    """How far a history must reach for the line's states up to `end` as of `now`.

    A span that ends before `end` is trusted until now only if none came after it: a line that
    was heard again later was unknown in between.
    """
    return now if end < now <= end + timedelta(seconds=line.stale_after_s) else end


def role_machine(line: Line, role: str) -> str | None:
    """The machine that plays the role; mode, order, product and reason default to the state's."""
    machine = line.roles.get(role)
    if machine is None and role in _BESIDE_STATE:
        return line.roles.get("state")
    return machine


def series(history: LineHistory, machine: str | None, signal: str) -> pl.DataFrame:
    """The samples of one signal, sorted by time: a slice, because a history is sorted."""
    return _run(_run(history.samples, "machine", machine or ""), "signal", signal)


def _run(frame: pl.DataFrame, column: str, value: str) -> pl.DataFrame:
    """The rows of a frame sorted by `column` where it holds `value`."""
    # By bisection over single values: a search by polars costs more than the few that it reads.
    values = frame[column]
    first = bisect_left(values, value)
    return frame.slice(first, bisect_right(values, value, lo=first) - first)


def state_track(line: Line, history: LineHistory, now: datetime | None = None) -> StateTrack:
    """The line's state over the whole reach of the history."""
    machine = line.roles.get("state")
    samples = series(history, machine, "state")
    times = samples["time"].to_physical().to_numpy()
    useless = (samples["quality"] == Quality.BAD.value) | samples["value"].is_null()
    values = samples["value"].set(useless, UNKNOWN) if useless.any() else samples["value"]
    codes = values.to_numpy().astype(np.int8)
    begins, ends = _known(line, machine, history, now)
    return StateTrack(*_masked(times, codes, begins, ends))


def text_track(line: Line, history: LineHistory, signal: str) -> TextTrack:
    """A text or mode signal of the line, e.g. order, product, stop_reason, mode."""
    samples = series(history, role_machine(line, signal), signal)
    if samples.is_empty():
        return TextTrack(np.empty(0, dtype=np.int64), samples["text"])
    samples = samples.filter(pl.col("quality") != Quality.BAD.value)
    texts = samples["text"]
    if signal == "mode":
        texts = texts.set(texts == MachineMode.UNKNOWN.value, None)
    return TextTrack(samples["time"].to_physical().to_numpy(), texts)


def state_intervals(
    plant: Plant,
    line_id: str,
    history: LineHistory,
    start: datetime,
    end: datetime,
    now: datetime | None = None,
) -> pl.DataFrame:
    """STATE_INTERVALS of the line for [start, end); adjoining equal ones are one."""
    line = plant.lines[line_id]
    state = state_track(line, history, now)
    texts = {name: text_track(line, history, name) for name in ("mode", "order", "stop_reason")}
    plan = plan_segments(line.calendar, plant.zone, start, end)
    plan_starts = plan["start"].to_physical().to_numpy()
    cuts = np.concatenate([state.times, plan_starts, *(track.times for track in texts.values())])
    first, last = micros(start), micros(end)
    begins = sorted_unique(np.append(cuts[(cuts > first) & (cuts < last)], first))
    which = np.searchsorted(plan_starts, begins, side="right") - 1
    frame = pl.DataFrame(
        {
            "start": begins,
            "end": np.append(begins[1:], last),
            "state": states_at(state, begins),
            "mode": texts["mode"].at(begins),
            "order": texts["order"].at(begins),
            "reason": _own_reasons(texts["stop_reason"], state, begins),
            **{name: plan[name].gather(which) for name in ("plan", "shift", "shift_start")},
        }
    ).with_columns(
        pl.col("start", "end").cast(UTC_US),
        pl.col("state").replace_strict(
            list(range(len(MachineState))), list(MachineState.names()), return_dtype=pl.String
        ),
    )
    return _joined(frame.select(STATE_INTERVALS.names()))


def _own_reasons(reasons: TextTrack, state: StateTrack, begins: Micros) -> pl.Series:
    """The reason at each instant, null where production began after it was given."""
    produces = state.codes == MachineState.PRODUCING.code
    onsets = state.times[produces & ~np.concatenate([np.zeros(1, bool), produces])[:-1]]
    # Put before everything: there is no reason, and no production, at the beginning of time.
    never = np.iinfo(np.int64).min
    given = np.append(reasons.times, never)[np.searchsorted(reasons.times, begins, "right") - 1]
    produced = np.append(onsets, never)[np.searchsorted(onsets, begins, "right") - 1]
    return reasons.at(begins).set(pl.Series(given < produced), None)


def sorted_unique(instants: Micros) -> Micros:
    """The instants in order, each once (np.unique, which hashes, takes three times as long)."""
    ordered = np.sort(instants)
    return np.asarray(ordered[np.diff(ordered, prepend=ordered[:1] - 1) > 0])


def states_at(track: StateTrack, instants: Micros) -> npt.NDArray[np.int8]:
    """The state code that holds at each instant."""
    if not len(track.times):
        return np.full(len(instants), UNKNOWN, dtype=np.int8)
    index = np.searchsorted(track.times, instants, side="right") - 1
    return np.where(index >= 0, track.codes[np.maximum(index, 0)], np.int8(UNKNOWN))


def _joined(frame: pl.DataFrame) -> pl.DataFrame:
    what = [name for name in frame.columns if name not in ("start", "end")]
    return (
        frame.with_columns(pl.struct(what).rle_id().alias("run"))
        .group_by("run", maintain_order=True)
        .agg(pl.col("start").first(), pl.col("end").last(), pl.col(what).first())
        .select(frame.columns)
    )


def _known(
    line: Line, machine: str | None, history: LineHistory, now: datetime | None
) -> tuple[Micros, Micros]:
    """Begins and ends of the machine's confirmed stretches."""
    spans = history.spans.filter(pl.col("machine") == (machine or "")).sort("start")
    if now is not None and spans.height:
        last = spans["end"][-1]
        if last < now <= last + timedelta(seconds=line.stale_after_s):
            spans = spans.with_columns(
                pl.when(pl.col("end") == last)
                .then(pl.lit(now, dtype=UTC_US))
                .otherwise(pl.col("end"))
                .alias("end")
            )
    return spans["start"].to_physical().to_numpy(), spans["end"].to_physical().to_numpy()


def _masked(
    times: Micros, codes: npt.NDArray[np.int8], begins: Micros, ends: Micros
) -> tuple[Micros, npt.NDArray[np.int8]]:
    """The step function with `unknown` laid over everything outside [begins, ends).

    Samples outside every span are kept as what holds when the next span begins.
    """
    moments: list[Micros] = [np.empty(0, dtype=np.int64)]
    states: list[npt.NDArray[np.int8]] = [np.empty(0, dtype=np.int8)]
    first = np.searchsorted(times, begins, side="left").tolist()
    last = np.searchsorted(times, ends, side="left").tolist()
    for begin, end, low, high in zip(begins, ends, first, last, strict=True):
        if low == len(times) or times[low] != begin:
            moments.append(np.array([begin]))
            states.append(codes[low - 1 : low] if low else np.array([UNKNOWN], dtype=np.int8))
        moments += [times[low:high], np.array([end])]
        states += [codes[low:high], np.array([UNKNOWN], dtype=np.int8)]
    return np.concatenate(moments), np.concatenate(states)
