"""What people counted in the place of what machines did: how it is shared out, what follows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plants import Row, history, local, plant

from analytics.facts.line_facts import line_facts
from domain.corrections import Correction, CorrectionKind

START = local("2026-03-02 08:00")
HOUR = timedelta(hours=1)
ALL = ("total_count", "good_count", "reject_count")
BESIDE = ("total_count_unknown", "total_count_implausible")


def by_hour(
    counted: dict[str, Sequence[float]],
    *said: tuple[str, int, int, float],
    known: Sequence[tuple[float, float]] | None = None,
) -> pl.DataFrame:
    """Counts of each hour, of a line that produces all the time and whose counters count so much
    an hour. `said`: (element, first hour, hour after the last, amount). `known`: from which hour
    to which (None: always)."""
    hours = len(next(iter(counted.values())))
    rows: list[Row] = [("state", START, "producing")]
    for role, amounts in counted.items():
        rows += [
            (role, START + hour * HOUR, float(sum(amounts[:hour]))) for hour in range(hours + 1)
        ]
    corrections = tuple(
        Correction(
            f"c{place}",
            "l1",
            CorrectionKind.QUANTITY,
            START + first * HOUR,
            START + after * HOUR,
            "Ann",
            START,
            element=element,
            amount=amount,
        )
        for place, (element, first, after, amount) in enumerate(said)
    )
    end = START + hours * HOUR
    spans = known and [(START + begin * HOUR, START + finish * HOUR) for begin, finish in known]
    told = history(rows, START, end + timedelta(seconds=1), spans)
    told = replace(told, corrections=corrections)
    facts = line_facts(plant(roles=("state", *counted)), "l1", told, START, end)
    return facts.group_by("start").agg(pl.col(*ALL, *BESIDE).sum()).sort("start")


def of(frame: pl.DataFrame, role: str) -> list[float]:
    return [round(value, 6) for value in frame[role]]


def test_rejects_that_no_machine_told_are_shared_out_as_items_were_made() -> None:
    """By time both hours would have had 150: more than were made in the first."""
    found = by_hour({"total_count": [100, 1900]}, ("reject_count", 0, 2, 300))
    assert of(found, "reject_count") == [15, 285]
    assert of(found, "good_count") == [85, 1615]


def test_what_a_person_found_beyond_the_machine_s_rejects_had_been_taken_for_good() -> None:
    """In the machine's proportions all 900 would have been of the 500 items of one hour."""
    counted = {"total_count": [1500, 500], "reject_count": [0, 10]}
    found = by_hour(counted, ("reject_count", 0, 2, 905))
    assert of(found, "good_count") == pytest.approx([1500 - 674.623116, 500 - 230.376884])
    fewer = by_hour(counted, ("reject_count", 0, 2, 4))
    assert of(fewer, "reject_count") == [0, 4], "fewer than it told: in its proportions"


def test_good_items_are_shared_out_as_they_were_by_difference() -> None:
    counted = {"total_count": [100, 1900], "reject_count": [0, 100]}
    found = by_hour(counted, ("good_count", 0, 2, 950))
    assert of(found, "good_count") == [50, 900]
    assert of(found, "reject_count") == [50, 1000]


def test_without_a_total_the_other_count_stays_and_the_total_follows() -> None:
    counted = {"good_count": [100, 1900], "reject_count": [0, 10]}
    found = by_hour(counted, ("reject_count", 0, 2, 60))
    assert of(found, "good_count") == [100, 1900]
    assert of(found, "reject_count") == [0, 60]
    assert of(found, "total_count") == [100, 1960]


def test_a_total_of_good_and_rejected_items_is_shared_out_as_they_were() -> None:
    counted = {"good_count": [100, 1880], "reject_count": [0, 20]}
    found = by_hour(counted, ("total_count", 0, 2, 4000))
    assert of(found, "total_count") == [200, 3800]
    assert of(found, "good_count") == [100, 1880]


