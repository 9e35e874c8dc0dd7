"""The stop list, from hand-made state intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

import polars as pl
from hypothesis import given
from hypothesis import strategies as st
from stop_intervals import ZERO, Piece, busy, intervals, stop_list

from analytics.stops.stop_list import counted, surroundings
from domain.corrections import Correction, CorrectionKind, in_force
from domain.plant import Line
from domain.states import STOP_STATES, MachineState
from domain.time import Window


def minute(minutes: float) -> datetime:
    return ZERO + timedelta(minutes=minutes)


def listed(stops: pl.DataFrame) -> list[tuple[float, float, str, str | None, str]]:
    """Start and length in minutes, state, reason, category."""
    return [
        (
            (row["start"] - ZERO) / timedelta(minutes=1),
            row["duration_s"] / 60,
            row["state"],
            row["reason"],
            row["category"],
        )
        for row in stops.iter_rows(named=True)
    ]


def test_a_run_of_stop_states_is_one_stop_with_its_first_state_and_last_reason() -> None:
    stops = stop_list(
        intervals(
            busy(10, "producing"),
            busy(1, "fault"),
            busy(4, "stopped", "jam"),
            busy(3, "idle", "jam at infeed"),
            busy(2, "idle"),
            busy(10, "producing"),
        ),
        minor_stop_s=120,
    )
    assert listed(stops) == [(10, 10, "fault", "jam at infeed", "major")]


def test_a_stop_shorter_than_the_limit_is_minor_and_one_as_long_is_not() -> None:
    stops = stop_list(
        intervals(
            busy(1.99, "starved"), busy(1, "producing"), busy(2, "blocked"), busy(1, "producing")
        ),
        minor_stop_s=120,
    )
    assert stops["category"].to_list() == ["minor", "major"]


def test_setup_maintenance_and_unknown_are_listed_and_end_a_stop() -> None:
    stops = stop_list(
        intervals(
            busy(5, "stopped"),
            busy(2, "unknown"),
            busy(5, "stopped"),
            busy(7, "setup"),
            busy(8, "maintenance"),
            busy(1, "off"),
        ),
        minor_stop_s=120,
    )
    assert [(row[1], row[4]) for row in listed(stops)] == [
        (5, "major"),
        (2, "unknown"),
        (5, "major"),
        (7, "setup"),
        (8, "maintenance"),
        (1, "minor"),
    ]


def test_a_stop_is_cut_at_the_end_of_the_shift_and_counted_once() -> None:
    """united-manufacturing-hub#106, #129, #146: stops across shift borders."""
    stops = stop_list(
        intervals(
            busy(10, "producing"),
            busy(1, "fault", shift="A"),
            busy(480, "fault", "motor", shift="B"),
            busy(5, "fault", "motor", shift="C"),
            busy(10, "producing", shift="C"),
        ),
        minor_stop_s=120,
    )
    assert stops["shift"].to_list() == ["A", "B", "C"]
    assert stops["continued"].to_list() == [False, True, True]
    # one minute of a stop of eight hours is no minor stop, and has its reason
    assert listed(stops)[0] == (10, 1, "fault", "motor", "major")
    assert stops.select(counted().sum()).item() == 1


def test_breaks_and_unplanned_time_are_no_stops() -> None:
    """united-manufacturing-hub#129, qcadoo/mes#58: a stop that reaches into a break."""
    stops = stop_list(
        intervals(
            busy(5, "stopped"),
            (30, "stopped", None, "planned_down", "A"),
            busy(6, "stopped"),
            (600, "off", None, "not_planned", ""),
        ),
        minor_stop_s=120,
    )
    assert [row[:2] for row in listed(stops)] == [(0, 5), (35, 6)]
    assert stops["continued"].to_list() == [False, True], "the machine stood all the while"


