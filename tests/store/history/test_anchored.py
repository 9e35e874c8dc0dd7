"""A history that begins where several things were said begins with what was left of them."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import polars as pl
import pytest
from telemetry import at, batch, samples

from domain.states import MachineState
from domain.time import MICROSECOND
from store.history.anchored import anchored, left_at, trimmed
from store.history.line_history import line_history
from store.telemetry.as_known import KnownTelemetry
from store.telemetry.protocol import TelemetryStore

LINE = "filler-1"
HOUR = 3600
STATES = ["producing", "stopped", "idle", "fault", "producing", "idle", "stopped"] * 5


def said(second: float, state: str) -> dict[str, object]:
    code = float(MachineState(state).code)
    return {"time": at(second), "signal": "state", "value": code, "text": state}


@pytest.fixture
def steps(store: TelemetryStore) -> TelemetryStore:
    """The old and the new state at each change, an hour apart; the first one alone."""
    rows = [said(0, STATES[0])]
    for hour, (old, new) in enumerate(pairwise(STATES), 1):
        rows += [said(hour * HOUR, old), said(hour * HOUR, new)]
    store.append([batch(1, samples(*rows))])
    return store


@pytest.mark.parametrize("hour", [1, 2, 9, 34])
def test_every_window_says_what_the_whole_says(steps: TelemetryStore, hour: int) -> None:
    for store in (steps, KnownTelemetry(steps, at(2 * 86_400))):
        history = line_history(store, LINE, at((hour + 0.5) * HOUR), at((hour + 2) * HOUR))
        found = history.series("filler", "state")
        assert found["text"].to_list() == STATES[hour : hour + found.height]
        raw = store.history(LINE, at((hour + 0.5) * HOUR), at((hour + 2) * HOUR))
        assert anchored(store, raw).series("filler", "state")["text"][0] == STATES[hour]


def test_what_is_left_is_looked_for_as_far_back_as_it_must(steps: TelemetryStore) -> None:
    left = left_at(steps, LINE, "filler", "state", at(34 * HOUR))
    assert left["text"].to_list() == [STATES[34]]
    steps.append([batch(2, samples(said(20.5 * HOUR, "off")))])
    # At 21:00 and from there on nothing repeats what was said before: all is new.
    left = left_at(steps, LINE, "filler", "state", at(21 * HOUR))
    assert sorted(left["text"]) == sorted(STATES[20:22])


@pytest.mark.parametrize("hour", [2, 9, 20])
def test_what_is_trimmed_says_what_the_whole_says(steps: TelemetryStore, hour: int) -> None:
    whole = anchored(steps, steps.history(LINE, at(0.5 * HOUR), at(30 * HOUR)))
    part = trimmed(whole, at((hour + 0.5) * HOUR))
    found = part.series("filler", "state")
    assert found["text"].to_list() == STATES[hour : hour + found.height]
    assert anchored(steps, part) is part


def test_where_one_thing_at_a_time_is_said_nothing_is_done(store: TelemetryStore) -> None:
    counts = [{"time": at(0), "value": 1.0}, {"time": at(0), "value": 2.0}]
    store.append([batch(1, samples(*counts, said(0, "idle"), said(60, "fault")))])
    history = store.history(LINE, at(30), at(90))
    assert anchored(store, history) is history
    assert history.samples.filter(pl.col("time") == at(0)).height == 3


def test_a_first_instant_has_nothing_to_yield_to(store: TelemetryStore) -> None:
    store.append([batch(1, samples(said(0, "idle"), said(0, "fault"), said(60, "idle")))])
    history = line_history(store, LINE, at(10), at(90))
    found = history.settled("filler", "state")
    assert found.samples["text"].to_list() == [None, "idle"]
    assert (found.contradictions // 1_000_000 % 86_400).tolist() == [[0, 60]]
    assert found.samples["time"][0] + timedelta(seconds=60) - MICROSECOND < at(60)
