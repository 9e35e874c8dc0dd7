"""A machine restarts with totals that it saved a while ago: the bounds hold what it really made.

A fall to an older total says nothing of what was counted in between, so nothing is counted, and
what may have been is in the bounds: of the counter that fell, of what follows from it, and of every
KPI. The same line whose counters went on tells the truth. Whatever a line counts with, and
whichever of its counters come back older, one or all.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from random import Random

import numpy as np
import polars as pl
import pytest
from plants import HONG_KONG, calendar, local, shift

from analytics.facts.line_facts import line_facts
from analytics.kpi.evaluation import FROM_MACHINES
from analytics.kpi.rows import kpi_rows
from analytics.methods.registry import METHODS
from domain.frames import HISTORY, UTC_US, LineHistory
from domain.plant import Line, Machine, Plant
from domain.signals import REACH_MARGIN
from domain.time import Window

START, END = local("2026-03-02 07:00"), local("2026-03-02 13:00")
EVERY_S = 60
COUNT = int((END - START).total_seconds()) // EVERY_S + 1
COUNTS = ("total_count", "good_count", "reject_count", "rework_count")
LINES = (
    ("total_count", "reject_count"),
    ("total_count", "good_count"),
    ("good_count", "reject_count"),
    ("total_count", "good_count", "reject_count"),
)
FALLS = (
    ("total_count",),
    ("good_count",),
    ("reject_count",),
    ("rework_count",),
    ("energy",),
    ("total_count", "good_count", "reject_count", "rework_count", "energy"),
)
Counters = dict[str, np.ndarray]


def plant(counted: Sequence[str]) -> Plant:
    roles = dict.fromkeys(("state", *counted, "rework_count", "energy"), "m")
    plan = calendar(shift("A", "07:00", "12:30", ("09:00", "09:20")))
    line = Line("l1", {"en": "L"}, {"m": Machine("m", "import")}, roles, plan, 1.0)
    return Plant("p", HONG_KONG, {"en": "P"}, "", {}, {"l1": line})


def made(chance: Random, first: float = 5000.0) -> Counters:
    """What each counter shows, minute by minute, from about `first` on."""
    total = np.array([chance.uniform(40, 60) for _ in range(COUNT)])
    rejects = total * [chance.choice([0.0, 0.05, 0.3]) for _ in range(COUNT)]
    steps = {
        "total_count": total,
        "good_count": total - rejects,
        "reject_count": rejects,
        "rework_count": rejects * 0.4,
        "energy": total * 0.01,
    }
    return {name: first + np.cumsum(step) for name, step in steps.items()}


def fallen(counters: Counters, falls: Sequence[str], at: int, saved: int) -> Counters:
    """From sample `at` on they count on from what they showed at sample `saved`."""
    found = {name: values.copy() for name, values in counters.items()}
    for name in falls:
        found[name][at:] -= counters[name][at - 1] - counters[name][saved]
    return found


def history(counters: Counters, told: Sequence[int]) -> LineHistory:
    rows = [
        ("m", name, START + timedelta(seconds=EVERY_S * it), float(values[it]), None, 0)
        for name, values in counters.items()
        for it in told
    ]
    rows.append(("m", "state", START, 1.0, "producing", 0))
    return LineHistory(
        "l1",
        START - REACH_MARGIN,
        END + REACH_MARGIN,
        pl.DataFrame(rows, schema=HISTORY, orient="row").sort("machine", "signal", "time"),
        pl.DataFrame(
            [("m", START, END)],
            schema={"machine": pl.String, "start": UTC_US, "end": UTC_US},
            orient="row",
        ),
    )


@pytest.mark.parametrize("falls", FALLS)
@pytest.mark.parametrize("counted", LINES)
def test_bounds_hold_what_was_made(counted: Sequence[str], falls: Sequence[str]) -> None:
    for seed in range(4):
        chance = Random(f"{seed} {counted} {falls}")
        at = chance.randint(200, COUNT - 20)
        saved = at - chance.randint(20, 150)
        assert_enclosed(chance, made(chance), counted, falls, at, saved)


@pytest.mark.parametrize("falls", FALLS)
@pytest.mark.parametrize("counted", LINES)
def test_so_they_do_where_the_older_total_looks_like_a_reset(
    counted: Sequence[str], falls: Sequence[str]
) -> None:
    """It is so low that all of it can have been counted since a reset."""
    for seed in range(2):
        chance = Random(f"{seed} {counted} {falls}")
        # Far from the borders of the plan, across which nobody shares out what was made away.
        at = chance.choice([chance.randint(60, 110), chance.randint(160, 320)])
        assert_enclosed(chance, made(chance, 0.0), counted, falls, at, chance.randint(0, 1))


def assert_enclosed(
    chance: Random,
    shown: Counters,
    counted: Sequence[str],
    falls: Sequence[str],
    at: int,
    saved: int,
) -> None:
    away = chance.choice([0, 0, 6])  # a restart may take some minutes
    told = [it for it in range(COUNT) if not at - away <= it < at]
    names = (*counted, "rework_count", "energy")
    counters = {name: values for name, values in shown.items() if name in names}
    fell = fallen(counters, [it for it in falls if it in counters], at, saved)
    method = chance.choice(tuple(METHODS))
    for by in (None, "hour"):
        truths, figures = (
            [
                row.figures
                for row in kpi_rows(
                    plant(counted),
                    "l1",
                    line_facts(plant(counted), "l1", history(it, told), START, END),
                    Window(START, END),
                    by,
                    method,
                )
            ]
            for it in (counters, fell)
        )
        for number, (truth, row) in enumerate(zip(truths, figures, strict=True)):
            for name in (*FROM_MACHINES, *COUNTS, "energy_kwh"):
                low, high = row["bounds"].get(name, (None, None))
                for it in (truth[name], row[name]):
                    if it is None:
                        continue
                    slack = 1e-6 * max(1.0, abs(it))
                    where = (at, by, number, name, it, low, high)
                    assert low is None or low <= it + slack, where
                    assert high is None or it <= high + slack, where