def test_a_reason_given_in_a_break_is_that_of_the_stop_before_it() -> None:
    """Somebody says why while the line stands in its break, and starts it before the break ends;
    what the machine says when the shift is over does not go before what was said in it."""
    stops = stop_list(
        intervals(
            busy(5, "fault"),
            (10, "fault", None, "planned_down", "A"),
            (5, "fault", "jam", "planned_down", "A"),
            (15, "producing", None, "planned_down", "A"),
            busy(10, "producing"),
            busy(4, "stopped", "film"),
            (600, "off", "no shift", "not_planned", ""),
        ),
        minor_stop_s=120,
    )
    assert listed(stops) == [(0, 5, "fault", "jam", "major"), (45, 4, "stopped", "film", "major")]


def test_what_people_say_of_a_stop_is_its_reason_also_after_the_time_that_they_named() -> None:
    """Of a stop that goes on they can name the time up to now only; the machine repeats its own
    reason afterwards. The next stop has its own."""
    pieces = intervals(
        busy(5, "fault", "E17"),
        busy(5, "fault", "jam"),
        busy(20, "fault", "E17"),
        busy(10, "producing"),
        busy(5, "fault", "E17"),
    )
    said = replace(correction(CorrectionKind.REASON, 5, 10), reason="jam")
    assert stop_list(pieces, 120)["reason"].to_list() == ["E17", "E17"]
    assert stop_list(pieces, 120, corrections=[said])["reason"].to_list() == ["jam", "E17"]


def test_no_interval_gives_an_empty_list() -> None:
    stops = stop_list(intervals(), minor_stop_s=120)
    assert stops.height == 0


PIECES = st.lists(
    st.tuples(
        st.integers(min_value=1, max_value=600),
        st.sampled_from(MachineState.names()),
        st.sampled_from([None, "", "jam", "film"]),
        st.sampled_from(["busy", "busy", "planned_down", "not_planned"]),
        st.sampled_from(["", "A", "B"]),
    ),
    max_size=25,
)


@given(PIECES)
def test_the_list_holds_every_busy_second_that_did_not_produce(pieces: list[Piece]) -> None:
    stops = stop_list(intervals(*pieces), minor_stop_s=120)
    lost = sum(
        minutes
        for minutes, state, _, plan, _ in pieces
        if plan == "busy" and state != MachineState.PRODUCING
    )
    assert stops["duration_s"].sum() == lost * 60
    assert ((stops["end"] - stops["start"]).dt.total_seconds() == stops["duration_s"]).all()
    assert stops["flickers"].sum() == 0, "nothing here is shorter than a minute"


@given(PIECES, st.randoms())
def test_the_list_does_not_depend_on_how_the_time_was_cut_or_ordered(
    pieces: list[Piece], random: Random
) -> None:
    """thingsboard/thingsboard#4207: rules over states need the order of events, not of arrival."""
    halves = [(piece[0] / 2, *piece[1:]) for piece in pieces for _ in range(2)]
    cut = intervals(*halves).sample(fraction=1, shuffle=True, seed=random.randrange(2**32))
    expected = stop_list(intervals(*pieces), minor_stop_s=120)
    assert stop_list(cut, minor_stop_s=120).equals(expected)


def test_a_stop_is_cut_where_a_shift_follows_itself_under_the_same_name() -> None:
    """united-manufacturing-hub#106: an unknown stop not cut at the end of the shift."""
    pieces = intervals(busy(30, "stopped"), busy(30, "stopped"))
    pieces = pieces.with_columns(pl.col("start").alias("shift_start"))
    assert stop_list(pieces, 120)["continued"].to_list() == [False, True]


SECOND = 1 / 60


def test_chatter_is_no_end_of_a_stop() -> None:
    """Production for half a second between two stretches of fault: one stop, counted once."""
    stops = stop_list(
        intervals(
            busy(10, "producing"),
            busy(1.5, "fault", "jam"),
            busy(0.5 * SECOND, "producing"),
            busy(1, "stopped"),
            busy(1 * SECOND, "producing"),
            busy(1, "fault"),
        ),
        minor_stop_s=120,
        chatter_s=1.0,
    )
    assert stops["duration_s"].to_list() == [150.0, 60.0], "the chatter's time stays production"
    assert stops["flickers"].to_list() == [1, 0]
    assert stops["end"][0] == minute(12.5 + 0.5 * SECOND)
    assert stops["category"].to_list() == ["major", "minor"], "by the joined length"
    assert stops["reason"].to_list() == ["jam", None]


