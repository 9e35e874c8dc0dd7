"""The stop list and the losses say the same as the facts, whatever a line did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.facts.line_facts import line_facts
from analytics.kpi.rows import kpi_rows
from analytics.stops.six_big_losses import Made, losses
from analytics.stops.stop_list import counted, stop_pieces, stops_from_pieces, surroundings
from analytics.timeline.state_intervals import state_intervals
from domain.corrections import Correction, CorrectionKind, in_force
from domain.frames import HISTORY, SPANS, LineHistory
from domain.plant import Break, Calendar, Line, Plant, Shift, StopReason
from domain.states import MachineState, ReasonKind
from domain.time import Window

ZONE = ZoneInfo("Asia/Hong_Kong")
ZERO = datetime(2026, 3, 2, 6, tzinfo=ZONE).astimezone(UTC)
HOURS = 6
HOUR = timedelta(hours=1)
WEEK = frozenset(range(7))
SHIFTS = (
    Shift("A", WEEK, time(7), time(9), (Break(time(8), time(8, 15)),)),
    Shift("B", WEEK, time(9), time(11)),
)
REASONS = {
    node.id: node
    for node in (
        StopReason("jam", {"en": "Jam"}, ReasonKind.BREAKDOWN, codes=("E1",)),
        StopReason("format", {"en": "Format"}, ReasonKind.SETUP),
        StopReason("lunch", {"en": "Lunch"}, ReasonKind.PLANNED),
    )
}


def plant(chatter_s: float) -> Plant:
    line = Line(
        "l",
        {"en": "L"},
        {},
        {"state": "m", "total_count": "m", "good_count": "m"},
        Calendar("c", SHIFTS),
        1.0,
        chatter_s=chatter_s,
    )
    return Plant("p", ZONE, {"en": "P"}, "1", {}, {"l": line}, REASONS)


def at(seconds: float) -> datetime:
    return ZERO + timedelta(seconds=seconds)


# Stays in a state: mostly minutes, sometimes chatter.
STAYS = st.lists(
    st.tuples(
        st.one_of(st.integers(60, 4000), st.sampled_from([0.4, 0.9, 1.0, 2.5, 59.0])),
        st.sampled_from(["producing", "producing", "fault", "stopped", "idle", "setup", "unknown"]),
        st.sampled_from(["", "", "E1", "jam", "format", "lunch", "film"]),
        st.sampled_from([None, None, "produce", "maintenance"]),
        st.sampled_from([None, "", "o1"]),
    ),
    min_size=1,
    max_size=30,
)
JOININGS = st.lists(
    st.tuples(
        st.sampled_from([CorrectionKind.SPLIT, CorrectionKind.MERGE]),
        st.integers(3600, 17000),
        st.integers(1, 4000),
    ),
    max_size=4,
)
Stays = list[tuple[float, str, str, str | None, str | None]]
Joinings = Sequence[tuple[CorrectionKind, int, int]]


def history(stays: Stays, joinings: Joinings = ()) -> LineHistory:
    rows, moment, total = [], 0.0, 0.0
    for length, state, reason, mode, order in stays:
        texts = {"stop_reason": reason, "mode": mode, "order": order}
        rows.append(("state", at(moment), float(MachineState(state).code), state))
        rows += [(name, at(moment), None, text) for name, text in texts.items() if text is not None]
        rows += [("total_count", at(moment), total, None), ("good_count", at(moment), total, None)]
        total += length * 0.7 if state == "producing" else 0.0
        moment += length
    # Its last count comes when the line is seen to the end.
    rows += [(name, at(moment), total, None) for name in ("total_count", "good_count")]
    samples = pl.DataFrame([("m", *row, 0) for row in rows], schema=HISTORY, orient="row")
    end = at(max(moment, HOURS * 3600))
    spans = pl.DataFrame(
        [("m", ZERO, end)],
        schema={name: kind for name, kind in SPANS.items() if name != "line"},
        orient="row",
    )
    corrections = in_force(
        Correction(
            str(number),
            "l",
            kind,
            at(start),
            at(start if kind is CorrectionKind.SPLIT else start + length),
            "operator",
            end,
        )
        for number, (kind, start, length) in enumerate(joinings)
    )
    return LineHistory(
        "l", ZERO - HOUR, end + HOUR, samples.sort("machine", "signal", "time"), spans, corrections
    )


def pieces_of(ours: Plant, told: LineHistory, window: Window) -> pl.DataFrame:
    line = ours.lines["l"]
    around = surroundings(line, window, told.end - HOUR)
    intervals = state_intervals(ours, "l", told, around.start, around.end)
    return stop_pieces(intervals, line.minor_stop_s, line.chatter_s, window, told.corrections)


@settings(max_examples=80, deadline=None)
@given(STAYS, JOININGS, st.sampled_from([0.0, 1.0, 60.0]))
def test_the_list_counts_as_many_stops_as_the_facts(
    stays: Stays, joinings: Joinings, chatter_s: float
) -> None:
    ours, told = plant(chatter_s), history(stays, joinings)
    window = Window(ZERO, at(HOURS * 3600))
    facts = line_facts(ours, "l", told, window.start, window.end)
    expected = facts.filter(pl.col("plan") == "busy")["stops"].sum()
    rows = stops_from_pieces(pieces_of(ours, told, window))
    assert rows.select(counted().sum()).item() == expected


@settings(max_examples=40, deadline=None)
@given(STAYS, st.integers(3600, 18000), st.sampled_from([1.0, 60.0]))
def test_lists_of_two_halves_are_the_list_of_the_whole(
    stays: Stays, cut: int, chatter_s: float
) -> None:
    """united-manufacturing-hub#146: a stop across a border is not two stops."""
    ours, told = plant(chatter_s), history(stays)
    borders = (ZERO, at(cut), at(HOURS * 3600))
    whole = stops_from_pieces(pieces_of(ours, told, Window(borders[0], borders[2])))
    parts = [
        stops_from_pieces(pieces_of(ours, told, Window(start, end)))
        for start, end in pairwise(borders)
    ]
    both = pl.concat(parts)
    assert both["duration_s"].sum() == pytest.approx(whole["duration_s"].sum())
    assert both.select(counted().sum()).item() == whole.select(counted().sum()).item()


