"""Cells: time is cut where something changes that facts are kept by, and nowhere else."""

from __future__ import annotations

import numpy as np

from analytics.facts.cells import cells_of
from analytics.timeline.tracks import UNKNOWN, StateTrack
from domain.states import MachineState

PRODUCING, IDLE = MachineState.PRODUCING.code, MachineState.IDLE.code
BORDERS = np.array([0, 100, 200])


def track(*changes: tuple[int, int]) -> StateTrack:
    times, codes = zip(*changes, strict=True)
    return StateTrack(np.array(times), np.array(codes, dtype=np.int8))


def test_time_is_cut_where_the_state_turns_known_or_unknown() -> None:
    state = track((10, PRODUCING), (20, IDLE), (130, UNKNOWN), (140, UNKNOWN), (150, IDLE))
    assert cells_of(BORDERS, state, [], []).edges.tolist() == [0, 10, 100, 130, 150, 200]


def test_a_machine_that_is_heard_and_says_nothing_changes_nothing() -> None:
    """Whether a part of a history begins there or long before: the cells are the same, and so
    are the shares of an increment to the last bit."""
    part = track((30, UNKNOWN), (60, PRODUCING), (90, UNKNOWN))
    whole = track((-500, IDLE), (-400, UNKNOWN), (30, UNKNOWN), (60, PRODUCING), (90, UNKNOWN))
    for state in (part, whole):
        assert cells_of(BORDERS, state, [], []).edges.tolist() == [0, 60, 90, 100, 200]
