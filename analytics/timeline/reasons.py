"""The reason of a line's stops at each instant: from machines, and from people's corrections.

A machine's reason holds from when it is given until production begins: no stop inherits the
reason of the one before, however long the machine repeats it. Chatter (production shorter than the
line's `chatter_s`) does not end it; after REASON_HOLDS_MAX it ends in any case. Where production
may be hidden (`analytics.timeline.hidden_production`), nobody knows behind it whether the reason
still holds, until it is told again. A correction
replaces it for the time that it names, and for the rest of a stop that went on then
(`analytics.timeline.until_stop_ends`). Both reach back to the begin of the stop, if they come soon
after it (`analytics.timeline.halts`).

After a sample that cannot be used, and while the machine that tells reasons is silent beside the
one that tells the state, nobody knows the reason. That holds as a reason does, also for stops that
begin meanwhile, until something is said that can be used.

A text that means a node of the plant's reason tree is given as that node's id, any other as it is.

An example, with small numbers for the microseconds: the reason `jam` ends when production begins;
a correction says `cleaning` from 3 to 5.

    time            2      3          5       8            12
    machine says    jam                                    no labels
    production                                |---------|
    people say             | cleaning |
    track           jam    | cleaning | jam   | none       | no labels

>>> jam, no_labels = 0, 1
>>> given = np.array([2, 12]), np.array([jam, no_labels], dtype=np.int32)
>>> times, codes = _until_production(*given, np.array([8]))
>>> list(zip(times.tolist(), codes.tolist()))[:3]
[(2, 0), (8, -1), (12, 1)]

`_overlaid` then puts the correction in: at its end, what held behind it goes on.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np
import polars as pl

from analytics.arrays import Flags, Micros
from analytics.timeline.halts import Halts, halts_of, reach_back
from analytics.timeline.hidden_production import may_hide_production, unseen_stretches
from analytics.timeline.tracks import (
    NO_TEXTS,
    StateTrack,
    TextCodes,
    TextTrack,
    coded,
    renamed,
    role_machine,
    silences_beside_state,
    within,
)
from analytics.timeline.until_stop_ends import extent_of
from domain.corrections import Correction, CorrectionKind
from domain.frames import REASON_LOST, LineHistory
from domain.plant import REASON_HOLDS_MAX, Line, Plant
from domain.reasons import kind_of, reason_named
from domain.samples import Quality
from domain.states import MachineState
from domain.time import MICROSECOND, micros

_HOLDS_MAX_US = REASON_HOLDS_MAX // MICROSECOND
_FOREVER = 2**61  # behind all time; the lengths between must fit into a number
_LOST = "\N{REPLACEMENT CHARACTER}"


def reason_track(plant: Plant, line: Line, history: LineHistory, state: StateTrack) -> TextTrack:
    """Ids of reasons, or texts that the tree does not have, as they were told; null also where
    nobody knows whether there was one."""
    times, codes, names = _reasons(plant, line, history, state, None, is_doubted=False)
    return renamed(times, codes, [None if name == _LOST else name for name in names])


def reason_kinds(
    plant: Plant, line: Line, history: LineHistory, state: StateTrack, now: datetime | None
) -> TextTrack:
    """The kinds (domain.states.ReasonKind) of the reasons; REASON_LOST where nobody knows, also
    because unknown time beside a stop may hide its begin, or another reason."""
    times, codes, names = _reasons(plant, line, history, state, now, is_doubted=True)
    return renamed(times, codes, [name and _kind(plant, name) for name in names])


def _kind(plant: Plant, name: str) -> str:
    return REASON_LOST if name == _LOST else kind_of(plant, name).value


def _reasons(
    plant: Plant,
    line: Line,
    history: LineHistory,
    state: StateTrack,
    now: datetime | None,
    *,
    is_doubted: bool,
) -> tuple[Micros, TextCodes, Sequence[str | None]]:
    """Reasons names[code] from their times on, −1 and None for none; _LOST where nobody knows.
    `is_doubted`: also where unknown time beside a stop may hide its begin, or another reason."""
    samples = history.series(role_machine(line, "stop_reason"), "stop_reason")
    corrections = [it for it in history.corrections if it.kind is CorrectionKind.REASON]
    silent = silences_beside_state(line, history, "stop_reason", now)
    if samples.is_empty() and not corrections and not len(silent):
        return NO_TEXTS.times, NO_TEXTS.codes, ()
    times = samples["time"].cast(pl.Int64).to_numpy()
    codes, texts = coded(samples["text"])
    names = [_id(plant, text) for text in texts]
    names.append(_LOST)
    lost = np.int32(len(texts))
    useless = samples["quality"].to_numpy() == Quality.BAD.value
    codes = np.where(useless, lost, codes)
    useless_ones = np.stack([times, np.append(times, _FOREVER)[1:]], axis=1)[useless]
    told = times[~useless]
    times, codes = _lost_from(times, codes, silent[:, 0], lost)
    times, codes = _until_production(times, codes, _productions(line, state))
    unheard = within(times, silent) | within(times, useless_ones)
    codes = np.where((codes < 0) & unheard, lost, codes)
    halts = halts_of(line, state, history.corrections)
    if not is_doubted:
        halts = halts.undoubted()
    is_told = np.array([*(name not in (None, _LOST) for name in names), False])  # −1: the last
    if is_doubted:
        ends = _ended_unseen(line, history, state, times, is_told[codes])
        places = times.searchsorted(ends)
        times, codes = np.insert(times, places, ends), np.insert(codes, places, lost)
    is_reason = np.array([*(name is not None for name in names), False])[codes]
    times, codes = reach_back(times, codes, is_reason, halts, lost)
    for stretch in _cut_off(halts, told, now):
        times, codes = _overlaid(times, codes, stretch, lost)
    for correction in corrections:
        start, is_sure = _reached_back(correction, corrections, halts)
        if not is_sure and start < (said := micros(correction.start)):
            times, codes = _overlaid(times, codes, (start, said), lost)
            start = said
        end = micros(correction.end)
        if correction.until_stop_ends:
            extent = extent_of(state, end, line.chatter_s * 1e6)
            end = extent.until
            if is_doubted:
                times, codes = _overlaid(times, codes, extent.unsure, lost)
        times, codes = _overlaid(times, codes, (start, end), len(names))
        names.append(correction.reason)
    return times, codes, names


def _id(plant: Plant, text: str) -> str | None:
    """The id of the reason that the text means; None where it says that there is none."""
    if not text:
        return None
    node = reason_named(plant, text)
    return node.id if node else text


def _productions(line: Line, state: StateTrack) -> Micros:
    """When production began, chatter left out."""
    produces = np.concatenate([[False], state.codes == MachineState.PRODUCING.code, [False]])
    turns = np.flatnonzero(np.diff(produces))
    begins, ends = turns[::2], turns[1::2]
    forever = np.append(state.times, _FOREVER)
    lasts = forever[ends] - state.times[begins] >= line.chatter_s * 1e6
    return state.times[begins[lasts]]


def _lost_from(
    times: Micros, codes: TextCodes, begins: Micros, lost: np.int32
) -> tuple[Micros, TextCodes]:
    """With the code `lost` from each begin on, also where something was said at that instant."""
    said_times = np.concatenate([times, begins])
    order = np.argsort(said_times, kind="stable")
    said = np.concatenate([codes, np.full(len(begins), lost, dtype=np.int32)])[order]
    last = np.append(np.diff(said_times[order]) > 0, True)[: len(order)]
    return said_times[order][last], said[last]


def _until_production(
    times: Micros, codes: TextCodes, productions: Micros
) -> tuple[Micros, TextCodes]:
    """The reasons as they hold: ended (−1) by production, or after REASON_HOLDS_MAX."""
    following = np.append(times[1:], _FOREVER)
    expired = times[following - times > _HOLDS_MAX_US] + _HOLDS_MAX_US
    ends = np.concatenate([productions, expired])
    moments = np.concatenate([ends, times])
    order = np.argsort(
        moments, kind="stable"
    )  # of the two at one instant, the reason given as production begins holds
    said = np.concatenate([np.full(len(ends), -1, dtype=np.int32), codes])
    last = np.append(np.diff(moments[order]) > 0, True)[: len(order)]
    return moments[order][last], said[order[last]]


def _ended_unseen(
    line: Line, history: LineHistory, state: StateTrack, times: Micros, is_told: Flags
) -> Micros:
    """Where a reason holds (`is_told`, by the times of the step function) that a production which
    nobody saw may have ended: the end of the time in which that may have been. Not where a reason
    is told just then."""
    begins, ends = unseen_stretches(state).T
    held = times.searchsorted(ends, side="left") - 1
    since = np.maximum(np.append(times, 0)[held], begins)
    told = (held >= 0) & np.append(is_told, False)[held] & ~np.isin(ends, times)
    asked = np.stack([since[told], ends[told]], axis=1)
    found: Micros = ends[told][may_hide_production(line, history, state, asked)]
    return found


def _cut_off(halts: Halts, told: Micros, now: datetime | None) -> list[tuple[int, int]]:
    """The halts that unknown time cuts off, of a line that had told a reason, at one of `told`.
    What is to come after `now` cuts off nothing."""
    if not halts.cut_off.any() or not len(told):
        return []
    ended = (halts.ends >= told[0]) & (halts.ends < (_FOREVER if now is None else micros(now)))
    which = halts.cut_off & ended
    return list(zip(halts.begins[which].tolist(), halts.ends[which].tolist(), strict=True))


def _reached_back(
    correction: Correction, every: Sequence[Correction], halts: Halts
) -> tuple[int, bool]:
    """From when on it holds: from the begin of what it is said of, but never over what people said
    of the time before; and whether that begin is sure."""
    start = micros(correction.start)
    halt = halts.within_reach(start)
    if halt is None:
        return start, True
    ends = [end for it in every if (end := micros(it.end)) <= start]
    return max([int(halts.begins[halt]), *ends]), not halts.unsure_begins[halt]


def _overlaid(
    times: Micros, codes: TextCodes, stretch: tuple[int, int], code: int | np.int32
) -> tuple[Micros, TextCodes]:
    """With a correction's reason, which has that code, in that time."""
    start, end = stretch
    low = int(np.searchsorted(times, start, side="left"))
    held = int(np.searchsorted(times, end, side="right"))
    behind = codes[held - 1] if held else -1
    said = np.array([code, behind], dtype=np.int32)
    moments = np.concatenate([times[:low], [start, end], times[held:]])
    return moments, np.concatenate([codes[:low], said, codes[held:]])
