"""A reason entered while the stop went on holds until it ends: against the plain oracle."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

import numpy as np
import pytest
from plants import history, local, plant
from reason_oracle import LOST, reason_of_each_second

from analytics.timeline.reasons import reason_kinds, reason_track
from analytics.timeline.tracks import state_track
from domain.corrections import Correction, CorrectionKind
from domain.frames import REASON_LOST
from domain.plant import REASON_HOLDS_MAX, StopReason
from domain.states import ReasonKind
from domain.time import micros

START = local("2026-03-02 06:00")
LENGTH_S = 240
CHATTER_S = 5
SECOND = timedelta(seconds=1)
Rows = list[tuple[str, datetime, str | float | None]]
REASONS = {
    "jam": StopReason("jam", {"en": "Jam"}, ReasonKind.BREAKDOWN),
    "wash": StopReason("wash", {"en": "Wash"}, ReasonKind.PLANNED),
}
STATES = ("producing", "stopped", "stopped", "fault", "setup", "maintenance", "unknown")


def at(second: float) -> datetime:
    return START + second * SECOND


def said(reason: str, start: float, entered: float, *, goes_on: bool = True) -> Correction:
    return Correction(
        f"{reason} {start}", "l1", CorrectionKind.REASON, at(start), at(entered), "Ann",
        at(entered), reason=reason, until_stop_ends=goes_on,
    )  # fmt: skip


@pytest.mark.parametrize("block", range(2))
def test_the_same_as_second_by_second(block: int) -> None:
    where = replace(plant(None, roles=("state",)), reasons=REASONS)
    line = replace(where.lines["l1"], chatter_s=float(CHATTER_S))
    went_on, lost = 0, 0
    for seed in range(block, 120, 2):
        dice = Random(seed)
        states: list[str] = []
        while len(states) < LENGTH_S:
            states += [dice.choice(STATES)] * dice.choice([1, 2, 4, 5, 6, 20, 70])
        states = states[:LENGTH_S]
        told = sorted((at(dice.randrange(LENGTH_S)), "jam") for _ in range(dice.randint(0, 2)))
        rows: Rows = [
            ("state", at(it), None if state == "unknown" else state)
            for it, state in enumerate(states)
        ]
        rows += [("stop_reason", moment, text) for moment, text in dict(told).items()]
        times = sorted(dice.sample(range(LENGTH_S), 6))
        corrections = tuple(
            said(reason, first, last, goes_on=dice.random() < 0.8)
            for reason, first, last in zip(
                ("wash", "jam", "wash"), times[::2], times[1::2], strict=True
            )
        )
        heard = replace(history(rows, at(0), at(LENGTH_S)), corrections=corrections)
        kinds = reason_kinds(where, line, heard, state_track(line, heard), None)
        seconds = np.array([micros(at(it)) for it in range(LENGTH_S)])
        known = np.array([state != "unknown" for state in states])
        plain = reason_of_each_second(told, corrections, states, START, CHATTER_S)
        names = {None: None, LOST: REASON_LOST, "jam": "breakdown", "wash": "planned"}
        expected = np.array([names[it] for it in plain], dtype=object)
        found = np.array(kinds.at(seconds).to_list(), dtype=object)
        assert found[known].tolist() == expected[known].tolist(), seed
        closed = tuple(replace(it, until_stop_ends=False) for it in corrections)
        without = reason_of_each_second(told, closed, states, START, CHATTER_S)
        went_on += plain != without
        lost += plain.count(LOST) > without.count(LOST)
    assert went_on > 10, "reasons went on"
    assert lost > 5, "unknown time left some open"


def reasons(rows: Rows, *corrections: Correction, until: float = 200) -> list[str | None]:
    """Every ten seconds, as the list of stops has them."""
    where = replace(plant(None, roles=("state",)), reasons=REASONS)
    line = replace(where.lines["l1"], chatter_s=float(CHATTER_S))
    heard = replace(history(rows, at(0), at(until)), corrections=corrections)
    track = reason_track(where, line, heard, state_track(line, heard))
    return track.at(np.array([micros(at(it)) for it in range(0, int(until), 10)])).to_list()


def test_it_ends_with_the_stop_and_the_next_one_does_not_inherit_it() -> None:
    rows: Rows = [("state", at(0), "stopped"), ("state", at(60), "producing")]
    rows += [("state", at(80), "stopped"), ("stop_reason", at(5), "jam")]
    found = reasons(rows, said("wash", 0, 30))
    assert found == ["wash"] * 6 + [None] * 14


def test_a_setup_behind_it_is_not_the_stop() -> None:
    rows: Rows = [("state", at(0), "stopped"), ("state", at(60), "setup")]
    rows += [("state", at(90), "fault")]
    assert reasons(rows, said("wash", 0, 30)) == ["wash"] * 6 + [None] * 14


def test_what_is_entered_for_the_rest_takes_its_place() -> None:
    rows: Rows = [("state", at(0), "stopped"), ("state", at(150), "producing")]
    rest = reasons(rows, said("wash", 0, 30), said("jam", 70, 100))
    assert rest == ["wash"] * 7 + ["jam"] * 8 + [None] * 5
    part = reasons(rows, said("wash", 0, 30), said("jam", 70, 100, goes_on=False))
    assert part == ["wash"] * 7 + ["jam"] * 3 + ["wash"] * 5 + [None] * 5


def test_where_the_line_did_not_stand_it_holds_for_the_named_time_alone() -> None:
    rows: Rows = [("state", at(0), "producing"), ("state", at(60), "stopped")]
    assert reasons(rows, said("wash", 0, 30)) == ["wash"] * 3 + [None] * 17
    assert reasons(rows[:1], said("wash", 0, 30)) == ["wash"] * 3 + [None] * 17


def test_it_holds_seven_days_at_most() -> None:
    where = replace(plant(None, roles=("state",)), reasons=REASONS)
    line = where.lines["l1"]
    rows: Rows = [("state", at(0), "stopped")]
    end = REASON_HOLDS_MAX + timedelta(hours=1)
    heard = replace(history(rows, at(0), START + end), corrections=(said("wash", 0, 30),))
    last = micros(at(30) + REASON_HOLDS_MAX)
    track = reason_track(where, line, heard, state_track(line, heard))
    assert track.at(np.array([last - 1, last])).to_list() == ["wash", None]
