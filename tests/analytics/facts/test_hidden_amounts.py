"""Amounts that nobody heard, as columns of facts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from plants import Row, history, local, plant

from analytics.facts.hidden_amounts import unheard_of
from analytics.facts.line_facts import line_facts
from analytics.facts.unheard import Unheard
from domain.corrections import Correction, CorrectionKind

START = local("2026-03-02 08:00")
END = START + timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def rows_until(signal: str, minute: int) -> list[Row]:
    return [(signal, START + it * MINUTE, 60.0 * it) for it in range(minute + 1)]


def test_items_that_nobody_judged_are_apart() -> None:
    """Rejects are heard until 08:30, all items until 09:00."""
    rows = [("state", START, "producing"), *rows_until("total_count", 60)]
    rows += [("reject_count", START + it * MINUTE, 6.0 * it) for it in range(31)]
    rows.append(("reject_count", START + 31 * MINUTE, 0.0))
    told = history(rows, START, END, bad=[START + 31 * MINUTE])
    # The hour is one cell, so of all of it nobody can say that each item was judged.
    facts = line_facts(plant(None), "l1", told, START, END)
    assert facts["total_count_unjudged"].sum() == 3600.0
    assert facts["reject_unheard_s"].sum() == 29 * 60.0


def test_where_people_counted_nothing_is_missing() -> None:

    silent = Unheard(np.array([60.0, 60.0]), np.array([False, False]), np.zeros(2))
    roles = ("total_count", "good_count", "reject_count", "rework_count", "energy")
    found = unheard_of(
        dict.fromkeys(roles, silent),
        {role: np.array([role == "total_count", False]) for role in roles},
    )
    assert np.array_equal(np.asarray(found["total_count"]), [0.0, 60.0])
    assert np.array_equal(np.asarray(found["energy"]), [60.0, 60.0])


@pytest.mark.parametrize("counted", ["good_count", "reject_count"])
@pytest.mark.parametrize(
    "heard",
    [
        ("total_count",),
        ("total_count", "good_count"),
        ("total_count", "reject_count"),
        ("total_count", "good_count", "reject_count"),
    ],
)
def test_what_follows_from_what_people_counted_is_not_missing_either(
    counted: str, heard: tuple[str, ...]
) -> None:
    """The line has counters of good and rejected items, or of one of them; some were never heard.
    From all items and what a person counted for the first half of the hour the other follows."""
    roles = ("state", "total_count", "good_count", "reject_count")
    middle = START + timedelta(minutes=30)
    rows: list[Row] = [("state", START, "producing")]
    for name in heard:
        rows += [
            (name, START + it * MINUTE, 60.0 * it * (name != "reject_count")) for it in range(61)
        ]
    told = history(rows, START, END)
    correction = Correction(
        "q", "l1", CorrectionKind.QUANTITY, START, middle, "operator", START,
        element=counted, amount=90.0,
    )  # fmt: skip
    told = replace(told, corrections=(correction,))
    for has in (roles, tuple(it for it in roles if it in ("state", *heard, counted))):
        if not {"good_count", "reject_count"} & set(has):
            continue
        facts = line_facts(plant(None, roles=has), "l1", told, START, middle)
        for name in ("total_unheard_s", "good_unheard_s", "reject_unheard_s"):
            if facts[name].null_count() == 0:
                assert facts[name].sum() == 0.0, (has, name)
        assert facts["total_count_unjudged"].sum() == 0.0
        assert facts["flags"].to_list() == [0]


@pytest.mark.parametrize(("cycle_s", "fit"), [(1.0, 3600.0), (4.0, 900.0)])
def test_what_fits_into_hidden_time(cycle_s: float, fit: float) -> None:
    told = history([("state", START, "producing")], START, END)
    facts = line_facts(plant(None, cycle_time_s=cycle_s), "l1", told, START, END)
    assert facts["possible_count"].sum() == fit
