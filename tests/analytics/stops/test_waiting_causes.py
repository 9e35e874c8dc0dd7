"""First causes along a line, against hand-made cases and a loop over seconds."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.stops.waiting_causes import FirstCauses, first_causes, machine_tracks
from analytics.timeline.tracks import StateTrack
from domain.frames import HISTORY, SPANS, LineHistory
from domain.plant import Break, Calendar, Line, Machine, Plant, Shift
from domain.states import MachineState
from domain.time import Window, micros

ZERO = datetime(2026, 3, 2, tzinfo=UTC)
SEQUENCE = ("press", "welder", "painter", "packer")
Story = list[tuple[int, str]]  # from that second on, that state


def at(second: float) -> datetime:
    return ZERO + timedelta(seconds=second)


def track(story: Story) -> StateTrack:
    times = [micros(at(second)) for second, _ in story]
    codes = [MachineState(state).code for _, state in story]
    return StateTrack(np.array(times, dtype=np.int64), np.array(codes, dtype=np.int8))


def plant(sequence: tuple[str, ...] = SEQUENCE, calendar: Calendar | None = None) -> Plant:
    machines = {name: Machine(name, "import") for name in sequence}
    line = Line("line", {"en": "Line"}, machines, {}, calendar, sequence=sequence)
    return Plant("p", ZoneInfo("UTC"), {"en": "P"}, "1", {}, {"line": line})


def caused(
    stories: dict[str, Story],
    start: float = 0,
    end: float = 100,
    *,
    since: float = 0,
    lag_s: float = 0,
    calendar: Calendar | None = None,
) -> FirstCauses:
    tracks = {name: track(story) for name, story in stories.items()}
    ours = plant(tuple(stories), calendar)
    return first_causes(ours, "line", tracks, at(since), Window(at(start), at(end)), lag_s)


def told(found: FirstCauses) -> list[tuple[Any, ...]]:
    """Machine, waited, seconds, cause or origin."""
    return [
        (row["machine"], row["waited"], row["duration_s"], row["cause"] or row["origin"])
        for row in found.waits.iter_rows(named=True)
    ]


def share(found: FirstCauses, machine: str) -> dict[str, float]:
    return found.shares.filter(pl.col("machine") == machine).row(0, named=True)


RUNS: Story = [(0, "producing")]


def test_the_welder_stopped_everything() -> None:
    """united-manufacturing-hub#174: whom to blame on a line: the welder stopped everything."""
    found = caused(
        {
            "press": [(0, "producing"), (12, "blocked"), (60, "producing")],
            "welder": [(0, "producing"), (10, "fault"), (20, "stopped"), (50, "producing")],
            "painter": [(0, "producing"), (15, "starved"), (55, "producing")],
            "packer": [(0, "producing"), (18, "starved"), (58, "producing")],
        }
    )
    assert told(found) == [
        ("press", "blocked", 48, "welder"),
        ("painter", "starved", 40, "welder"),
        ("packer", "starved", 40, "welder"),
    ]
    assert share(found, "welder") == {
        "machine": "welder",
        "own_stop_s": 40,
        "caused_s": 128,
        "waited_s": 0,
        "waited_external_s": 0,
        "waited_unknown_s": 0,
        "unknown_s": 0,
    }
    assert share(found, "press")["waited_s"] == 48
    assert share(found, "painter")["caused_s"] == 0, "who waits is not to blame"


def test_nobody_is_blamed_who_did_not_stand() -> None:
    found = caused(
        {
            "press": [(0, "starved"), (10, "producing")],
            "welder": [(0, "producing"), (20, "blocked"), (30, "producing")],
            "painter": [(0, "producing"), (50, "blocked"), (60, "producing")],
            "packer": [(0, "unknown"), (40, "unknown")],
        }
    )
    assert told(found) == [
        ("press", "starved", 10, "external"),  # nothing came into the line
        ("welder", "blocked", 10, "external"),  # the painter ran
        ("painter", "blocked", 10, "unknown"),  # nobody knows what the packer did
    ]