def test_time_of_any_kind_joins_where_it_is_short_and_is_listed_all_the_same() -> None:
    pieces = intervals(
        busy(1, "fault"),
        busy(0.3 * SECOND, "setup"),
        busy(0.3 * SECOND, "producing"),
        busy(0.3 * SECOND, "unknown"),
        busy(1, "fault"),
    )
    stops = stop_list(pieces, minor_stop_s=120, chatter_s=1.0)
    assert stops["category"].to_list() == ["major", "setup", "unknown"]
    assert stops["duration_s"].to_list() == [120, 0.3, 0.3]
    apart = stop_list(pieces, minor_stop_s=120, chatter_s=0.9)
    assert apart["category"].to_list() == ["minor", "setup", "unknown", "minor"], "0.9 s in all"


def test_a_stop_counts_where_it_begins_and_not_where_the_window_cuts_it() -> None:
    """united-manufacturing-hub#146: a stop across windows is one in all of them together."""
    pieces = intervals(busy(5, "producing"), busy(30, "fault", "motor"), busy(5, "producing"))
    halves = [
        stop_list(pieces, 120, window=Window(minute(start), minute(end)))
        for start, end in ((0, 6), (6, 20), (20, 40))
    ]
    assert [part["continued"].to_list() for part in halves] == [[False], [True], [True]]
    assert [part["duration_s"].to_list() for part in halves] == [[60], [840], [900]]
    assert {part["category"][0] for part in halves} == {"major"}, "its first minute is not minor"


def test_the_surroundings_reach_far_enough_and_never_past_now() -> None:
    line = Line("l", {"en": "L"}, {}, {}, minor_stop_s=120)
    window = Window(minute(60), minute(120))
    assert surroundings(line, window, minute(500)) == Window(minute(56), minute(124))
    assert surroundings(line, window, minute(121)) == Window(minute(56), minute(121))
    assert surroundings(line, window, minute(90)) == Window(minute(56), minute(120))


def test_a_stop_that_began_in_a_break_is_not_counted() -> None:
    stops = stop_list(
        intervals(busy(5, "producing"), (30, "off", None, "planned_down", "A"), busy(6, "off")),
        minor_stop_s=120,
    )
    assert stops["continued"].to_list() == [True]
    assert stops.select(counted().sum()).item() == 0


def correction(
    kind: CorrectionKind, start: float, end: float, *, recorded: float = 0, identity: str = ""
) -> Correction:
    return Correction(
        identity or f"{kind}-{start}",
        "filler-1",
        kind,
        minute(start),
        minute(end),
        "operator",
        ZERO + timedelta(days=1, minutes=recorded),
    )


def split(at: float, **more: float) -> Correction:
    return correction(CorrectionKind.SPLIT, at, at, **more)


def merge(start: float, end: float, **more: float) -> Correction:
    return correction(CorrectionKind.MERGE, start, end, **more)


STANDSTILL = (
    busy(10, "producing"),
    busy(20, "stopped", "jam"),
    busy(10, "producing"),
    busy(4, "fault"),
    busy(10, "producing"),
    busy(1, "fault"),
)


def corrected(*corrections: Correction, pieces: Sequence[Piece] = STANDSTILL) -> list[list[float]]:
    """Start and length of each stop in minutes."""
    stops = stop_list(intervals(*pieces), 120, corrections=corrections)
    assert not stops["continued"].any()
    return [[row[0], row[1]] for row in listed(stops)]


