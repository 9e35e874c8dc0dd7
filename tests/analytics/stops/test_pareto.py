"""Reasons by the plant's tree, and Paretos at any level of it."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reason_tree import MIXED, run, stops
from stop_intervals import Piece, busy

from analytics.stops.pareto import Measure, pareto
from domain.errors import InputError


def table(
    rows: pl.DataFrame, level: int | None = None, measure: Measure = "duration_s"
) -> list[tuple[Any, ...]]:
    found = pareto(rows, level, measure)
    return [
        (cause, planned, minutes / 60, count)
        for cause, planned, minutes, count in found.select(
            "cause", "planned", "duration_s", "count"
        ).rows()
    ]


def test_a_text_means_a_node_by_its_id_or_code_and_is_itself_otherwise() -> None:
    rows = stops(*MIXED)
    assert rows.select("path", "kind", "planned").rows() == [
        (["technical", "mechanical", "jam"], "breakdown", False),
        (["technical", "mechanical", "jam"], "breakdown", False),
        (["technical", "sensor"], "breakdown", False),
        (["people", "lunch"], "planned", True),
        (["people"], "unplanned", False),
        ([], "unplanned", False),
        ([], "unplanned", False),
        ([], "setup", True),
        (["technical", "sensor"], "breakdown", False),
        (["technical", "mechanical", "jam"], None, None),
    ]
    assert rows["reason"][0] == "E17", "what was said stays"


def test_a_pareto_at_each_level_of_the_tree() -> None:
    rows = stops(*MIXED)
    assert table(rows) == [
        ("lunch", True, 30, 1),
        ("setup", True, 20, 1),
        ("jam", False, 15, 2),
        ("sensor", False, 13, 2),
        ("starved", False, 4, 1),
        ("no bottles", False, 3, 1),
        ("people", False, 2, 1),
    ]
    assert table(rows, 1)[:3] == [
        ("people", True, 30, 1),
        ("technical", False, 28, 4),
        ("setup", True, 20, 1),
    ]
    assert ("mechanical", False, 15, 2) in table(rows, 2)
    assert ("sensor", False, 13, 2) in table(rows, 2)
    assert table(rows, 3) == table(rows, 99) == table(rows)


def test_a_pareto_by_count() -> None:
    found = pareto(stops(*MIXED), None, "count")
    assert found["cause"].to_list()[:2] == ["jam", "sensor"]
    assert found["share"].to_list()[0] == pytest.approx(2 / 9)
    assert found["cumulative_share"].to_list()[-1] == pytest.approx(1)


def test_there_is_no_level_below_the_roots() -> None:
    with pytest.raises(InputError, match="no level 0"):
        pareto(stops(*MIXED), 0)


def test_pareto_goes_by_reason_or_state_the_longest_first_without_unknown() -> None:
    rows = stops(
        busy(10, "fault", "film"),
        run(),
        busy(20, "stopped"),
        busy(1, "unknown"),
        busy(20, "stopped", "film"),
        run(),
        busy(10, "setup", ""),
    )
    found = pareto(rows)
    assert found.select("cause", "by", "count").rows() == [
        ("film", "reason", 2),
        ("stopped", "state", 1),
        ("setup", "state", 1),
    ]
    assert found["share"].to_list() == pytest.approx([0.5, 1 / 3, 1 / 6])
    assert found["cumulative_share"].to_list() == pytest.approx([0.5, 5 / 6, 1])


def test_nothing_gives_an_empty_pareto() -> None:
    assert pareto(stops()).height == 0
    assert pareto(stops(busy(5, "unknown")), 1, "count").height == 0


REASONED = st.lists(
    st.tuples(
        st.integers(1, 600),
        st.sampled_from(["producing", "fault", "stopped", "setup", "maintenance", "unknown"]),
        st.sampled_from([None, "", "jam", "E18", "L", "people", "format", "film"]),
        st.sampled_from(["busy", "busy", "busy", "not_planned"]),
        st.sampled_from(["A", "B"]),
    ),
    max_size=25,
)


@given(REASONED, st.sampled_from([None, 1, 2, 3]), st.sampled_from(["duration_s", "count"]))
def test_every_level_and_measure_holds_all_time_and_every_stop(
    pieces: list[Piece], level: int | None, measure: Measure
) -> None:
    rows = stops(*pieces)
    found, plain = pareto(rows, level, measure), pareto(rows)
    assert found["duration_s"].sum() == plain["duration_s"].sum()
    assert found["count"].sum() == plain["count"].sum()
    known = rows.filter(pl.col("category") != "unknown")
    assert plain["duration_s"].sum() == known["duration_s"].sum()
    assert plain["count"].sum() == (~known["continued"]).sum()
    for planned in (True, False):
        of = pl.col("planned") == planned
        assert found.filter(of)["duration_s"].sum() == rows.filter(of)["duration_s"].sum()
    if found[measure].sum():
        assert found["cumulative_share"][-1] == pytest.approx(1)
        assert found["share"].is_sorted(descending=True)
