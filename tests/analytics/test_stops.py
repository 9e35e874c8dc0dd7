"""The stop list and its Pareto, from hand-made state intervals."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.stops import INTERVALS, pareto, stop_list, stops_json
from domain.states import MachineState
from domain.time import Window

ZERO = datetime(2026, 3, 2, tzinfo=UTC)
Piece = tuple[float, str, str | None, str, str]  # minutes, state, reason, plan, shift


def intervals(*pieces: Piece) -> pl.DataFrame:
    """INTERVALS that follow each other from 00:00 UTC on."""
    rows, cursor, shift_start = [], ZERO, None
    for minutes, state, reason, plan, shift in pieces:
        end = cursor + timedelta(minutes=minutes)
        if not rows or shift != rows[-1][5]:
            shift_start = cursor if shift else None
        rows.append((cursor, end, state, reason, plan, shift, shift_start))
        cursor = end
    return pl.DataFrame(rows, schema=INTERVALS, orient="row")


def busy(minutes: float, state: str, reason: str | None = None, shift: str = "A") -> Piece:
    return (minutes, state, reason, "busy", shift)


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
    assert pareto(stops).to_dicts() == [
        {
            "cause": "motor",
            "by": "reason",
            "duration_s": 486 * 60.0,
            "count": 1,
            "share": 1.0,
            "cumulative_share": 1.0,
        }
    ]


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
    assert stops["continued"].to_list() == [False, False]


def test_pareto_goes_by_reason_or_state_the_longest_first_without_unknown() -> None:
    stops = stop_list(
        intervals(
            busy(10, "fault", "jam"),
            busy(1, "producing"),
            busy(20, "stopped"),
            busy(1, "unknown"),
            busy(20, "stopped", "jam"),
            busy(1, "producing"),
            busy(10, "setup", ""),
        ),
        minor_stop_s=120,
    )
    table = pareto(stops)
    assert table.select("cause", "by", "count").rows() == [
        ("jam", "reason", 2),
        ("stopped", "state", 1),
        ("setup", "state", 1),
    ]
    assert table["duration_s"].to_list() == [1800, 1200, 600]
    assert table["share"].to_list() == pytest.approx([0.5, 1 / 3, 1 / 6])
    assert table["cumulative_share"].to_list() == pytest.approx([0.5, 5 / 6, 1])


def test_no_interval_gives_an_empty_list_and_an_empty_pareto() -> None:
    stops = stop_list(intervals(), minor_stop_s=120)
    assert stops.height == 0
    assert pareto(stops).height == 0


def test_the_document_has_local_times_with_offset_and_is_json() -> None:
    stops = stop_list(intervals(busy(60, "stopped", shift="")), minor_stop_s=120)
    zone = ZoneInfo("Asia/Hong_Kong")
    window = Window(ZERO, ZERO + timedelta(hours=1))
    document = stops_json("filler-1", window, zone, stops)
    assert json.loads(json.dumps(document)) == document
    assert list(document) == ["line", "start", "end", "stops", "pareto"]
    assert document["start"] == "2026-03-02T08:00:00+08:00"
    assert document["stops"] == [
        {
            "start": "2026-03-02T08:00:00+08:00",
            "end": "2026-03-02T09:00:00+08:00",
            "duration_s": 3600.0,
            "state": "stopped",
            "reason": None,
            "category": "major",
            "shift": None,
            "continued": False,
        }
    ]


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


@given(PIECES, st.randoms())
def test_the_list_does_not_depend_on_how_the_time_was_cut_or_ordered(
    pieces: list[Piece], random: st.DataObject
) -> None:
    halves = [(piece[0] / 2, *piece[1:]) for piece in pieces for _ in range(2)]
    cut = intervals(*halves).sample(fraction=1, shuffle=True, seed=random.randrange(2**32))  # type: ignore[attr-defined]
    expected = stop_list(intervals(*pieces), minor_stop_s=120)
    assert stop_list(cut, minor_stop_s=120).equals(expected)


def test_a_stop_is_cut_where_a_shift_follows_itself_under_the_same_name() -> None:
    """united-manufacturing-hub#106: an unknown stop not cut at the end of the shift."""
    pieces = intervals(busy(30, "stopped"), busy(30, "stopped"))
    pieces = pieces.with_columns(pl.col("start").alias("shift_start"))
    assert stop_list(pieces, 120)["continued"].to_list() == [False, True]