def test_a_split_ends_a_stop_and_begins_another() -> None:
    assert corrected() == [[10, 20], [40, 4], [54, 1]]
    assert corrected(split(25)) == [[10, 15], [25, 5], [40, 4], [54, 1]]
    for nothing in (5, 10, 30, 35, 55, 80):
        assert corrected(split(nothing)) == corrected(), f"no stop to split at {nothing}"


def test_a_merge_makes_one_stop_whose_length_is_stopped_time_alone() -> None:
    stops = stop_list(intervals(*STANDSTILL), 120, corrections=[merge(29, 41)])
    assert stops["duration_s"].to_list() == [24 * 60, 60]
    assert stops["end"].to_list() == [minute(44), minute(55)]
    assert stops["flickers"].to_list() == [1, 0]
    assert corrected(merge(0, 60)) == [[10, 25]]
    assert corrected(merge(30, 40)) == corrected(), "it holds no stop"
    assert corrected(merge(41, 42)) == corrected(), "one stop is one already"


def test_corrections_do_not_depend_on_the_order_in_which_they_are_given() -> None:
    both = (split(25), merge(10, 60))
    assert corrected(*both) == corrected(*reversed(both)) == [[10, 15], [25, 10]]


def test_a_split_in_chatter_splits_nothing() -> None:
    pieces = (busy(1, "fault"), busy(0.5 * SECOND, "producing"), busy(1, "fault"))
    assert len(corrected(split(1 + 0.2 * SECOND), pieces=pieces)) == 1
    assert len(corrected(split(1 + 0.5 * SECOND), pieces=pieces)) == 2


CORRECTIONS = st.lists(
    st.tuples(
        st.sampled_from([CorrectionKind.SPLIT, CorrectionKind.MERGE]),
        st.integers(0, 2000),
        st.integers(1, 2000),
        st.integers(0, 5),
    ),
    max_size=6,
)


@given(PIECES, CORRECTIONS)
def test_overlapping_corrections_never_make_more_stopped_time_than_there_is(
    pieces: list[Piece], told: list[tuple[CorrectionKind, int, int, int]]
) -> None:
    """point85/OEE-Designer#9: overlapping manual stops made availability negative."""
    ours = [
        correction(kind, start, start + length, recorded=when, identity=str(number))
        for number, (kind, start, length, when) in enumerate(told)
    ]
    measured = stop_list(intervals(*pieces), 120)
    stops = stop_list(intervals(*pieces), 120, corrections=ours)
    assert stops["duration_s"].sum() == measured["duration_s"].sum()
    assert stops["start"].is_sorted()
    withdrawn = [
        correction(CorrectionKind.WITHDRAWAL, 0, 1, recorded=10, identity=f"w{it.id}")
        for it in ours
    ]
    withdrawn = [replace(it, withdraws=it.id[1:]) for it in withdrawn]
    again = stop_list(intervals(*pieces), 120, corrections=in_force([*ours, *withdrawn]))
    assert again.equals(measured), "withdrawn corrections leave nothing behind"


SHORT = st.lists(
    st.tuples(
        st.integers(1, 40).map(lambda tenths: tenths / 600),
        st.sampled_from(["producing", "producing", "fault", "idle", "unknown", "setup"]),
        st.none(),
        st.sampled_from(["busy", "busy", "busy", "planned_down"]),
        st.just("A"),
    ),
    max_size=40,
)


@given(SHORT, st.sampled_from([0.0, 0.5, 1.0, 3.0]))
def test_a_stop_counts_after_so_much_other_time(pieces: list[Piece], chatter_s: float) -> None:
    """Against a loop over tenths of a second: the rule by which the facts count."""
    states: list[tuple[str, str]] = []
    for minutes, state, _, plan, _ in pieces:
        states += [(state, plan)] * round(minutes * 600)
    expected, other = 0, 10**9
    for state, plan in states:
        if state in STOP_STATES:
            expected += other > 0 and other >= chatter_s * 10 and plan == "busy"
            other = 0
        else:
            other += 1
    stops = stop_list(intervals(*pieces), 2.0, chatter_s)
    assert stops.select(counted().sum()).item() == expected
