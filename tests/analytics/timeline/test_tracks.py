"""Step functions of state and texts: samples hold until the next, inside confirmed time alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest
from plants import history, local, plant

from analytics.timeline.tracks import (
    NO_TEXTS,
    StateTrack,
    lost_track,
    role_machine,
    state_track,
    states_at,
    text_track,
    track_of,
)
from domain.states import MachineState
from domain.time import instant, micros

START = local("2026-03-02 07:00")
LINE = plant(roles=("state",)).lines["l1"]


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def steps(track: StateTrack) -> list[tuple[float, str]]:
    """Seconds and state of each change."""
    return [
        ((instant(int(time)) - START).total_seconds(), list(MachineState)[code].value)
        for time, code in zip(track.times, track.codes, strict=True)
    ]


def test_a_state_holds_inside_confirmed_time_alone() -> None:
    rows = [("state", at(0), "producing"), ("state", at(20), "fault")]
    told = history(rows, at(0), at(60), spans=[(at(0), at(10)), (at(15), at(30))])
    assert steps(state_track(LINE, told)) == [
        (0, "producing"), (10, "unknown"), (15, "producing"), (20, "fault"), (30, "unknown")
    ]  # fmt: skip


def test_a_bad_sample_makes_the_state_unknown() -> None:
    rows = [("state", at(0), "producing"), ("state", at(20), "fault")]
    told = history(rows, at(0), at(60), bad=[at(20)])
    assert steps(state_track(LINE, told)) == [(0, "producing"), (20, "unknown"), (60, "unknown")]


def test_a_live_line_is_trusted_until_it_is_stale() -> None:
    line = replace(LINE, stale_after_s=60)
    told = history([("state", at(0), "producing")], at(0), at(100), spans=[(at(0), at(10))])
    assert steps(state_track(line, told, at(70)))[-1] == (70, "unknown")
    assert steps(state_track(line, told, at(71)))[-1] == (10, "unknown")


def test_before_the_first_sample_nothing_is_known() -> None:
    told = history([("state", at(5), "idle")], at(0), at(10))
    track = state_track(LINE, told)
    instants = np.array([micros(at(second)) for second in (-1, 0, 4, 5, 9, 10)])
    names = [list(MachineState)[code].value for code in states_at(track, instants)]
    assert names == ["unknown", "unknown", "unknown", "idle", "idle", "unknown"]
    nothing = StateTrack(np.array([], dtype=np.int64), np.array([], dtype=np.int8))
    assert states_at(nothing, instants).tolist() == [MachineState.UNKNOWN.code] * 6


def test_texts_that_repeat_are_one_and_none_ends_one() -> None:
    track = track_of(np.array([1, 2, 3, 4]), pl.Series(["b", "b", None, "a"]))
    assert (track.times.tolist(), track.names) == ([1, 3, 4], ("a", "b"))
    assert track.at(np.array([0, 1, 2, 3, 4, 9])).to_list() == [None, "b", "b", None, "a", "a"]
    assert NO_TEXTS.at(np.array([0, 5])).to_list() == [None, None]


def test_a_text_that_cannot_be_used_ends_the_one_before() -> None:
    told = history([("order", at(0), "A"), ("order", at(5), None), ("order", at(7), "B")],
                   at(0), at(9))  # fmt: skip
    track = text_track(LINE, told, "order")
    instants = np.array([micros(at(second)) for second in (0, 4, 5, 6, 7, 8)])
    assert track.at(instants).to_list() == ["A", "A", None, None, "B", "B"]
    lost = lost_track(LINE, told, "order").at(instants)
    assert lost.to_list() == [None, None, "lost", "lost", None, None]
    assert text_track(LINE, told, "product") is NO_TEXTS
    assert lost_track(LINE, told, "product") is NO_TEXTS


@pytest.mark.parametrize("useless", ["unknown", None])
def test_without_its_mode_a_state_is_unknown(useless: str | None) -> None:
    rows = [("state", at(0), "producing"), ("mode", at(2), "produce"), ("mode", at(5), useless)]
    told = history([*rows, ("mode", at(8), "produce")], at(0), at(10))
    track = state_track(LINE, told)
    instants = np.array([micros(at(second)) for second in (0, 1, 2, 4, 5, 7, 8, 9)])
    names = [list(MachineState)[code].value for code in states_at(track, instants)]
    assert names == ["producing"] * 4 + ["unknown"] * 2 + ["producing"] * 2


def test_an_unknown_mode_is_none() -> None:
    told = history([("mode", at(0), "produce"), ("mode", at(5), "unknown")], at(0), at(9))
    track = text_track(LINE, told, "mode")
    assert track.at(np.array([micros(at(1)), micros(at(6))])).to_list() == ["produce", None]


def test_what_stands_beside_the_state_comes_from_its_machine() -> None:
    line = replace(LINE, roles={"state": "m", "order": "n"})
    assert role_machine(line, "order") == "n"
    assert role_machine(line, "product") == "m"
    assert role_machine(line, "total_count") is None
