"""Tracks: what was true of a line at each instant, from samples and confirmed spans.

A track is a step function: sorted times of change (µs), each with the value that holds from then. A
state holds until the next good sample of that signal, but only inside the machine's confirmed
spans; a bad sample, a gap between spans and the time before the first sample are unknown; so is all
time in which the machine's mode was told and cannot be used, because the mode decides whether a
machine that runs produces (analytics.methods). A bad sample ends texts and modes too, and so does
a silence of the machine that tells them, where that is not the one that tells the state. The
time after the last span is unknown too, but for a live line (`analytics.timeline.confirmation`).
Whether a sign of life was the last one, only a history that reaches to now can tell: see
`analytics.timeline.state_intervals.needed_until`.

An example, with small numbers for the microseconds: two samples, and two confirmed spans between
which the machine was not heard.

    time       0         10        15      20        30
    samples    producing                   fault
    spans      |---------|          |----------------|
    track      producing | unknown  | prod. | fault  | unknown

>>> producing, fault = MachineState.PRODUCING.code, MachineState.FAULT.code
>>> samples = np.array([0, 20]), np.array([producing, fault], dtype=np.int8)
>>> times, codes = masked(*samples, np.array([0, 15]), np.array([10, 30]))
>>> [(int(time), list(MachineState)[code].value) for time, code in zip(times, codes)]
[(0, 'producing'), (10, 'unknown'), (15, 'producing'), (20, 'fault'), (30, 'unknown')]
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt
import polars as pl

from analytics.arrays import Micros, sorted_unique
from analytics.timeline.confirmation import confirmed, silent_stretches
from domain.corrections import Correction, CorrectionKind
from domain.frames import LineHistory
from domain.plant import Line
from domain.samples import Quality
from domain.states import MachineMode, MachineState

UNKNOWN = MachineState.UNKNOWN.code
_LOST = ("lost",)
_FEW = 1000  # texts that are looked at one by one

TextCodes = npt.NDArray[np.int32]

# Roles that the machine that gives the state plays unless another one is named.
_BESIDE_STATE = frozenset({"mode", "order", "product", "stop_reason"})


@dataclass(frozen=True, slots=True)
class StateTrack:
    """times[i] ≤ τ < times[i+1]: machine state codes[i]; before times[0]: unknown."""

    times: Micros
    codes: npt.NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class TextTrack:
    """Like StateTrack with texts: names[codes[i]], null for code −1 and before times[0].

    `names` are sorted, so codes sort as the texts do; no two neighbouring codes are the same.
    """

    times: Micros
    codes: TextCodes
    names: tuple[str, ...]

    def codes_at(self, instants: Micros) -> TextCodes:
        """The code that holds at each instant, shape (len(instants),)."""
        if not len(self.times):
            return np.full(len(instants), -1, dtype=np.int32)
        index = np.searchsorted(self.times, instants, side="right") - 1
        return np.where(index >= 0, self.codes[np.maximum(index, 0)], np.int32(-1))

    def at(self, instants: Micros) -> pl.Series:
        """The text that holds at each instant (String), shape (len(instants),)."""
        codes = pl.Series(self.codes_at(instants))
        return pl.Series(self.names, dtype=pl.String).gather(codes.set(codes < 0, None))


NO_TEXTS = TextTrack(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int32), ())


def track_of(times: Micros, texts: pl.Series) -> TextTrack:
    """The track of texts that hold from their times on (sorted); repeats are left out."""
    codes, names = coded(texts)
    new = _changes(codes)
    return TextTrack(times[new], codes[new], names)


def coded(texts: pl.Series) -> tuple[TextCodes, tuple[str, ...]]:
    """The texts as codes of their sorted names, null as −1."""
    if len(texts) <= _FEW:  # as of a live line: each step of polars would cost more than all this
        said = texts.to_list()
        few = sorted({text for text in said if text is not None})
        places = {text: place for place, text in enumerate(few)}
        return np.array([places.get(text, -1) for text in said], dtype=np.int32), tuple(few)
    names = texts.drop_nulls().unique().sort()
    codes = texts.cast(pl.Enum(names)).to_physical().cast(pl.Int32).fill_null(-1).to_numpy()
    return codes, tuple(names)


def renamed(times: Micros, codes: TextCodes, names: Sequence[str | None]) -> TextTrack:
    """The track of codes that hold from their times on (sorted), under other names: several may
    be the same, None is nothing."""
    used = sorted({name for it in set(codes.tolist()) if it >= 0 and (name := names[it])})
    places = {name: place for place, name in enumerate(used)}
    of = np.array([*(places.get(name or "", -1) for name in names), -1], dtype=np.int32)
    codes = of[codes]  # −1 is the last one, which stays −1
    new = _changes(codes)
    return TextTrack(times[new], codes[new], tuple(used))


def _changes(codes: TextCodes) -> npt.NDArray[np.bool_]:
    """Which codes are others than the one before; before the first there is none (−1)."""
    new = np.empty(len(codes), dtype=np.bool_)
    new[:1] = codes[:1] != -1
    new[1:] = codes[1:] != codes[:-1]
    return new


def role_machine(line: Line, role: str) -> str | None:
    """The machine that plays the role; for mode, order, product and reason by default the one that
    gives the state."""
    machine = line.roles.get(role)
    if machine is None and role in _BESIDE_STATE:
        return line.roles.get("state")
    return machine


def state_track(line: Line, history: LineHistory, now: datetime | None = None) -> StateTrack:
    """The line's state over the whole reach of the history."""
    machine = line.roles.get("state")
    samples = history.series(machine, "state")
    times = samples["time"].cast(pl.Int64).to_numpy()
    values = samples["value"]
    bad = samples["quality"].to_numpy() == Quality.BAD.value
    if values.has_nulls() or bad.any():
        values = values.fill_null(UNKNOWN).set(pl.Series(bad), UNKNOWN)
    codes = values.to_numpy().astype(np.int8)
    begins, ends = confirmed(line, machine, history, now)
    track = StateTrack(*masked(times, codes, begins, ends))
    return _unknown_without_mode(track, lost_track(line, history, "mode", now))


