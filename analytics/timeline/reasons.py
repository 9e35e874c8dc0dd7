"""The reason of a line's stops at each instant: from machines, and from people's corrections.

A machine's reason holds from when it is given until production begins: no stop inherits the
reason of the one before, however long the machine repeats it. Chatter (production shorter than the
line's `chatter_s`) does not end it; after REASON_HOLDS_MAX it ends in any case. A correction
replaces it for the time that it names. A text that means a node of the plant's reason tree is
given as that node's id, any other as it is.

An example, with small numbers for the microseconds: the reason `jam` ends when production begins;
a correction says `cleaning` from 3 to 5.

    time            2      3          5       8            12
    machine says    jam                                    no labels
    production                                |---------|
    people say             | cleaning |
    track           jam    | cleaning | jam   | none       | no labels

>>> given = np.array([2, 12]), pl.Series(["jam", "no labels"])
>>> times, texts = _until_production(*given, np.array([8]))
>>> list(zip(times.tolist(), texts))[:3]
[(2, 'jam'), (8, None), (12, 'no labels')]

`_overlaid` then puts the correction in: at its end, what held behind it goes on.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from analytics.arrays import Micros
from analytics.timeline.tracks import (
    NO_TEXTS,
    StateTrack,
    TextTrack,
    role_machine,
    track_of,
)
from domain.corrections import Correction, CorrectionKind
from domain.frames import LineHistory
from domain.plant import REASON_HOLDS_MAX, Line, Plant
from domain.reasons import kind_of, reason_named
from domain.samples import Quality
from domain.states import MachineState
from domain.time import MICROSECOND, micros

_HOLDS_MAX_US = REASON_HOLDS_MAX // MICROSECOND


def reason_track(plant: Plant, line: Line, history: LineHistory, state: StateTrack) -> TextTrack:
    """Ids of reasons, or texts that the tree does not have."""
    samples = history.series(role_machine(line, "stop_reason"), "stop_reason")
    corrections = [it for it in history.corrections if it.kind is CorrectionKind.REASON]
    if samples.is_empty() and not corrections:
        return NO_TEXTS
    given = samples.filter(pl.col("quality") != Quality.BAD.value)
    texts = given["text"].set(given["text"] == "", None)
    known = {
        text: node.id for text in texts.unique() if text and (node := reason_named(plant, text))
    }
    times, texts = _until_production(
        given["time"].cast(pl.Int64).to_numpy(), texts.replace(known), _productions(line, state)
    )
    for correction in corrections:
        times, texts = _overlaid(times, texts, correction)
    return track_of(times, texts)


def reason_kinds(plant: Plant, reasons: TextTrack) -> TextTrack:
    """The kinds (domain.states.ReasonKind) of the reasons."""
    if not len(reasons.times):
        return NO_TEXTS
    kinds = {name: kind_of(plant, name).value for name in reasons.names}
    return track_of(reasons.times, reasons.at(reasons.times).replace_strict(kinds))


def _productions(line: Line, state: StateTrack) -> Micros:
    """When production began, chatter left out."""
    produces = np.concatenate([[False], state.codes == MachineState.PRODUCING.code, [False]])
    turns = np.flatnonzero(np.diff(produces))
    begins, ends = turns[::2], turns[1::2]
    forever = np.append(state.times, np.iinfo(np.int64).max)
    lasts = forever[ends] - state.times[begins] >= line.chatter_s * 1e6
    return state.times[begins[lasts]]


def _until_production(
    times: Micros, texts: pl.Series, productions: Micros
) -> tuple[Micros, pl.Series]:
    """The reasons as they hold: ended by production, or after REASON_HOLDS_MAX."""
    following = np.append(times[1:], np.iinfo(np.int64).max)
    expired = times[following - times > _HOLDS_MAX_US] + _HOLDS_MAX_US
    ends = np.concatenate([productions, expired])
    moments = np.concatenate([ends, times])
    order = np.argsort(
        moments, kind="stable"
    )  # of the two at one instant, the reason given as production begins holds
    said = pl.concat([pl.repeat(None, len(ends), dtype=pl.String, eager=True), texts])
    last = np.append(np.diff(moments[order]) > 0, True)[: len(order)]
    return moments[order][last], said.gather(order[last])


def _overlaid(times: Micros, texts: pl.Series, correction: Correction) -> tuple[Micros, pl.Series]:
    start, end = micros(correction.start), micros(correction.end)
    low = int(np.searchsorted(times, start, side="left"))
    held = int(np.searchsorted(times, end, side="right"))
    behind = texts[held - 1] if held else None
    moments = np.concatenate([times[:low], [start, end], times[held:]])
    said = pl.Series([correction.reason, behind], dtype=pl.String)
    return moments, pl.concat([texts[:low], said, texts[held:]])
