"""When a machine is confirmed, and when it is silent for too long."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import polars as pl
import pytest
from plants import history, local, plant

from analytics.timeline.confirmation import silent_stretches
from analytics.timeline.state_intervals import state_intervals
from analytics.timeline.tracks import lost_track, silences_beside_state
from domain.frames import ORDER_LOST, UTC_US, LineHistory
from domain.time import instant, micros

START = local("2026-03-02 07:00")
LINE = replace(plant(roles=("state",)).lines["l1"], stale_after_s=60.0)
PANEL = replace(LINE, roles={"state": "m", "order": "panel", "mode": "panel"})


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def told(rows: list[tuple[str, float, str]], panel: list[tuple[float, float]]) -> LineHistory:
    """Ten minutes in which machine `m` is confirmed throughout, the panel in those stretches."""
    of_m = [(signal, at(second), text) for signal, second, text in rows]
    known = history([("state", at(0), "stopped"), *of_m], at(0), at(600))
    names = {"order": "panel", "mode": "panel"}
    samples = known.samples.with_columns(
        pl.col("signal").replace(names | {"state": "m"}).alias("machine")
    )
    spans = pl.DataFrame(
        [("panel", at(first), at(last)) for first, last in panel],
        schema={"machine": pl.String, "start": UTC_US, "end": UTC_US},
        orient="row",
    )
    return replace(
        known,
        samples=samples.sort("machine", "signal", "time"),
        spans=pl.concat([known.spans, spans]).sort("machine", "start"),
    )


@pytest.mark.parametrize(
    ("panel", "silent"),
    [
        ([(0, 600)], []),
        ([(0, 200), (260, 600)], []),
        ([(0, 200), (261, 600)], [(200, 261)]),
    ],
)
def test_a_pause_up_to_stale_after_is_no_silence(
    panel: list[tuple[float, float]], silent: list[tuple[float, float]]
) -> None:
    found = silent_stretches(PANEL, "panel", told([], panel), None)[
        1:-1
    ]  # without the first and last
    assert [(instant(begin), instant(end)) for begin, end in found.tolist()] == [
        (at(begin), at(end)) for begin, end in silent
    ]


def test_before_its_first_sign_of_life_and_after_its_last_a_machine_is_silent() -> None:
    first, last = silent_stretches(PANEL, "panel", told([], [(100, 500)]), None)
    assert (first[1], last[0]) == (micros(at(100)), micros(at(500)))
    (whole,) = silent_stretches(PANEL, "nobody", told([], []), None)
    assert whole[0] < micros(at(0)) < micros(at(600)) < whole[1]


def test_a_live_machine_is_trusted_for_a_while() -> None:
    soon, late = (
        silent_stretches(PANEL, "panel", told([], [(0, 600)]), at(600 + seconds))[-1]
        for seconds in (59, 61)
    )
    assert (soon[0], late[0]) == (micros(at(659)), micros(at(600)))


def test_while_the_machine_is_silent_that_tells_it_nobody_knows_the_order() -> None:
    known = told([("order", 0, "A"), ("order", 400, "B")], [(0, 100), (400, 600)])
    assert silences_beside_state(LINE, known, "order", None).size == 0, "the same machine tells all"
    lost = lost_track(PANEL, known, "order")
    assert [instant(it) for it in lost.times.tolist()[1:-1]] == [at(0), at(100), at(400), at(600)]
    where = plant(roles=("state",))
    found = state_intervals(replace(where, lines={"l1": PANEL}), "l1", known, at(0), at(600))
    assert found.select("start", "order").rows() == [
        (at(0), "A"),
        (at(100), ORDER_LOST),
        (at(400), "B"),
    ]


def test_while_the_machine_is_silent_that_tells_the_mode_the_state_is_unknown() -> None:
    known = told([("mode", 0, "produce"), ("mode", 400, "produce")], [(0, 100), (400, 600)])
    where = plant(roles=("state",))
    found = state_intervals(replace(where, lines={"l1": PANEL}), "l1", known, at(0), at(600))
    assert found["state"].to_list() == ["stopped", "unknown", "stopped"]