def test_setup_and_maintenance_make_others_wait_too() -> None:
    found = caused(
        {
            "press": [(0, "producing"), (30, "blocked"), (40, "producing"), (80, "blocked")],
            "welder": [(0, "producing"), (30, "setup"), (40, "producing"), (80, "maintenance")],
        }
    )
    assert [row[3] for row in told(found)] == ["welder", "welder"]
    assert share(found, "welder")["own_stop_s"] == 30


def test_a_lag_before_the_waiting_began() -> None:
    stories = {
        "press": [(0, "producing"), (33, "blocked"), (40, "producing")],
        "welder": [(0, "producing"), (20, "fault"), (30, "producing")],
    }
    assert told(caused(stories, lag_s=0))[0][3] == "external"
    assert told(caused(stories, lag_s=3))[0][3] == "external", "three seconds ago it ran again"
    assert told(caused(stories, lag_s=3.5))[0][3] == "welder"


def test_the_nearest_that_stood_is_the_cause() -> None:
    found = caused(
        {
            "press": [(0, "blocked"), (30, "producing")],
            "welder": [(0, "blocked"), (30, "producing")],
            "painter": [(0, "fault"), (30, "producing")],
            "packer": [(0, "fault"), (30, "producing")],
        }
    )
    assert {row[3] for row in told(found)} == {"painter"}


def test_a_waiting_that_began_before_the_window_has_the_cause_it_began_with() -> None:
    stories = {
        "press": [(0, "producing"), (12, "blocked"), (60, "producing")],
        "welder": [(0, "producing"), (10, "fault"), (20, "producing")],
    }
    assert told(caused(stories, 30, 50)) == [("press", "blocked", 20, "welder")]
    assert told(caused(stories, 30, 50, since=30))[0][3] == "external", "so far nobody sees back"
    parts = [caused(stories, start, start + 10).shares for start in range(0, 100, 10)]
    whole = caused(stories).shares
    assert pl.concat(parts).group_by("machine", maintain_order=True).sum().equals(whole)


def test_breaks_are_nobody_s_waiting() -> None:
    """united-manufacturing-hub#129: what reaches into a break is not lost there."""
    shift = Shift("A", frozenset(range(7)), time(0), time(0, 1), (Break(time(0), time(0, 0, 30)),))
    found = caused(
        {
            "press": [(0, "producing"), (12, "blocked"), (70, "producing")],
            "welder": [(0, "producing"), (10, "fault"), (70, "producing")],
        },
        calendar=Calendar("c", (shift,)),
    )
    assert told(found) == [("press", "blocked", 30, "welder")]
    assert share(found, "welder")["own_stop_s"] == 30


def test_a_line_of_one_machine_and_a_line_without_waits() -> None:
    alone = caused({"press": [(0, "blocked"), (10, "producing")]})
    assert told(alone) == [("press", "blocked", 10, "external")]
    quiet = caused({"press": RUNS, "welder": RUNS})
    assert quiet.waits.height == 0
    assert quiet.shares["own_stop_s"].to_list() == [0, 0]


def test_states_of_all_machines_come_from_the_line_s_history() -> None:
    rows = [
        (machine, "state", at(second), float(MachineState(state).code), state, 0)
        for machine, second, state in (
            ("press", 0, "producing"),
            ("press", 12, "blocked"),
            ("welder", 0, "producing"),
            ("welder", 10, "fault"),
        )
    ]
    spans = pl.DataFrame(
        [("press", at(0), at(90)), ("welder", at(0), at(50))],
        schema={name: kind for name, kind in SPANS.items() if name != "line"},
        orient="row",
    )
    samples = pl.DataFrame(rows, schema=HISTORY, orient="row")
    history = LineHistory("line", at(0), at(100), samples, spans)
    ours = plant(("press", "welder", "painter"))
    tracks = machine_tracks(ours.lines["line"], history)
    found = first_causes(ours, "line", tracks, at(0), Window(at(0), at(100)), 0)
    assert told(found) == [("press", "blocked", 78, "welder")]
    assert found.shares["unknown_s"].to_list() == [10, 50, 100]