def test_good_follows_from_the_total_but_where_it_was_told_too() -> None:
    counted = {"total_count": [100, 100, 100], "good_count": [90, 90, 90]}
    found = by_hour(counted, ("reject_count", 0, 2, 40), ("good_count", 1, 3, 140))
    assert of(found, "reject_count")[:2] == [20, 20]
    assert of(found, "good_count") == [80, 70, 70]


def test_an_hour_more_than_the_correction_is_as_the_machine_told() -> None:
    counted = {"total_count": [100, 1900, 70], "reject_count": [1, 2, 3]}
    found = by_hour(counted, ("reject_count", 0, 2, 300))
    assert of(found, "reject_count")[2] == 3
    assert sum(of(found, "reject_count")[:2]) == pytest.approx(300)


def test_what_nobody_believed_is_no_doubt_any_more_once_a_person_counted() -> None:
    """The counter leapt by more than the machine can make in an hour, and stays there."""
    counted = {"total_count": [100, 900_000, 100, 900_000], "reject_count": [0, 0, 0, 0]}
    doubt = "total_count_implausible"
    assert [it > 0 for it in of(by_hour(counted), doubt)] == [False, True, False, True]
    found = by_hour(counted, ("total_count", 1, 2, 120))
    assert of(found, "total_count")[1] == 120
    assert [it > 0 for it in of(found, doubt)] == [False, False, False, True]
    rejects = by_hour(counted, ("reject_count", 1, 2, 0))
    assert [it > 0 for it in of(rejects, doubt)] == [False, True, False, True]


def test_what_the_machine_did_not_tell_was_made_while_nobody_knew_of_it() -> None:
    """The agent was dead for two hours. Shared out as the machine counted, all 9000 would be of
    the one hour that is known: 250 % of what the line can make."""
    counted = {"total_count": [3000, 0, 0], "reject_count": [25, 0, 0]}
    found = by_hour(counted, ("total_count", 0, 3, 9000), known=[(0, 1)])
    assert of(found, "total_count") == [3000, 3000, 3000]
    assert of(found, "total_count_unknown") == [0, 3000, 3000]
    both = (("total_count", 0, 3, 9000), ("reject_count", 0, 3, 4500))
    found = by_hour(counted, *both, known=[(0, 1)])
    assert of(found, "reject_count") == pytest.approx(
        [25 + 4475 * 2975 / 8975, 4475 * 3000 / 8975, 4475 * 3000 / 8975], abs=1e-5
    )
    assert found["good_count"].min() > 0


def test_no_more_of_it_than_fits_into_the_time_that_nobody_knows() -> None:
    """A gap of six minutes, 360 items at the planned cycle: the rest was made all the time."""
    found = by_hour(
        {"total_count": [3000, 0]}, ("total_count", 0, 2, 3000.0 + 360), known=[(0, 1.9)]
    )
    assert of(found, "total_count") == [3000, 360]
    found = by_hour({"total_count": [0, 0]}, ("total_count", 0, 2, 3960), known=[(0, 1.9)])
    assert of(found, "total_count_unknown") == pytest.approx([0, 360 + 3600 * 0.05], abs=0.01)


def test_fewer_than_the_machine_told_are_fewer_everywhere() -> None:
    found = by_hour({"total_count": [3000, 1000]}, ("total_count", 0, 2, 2000), known=[(0, 1)])
    assert of(found, "total_count") == [1500, 500]


items = st.integers(0, 2000)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(items, st.floats(0, 1)), min_size=2, max_size=5),
    st.sampled_from(["reject_count", "good_count"]),
    st.floats(0, 1),
    st.booleans(),
)
def test_no_hour_has_more_rejected_or_good_items_than_items(
    hours: list[tuple[int, float]], element: str, share: float, told: bool
) -> None:
    """However the machine's counts lie, as long as there were as many items altogether."""
    counted = {"total_count": [float(total) for total, _ in hours]}
    if told:
        counted["reject_count"] = [float(int(total * part)) for total, part in hours]
    amount = share * sum(counted["total_count"])
    found = by_hour(counted, (element, 0, len(hours), amount))
    assert sum(found[element]) == pytest.approx(amount)
    for role in ALL:
        assert found[role].min() >= -1e-6, role