@settings(max_examples=40, deadline=None)
@given(STAYS, st.sampled_from(["iso22400", "oee-com", "planned-changeover-excluded"]))
def test_losses_and_good_items_make_all_known_planned_time(stays: Stays, method: str) -> None:
    ours, told = plant(1.0), history(stays)
    window = Window(ZERO, at(HOURS * 3600))
    facts = line_facts(ours, "l", told, window.start, window.end)
    row = kpi_rows(ours, "l", facts, window, None, method)[0]
    made = Made(row["ideal_time_s"], row["total_count"], row["good_count"], row["reject_count"], 0)
    found = asdict(losses(ours, pieces_of(ours, told, window), made, method))
    assert found["known_busy_time_s"] == pytest.approx(
        row["planned_busy_time_s"] - row["unknown_time_s"], abs=1e-6
    )
    lost = sum(each["duration_s"] for each in found["losses"]) + found["no_order_time_s"]
    assert lost + found["good_ideal_time_s"] == pytest.approx(found["known_busy_time_s"], abs=1e-6)
    # Where a count was not heard, OEE leaves its production out, and losses of speed are not told.
    if row["oee"] is not None and not row["production_unheard_s"]:
        explained = 1 - lost / found["known_busy_time_s"]
        assert row["oee"] == pytest.approx(explained, abs=1e-9)
    setup = next(each for each in found["losses"] if each["loss"] == "setup_and_adjustment")
    assert setup["duration_s"] >= row["setup_time_s"] - 1e-6
