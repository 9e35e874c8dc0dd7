"""Reasons by the plant's tree, Paretos at any level of it, and the document of both."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stop_intervals import ZERO, Piece, busy, intervals, stop_list

from analytics.stops.pareto import Measure, explained, pareto
from analytics.timeline.state_intervals import STATE_INTERVALS
from api.documents.stops import stops_json
from api.queries.stops import StopsAnswer, StopsQuestion
from domain.errors import InputError
from domain.plant import Line, Plant, StopReason
from domain.states import ReasonKind
from domain.time import Window

ZONE = ZoneInfo("Asia/Hong_Kong")


def node(
    identity: str,
    parent: str | None = None,
    kind: ReasonKind = ReasonKind.UNPLANNED,
    codes: tuple[str, ...] = (),
    chinese: str = "",
) -> StopReason:
    name = {"en": identity.capitalize(), **({"zh-Hant": chinese} if chinese else {})}
    return StopReason(identity, name, kind, parent, codes)


TREE = {
    reason.id: reason
    for reason in (
        node("technical", kind=ReasonKind.BREAKDOWN, chinese="技術"),
        node("mechanical", "technical", ReasonKind.BREAKDOWN),
        node("jam", "mechanical", ReasonKind.BREAKDOWN, ("E17", "E18"), chinese="卡料"),
        node("sensor", "technical", ReasonKind.BREAKDOWN),
        node("people"),
        node("lunch", "people", ReasonKind.PLANNED, ("L",)),
        node("format", kind=ReasonKind.SETUP),
    )
}


def plant(reasons: dict[str, StopReason] | None = None) -> Plant:
    return Plant("p", ZONE, {"en": "P"}, "1", {}, {}, TREE if reasons is None else reasons)


def stops(*pieces: Piece) -> pl.DataFrame:
    """EXPLAINED."""
    return explained(plant(), stop_list(intervals(*pieces), minor_stop_s=120))


def run() -> Piece:
    return busy(1, "producing")


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


MIXED = (
    busy(10, "fault", "E17"),
    run(),
    busy(5, "stopped", "jam"),
    run(),
    busy(7, "stopped", "sensor"),
    run(),
    busy(30, "stopped", "L"),
    run(),
    busy(2, "idle", "people"),
    run(),
    busy(3, "idle", "no bottles"),
    run(),
    busy(4, "starved"),
    busy(20, "setup", ""),
    busy(6, "maintenance", "sensor"),
    busy(9, "unknown", "jam"),
)


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


def document(*pieces: Piece, level: int | None = None, language: str = "en") -> dict[str, Any]:
    window = Window(ZERO, ZERO + timedelta(hours=1))
    question = StopsQuestion(level, language)
    nothing = STATE_INTERVALS.to_frame()
    line = Line("filler-1", {}, {}, {})
    return stops_json(StopsAnswer(plant(), line, window, question, stops(*pieces), nothing))


def test_the_document_has_local_times_with_offset_and_is_json() -> None:
    found = document(busy(60, "stopped", shift=""))
    assert json.loads(json.dumps(found)) == found
    assert list(found) == [
        *("line", "start", "end", "stops", "pareto", "paretos", "reliability", "losses")
    ]
    assert found["start"] == "2026-03-02T08:00:00+08:00"
    assert found["stops"] == [
        {
            "start": "2026-03-02T08:00:00+08:00",
            "end": "2026-03-02T09:00:00+08:00",
            "duration_s": 3600.0,
            "state": "stopped",
            "reason": None,
            "category": "major",
            "shift": None,
            "continued": False,
            "flickers": 0,
            "kind": "unplanned",
            "planned": False,
            "reason_id": None,
            "reason_path": [],
            "reason_name": None,
        }
    ]


def test_names_are_in_the_language_that_was_asked_for() -> None:
    found = document(*MIXED, language="zh-Hant")
    assert found["stops"][0]["reason_id"] == "jam"
    assert found["stops"][0]["reason_path"] == ["technical", "mechanical", "jam"]
    assert found["stops"][0]["reason_name"] == "卡料"
    assert found["stops"][2]["reason_name"] == "Sensor", "English where there is no other"
    assert found["stops"][5]["reason_name"] == "no bottles"
    names = {row["cause"]: row["name"] for row in found["pareto"]}
    assert (names["jam"], names["starved"], names["no bottles"]) == (
        "卡料",
        "starved",
        "no bottles",
    )
    roots = document(*MIXED, level=1, language="zh-Hant")["paretos"]["unplanned"]["by_time"]
    assert roots[0]["name"] == "技術"


def test_planned_causes_stand_apart_with_shares_of_their_own() -> None:
    found = document(*MIXED)["paretos"]
    assert {row["cause"] for row in found["planned"]["by_time"]} == {"lunch", "setup"}
    for tables in found.values():
        for rows in tables.values():
            assert rows[-1]["cumulative_share"] == pytest.approx(1)
            assert len({row["planned"] for row in rows}) == 1