def _unknown_without_mode(track: StateTrack, lost: TextTrack) -> StateTrack:
    """The track, unknown from each mode that cannot be used to the next one that can."""
    if lost is NO_TEXTS:
        return track
    times = sorted_unique(np.concatenate([track.times, lost.times]))
    is_lost = lost.codes_at(times) >= 0
    return StateTrack(times, np.where(is_lost, np.int8(UNKNOWN), states_at(track, times)))


def text_track(line: Line, history: LineHistory, signal: str) -> TextTrack:
    """A text or mode signal of the line: order, product, mode (for reasons:
    analytics.timeline.reasons). What cannot be used ends what held before: null."""
    samples = _told(line, history, signal)
    if samples.is_empty():
        return NO_TEXTS
    texts, useless = samples["text"], _useless(signal, samples)
    if useless.any():
        texts = texts.set(pl.Series(useless), None)
    return track_of(samples["time"].cast(pl.Int64).to_numpy(), texts)


def _told(line: Line, history: LineHistory, signal: str) -> pl.DataFrame:
    """What the machine that plays the role told; of order and product also what people said, each
    from its time on: what came last holds, of the same instant what people said."""
    samples = history.series(role_machine(line, signal), signal)
    said = [(it.start, text) for it, text in said_by_people(line, history, signal)]
    if not said:
        return samples
    rows = pl.DataFrame(
        {"time": [at for at, _ in said], "text": [text for _, text in said]},
        schema={it: samples.schema[it] for it in ("time", "text")},
    ).with_columns(pl.lit(Quality.GOOD.value, samples.schema["quality"]).alias("quality"))
    both = pl.concat([samples.select(rows.columns), rows])
    return both.sort("time", maintain_order=True).unique("time", keep="last", maintain_order=True)


