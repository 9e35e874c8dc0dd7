"""A stop told its reason soon after it began has it as a whole: in facts as in the list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plants import history, plant

from analytics.facts.line_facts import line_facts
from analytics.stops.stop_list import stop_pieces, stops_from_pieces
from analytics.timeline.state_intervals import state_intervals
from domain.corrections import Correction, CorrectionKind
from domain.frames import LineHistory
from domain.plant import Plant, StopReason
from domain.reasons import kind_of
from domain.states import ReasonKind

BASE = datetime(2026, 3, 2, 22, tzinfo=UTC)
REASONS = {
    node.id: node
    for node in (
        StopReason("jam", {"en": "Jam"}, ReasonKind.BREAKDOWN, codes=("E1",)),
        StopReason("format", {"en": "Format"}, ReasonKind.SETUP),
        StopReason("lunch", {"en": "Lunch"}, ReasonKind.PLANNED),
    )
}
PRODUCED_S, LENGTH_S = 300, 200
Row = tuple[str, datetime, str]


def at(seconds: float) -> datetime:
    return BASE + timedelta(seconds=seconds)


def ours() -> Plant:
    made = plant(None, roles=("state",))
    return Plant(
        made.id, made.zone, made.company, made.business_registration, {}, made.lines, REASONS
    )


def said(start: float, end: float, reason: str) -> Correction:
    return Correction(
        f"c{start}", "l1", CorrectionKind.REASON, at(start), at(end), "Ann", at(9999), reason=reason
    )


def by_reason(where: Plant, told: LineHistory, end: datetime) -> Counter[str | None]:
    """Seconds of stops and setups by kind of reason, as the list has them."""
    intervals = state_intervals(where, "l1", told, BASE, end)
    pieces = stop_pieces(intervals, 120.0, 1.0, None, told.corrections)
    found: Counter[str | None] = Counter()
    for row in stops_from_pieces(pieces).iter_rows(named=True):
        kind = None if row["reason"] is None else kind_of(where, row["reason"]).value
        found[kind] += row["duration_s"]
    return found


def in_facts(where: Plant, told: LineHistory, end: datetime) -> Counter[str | None]:
    facts = line_facts(where, "l1", told, BASE, end)
    found: Counter[str | None] = Counter()
    for row in facts.iter_rows(named=True):
        stopped = (row["stopped_us"] + row["fault_us"] + row["idle_us"] + row["setup_us"]) / 1e6
        if stopped:
            found[row["reason_kind"]] += stopped
    return found


def told_of(rows: Sequence[Row], end: float, *corrections: Correction) -> LineHistory:
    found = history([("state", at(0), "producing"), *rows], at(0), at(end))
    return LineHistory(found.line, found.start, found.end, found.samples, found.spans, corrections)


STOPS = st.lists(
    st.tuples(
        st.sampled_from(["stopped", "fault", "idle", "setup"]),
        st.integers(1, 60),  # when the first reason comes
        st.sampled_from(["E1", "jam", "format", "lunch", "film"]),
        st.sampled_from([None, "E1", "format", "belt"]),  # another one right behind
        st.sampled_from([None, "jam", "lunch"]),  # what people say, from when they saw it
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=150, deadline=None)
@given(STOPS)
def test_the_losses_by_reason_are_those_of_the_list(
    stops: list[tuple[str, int, str, str | None, str | None]],
) -> None:
    rows: list[Row] = []
    people: list[Correction] = []
    second = 0
    for state, delay, first, then, by_people in stops:
        begin = second + PRODUCED_S
        second = begin + LENGTH_S
        rows += [("state", at(begin), state), ("stop_reason", at(begin + delay), first)]
        if then is not None and delay < 60:
            rows.append(("stop_reason", at(begin + delay + 0.5), then))
        if by_people is not None:
            people.append(said(begin + delay / 2, second, by_people))
        rows.append(("state", at(second), "producing"))
    told, end = told_of(rows, second + 100, *people), at(second + 100)
    assert in_facts(ours(), told, end) == by_reason(ours(), told, end)
    assert None not in in_facts(ours(), told, end)


@pytest.mark.parametrize("seconds", [0.000001, 1, 59, 60, 60.000001, 90])
def test_a_reason_reaches_back_for_a_minute(seconds: float) -> None:
    rows = [("state", at(300), "stopped"), ("stop_reason", at(300 + seconds), "jam")]
    found = in_facts(ours(), told_of(rows, 500), at(500))
    whole = seconds <= 60
    assert found["breakdown"] == pytest.approx(200 if whole else 200 - seconds)
    assert found[None] == pytest.approx(0 if whole else seconds)


def test_it_does_not_reach_into_the_stop_before_nor_out_of_one_that_is_over() -> None:
    rows = [
        ("state", at(300), "stopped"),
        ("state", at(310), "producing"),
        ("state", at(320), "stopped"),
        ("stop_reason", at(325), "jam"),
        ("state", at(330), "producing"),
        ("state", at(400), "stopped"),
        ("state", at(405), "producing"),
        ("stop_reason", at(407), "lunch"),  # comes too late: nobody can tell which it means
    ]
    assert in_facts(ours(), told_of(rows, 500), at(500)) == {None: 15.0, "breakdown": 10.0}


def test_a_failure_begins_with_the_stop_that_turns_out_to_be_one() -> None:
    """At the full hour: what the reason says of the hour before belongs there."""
    begin = 3590  # ten seconds before 23:00
    rows = [("state", at(begin), "stopped"), ("stop_reason", at(begin + 20), "E1")]
    facts = line_facts(ours(), "l1", told_of(rows, 3900), BASE, at(3900))
    first = facts.filter(facts["start"] == BASE)
    assert first["failures"].sum() == 1
    assert first.filter(first["reason_kind"] == "breakdown")["stopped_us"].sum() == 10_000_000


def test_what_people_said_of_the_time_before_stands() -> None:
    rows = [("state", at(300), "stopped")]
    both = (said(300, 320, "lunch"), said(330, 500, "jam"))
    found = in_facts(ours(), told_of(rows, 500, *both), at(500))
    assert found == {"planned": 20.0, "breakdown": 180.0}


def test_a_split_begins_a_stop_that_reasons_reach_back_to() -> None:
    rows = [("state", at(300), "stopped"), ("stop_reason", at(350), "jam")]
    split = Correction("s", "l1", CorrectionKind.SPLIT, at(340), at(340), "Ann", at(9999))
    found = in_facts(ours(), told_of(rows, 500, split), at(500))
    assert found == {None: 40.0, "breakdown": 160.0}
