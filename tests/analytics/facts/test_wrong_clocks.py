"""A machine's wrong clock is flagged where it was wrong, and nowhere else."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from plants import history, local, plant

from analytics import integrity_flags
from analytics.facts.line_facts import line_facts
from domain.frames import LineHistory
from domain.signals import CLOCK

PLANT = plant(roles=("state", "total_count"))
START = local("2026-03-02 09:00")
END = START + timedelta(hours=3)


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def told(
    *clock: tuple[float, str], spans: list[tuple[datetime, datetime]] | None = None
) -> LineHistory:
    """Three hours of a machine that produces, and what its agent says of its clock."""
    rows = [("state", START, "producing"), *((CLOCK, at(minutes), text) for minutes, text in clock)]
    return history(rows, START, END, spans=spans)


def hours_flagged(of: LineHistory) -> list[bool]:
    facts = line_facts(PLANT, "l1", of, START, END)
    flagged = facts.filter((facts["flags"] & integrity_flags.CLOCK_WRONG) != 0)["start"].to_list()
    return [START + timedelta(hours=hour) in flagged for hour in range(3)]


# What was said when (minutes after the start), and which of the three hours are flagged.
CASES = {
    "nothing": ([], [False, False, False]),
    "it was right all along": ([(-60, "")], [False, False, False]),
    "wrong for a moment": ([(-60, ""), (70, "ahead"), (70.1, "")], [False, True, False]),
    "wrong over a border": ([(50, "behind"), (70, "")], [True, True, False]),
    "wrong from before the window": ([(-600, "ahead"), (10, "")], [True, False, False]),
    "wrong until further notice": ([(130, "still")], [False, False, True]),
    "one fault after the other": (
        [(10, "ahead"), (30, "never set"), (70, "")],
        [True, True, False],
    ),
    "right from the border on": ([(10, "ahead"), (60, "")], [True, False, False]),
    "wrong from the border on": ([(60, "ahead"), (61, "")], [False, True, False]),
}


@pytest.mark.parametrize("case", CASES)
def test_the_hours_in_which_the_clock_was_wrong_are_flagged(case: str) -> None:
    clock, flagged = CASES[case]
    assert hours_flagged(told(*clock)) == flagged


def test_time_that_is_unknown_is_not_flagged() -> None:
    """An agent that was killed said no more: nothing came of the wrong clock since."""
    of = told((10, "ahead"), spans=[(START, at(30))])
    assert hours_flagged(of) == [True, False, False]


def test_a_machine_that_plays_no_role_does_not_matter() -> None:
    of = told((10, "ahead"))
    renamed = of.samples.with_columns(
        machine=of.samples["signal"].replace({CLOCK: "z", "state": "m"})
    )
    other = LineHistory(of.line, of.start, of.end, renamed.sort("machine", "signal"), of.spans)
    assert hours_flagged(other) == [False, False, False]


@pytest.mark.parametrize("wrong", ["m", "z"])
def test_the_clock_of_each_machine_that_plays_a_role_matters(wrong: str) -> None:
    of = told((10, "ahead"), (30, ""))
    line = PLANT.lines["l1"]
    two = replace(line, roles={"state": "m", "total_count": "z"})
    named = of.samples.with_columns(
        machine=of.samples["signal"].replace({CLOCK: wrong, "state": "m"})
    )
    other = replace(of, samples=named.sort("machine", "signal", "time"))
    facts = line_facts(replace(PLANT, lines={"l1": two}), "l1", other, START, END)
    assert [bool(it & integrity_flags.CLOCK_WRONG) for it in facts["flags"]] == [True, False, False]
