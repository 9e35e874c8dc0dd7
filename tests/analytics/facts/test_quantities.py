"""The worked example of `analytics.facts.quantities`: four stretches of one line's time."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import polars as pl
import pytest
from plants import Row, history, local, plant

from analytics.facts.line_facts import line_facts
from domain.corrections import Correction, CorrectionKind
from domain.frames import LineHistory

START = local("2026-03-02 08:00")
# The state of each minute, and what was counted in it: (state, all items, rejected ones).
MINUTES = (("producing", 30, 3), (None, 20, 1), ("producing", 10, 0), ("stopped", 0, 0))
COLUMNS = ("total_count", "good_count", "total_count_unknown", "ideal_s", "good_ideal_s")


def after(minutes: int) -> datetime:
    return START + timedelta(minutes=minutes)


def told() -> LineHistory:
    """The minutes as a machine tells them; nobody heard its state in the second one."""
    rows: list[Row] = [("total_count", START, 0.0), ("reject_count", START, 0.0)]
    total = rejected = 0
    for minute, (state, made, bad) in enumerate(MINUTES):
        begins, ends = after(minute), after(minute + 1)
        if state:
            rows.append(("state", begins, state))
        total, rejected = total + made, rejected + bad
        rows += [("total_count", ends, float(total)), ("reject_count", ends, float(rejected))]
    spans = [
        (START + timedelta(minutes=a), START + timedelta(minutes=b)) for a, b in ((0, 1), (2, 5))
    ]
    return history(
        sorted(rows, key=lambda row: row[:2]), START, START + timedelta(minutes=5), spans
    )


def cells(*counted: float) -> list[tuple[float, ...]]:
    """COLUMNS of the four minutes; `counted`: what a person counted of all items in them."""
    where = plant(roles=("state", "total_count", "reject_count"))
    line = replace(where.lines["l1"], ideal_cycle_time_s=2.0)
    where = replace(where, lines={"l1": line})
    corrections = tuple(
        Correction(
            *("c", "l1", CorrectionKind.QUANTITY, START, after(len(MINUTES)), "Ann", START),
            element="total_count",
            amount=amount,
        )
        for amount in counted
    )
    history = replace(told(), corrections=corrections)
    minutes = [
        line_facts(
            where, "l1", history, START + timedelta(minutes=at), START + timedelta(minutes=at + 1)
        )
        for at in range(len(MINUTES))
    ]
    return pl.concat(minutes).select(COLUMNS).rows()


def test_the_example_of_the_docstring() -> None:
    assert cells() == [
        (30, 27, 0, 60, 54),
        (20, 19, 20, 0, 38),
        (10, 10, 0, 20, 20),
        (0, 0, 0, 0, 0),
    ]


@pytest.mark.parametrize(("counted", "totals"), [(64, [30, 24, 10, 0]), (30, [15, 10, 5, 0])])
def test_what_a_person_counted_is_shared_out_as_the_docstring_says(
    counted: float, totals: list[float]
) -> None:
    assert [row[0] for row in cells(counted)] == pytest.approx(totals)
