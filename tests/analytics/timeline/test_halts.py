"""Halts: what is one stop, setup or maintenance, and how far a reason reaches back in it."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from plants import plant

from analytics.timeline.halts import Halts, halts_of, reach_back
from analytics.timeline.tracks import StateTrack
from domain.corrections import Correction, CorrectionKind
from domain.states import MachineState
from domain.time import instant

S = 1_000_000
FOREVER = np.iinfo(np.int64).max
JAM, CUPS, NONE = 0, 1, -1
LOST = 9


def found_of(*changes: tuple[float, str], recut: tuple[Correction, ...] = ()) -> Halts:
    """The halts of these states, from seconds on; chatter is shorter than a second."""
    times = np.array([round(at * S) for at, _ in changes], dtype=np.int64)
    codes = np.array([MachineState(state).code for _, state in changes], dtype=np.int8)
    return halts_of(plant(None).lines["l1"], StateTrack(times, codes), recut)


def halts(*changes: tuple[float, str], recut: tuple[Correction, ...] = ()) -> list[list[float]]:
    """Begin and end of each halt in seconds."""
    found = found_of(*changes, recut=recut)
    return [[begin / S, end / S] for begin, end in zip(found.begins, found.ends, strict=True)]


def made(begins: list[int], ends: list[int], *, is_unsure: bool = False) -> Halts:
    """Halts from and to these seconds, none of them cut off; whether their begins are unsure."""
    flags = np.full(len(begins), is_unsure), np.zeros(len(begins), dtype=np.bool_)
    return Halts(np.array(begins) * S, np.array(ends) * S, *flags)


def cut(kind: CorrectionKind, start: float, end: float) -> Correction:
    first, last = (instant(0) + timedelta(seconds=at) for at in (start, end))
    return Correction("c", "l1", kind, first, last, "Ann", last)


def test_stops_are_joined_over_chatter_and_parted_by_all_else() -> None:
    assert halts(
        (0, "producing"), (10, "fault"), (15, "idle"), (20, "producing"), (20.5, "stopped"),
        (30, "setup"), (40, "maintenance"), (50, "unknown"), (60, "stopped"), (70, "producing"),
    ) == [[10, 30], [30, 40], [40, 50], [60, 70]]  # fmt: skip


def test_a_moment_of_setup_in_a_stop_is_chatter() -> None:
    assert halts((10, "stopped"), (20, "setup"), (20.5, "stopped"), (30, "off")) == [
        [10, FOREVER / S]
    ]


def test_a_split_parts_a_stop_and_a_merge_makes_one_of_two() -> None:
    stops = ((10, "stopped"), (30, "producing"), (40, "stopped"), (50, "producing"))
    assert halts(*stops, recut=(cut(CorrectionKind.SPLIT, 20, 20),)) == [
        [10, 20],
        [20, 30],
        [40, 50],
    ]
    assert halts(*stops, recut=(cut(CorrectionKind.MERGE, 10, 50),)) == [[10, 50]]


def test_without_any_state_there_is_no_halt() -> None:
    assert halts() == []
    assert halts((0, "producing"), (9, "unknown")) == []


@pytest.mark.parametrize(
    ("states", "is_unsure"),
    [
        ([], True),  # nothing is known of the time before
        ([(0, "producing")], False),
        ([(0, "producing"), (5, "unknown")], True),
        ([(0, "unknown"), (9.5, "producing")], True),  # chatter: it may be one with a stop before
        ([(0, "unknown"), (9, "producing")], False),
    ],
)
def test_a_stop_behind_unknown_time_may_have_begun_in_it(
    states: list[tuple[float, str]], is_unsure: bool
) -> None:
    found = found_of(*states, (10, "stopped"), (500, "producing"))
    assert found.unsure_begins.tolist() == [is_unsure]
    assert found.undoubted().unsure_begins.tolist() == [False]


@pytest.mark.parametrize(
    ("states", "is_cut_off"),
    [
        ([(50, "producing")], False),
        ([(50, "unknown")], True),
        ([(70, "unknown")], True),
        ([(70.000001, "unknown")], False),  # a later reason reaches back no more
        ([(50, "producing"), (50.5, "unknown")], True),
        ([(50, "producing"), (51, "unknown")], False),
        ([], False),  # it goes on
    ],
)
def test_a_stop_that_unknown_time_follows_may_go_on_in_it(
    states: list[tuple[float, str]], is_cut_off: bool
) -> None:
    found = found_of((0, "producing"), (10, "stopped"), *states)
    assert found.cut_off.tolist() == [is_cut_off]
    assert found.undoubted().cut_off.tolist() == [False]


def reached(
    told: list[tuple[float, int]], *of: tuple[int, int], is_unsure: bool = False
) -> list[tuple[float, int]]:
    times = np.array([round(at * S) for at, _ in told], dtype=np.int64)
    codes = np.array([code for _, code in told], dtype=np.int32)
    found = made([begin for begin, _ in of], [end for _, end in of], is_unsure=is_unsure)
    moved, held = reach_back(times, codes, codes >= 0, found, np.int32(LOST))
    return [(at / S, code) for at, code in zip(moved.tolist(), held.tolist(), strict=True)]


@pytest.mark.parametrize(
    ("told", "holds"),
    [
        ([(10, JAM)], [(10, JAM)]),
        ([(70, JAM)], [(10, JAM)]),
        ([(70.000001, JAM)], [(70.000001, JAM)]),
        ([(12, JAM), (40, CUPS)], [(10, CUPS)]),  # of several the last one
        ([(12, JAM), (90, CUPS)], [(10, JAM), (90, CUPS)]),
        ([(5, CUPS), (10, NONE), (30, JAM)], [(5, CUPS), (10, JAM)]),
        ([(12, JAM), (20, NONE)], [(10, JAM), (20, NONE)]),  # it was taken back
        ([(12, NONE)], [(12, NONE)]),  # says nothing that could reach back
        ([(5, JAM)], [(5, JAM)]),  # before it began
        ([(100, JAM)], [(100, JAM)]),  # as it ends
    ],
)
def test_where_a_reason_holds(
    told: list[tuple[float, int]], holds: list[tuple[float, int]]
) -> None:
    assert reached(told, (10, 100)) == holds


@pytest.mark.parametrize(
    ("told", "holds"),
    [
        ([(70, JAM)], [(10, LOST), (70, JAM)]),
        ([(70.000001, JAM)], [(70.000001, JAM)]),  # wherever it began, that was too late
        ([(12, JAM), (40, CUPS), (90, JAM)], [(10, LOST), (40, CUPS), (90, JAM)]),
        ([(12, JAM), (40, CUPS), (50, CUPS)], [(10, LOST), (40, CUPS), (50, CUPS)]),
        ([(12, CUPS), (40, CUPS)], [(10, LOST), (12, CUPS), (40, CUPS)]),
        ([(5, JAM), (40, JAM)], [(5, JAM), (40, JAM)]),  # the same either way
        ([(10, JAM), (40, JAM)], [(10, JAM), (40, JAM)]),
        ([(5, CUPS), (40, JAM)], [(5, CUPS), (10, LOST), (40, JAM)]),
        ([(10, CUPS), (40, JAM)], [(10, LOST), (40, JAM)]),
        ([(5, JAM), (20, NONE)], [(5, JAM), (20, NONE)]),
    ],
)
def test_behind_unknown_time_it_holds_from_when_it_was_told(
    told: list[tuple[float, int]], holds: list[tuple[float, int]]
) -> None:
    assert reached(told, (10, 100), is_unsure=True) == holds


def test_it_reaches_into_no_stop_before() -> None:
    assert reached([(35, JAM)], (10, 20), (30, 50)) == [(30, JAM)]
    assert reached([(25, JAM)], (10, 20), (30, 50)) == [(25, JAM)]


def test_what_people_say_reaches_back_alike() -> None:
    found = made([10], [100])
    at = [10, 70, 70.000001, 9, 100]
    assert [found.within_reach(round(it * S)) for it in at] == [0, 0, None, None, None]


@given(
    st.lists(st.tuples(st.integers(0, 600), st.integers(-1, 2)), max_size=20),
    st.lists(st.integers(0, 600), min_size=2, max_size=12, unique=True),
    st.booleans(),
)
def test_times_stay_sorted_and_what_holds_late_in_a_halt_does_not_change(
    told: list[tuple[int, int]], borders: list[int], is_unsure: bool
) -> None:
    changes = sorted(dict(told).items())
    edges = sorted(borders)
    of = list(zip(edges[::2], edges[1::2], strict=False))
    moved = reached([(float(at), code) for at, code in changes], *of, is_unsure=is_unsure)
    times = [at for at, _ in moved]
    assert times == sorted(set(times))

    def holding(steps: list[tuple[float, int]], at: float) -> int:
        return next((code for when, code in reversed(steps) if when <= at), NONE)

    before = [(float(at), code) for at, code in changes]
    for at in range(0, 600, 5):
        inside = next(((begin, end) for begin, end in of if begin <= at < end), None)
        if inside is None or at - inside[0] > 60:
            assert holding(moved, at) == holding(before, at)
