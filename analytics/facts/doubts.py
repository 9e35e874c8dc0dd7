"""What of a line's cells is in doubt because samples contradict each other or cannot be used.

A flag stands where the doubt lasts: from the sample to the next one of its signal. Which product it
is does not matter where the plant defines none.

    time       0         10                  20         30
    order      A         cannot be used      B
    flagged              |-------------------|
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from analytics import integrity_flags
from analytics.arrays import Flags, Micros
from analytics.facts.cells import CellContext
from analytics.timeline.tracks import UNKNOWN, TextTrack, role_machine
from domain.frames import LineHistory
from domain.plant import Line, Plant
from domain.states import STOP_STATES

_STOPS = [state.code for state in STOP_STATES]
_HELD = ("state", "mode", "order", "product", "stop_reason")


def doubts(
    plant: Plant,
    line: Line,
    history: LineHistory,
    context: CellContext,
    lost: Mapping[str, TextTrack],
    reason_lost: Flags,
) -> npt.NDArray[np.int64]:
    """The flags of each cell; `lost`: of mode, order and product where nobody knows them;
    `reason_lost`: the cells of which nobody knows the reason."""
    edges, starts = context.cells.edges, context.cells.starts
    bits = np.zeros(len(starts), dtype=np.int64)
    found = [history.settled(role_machine(line, it), it).contradictions for it in _HELD]
    if any(map(len, found)):
        bits[_within(np.concatenate(found), edges)] |= integrity_flags.CONTRADICTION
    for signal, track in lost.items():
        if len(track.times) and (signal == "order" or plant.products):
            is_known = context.state_us.sum(axis=1) > context.state_us[:, UNKNOWN]
            is_lost = (track.codes_at(starts) >= 0) & is_known
            bits[is_lost] |= integrity_flags.UNUSABLE_VALUE
    is_stopped = context.state_us[:, _STOPS].sum(axis=1) > 0
    bits[reason_lost & is_stopped] |= integrity_flags.UNUSABLE_VALUE
    return bits


def _within(stretches: Micros, edges: Micros) -> Flags:
    """Which cells [edges[k], edges[k + 1]) share time with one of the stretches, shape (n, 2)."""
    first = np.searchsorted(edges, stretches[:, 0], side="right") - 1
    last = np.searchsorted(edges, stretches[:, 1], side="left")
    open_ones = np.zeros(len(edges), dtype=np.int64)
    np.add.at(open_ones, np.clip(first, 0, len(edges) - 1), 1)
    np.add.at(open_ones, np.clip(last, 0, len(edges) - 1), -1)
    return np.cumsum(open_ones)[:-1] > 0
