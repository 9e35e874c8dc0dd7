"""The document of stops: local times, names in the reader's language, planned causes apart."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from reason_tree import MIXED, plant, stops
from stop_intervals import ZERO, Piece, busy

from analytics.timeline.state_intervals import STATE_INTERVALS
from api.documents.stops import stops_json
from api.queries.stops import StopsAnswer, StopsQuestion
from domain.plant import Line
from domain.time import Window


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