def test_a_wait_that_is_told_a_moment_before_its_cause_has_that_cause() -> None:
    """Two machines are polled once a second each: the one that waits may be heard first."""
    stories: dict[str, Story] = {
        "press": [(0, "producing"), (10, "blocked"), (60, "producing")],
        "welder": [(0, "producing"), (11, "blocked"), (60, "producing")],
        "painter": [(0, "producing"), (12, "fault"), (50, "producing")],
    }
    for end in (100, 11):  # wherever the window ends
        found = caused(stories, end=end, lag_s=5)
        assert {row[3] for row in told(found)} == {"painter"}
        assert found.waits["end"].max() == at(min(end, 60))
    assert {row[3] for row in told(caused(stories, lag_s=1))} == {"external", "painter"}
    assert {row[3] for row in told(caused(stories, lag_s=0))} == {"external"}
    stories["painter"] = [(0, "producing"), (13, "fault"), (50, "producing")]
    assert told(caused(stories, lag_s=3600))[0][3] == "external", "two seconds, whatever the lag"


def oracle(stories: list[Story], start: int, end: int, lag: int) -> list[list[float]]:
    """For each machine: own, caused, waited, external, unknown waiting, unknown seconds."""
    waits = {"blocked": 1, "starved": -1}

    held = [
        [
            ([what for since, what in story if since <= second] or ["unknown"])[-1]
            for second in range(end + 3)
        ]
        for story in stories
    ]

    def state(machine: int, second: int) -> str:
        return held[machine][second]

    def ever(machine: int, second: int, what: set[str]) -> bool:
        return any(state(machine, s) in what for s in range(max(second - lag, 0), second + 1))

    standing = {each.value for each in MachineState} - {*waits, "producing", "unknown"}

    def asked(machine: int, second: int, waiting: str) -> int | str:
        other = machine + waits[waiting]
        while 0 <= other < len(stories):
            if ever(other, second, standing):
                return other
            if ever(other, second, {waiting}):
                other += waits[waiting]
                continue
            return "unknown wait" if state(other, second) == "unknown" else "external"
        return "external"

    totals: dict[tuple[int, str], float] = defaultdict(float)
    for machine in range(len(stories)):
        blamed: int | str = ""
        for second in range(end):
            now = state(machine, second)
            if now in waits and (second == 0 or state(machine, second - 1) != now):
                blamed, later = asked(machine, second, now), second
                while later < second + min(lag, 2) and state(machine, later + 1) == now:
                    later += 1
                if blamed == "external" and isinstance(told := asked(machine, later, now), int):
                    blamed = told
            if second < start:
                continue
            if now in standing:
                totals[machine, "own"] += 1
            elif now == "unknown":
                totals[machine, "unknown"] += 1
            elif now in waits and isinstance(blamed, int):
                totals[machine, "waited"] += 1
                totals[blamed, "caused"] += 1
            elif now in waits:
                totals[machine, str(blamed)] += 1
    names = ("own", "caused", "waited", "external", "unknown wait", "unknown")
    return [[totals[machine, name] for name in names] for machine in range(len(stories))]


STORIES = st.lists(
    st.lists(
        st.tuples(st.integers(0, 60), st.sampled_from(MachineState.names())),
        min_size=1,
        max_size=12,
    ).map(lambda story: sorted({second: (second, state) for second, state in story}.values())),
    min_size=1,
    max_size=5,
)


@settings(max_examples=200, deadline=None)
@given(STORIES, st.integers(0, 20), st.integers(1, 50), st.integers(0, 6))
def test_every_waiting_second_has_one_cause(
    stories: list[Story], start: int, length: int, lag: int
) -> None:
    """united-manufacturing-hub#174, against a loop over seconds."""
    named = {f"m{index}": story for index, story in enumerate(stories)}
    found = caused(named, start, start + length, lag_s=lag)
    columns = (
        "own_stop_s",
        "caused_s",
        "waited_s",
        "waited_external_s",
        "waited_unknown_s",
        "unknown_s",
    )
    expected = oracle(stories, start, start + length, lag)
    assert [list(row) for row in found.shares.select(columns).rows()] == expected
    assert found.shares["caused_s"].sum() == found.shares["waited_s"].sum()
    assert found.waits["duration_s"].sum() == pytest.approx(
        sum(row[2] + row[3] + row[4] for row in expected)
    )