def said_by_people(line: Line, history: LineHistory, signal: str) -> list[tuple[Correction, str]]:
    """What ORDER corrections say of the order or the product. One that names no product means the
    one that the plant file gives the line."""
    orders = [it for it in history.corrections if it.kind is CorrectionKind.ORDER]
    if signal == "product":
        return [(it, it.product or line.product or "") for it in orders]
    return [(it, it.order) for it in orders if signal == "order" and it.order is not None]


def unusable_track(line: Line, history: LineHistory, signal: str) -> TextTrack:
    """Where the last thing that was said of a text or mode cannot be used; else, and before
    anything was said, null."""
    samples = _told(line, history, signal)
    if samples.is_empty() or not (useless := _useless(signal, samples)).any():
        return NO_TEXTS
    times, codes = samples["time"].cast(pl.Int64).to_numpy(), useless.astype(np.int32) - 1
    new = _changes(codes)
    return TextTrack(times[new], codes[new], _LOST)


def lost_track(
    line: Line, history: LineHistory, signal: str, now: datetime | None = None
) -> TextTrack:
    """Where nobody knows what a text or mode is: what was said of it last cannot be used, or the
    machine that tells it is silent while another one tells the state. Elsewhere null."""
    useless = unusable_track(line, history, signal)
    silent = silences_beside_state(line, history, signal, now)
    if not len(silent):
        return useless
    moments = sorted_unique(np.append(useless.times, silent))
    codes = useless.codes_at(moments)
    codes[within(moments, silent)] = 0
    new = _changes(codes)
    return TextTrack(moments[new], codes[new], _LOST)


def silences_beside_state(
    line: Line, history: LineHistory, signal: str, now: datetime | None
) -> Micros:
    """Silences of the machine that plays the role, shape (n, 2); none where the same one tells the
    state: that is unknown then, and a connection that comes back tells how all of it stands."""
    machine = role_machine(line, signal)
    if machine is None or machine == line.roles.get("state"):
        return np.empty((0, 2), dtype=np.int64)
    return silent_stretches(line, machine, history, now)


def within(instants: Micros, stretches: Micros) -> npt.NDArray[np.bool_]:
    """Which instants lie in one of the stretches [begin, end), shape (n, 2), sorted and apart."""
    place = stretches[:, 0].searchsorted(instants, side="right") - 1
    inside: npt.NDArray[np.bool_] = (place >= 0) & (instants < np.append(stretches[:, 1], 0)[place])
    return inside


def _useless(signal: str, samples: pl.DataFrame) -> npt.NDArray[np.bool_]:
    """Which samples of a text or mode say nothing that can be used."""
    useless: npt.NDArray[np.bool_] = samples["quality"].to_numpy() == Quality.BAD.value
    texts = samples["text"]
    if texts.has_nulls():
        useless |= texts.is_null().to_numpy()
        texts = texts.fill_null("")
    if signal == "mode":
        useless |= (texts == MachineMode.UNKNOWN.value).to_numpy()
    return useless


def unusable(samples: pl.DataFrame) -> npt.NDArray[np.bool_]:
    """Which samples of a counter say nothing."""
    bad: npt.NDArray[np.bool_] = samples["quality"].to_numpy() == Quality.BAD.value
    missing = samples["value"].is_null().to_numpy() if samples["value"].has_nulls() else False
    return bad | missing


def states_at(track: StateTrack, instants: Micros) -> npt.NDArray[np.int8]:
    """The state code that holds at each instant."""
    if not len(track.times):
        return np.full(len(instants), UNKNOWN, dtype=np.int8)
    index = np.searchsorted(track.times, instants, side="right") - 1
    return np.where(index >= 0, track.codes[np.maximum(index, 0)], np.int8(UNKNOWN))


def masked(
    times: Micros, codes: npt.NDArray[np.int8], begins: Micros, ends: Micros
) -> tuple[Micros, npt.NDArray[np.int8]]:
    """The step function with `unknown` laid over everything outside [begins, ends).

    A sample outside every span still decides what holds when the next span begins.
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
