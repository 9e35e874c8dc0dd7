"""Work outside the plan lifts no figure that is measured against the plan.

The shift of 480 minutes has two breaks of 30; each history runs through them at 0.7425 items a
second with an ideal cycle time of 1 s, so each row has the OEE 74.25 %, not 84.9 %.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from kpi_facts import facts_row, frame
from plants import calendar, history, local, plant, shift

from analytics.facts.line_facts import line_facts
from analytics.kpi.evaluation import evaluate, summed
from analytics.kpi.row_columns import KpiRow
from analytics.kpi.rows import kpi_rows
from analytics.methods.registry import METHODS
from domain.states import Plan
from domain.time import Window

START, END = local("2026-03-02 07:00"), local("2026-03-02 15:00")
WHERE = plant(
    calendar(shift("A", "07:00", "15:00", ("11:00", "11:30"), ("13:00", "13:30"))), cycle_time_s=1.0
)
STEP = timedelta(minutes=10)
PACE = 0.7425
AGAINST_PLAN = (
    "effectiveness",
    "quality_ratio",
    "oee",
    "ooe",
    "net_equipment_effectiveness",
)
Row = tuple[str, datetime, object]


def counts(
    signal: str, pace: float, start: datetime = START, end: datetime = END, in_break: float = 1.0
) -> Iterator[Row]:
    """A counter read every ten minutes; in breaks the pace is so many times as high."""
    total, at = 0.0, start
    yield signal, at, total
    while at < end:
        is_break = at.hour * 60 + at.minute in (180, 190, 200, 300, 310, 320)  # UTC
        total += pace * STEP.total_seconds() * (in_break if is_break else 1.0)
        at += STEP
        yield signal, at, total


def row_of(*rows: Row) -> KpiRow:
    facts = line_facts(WHERE, "l1", history(list(rows), START, END), START, END)
    return kpi_rows(WHERE, "l1", facts, Window(START, END))[0]


RUNS = ("state", START, "producing")


def test_a_run_through_the_breaks_is_measured_by_the_plan() -> None:
    row = row_of(RUNS, *counts("total_count", PACE), *counts("reject_count", 0.0))
    assert row["oee"] == pytest.approx(0.7425)
    assert (row["oee_low"], row["oee_high"]) == (pytest.approx(0.7425), pytest.approx(0.7425))
    assert row["total_count"] == pytest.approx(PACE * 480 * 60)
    assert row["total_count_outside_plan"] == pytest.approx(PACE * 60 * 60)
    assert row["good_count_outside_plan"] == pytest.approx(PACE * 60 * 60)
    assert row["flags"] == ["unplanned_production"]


def test_a_faster_pace_in_the_breaks_changes_nothing_but_the_counts() -> None:
    row = row_of(
        RUNS, *counts("total_count", PACE, in_break=1.3), *counts("reject_count", 0.0, in_break=0.0)
    )
    assert row["oee"] == pytest.approx(0.7425)
    assert row["effectiveness"] == pytest.approx(0.7425)
    assert row["total_count_outside_plan"] == pytest.approx(1.3 * PACE * 3600)


def test_good_items_of_a_break_do_not_mend_the_quality_of_the_shift() -> None:
    """Half of what the shift makes is rejected; in the breaks nothing is."""
    row = row_of(
        RUNS, *counts("total_count", PACE), *counts("reject_count", PACE / 2, in_break=0.0)
    )
    assert row["quality_ratio"] == pytest.approx(0.5)
    assert row["oee"] == pytest.approx(0.7425 / 2)


def test_work_before_the_shift_stands_apart() -> None:
    """The day of the shift, with an hour of work at six in the morning."""
    early = START - timedelta(hours=1)
    rows = [
        ("state", early, "producing"),
        *counts("total_count", PACE, early, END),
        *counts("reject_count", 0.0, early, END),
    ]
    facts = line_facts(WHERE, "l1", history(rows, early, END), early, END)
    row = kpi_rows(WHERE, "l1", facts, Window(early, END))[0]
    assert row["oee"] == pytest.approx(0.7425)
    assert row["total_count_outside_plan"] == pytest.approx(PACE * 2 * 3600)


def test_a_break_alone_has_counts_and_no_ratio() -> None:
    begin, end = local("2026-03-02 11:00"), local("2026-03-02 11:30")
    rows = [RUNS, *counts("total_count", PACE), *counts("reject_count", 0.0)]
    facts = line_facts(WHERE, "l1", history(rows, START, END), begin, end)
    row = kpi_rows(WHERE, "l1", facts, Window(begin, end))[0]
    assert row["total_count"] == row["total_count_outside_plan"] == pytest.approx(PACE * 1800)
    for name in (*AGAINST_PLAN, "oee_low", "oee_high"):
        assert row[name] is None, name


def test_items_counted_in_an_unknown_break_are_outside_the_plan() -> None:
    """They are in no bound either: no second of the break is unknown time of the plan."""
    rows = [RUNS, *counts("total_count", PACE), *counts("reject_count", 0.0)]
    known = [(START, local("2026-03-02 11:00")), (local("2026-03-02 11:30"), END)]
    facts = line_facts(WHERE, "l1", history(rows, START, END, known), START, END)
    row = kpi_rows(WHERE, "l1", facts, Window(START, END))[0]
    assert (row["unknown_time_s"], row["total_count_unknown"]) == (0.0, 0.0)
    assert row["oee"] == row["oee_low"] == row["oee_high"] == pytest.approx(0.7425)


@settings(max_examples=140, deadline=None)
@given(st.lists(facts_row(), max_size=4), st.lists(facts_row(), max_size=3))
def test_whatever_is_made_outside_the_plan_changes_no_kpi_against_it(
    inside: list[dict[str, object]], outside: list[dict[str, object]]
) -> None:
    """Effectiveness is left out: production outside the plan has no time in it for any method."""
    made = sum(float(str(row["total_count"])) for row in inside)
    assume(not inside or made >= 1)  # counts are rounded to a millionth of an item
    shift_rows = [row | {"plan": Plan.BUSY.value} for row in inside]
    more = [row | {"plan": Plan.NOT_PLANNED.value, "stops": 0, "failures": 0} for row in outside]
    alone, together = summed(frame(shift_rows)), summed(frame(shift_rows + more))
    for name in AGAINST_PLAN:
        mine, theirs = evaluate(name, alone), evaluate(name, together)
        if not inside:
            assert theirs.value is None, name
            continue
        assert (mine.value is None) == (theirs.value is None), name
        if mine.value is not None:
            assert theirs.value == pytest.approx(mine.value, rel=1e-5, abs=1e-5), name


MAINTAINED = local("2026-03-02 09:00"), local("2026-03-02 10:00")
MODES: list[Row] = [
    ("mode", START, "produce"),
    ("mode", MAINTAINED[0], "maintenance"),
    ("mode", MAINTAINED[1], "produce"),
]
# Which methods take time in maintenance mode out of the plan, with an order and without one.
LEAVES = {
    "iso22400": (),
    "semi-e10": (),
    "oee-com": ("",),
    "planned-changeover-excluded": ("", "A", None),
}


@pytest.mark.parametrize("order", ["", "A", None])
@pytest.mark.parametrize("method", METHODS)
def test_items_made_in_maintenance_lift_no_figure(method: str, order: str | None) -> None:
    """The line runs on through an hour in maintenance mode, as fast as ever. Where that hour stays
    in the plan, it is a loss of the seven planned hours."""
    rows = [RUNS, *MODES, *counts("total_count", PACE), *counts("reject_count", 0.0)]
    rows += [] if order is None else [("order", START, order)]
    told = history(sorted(rows, key=lambda row: row[1]), START, END)
    facts = line_facts(WHERE, "l1", told, START, END)
    row = kpi_rows(WHERE, "l1", facts, Window(START, END), None, method)[0]
    leaves = order in LEAVES[method]
    assert row["planned_busy_time_s"] == (6 if leaves else 7) * 3600
    assert row["total_count"] == pytest.approx(PACE * 8 * 3600)
    assert row["total_count_outside_plan"] == pytest.approx(PACE * 2 * 3600)
    for name in ("oee", "oee_low", "oee_high"):
        assert row[name] == pytest.approx(PACE if leaves else PACE * 6 / 7), name
    assert row["effectiveness"] == pytest.approx(PACE)
    assert row["quality_ratio"] == 1.0
    assert row["flags"] == ["unplanned_production"]


@pytest.mark.parametrize("state", ["setup", "maintenance"])
@pytest.mark.parametrize("method", METHODS)
def test_what_is_counted_while_the_state_is_another_counts_for_production(
    method: str, state: str
) -> None:
    """A counter tells its items when they reach it, not in which state they were made: 09:00 to
    10:00 is no production, and the counter goes on for ten minutes."""
    lagging = MAINTAINED[0] + STEP
    rows: list[Row] = [
        RUNS,
        ("state", MAINTAINED[0], state),
        ("state", MAINTAINED[1], "producing"),
        *((name, at, value) for name, at, value in counts("total_count", PACE) if at <= lagging),
        *counts("reject_count", 0.0),
    ]
    told = history(sorted(rows, key=lambda row: row[1]), START, END)
    facts = line_facts(WHERE, "l1", told, START, MAINTAINED[1])
    row = kpi_rows(WHERE, "l1", facts, Window(START, MAINTAINED[1]), None, method)[0]
    assert row["production_time_s"] == 2 * 3600
    assert row["total_count"] == pytest.approx(PACE * 130 * 60)
    assert row["total_count_outside_plan"] == 0.0
    assert row["effectiveness"] == pytest.approx(PACE * 130 / 120)


@pytest.mark.parametrize("method", METHODS)
def test_who_tells_a_mode_may_have_told_another_where_nobody_heard_it(method: str) -> None:
    """A counter vouches for items of a silence, but not for the mode in which they were made."""
    begin, end = local("2026-03-02 07:00"), local("2026-03-02 09:00")
    told = [RUNS, *counts("total_count", PACE), *counts("reject_count", 0.0)]
    heard = [(START, local("2026-03-02 08:00"))]
    lows = []
    for rows in (told, [*told, MODES[0]]):
        facts = line_facts(WHERE, "l1", history(rows, START, END, heard), begin, end)
        row = kpi_rows(WHERE, "l1", facts, Window(begin, end), None, method)[0]
        lows.append(row["oee_low"])
    assert lows[0] == pytest.approx(PACE), "without a mode the counter vouches for both hours"
    assert lows[1] == pytest.approx(PACE / 2)


def test_what_was_made_in_maintenance_unheard_is_in_no_bound_of_effectiveness() -> None:
    """It is no production; the machine is heard in the first of two hours alone."""
    begin, middle, end = START, local("2026-03-02 08:00"), local("2026-03-02 09:00")
    rows = [
        RUNS,
        MODES[0],
        *counts("total_count", PACE, begin, middle),
        *counts("reject_count", 0.0, begin, middle),
    ]
    more: list[Row] = [
        ("mode", middle, "maintenance"),
        *counts("total_count", PACE, begin, end),
        *counts("reject_count", 0.0, begin, end),
    ]
    truth, rest = (
        kpi_rows(
            WHERE,
            "l1",
            line_facts(WHERE, "l1", history(it, START, END, [(START, until)]), begin, end),
            Window(begin, end),
        )[0]
        for it, until in (
            (sorted([*rows[:2], *more], key=lambda row: row[1]), end),
            (rows, middle),
        )
    )
    assert truth["effectiveness"] == pytest.approx(PACE)
    bounds = rest["bounds"]
    assert isinstance(bounds, dict)
    # All of the second hour may have been production of nothing, or at full speed.
    assert bounds["effectiveness"] == pytest.approx([PACE / 2, (PACE + 1) / 2])
