"""Reasons behind time in which production may be hidden, against the second by second oracle."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

import numpy as np
import pytest
from plants import history, local, plant
from reason_oracle import LOST, reason_of_each_second

from analytics.timeline.hidden_production import may_hide_production, unseen_stretches
from analytics.timeline.reasons import reason_kinds
from analytics.timeline.tracks import state_track
from domain.frames import REASON_LOST
from domain.states import ReasonKind
from domain.time import micros

START = local("2026-03-02 06:00")
LENGTH_S = 240
CHATTER_S = 5
SECOND = timedelta(seconds=1)
Rows = list[tuple[str, datetime, str | float | None]]


def runs(rng: Random) -> list[str]:
    """Runs of states, some shorter than chatter, many of them unknown."""
    states: list[str] = []
    while len(states) < LENGTH_S:
        state = rng.choice(["producing", "stopped", "stopped", "unknown", "unknown", "fault"])
        states += [state] * rng.choice([1, 2, 4, 5, 6, 20, 70])
    return states[:LENGTH_S]


@pytest.mark.parametrize("block", range(3))
def test_the_same_as_second_by_second(block: int) -> None:
    lost, vouched = 0, 0
    where = plant(None, roles=("state", "total_count"))
    line = replace(where.lines["l1"], chatter_s=float(CHATTER_S))
    for seed in range(block, 300, 3):
        rng = Random(seed)
        states = runs(rng)
        made = np.cumsum([it == "producing" or rng.random() < 0.005 for it in states])
        totals = [(START + it * SECOND, float(made[it])) for it in range(0, LENGTH_S, 13)]
        told = {rng.randrange(LENGTH_S): "jam" for _ in range(rng.randint(0, 3))}
        said = [(START + it * SECOND, told[it]) for it in sorted(told)]
        rows: Rows = [
            ("state", START + it * SECOND, None if state == "unknown" else state)
            for it, state in enumerate(states)
        ]
        rows += [("stop_reason", at, text) for at, text in said]
        rows += [("total_count", at, count) for at, count in totals]
        heard = history(rows, START, START + LENGTH_S * SECOND)
        track = state_track(line, heard)
        kinds = reason_kinds(where, line, heard, track, None)
        seconds = np.array([micros(START + it * SECOND) for it in range(LENGTH_S)])
        plain = reason_of_each_second(said, [], states, START, CHATTER_S, totals)
        unplanned = ReasonKind.UNPLANNED.value
        expected = [
            None if it is None else REASON_LOST if it == LOST else unplanned for it in plain
        ]
        assert kinds.at(seconds).to_list() == expected, seed
        alone = reason_of_each_second(said, [], states, START, CHATTER_S)
        lost += LOST in alone
        vouched += alone != plain
    assert lost > 20, "reasons were lost"
    assert vouched > 3, "counters vouched for some"


def test_stretches_are_of_unknown_time_and_of_production_beside_it() -> None:
    where = plant(None, roles=("state",))
    rows: Rows = [
        (it, START + at * SECOND, value)
        for it, at, value in [
            ("state", 0, "stopped"),
            ("state", 10, None),
            ("state", 20, "stopped"),
            ("state", 30, "producing"),
            ("state", 60, "fault"),
            ("state", 70, "producing"),
            ("state", 90, None),
            ("state", 91, "stopped"),
            ("state", 100, None),
        ]
    ]
    heard = history(rows, START, START + LENGTH_S * SECOND)
    line = replace(where.lines["l1"], chatter_s=10.0)
    state = state_track(line, heard)
    found = unseen_stretches(state)[1:]  # the first: all before
    assert ((found - micros(START)) / 1e6).tolist() == [[10, 20], [70, 91]]
    asked = found.repeat(2, axis=0) + np.array([[0, 0], [1_000_000, 0]] * 2)
    assert may_hide_production(line, heard, state, asked).tolist() == [True, False, True, True]
    behind = np.array([[91, 100]]) * 1_000_000 + micros(START)
    assert may_hide_production(line, heard, state, behind).tolist() == [False]
